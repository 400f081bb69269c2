# The program among others: kubeconfig, streams, environment, completion.
# shellcheck disable=SC2154 # root and golden are lib.bash's
load lib

setup() { clean; }

@test "no kubeconfig" {
	says 1 "ERROR   no kubeconfig found: looked at $HOME/.kube/config
HINT    set KUBECONFIG, or use --kubeconfig FILE" versions mysql
	says 1 "ERROR   no kubeconfig found: looked at $HOME/.kube/config
HINT    set KUBECONFIG, or use --kubeconfig FILE" mysql db --to 8 --yes
	run kubectl-dbupgrade resume mysql db --kubeconfig gone --yes
	[ "$status" = 1 ]
	[[ $output == *gone* ]]
}

@test "nothing in the environment" {
	local program
	program=$(command -v kubectl-dbupgrade)
	env -i "$program" help | golden help
	run env -i "$program" versions mysql
	[ "$status" = 1 ]
	[[ $output == "ERROR   no kubeconfig found"* ]]
}

@test "a server that is not there" {
	run kubectl-dbupgrade versions mysql --server https://127.0.0.1:1
	[ "$status" = 1 ]
	[[ $output == *"cannot reach https://127.0.0.1:1"* ]]
}

@test "the output is full" {
	[ -e /dev/full ] || skip "there is no /dev/full"
	run bash -c 'kubectl-dbupgrade help 2>&1 >/dev/full'
	[ "$status" = 1 ]
	[ "$output" = "ERROR   cannot write the output: No space left on device" ]
}

@test "the reader goes away" {
	run bash -c 'kubectl-dbupgrade mysql --help 2>err | true; cat err'
	[ "$output" = "" ]
}

@test "standard streams that are closed" {
	kubectl-dbupgrade help >&-
	run bash -c 'kubectl-dbupgrade versions mysql <&- >&- 2>&-'
	[ "$status" = 1 ]
}

@test "colours, and none" {
	type script >/dev/null || skip "script is not installed"
	export TERM=xterm
	[[ $(on_terminal "kubectl-dbupgrade --wrong") == *$'\e[31m'* ]]
	[[ $(on_terminal "kubectl-dbupgrade --no-color --wrong") != *$'\e'* ]]
	[[ $(NO_COLOR=1 on_terminal "kubectl-dbupgrade --wrong") != *$'\e'* ]]
	[[ $(TERM=dumb on_terminal "kubectl-dbupgrade --wrong") != *$'\e'* ]]
	run kubectl-dbupgrade --wrong
	[[ $output != *$'\e'* ]]
}

@test "no core dumps" {
	[ "$(uname)" = Linux ] || skip "prctl is Linux'"
	mkfifo hold
	kubectl-dbupgrade versions mysql --kubeconfig hold &
	local pid=$!
	await_limit "$pid"
	kill -KILL "$pid"
	wait "$pid" || true
}

# The process may not dump core (it has the limit 0) soon after its start.
await_limit() {
	local end=$((SECONDS + 10))
	until grep -q 'Max core file size *0 *0 ' "/proc/$1/limits"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

@test "completion of words" {
	kubectl-dbupgrade __complete '' | golden complete-commands
	kubectl-dbupgrade __complete | golden complete-commands
	kubectl-dbupgrade __complete mysql db --to 8 -- | golden complete-flags
	[ "$(kubectl-dbupgrade __complete mysql db -o j)" = $'json\njsonl\n:4' ]
	[ "$(kubectl-dbupgrade __complete versions mysql db -o '')" = $'human\njson\nname\n:4' ]
	[ "$(kubectl-dbupgrade __complete mysql db --dry-run=)" = \
		$'--dry-run=client\n--dry-run=server\n--dry-run=none\n:4' ]
	[[ "$(kubectl-dbupgrade __complete resume m)" == mysql$'\t'*$'\n:4' ]]
	[ "$(kubectl-dbupgrade __complete completion z)" = $'zsh\n:4' ]
	[[ "$(kubectl-dbupgrade __complete status m)" == mysql$'\t'*$'\n:4' ]]
	[[ "$(kubectl-dbupgrade __complete ctl m)" == mysql$'\t'*$'\n:4' ]]
	[ "$(kubectl-dbupgrade __complete ctl mysql db '')" = $'pause\ncontinue\nabort\n:4' ]
	[ "$(kubectl-dbupgrade __complete ctl my db c)" = $'continue\n:4' ]
	[ "$(kubectl-dbupgrade __complete ctl mysql db pause '')" = ":4" ]
	[ "$(kubectl-dbupgrade __complete status mysql db '')" = ":4" ]
	[ "$(kubectl-dbupgrade __complete nonsense '')" = ":4" ]
	[ "$(kubectl-dbupgrade __complete mysql db --strategy '')" = $'in-place\nnew-set\n:4' ]
	[[ "$(kubectl-dbupgrade __complete mysql db --handover set)" == set-as-primary$'\t'*$'\n:4' ]]
	[[ "$(kubectl-dbupgrade __complete mysql db --skip-check=pdb,my.fo)" == \
		--skip-check=pdb,my.foreign_key_names$'\t'*$'\n'--skip-check=pdb,my.folders$'\t'* ]]
	[[ "$(kubectl-dbupgrade __complete checks m)" == mysql$'\t'*$'\n:4' ]]
	[ "$(kubectl-dbupgrade __complete --wrong '')" != "" ]
}

@test "the checks" {
	kubectl-dbupgrade checks | golden checks
	diff <(kubectl-dbupgrade checks px -o name) \
		<(kubectl-dbupgrade checks px | awk 'NR > 1 { print $1 }')
	kubectl-dbupgrade checks px -o json | jq -e '.v == 1 and (.checks[] |
		select(.id == "health.quorum") | .severity == "error" and .skippable and
		.kinds == ["perconaxtradb"] and (.advice | length > 0))' >/dev/null
	says 2 'ERROR   checks does not accept "db"
HINT    for help: kubectl dbupgrade checks --help' checks mysql db
}

@test "completion is silent where there is no cluster" {
	run kubectl-dbupgrade __complete mysql ''
	[ "$status" = 0 ]
	[ "$output" = ":4" ]
	run kubectl-dbupgrade __complete mysql db --server https://127.0.0.1:1 --to ''
	[ "$status" = 0 ]
	[ "$output" = ":4" ]
}

@test "completion by the name that kubectl looks for" {
	ln -s "$(command -v kubectl-dbupgrade)" kubectl_complete-dbupgrade
	./kubectl_complete-dbupgrade '' | golden complete-commands
	"$root/completions/kubectl_complete-dbupgrade" '' | golden complete-commands
}

@test "completion scripts are what the program prints" {
	for shell in bash zsh fish; do
		diff -u "$root/completions/kubectl-dbupgrade.$shell" <(kubectl-dbupgrade completion $shell)
	done
}

@test "completion in bash" {
	# shellcheck source=/dev/null
	source "$root/completions/kubectl-dbupgrade.bash"
	COMP_WORDS=(kubectl-dbupgrade mysql db --dry-run "=" s) COMP_CWORD=5
	_kubectl_dbupgrade
	[ "${COMPREPLY[*]}" = server ]
	COMP_WORDS=(kubectl-dbupgrade ver) COMP_CWORD=1
	_kubectl_dbupgrade
	[ "${COMPREPLY[*]}" = "versions version" ]
}
