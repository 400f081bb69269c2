# Shared by the tests on the real cluster. Needs KUBECONFIG, and kubectl-dbupgrade on PATH.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cluster=$root/test/cluster/cluster
# Names of the catalogue's versions: MYSQL_GROUP, MYSQL_GROUP_R2, MYSQL_LIAR, ...
eval "$("$cluster" versions)"
# shellcheck source=test/e2e/lib_postgres.bash
source "$root/test/e2e/lib_postgres.bash"
# shellcheck source=test/some.bash
source "$root/test/some.bash"
# What is upgraded: the kind as in commands and Leases. postgres.bash has its own.
kind=mysql kinds=mysqls

k() { kubectl -n "$NS" "$@"; }

# namespace NAME: a fresh one of this name for the test, in $NS.
namespace() {
	NS=$1
	kubectl delete namespace "$NS" --ignore-not-found --wait=true >/dev/null 2>&1
	kubectl create namespace "$NS" >/dev/null
}

# await SECONDS COMMAND... tries until it succeeds.
await() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || { echo "in vain: $*" >&2; return 1; }
		sleep 0.2
	done
}

# mysql_make NAME VERSION REPLICAS [MORE-SPEC-AS-JSON [STORAGE-CLASS]]: a database, and waits for it.
mysql_make() {
	local group='' api=kubedb.com/v1 class=''
	[ -z "${5:-}" ] || class="\"storageClassName\": \"$5\","
	[ "$3" = 1 ] || [[ ${4:-} = *topology* ]] || group='"topology": {"mode": "GroupReplication"},'
	kubectl get crd petsets.apps.k8s.appscode.com >/dev/null 2>&1 || api=kubedb.com/v1alpha2
	k apply -f - >/dev/null <<JSON
{"apiVersion": "$api", "kind": "MySQL", "metadata": {"name": "$1"}, "spec": {$group ${4:+$4,}
 "version": "$2", "replicas": $3, "storageType": "Durable",
 "storage": {$class "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}
JSON
	await 300 mysql_ready "$1" "$3"
}

# mysql_ready NAME REPLICAS: phase Ready, and every member has its role.
mysql_ready() {
	[ "$(k get mysql "$1" -o 'jsonpath={.status.phase}')" = Ready ] || return 1
	[ "$2" = 1 ] || [ "$(k get pods -l "app.kubernetes.io/instance=$1,kubedb.com/role" -o name | wc -l)" = "$2" ]
}

# sql POD STATEMENT
sql() {
	# shellcheck disable=SC2016 # the container's own variables
	k exec -i "$1" -c mysql -- sh -c 'MYSQL_PWD=$MYSQL_ROOT_PASSWORD exec mysql -h 127.0.0.1 -u root -NB' <<<"$2"
}

# observe NAME starts an independent watch of the pods; observed judges what it saw.
observe() {
	kubectl -n "$NS" get pods -l "app.kubernetes.io/instance=$1" -w --no-headers \
		-o 'custom-columns=N:.metadata.name,U:.metadata.uid,R:.status.conditions[?(@.type=="Ready")].status,D:.metadata.deletionTimestamp,L:.metadata.labels.kubedb\.com/role' \
		>"$BATS_TEST_TMPDIR/pods" 2>/dev/null 3>&- &
	observer=$!
}

unobserve() {
	[ -z "${observer:-}" ] || kill "$observer" 2>/dev/null || true
	[ -z "${observer:-}" ] || wait "$observer" 2>/dev/null || true
}

# The order in which pods began to go, and the most that were down at a time.
rolled() {
	awk '$4 != "<none>" && !going[$2]++ { order = order " " $1 }
		{ down[$1] = $3 != "True" || $4 != "<none>"; n = 0; for (p in down) n += down[p]; if (n > most) most = n }
		END { print most + 0, order }' "$BATS_TEST_TMPDIR/pods"
}

primary() { k get pods -l "app.kubernetes.io/instance=$1,kubedb.com/role=primary" -o 'jsonpath={.items[*].metadata.name}'; }
set_kind() { if kubectl get crd petsets.apps.k8s.appscode.com >/dev/null 2>&1; then echo petset; else echo statefulset; fi; }

# state NAME: everything in which two ends of the same upgrade must agree.
state() {
	k get "$kind" "$1" -o 'jsonpath={.spec.version} {.status.phase} {range .status.conditions[*]}{.type}={.status} {end}{"\n"}'
	k get "$(set_kind)" "$1" -o 'jsonpath={.spec.replicas} {.spec.updateStrategy.type} {.spec.template.spec.containers[*].image} {.spec.template.spec.initContainers[*].image}{"\n"}'
	k get pods -l "app.kubernetes.io/instance=$1" -o 'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status} {.spec.containers[*].image}{"\n"}{end}'
	k get leases -o name | grep dbupgrade || true
}

# whole NAME: each of three members sees three online, one of them the primary.
whole() {
	local pod all=''
	for pod in $(k get pods -l "app.kubernetes.io/instance=$1" -o name); do
		all+=$(sql "${pod#pod/}" "SELECT CONCAT_WS(' ', COUNT(*), SUM(member_state = 'ONLINE'), SUM(member_role = 'PRIMARY'), '') FROM performance_schema.replication_group_members")
	done
	[ "$all" = '3 3 1 3 3 1 3 3 1 ' ]
}

# other NAME: of the two versions of a group the one that a database is not at.
other() { if [ "$(k get mysql "$1" -o 'jsonpath={.spec.version}')" = "$MYSQL_GROUP" ]; then echo "$MYSQL_GROUP_R2"; else echo "$MYSQL_GROUP"; fi; }

# upgrade NAME VERSION [FLAG...]: as a script would. Output in $output, status in $status.
upgrade() { told "$kind" "$1" --to "$2" "${@:3}"; }

# resume NAME [FLAG...] and abort NAME [FLAG...]: in the same way.
resume() { told resume "$kind" "$@"; }
abort() { told abort "$kind" "$@"; }

# told WORD...: runs the program with these words and says what it said.
told() {
	run --separate-stderr kubectl-dbupgrade -n "$NS" --yes --bundle="$BATS_TEST_TMPDIR" "$@"
	# shellcheck disable=SC2154 # bats' own
	echo "$output" "$stderr"
}

# upgraded_while_written NAME VERSION: a group of three, upgraded while a client writes all
# the time. Nothing is lost; one pod at a time, the secondaries and then the primary; and
# nothing of ours is left behind.
upgraded_while_written() {
	local old most first second third more end
	"$root/test/cluster/write" start "$1" --namespace="$NS"
	old=$(primary "$1")
	observe "$1"
	upgrade "$1" "$2"
	unobserve
	[ "$status" = 0 ] || return 1
	sleep 2
	echo "# writer: $("$root/test/cluster/write" stop "$1" --namespace="$NS")" >&3
	more=$("$root/test/cluster/write" check "$1" --namespace="$NS") || return 1
	echo "# $more" >&3
	read -r most first second third more < <(rolled)
	echo "most down $most, order $first $second $third $more; primary was $old"
	[ "$most" = 1 ] && [ "$third" = "$old" ] && [ -z "$more" ] || return 1
	[ "$first" != "$second" ] && [ "$first" != "$old" ] && [ "$second" != "$old" ] || return 1
	whole "$1" || return 1
	end=$(state "$1")
	echo "$end"
	[[ $end = "$2 Ready "* && $end != *Paused* && $end != *dbupgrade* ]]
}

# launch ARGUMENT...: a run in the background, as JSON lines. Its process is $run; its events
# go to $events and what it says besides to $events.err.
launch() {
	events=$(mktemp "$BATS_TEST_TMPDIR/run.XXXX")
	kubectl-dbupgrade "$@" -n "$NS" --yes --bundle="$BATS_TEST_TMPDIR" -o jsonl >"$events" 2>"$events.err" 3>&- &
	run=$!
}

# seen SECONDS REGEX: waits until the run that was launched has told an event.
seen() {
	local end=$((SECONDS + $1))
	until grep -q -E -e "$2" "$events"; do
		[ $SECONDS -lt $end ] && kill -0 "$run" 2>/dev/null && sleep 0.05 && continue
		grep -q -E -e "$2" "$events" && return 0
		echo "not seen: $2" && tail -n 3 "$events" "$events.err"
		return 1
	done
}

# ended: waits for the end of the run. Its status is in $status, its events in $output, the rest
# in $stderr.
ended() {
	status=0
	wait "$run" || status=$?
	output=$(cat "$events")
	stderr=$(cat "$events.err")
	grep -v '"type":"wait"' "$events" | tail -n 5 | cut -c1-300
	cat "$events.err"
}

# Events, as regular expressions: at_step ID started|done, at_pod POD STATE. What a run before it
# has done a run finds done already.
at_step() { echo "\"type\":\"step\".*\"id\":\"$1\".*\"state\":\"${2/done/(done|already)}\""; }
at_pod() { echo "\"type\":\"pod\",\"pod\":\"$1\",\"state\":\"$2\""; }

# killed_at REGEX ARGUMENT...: a run that SIGKILL ends the moment it tells an event.
killed_at() {
	local at=$1 fifo=$BATS_TEST_TMPDIR/fifo line hit=''
	shift
	[ -p "$fifo" ] || mkfifo "$fifo"
	kubectl-dbupgrade "$@" -n "$NS" --yes --bundle="$BATS_TEST_TMPDIR" -o jsonl >"$fifo" 2>"$BATS_TEST_TMPDIR/killed.err" 3>&- &
	run=$!
	: >"$BATS_TEST_TMPDIR/killed"
	while IFS= read -r line; do
		printf '%s\n' "$line" >>"$BATS_TEST_TMPDIR/killed"
		[ -n "$hit" ] || [[ ! $line =~ $at ]] || { hit=yes; kill -KILL "$run"; }
	done <"$fifo"
	status=0
	wait "$run" || status=$?
	[ "$hit$status" = yes137 ] || { echo "not killed at $at: status $status"; tail -n 3 "$BATS_TEST_TMPDIR/killed" "$BATS_TEST_TMPDIR/killed.err"; return 1; }
}

# shorten: a dead run's Lease runs out in 2 seconds instead of 15, so that many of them can be
# waited for. The waiting itself stays as it is.
shorten() { k patch lease "dbupgrade-$kinds-$1" --type=merge -p '{"spec": {"leaseDurationSeconds": 2}}' >/dev/null; }
