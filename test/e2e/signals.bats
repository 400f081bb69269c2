#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# One database, whose upgrade is interrupted in every way that a person has, time and again,
# and at last resumed: each time it stops with its status and lets the lock go, its journal
# stays, and never are two members down.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	tmux -L dbu-signals kill-server 2>/dev/null || true
	namespace dbu-signals
	export NS
	mysql_make my-db "$MYSQL_GROUP" 3
	"$root/test/cluster/write" start my-db --namespace="$NS"
}

teardown_file() {
	tmux -L dbu-signals kill-server 2>/dev/null || true
	kubectl delete namespace "$NS" --wait=false >/dev/null
}

# An upgrade to go on with, or else the other way: what was interrupted late may be done.
setup() {
	local journal
	journal=$(k get lease dbupgrade-mysqls-my-db -o 'jsonpath={.metadata.annotations.kubectl-dbupgrade/journal}' 2>/dev/null || true)
	to=$(grep -o '"to":"[^"]*"' <<<"$journal" | head -n 1 | cut -d '"' -f 4)
	if [ -z "$to" ]; then
		to=$MYSQL_GROUP_R2
		[ "$(k get mysql my-db -o 'jsonpath={.spec.version}')" != "$to" ] || to=$MYSQL_GROUP
	fi
	observe my-db
	export LC_ALL=C.UTF-8
	cd "$BATS_TEST_TMPDIR" || return 1
	program="kubectl-dbupgrade mysql my-db --to $to -n $NS --yes"
}

# Never two down, whatever became of the test.
teardown() {
	local most
	unobserve
	read -r most _ < <(rolled)
	[ "${most:-0}" -le 1 ]
}

# let_go: no holder, and the journal is there.
let_go() {
	local lease
	lease=$(k get lease dbupgrade-mysqls-my-db -o 'jsonpath={.spec.holderIdentity}|{.metadata.annotations.kubectl-dbupgrade/journal}')
	[[ $lease = '|{'* ]] || { echo "lease: $lease"; return 1; }
}

held_journal() { k get lease dbupgrade-mysqls-my-db >/dev/null 2>&1; }
held() { [ -n "$(k get lease dbupgrade-mysqls-my-db -o 'jsonpath={.spec.holderIdentity}' 2>/dev/null)" ]; }

# begin: a run in the background, in $pid, that holds the lock. SIGINT is
# ignored in the background of a script; the program takes it all the same.
begin() {
	$program >out 2>err 3>&- &
	pid=$!
	await 30 held
}

# ended STATUS SECONDS: the run ends with this status, soon.
ended() {
	local end=$((SECONDS + $2)) got=0
	while kill -0 "$pid" 2>/dev/null; do
		[ $SECONDS -lt $end ] || { echo "still there after $2 s"; kill -KILL "$pid"; return 1; }
		sleep 0.1
	done
	wait "$pid" || got=$?
	tail -n 5 err
	[ "$got" = "$1" ] || { echo "status $got"; return 1; }
}

# terminal COMMAND: on a terminal of its own, 80x24.
terminal() { tmux -L dbu-signals new-session -d -s t -x 80 -y 24 "$1"; }
on_screen() { tmux -L dbu-signals capture-pane -pt t | grep -qF -- "$1"; }
press() { tmux -L dbu-signals send-keys -t t "$1"; }

# The first: it needs members that are to come.
@test "keys: a pause before the next member, going on, stopping" {
	type tmux >/dev/null || skip "tmux is not installed"
	terminal "stty -a >before; $program; echo status \$? >status; stty -a >after; sleep 60"
	await 30 on_screen '[q]'
	press p
	await 5 on_screen 'pause before the next member'
	await 90 on_screen 'PAUSED before the next member'
	pods=$(k get pods -o 'jsonpath={.items[*].metadata.uid}')
	sleep 5
	[ "$pods" = "$(k get pods -o 'jsonpath={.items[*].metadata.uid}')" ]
	press c
	await 5 on_screen 'no longer paused'
	press q
	await 20 test -s after
	tmux -L dbu-signals kill-server
	[ "$(cat status)" = "status 130" ]
	diff before after
	let_go
}

@test "^C once: says so at once, stops safely" {
	begin
	sleep 2
	kill -INT "$pid"
	await 2 grep -q 'stopping safely; ^C again stops at once' out
	ended 130 15
	grep -q 'dbupgrade resume mysql my-db' err
	let_go
}

# bats test_tags=all
@test "^C twice stops at once" {
	begin
	sleep 4
	kill -INT "$pid"
	sleep 0.5
	kill -INT "$pid" 2>/dev/null || true
	ended 130 5
	let_go
}

# bats test_tags=all
@test "a wish that comes as two signals is one" {
	begin
	kill -TERM "$pid"
	kill -HUP "$pid"
	await 2 grep -q 'stopping' out
	ended 130 15
	run -1 grep -q 'stopping at once' out
	let_go
}

# bats test_tags=all
@test "HUP" {
	begin
	sleep 6
	kill -HUP "$pid"
	ended 130 15
	let_go
}

# bats test_tags=all
@test "QUIT stops at once" {
	begin
	sleep 3
	kill -QUIT "$pid"
	ended 130 5
	let_go
}

@test "the reader of its output goes away" {
	run bash -c "$program 2>err | head -n 1; exit \${PIPESTATUS[0]}"
	[ "$status" = 130 ]
	let_go
	run bash -c "$program -o jsonl 2>err | head -n 3; exit \${PIPESTATUS[0]}"
	[ "$status" = 130 ]
	let_go
	run bash -c "set -o pipefail; { $program 2>&1 >out | :; } ; exit \${PIPESTATUS[0]}"
	[ "$status" = 130 ]
	let_go
}

# bats test_tags=all
@test "a reader that sleeps holds up neither the lock nor the signal" {
	mkfifo pipe
	exec 9<>pipe
	head -c 65536 /dev/zero >&9
	$program -o jsonl >pipe 2>err 3>&- 9>&- &
	pid=$!
	await 30 held
	sleep 6
	kill -TERM "$pid"
	ended 130 15
	exec 9>&-
	let_go
}

# bats test_tags=all
@test "a terminal that is closed" {
	type tmux >/dev/null || skip "tmux is not installed"
	terminal "$program; echo status \$? >status"
	await 30 held
	sleep 3
	tmux -L dbu-signals kill-server
	await 20 let_go
}

@test "^Z gives the terminal back, fg goes on" {
	type tmux >/dev/null || skip "tmux is not installed"
	terminal "bash --norc -i"
	press "$program" && press Enter
	await 30 on_screen '[?]'
	press C-z
	await 10 on_screen 'stopped by ^Z'
	press "stty -a | grep -wo -- -icanon || echo coo''ked" && press Enter
	await 10 on_screen cooked
	press 'fg; echo status $? >status' && press Enter
	await 10 on_screen '[?]'
	press C-c
	await 20 test -s status
	tmux -L dbu-signals kill-server
	[ "$(cat status)" = "status 130" ]
	let_go
}

@test "at last it is resumed, and nothing was lost" {
	if held_journal; then program="kubectl-dbupgrade resume mysql my-db -n $NS --yes"; fi
	read -ra words <<<"$program"
	run -0 "${words[@]}"
	whole my-db
	end=$(state my-db)
	[[ $end = "$to Ready "* && $end != *Paused* && $end != *dbupgrade* ]]
	run -0 "$root/test/cluster/write" stop my-db --namespace="$NS"
	run -0 "$root/test/cluster/write" check my-db --namespace="$NS"
	echo "# $output" >&3
}
