#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# What is in progress, asked from another process; and a run steered from there.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-status
	export NS
	mysql_make my-db "$MYSQL_GROUP" 3
}

teardown_file() {
	kubectl delete namespace "$NS" --wait=false >/dev/null
	kubectl delete clusterrole,clusterrolebinding dbu-lease-reader --ignore-not-found >/dev/null
}

# start_run WORDS... in the background, its id in $runner.
start_run() {
	kubectl-dbupgrade "$@" -n "$NS" >"$BATS_TEST_TMPDIR/run" 2>&1 3>&- &
	runner=$!
}

# A run that does not end well leaves a bundle where it was started.
setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

teardown() {
	[ -z "${runner:-}" ] || kill -KILL "$runner" 2>/dev/null || true
}

# status_of WORDS...: stdout in $output.
status_of() { run -0 --separate-stderr kubectl-dbupgrade status "$@" -n "$NS"; }

# state_is STATE: of the one upgrade that there is.
state_is() { [ "$(kubectl-dbupgrade status mysql my-db -n "$NS" -o json | jq -r '.upgrades[0].state')" = "$1" ]; }
# step_is N: it is at its step of this number.
step_is() { [[ "$(kubectl-dbupgrade status mysql my-db -n "$NS" -o json | jq -r '.upgrades[0].step')" = "$1/"* ]]; }

version() { k get mysql my-db -o 'jsonpath={.spec.version}'; }
# members_are N: so many have the new images and are ready, the others the old ones.
members_are() {
	[ "$(kubectl-dbupgrade status mysql my-db -n "$NS" -o json |
		jq '[.upgrades[0].members[] | select(.ready and .images == "new")] | length')" = "$1" ]
}
uids() { k get pods -l app.kubernetes.io/instance=my-db -o json | jq -r '.items[] | .metadata.uid' | sort; }

# reader: a kubeconfig of a service account that may only read leases, in $reader.
reader() {
	local server ca
	k create serviceaccount reader >/dev/null
	kubectl delete clusterrole,clusterrolebinding dbu-lease-reader --ignore-not-found >/dev/null
	kubectl create clusterrole dbu-lease-reader --verb=get,list --resource=leases.coordination.k8s.io >/dev/null
	kubectl create clusterrolebinding dbu-lease-reader --clusterrole=dbu-lease-reader --serviceaccount="$NS:reader" >/dev/null
	server=$(kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}')
	ca=$(kubectl config view --minify --flatten --raw -o 'jsonpath={.clusters[0].cluster.certificate-authority-data}')
	reader=$BATS_FILE_TMPDIR/reader
	cat >"$reader" <<-JSON
		{"apiVersion": "v1", "kind": "Config", "current-context": "c",
		 "clusters": [{"name": "c", "cluster": {"server": "$server", "certificate-authority-data": "$ca"}}],
		 "users": [{"name": "u", "user": {"token": "$(k create token reader)"}}],
		 "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u", "namespace": "$NS"}}]}
	JSON
}

@test "nothing is in progress" {
	status_of
	[ "$output" = "No upgrade is in progress (namespace $NS)" ]
	status_of mysql my-db
	[ "$output" = "No upgrade is in progress: mysql/my-db (namespace $NS)" ]
	status_of -o json
	[ "$(jq -c .upgrades <<<"$output")" = '[]' ]
	run ! kubectl-dbupgrade status mysql no-such-db -n "$NS"
	[[ $output = *'MySQL "no-such-db" not found'* ]]
	run -3 kubectl-dbupgrade ctl mysql my-db pause -n "$NS"
	[[ $output = *'no upgrade of mysql/my-db is in progress'* ]]
}

@test "paused before the next member, shown to all, continued" {
	start_run mysql my-db --to "$MYSQL_GROUP_R2" --yes
	await 60 state_is running
	status_of -A
	[[ ${lines[0]} = NAMESPACE*DATABASE*FROM*TO*DIRECTION*STEP*HOLDER*SEEN*STATE ]]
	[[ $output = *"$NS "*mysql/my-db*"$MYSQL_GROUP "*"$MYSQL_GROUP_R2 "*upgrade*running* ]]
	await 60 step_is 3
	run -0 kubectl-dbupgrade ctl mysql my-db pause -n "$NS"
	echo "$output"
	[[ $output = "mysql/my-db: will pause before the next member; requested from "*"/$runner/"* ]]
	await 60 state_is held
	await 90 members_are 1
	before=$(uids)
	sleep 12 # the next member's restart would have begun by now
	[ "$before" = "$(uids)" ]
	status_of mysql my-db
	echo "$output"
	[[ $output = *'paused before the next member by '* ]]
	[[ $output = *'Paused by kubectl-dbupgrade'* ]]
	[[ $output = *'kubectl dbupgrade ctl mysql my-db continue'* ]]
	[ "$(grep -c '^my-db-[0-9]  *[a-z]*  *old  *yes$' <<<"$output")" = 2 ]
	[ "$(grep -c '^my-db-[0-9]  *[a-z]*  *new  *yes$' <<<"$output")" = 1 ]

	reader
	run -0 kubectl-dbupgrade status --kubeconfig "$reader" -A
	[[ $output = *mysql/my-db*'paused before the next member'* ]]
	run -0 kubectl-dbupgrade status --kubeconfig "$reader" mysql my-db
	[[ $output = *'permission denied'* ]]
	run -0 kubectl-dbupgrade status --kubeconfig "$reader" mysql
	[[ $output = *mysql/my-db*'Not checked: '*'permission denied'* ]]
	run -1 kubectl-dbupgrade ctl --kubeconfig "$reader" mysql my-db continue
	[[ $output = *forbidden* ]]

	run -0 kubectl-dbupgrade ctl mysql/my-db continue -n "$NS"
	wait "$runner"
	[ "$(version)" = "$MYSQL_GROUP_R2" ]
	whole my-db
	status_of
	[[ $output = 'No upgrade is in progress'* ]]
}

# bats test_tags=all
@test "walked back from elsewhere, with the run's own status 5" {
	start_run mysql my-db --to "$MYSQL_GROUP" --yes
	await 90 step_is 4
	run -0 kubectl-dbupgrade ctl mysql my-db abort -n "$NS"
	echo "$output"
	[[ $output = *'will be rolled back'* ]]
	back() { status_of mysql; [[ $output = *'rollback'* ]]; }
	await 20 back
	got=0
	wait "$runner" || got=$?
	cat "$BATS_TEST_TMPDIR/run"
	[ "$got" = 5 ]
	[ "$(version)" = "$MYSQL_GROUP_R2" ]
	whole my-db
}

# bats test_tags=all
@test "stopped by a signal, and left by one that died" {
	start_run mysql my-db --to "$MYSQL_GROUP" --yes
	await 60 step_is 3
	kill -INT "$runner"
	got=0
	wait "$runner" || got=$?
	[ "$got" = 130 ]
	status_of mysql my-db
	echo "$output"
	[[ $output = *'nobody (stopped)'*'stopped: resume or abort it'* ]]
	[[ $output = *"kubectl dbupgrade resume mysql my-db -n $NS"* ]]
	run -3 kubectl-dbupgrade ctl mysql my-db pause -n "$NS"
	[[ $output = *'no run is there to be asked'* ]]

	start_run resume mysql my-db --yes
	await 30 state_is running
	kill -KILL "$runner"
	wait "$runner" || true
	got=0
	run --separate-stderr kubectl-dbupgrade ctl mysql my-db pause -n "$NS"
	echo "$stderr"
	[ "$status" = 7 ]
	[[ $stderr = *'did not answer'*'the request was withdrawn'* ]]
	[ -z "$(k get lease dbupgrade-mysqls-my-db -o json | jq -r '.metadata.annotations["kubectl-dbupgrade/ctl"] // empty')" ]
	status_of
	echo "$output"
	[[ $output = *'dead and can be taken over'* ]]
	run -0 kubectl-dbupgrade resume mysql my-db -n "$NS" --yes
	[ "$(version)" = "$MYSQL_GROUP" ]
	status_of
	[[ $output = 'No upgrade is in progress'* ]]
}

@test "left paused, and handed back by the command that is shown" {
	k get mysql my-db -o json | jq -c '{status: {conditions: (.status.conditions +
		[{type: "Paused", status: "True", reason: "Paused", observedGeneration: .metadata.generation,
		  lastTransitionTime: "2026-11-21T10:00:00Z", message: "Paused by kubectl-dbupgrade: for a test"}])}}' |
		k patch mysql my-db --subresource=status --type=merge --patch-file=/dev/stdin >/dev/null
	status_of mysql
	echo "$output"
	[[ $output = *'operator left paused; no upgrade is in progress'* ]]
	status_of mysql my-db
	echo "$output"
	command=$(grep '^  kubectl patch ' <<<"$output")
	run -0 bash -c "$command"
	status_of mysql
	[[ $output = 'No upgrade is in progress'* ]]
	mysql_ready my-db 3
}
