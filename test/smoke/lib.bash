# Shared by the tests of the program from outside. They need no cluster.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
golden=$root/test/data/smoke

# Nothing of who runs the tests: no kubeconfig, no colours, plain ASCII.
clean() {
	set -o pipefail
	command -v kubectl-dbupgrade >/dev/null || return 1
	cd "$BATS_TEST_TMPDIR" || return 1
	unset KUBECONFIG KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT NO_COLOR
	export HOME=$BATS_TEST_TMPDIR LC_ALL=C TERM=dumb
}

# golden NAME compares standard input with a file; GOLDEN=update writes it.
golden() {
	if [ "${GOLDEN:-}" = update ]; then
		mkdir -p "$golden"
		cat >"$golden/$1"
	else
		diff -u "$golden/$1" -
	fi
}

# says STATUS TEXT WORDS... runs the program; it must end so, and say exactly this on stderr
# and nothing on stdout.
says() {
	local status=$1 text=$2 got=0
	shift 2
	kubectl-dbupgrade "$@" >out 2>err </dev/null || got=$?
	diff -u <(printf '%s\n' "$text") err || { echo "for: $*"; return 1; }
	[ "$got" = "$status" ] || { echo "status $got for: $*"; return 1; }
	[ ! -s out ] || { echo "on stdout for: $*"; cat out; return 1; }
}

# on_terminal COMMAND runs a command on a terminal of its own and prints what came there.
on_terminal() {
	script -qec "$1" /dev/null </dev/null | tr -d '\r'
}
