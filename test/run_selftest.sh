#!/bin/bash
# The runner must count what there is, and must not take a crash, a missing or an empty test for a
# pass: each case below is a program, the counts that it must give, and the line.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
number=0 bad=0

check() {
	number=$((number + 1))
	if [ "$3" = "$2" ]; then
		echo "ok $number - $1"
	else
		bad=1
		printf 'not ok %d - %s\n# want: %s\n# have: %s\n' "$number" "$1" "$2" "$3"
	fi
}

# counts NAME WANT KIND SCRIPT runs one program.
counts() {
	printf '#!/bin/bash\n%s\n' "$4" >"$dir/program"
	chmod +x "$dir/program"
	check "$1" "$2" "$(LOGS=$dir/logs bash -c '. test/runner.sh
		start "$1" self/program 2 "$2"; summary' - "$3" "$dir/program" >"$dir/out" 2>&1
		status=$?; echo "$(tail -n 1 "$dir/out"); status $status")"
}

ok='0 failed, 0 skipped; status 0'
one='0 passed, 1 failed, 0 skipped; status 1'
counts 'step that passes' "1 passed, $ok" step 'exit 0'
counts 'step that fails' "$one" step 'exit 3'
counts 'step that skips' '0 passed, 0 failed, 1 skipped; status 0' step 'echo no; exit 77'
counts 'step that hangs' "$one" step 'sleep 30'
counts 'tap that passes' "2 passed, $ok" tap 'printf "1..2\nok 1 - a\nok 2 - b\n"'
counts 'two plans' "3 passed, $ok" tap 'printf "1..2\nok 1 - a\nok 2 - b\n1..1\nok 1 - c\n"'
counts 'a failed test' '1 passed, 1 failed, 0 skipped; status 1' \
	tap 'printf "1..2\nok 1 - a\nnot ok 2 - b\n"; exit 1'
counts 'a failed test and status 0' '0 passed, 1 failed, 0 skipped; status 1' \
	tap 'printf "1..1\nnot ok 1 - b\n"'
counts 'cmocka skip' '1 passed, 0 failed, 1 skipped; status 0' \
	tap 'printf "1..2\nok 1 - a\nnot ok 2 # SKIP b\n"'
counts 'bats skip' '0 passed, 0 failed, 1 skipped; status 0' \
	tap 'printf "1..1\nok 1 a # skip no root\n"'
counts 'a plan of nothing, skipped' '0 passed, 0 failed, 1 skipped; status 0' \
	tap 'echo "1..0 # SKIP no cluster"'
counts 'crash after the tests' '1 passed, 1 failed, 0 skipped; status 1' \
	tap 'printf "1..1\nok 1 - a\n"; kill -SEGV $$'
counts 'crash among the tests' '1 passed, 2 failed, 0 skipped; status 1' \
	tap 'printf "1..3\nok 1 - a\n"; kill -SEGV $$'
counts 'end among the tests with status 0' '1 passed, 2 failed, 0 skipped; status 1' \
	tap 'printf "1..3\nok 1 - a\n"'
counts 'more than planned' '2 passed, 1 failed, 0 skipped; status 1' \
	tap 'printf "1..1\nok 1 - a\nok 2 - b\n"'
counts 'no output' "$one" tap 'exit 0'
counts 'no tests' "$one" tap 'echo 1..0'
counts 'text that is not tap' "$one" tap 'echo all is well'
counts 'tap that hangs' '1 passed, 1 failed, 0 skipped; status 1' \
	tap 'printf "1..1\nok 1 - a\n"; sleep 30'
counts 'a program that is not there' "$one" tap 'exec /nowhere/program'
counts 'go tests' '2 passed, 0 failed, 1 skipped; status 0' go \
	'printf -- "--- PASS: TestA (0.1s)\n    --- PASS: TestA/b (0s)\n--- SKIP: TestC (0s)\nok pkg\n"'
check 'go says why it skips' 'self/program: 1, x_test.go:3: no root' "$(
	printf '#!/bin/sh\nprintf -- "%s"\n' '--- PASS: A\n    x_test.go:3: no root\n--- SKIP: B\n' >"$dir/program"
	LOGS=$dir/logs bash -c '. test/runner.sh; start go self/program 2 "$1"; summary' - "$dir/program" |
		sed -n 's/^ *\(self.program: \)/\1/p'
)"
counts 'an interrupt reaches a program' "$one" step 'kill -INT $$; exit 0'
counts 'go that fails' '1 passed, 1 failed, 0 skipped; status 1' \
	go 'printf -- "--- PASS: TestA (0.1s)\n--- FAIL: TestB (0s)\n"; exit 1'
counts 'go that does not build' '1 passed, 1 failed, 0 skipped; status 1' \
	go 'printf -- "--- PASS: TestA (0.1s)\nFAIL\tpkg [build failed]\n"; exit 1'
counts 'go without tests' "$one" go 'echo ok pkg; exit 0'

LOGS=$dir/logs JOBS=2 bash -c '. test/runner.sh
	start tap self/a 9 printf "1..2\nok 1 - a\nok 2 - b\n"
	start step self/b 9 false
	barrier
	skip self/c "no cluster"
	start step self/d 9 true
	summary' >"$dir/out" 2>&1
check 'several programs add up' '3 passed, 1 failed, 1 skipped' "$(tail -n 1 "$dir/out")"
check 'one summary' 1 "$(grep -c ' passed, .* failed, ' "$dir/out")"
check 'the skip says why' '    self/c: no cluster' "$(grep 'self/c: ' "$dir/out")"
check 'the failed one is named' 1 "$(grep -A 1 '^Failed:' "$dir/out" | grep -c self/b)"
check 'times of suites' 1 "$(grep -cE '^    self +4 tests +[0-9]+ s, from +[0-9]+ to +[0-9]+ s; its programs +[0-9]+ s$' "$dir/out")"
check 'the slowest programs' 3 "$(sed -n '/^Slowest:/,/^[A-Z].*[^:]$/p' "$dir/out" | grep -cE '^ +[0-9.]+ s  self/[abd]$')"

# shellcheck disable=SC2016 # the program's
LOGS=$dir/logs JOBS=1 bash -c '. test/runner.sh
	one() { now step self/a 9 true && echo good; now step self/b 9 false || echo bad; start step self/c 9 sleep 2; }
	two() { start tap self/d 9 printf "1..1\n# left to make check-all: 3 of 5 points\nok 1 - a\n"; barrier && echo good; left self/e 5 "tests"; skip self/f no; }
	three() { kill -KILL $BASHPID; }
	lane one one; lane two two; lane three three
	summary' >"$dir/out" 2>/dev/null
check 'lanes add up, and one that dies fails' '3 passed, 2 failed, 1 skipped' "$(tail -n 1 "$dir/out")"
check 'a lane goes by its own failures alone' 'bad good good' "$(grep -xE 'good|bad' "$dir/out" | sort | xargs)"
check 'what is left is told' 'self/d: 3 of 5 points self/e: 5 tests' "$(grep -A 2 '^Left to make check-all' "$dir/out" | tail -n 2 | xargs)"
check 'what a lane skips is told' 1 "$(grep -c '^    self/f: no' "$dir/out")"
LOGS=$dir/logs bash -c '. test/runner.sh; summary' >"$dir/out" 2>&1
status=$?
check 'nothing was run' '0 passed, 1 failed, 0 skipped; status 1' \
	"$(tail -n 1 "$dir/out"); status $status"
# shellcheck disable=SC2016 # the program's
printf '#!/bin/bash\necho $$ >%s\nexec sleep 99\n' "$dir/pid" >"$dir/program"
LOGS=$dir/logs bash -c '. test/runner.sh; start step self/long 99 "$1"; barrier' - "$dir/program" &
for _ in {1..50}; do
	[ ! -s "$dir/pid" ] || break
	sleep 0.1
done
kill $!
wait $!
check 'who ends the runner ends what it runs' '130 gone' \
	"$? $(kill -0 "$(cat "$dir/pid")" 2>/dev/null || echo gone)"
rm "$dir/pid"
# shellcheck disable=SC2016 # the lane's
LOGS=$dir/logs bash -c '. test/runner.sh; one() { now step self/long 99 "$@"; }; lane one one "$1"; barrier' - "$dir/program" &
for _ in {1..50}; do
	[ ! -s "$dir/pid" ] || break
	sleep 0.1
done
kill $!
wait $!
check 'what runs in a lane, too' '130 gone' \
	"$? $(kill -0 "$(cat "$dir/pid")" 2>/dev/null || echo gone)"
some() { seq 7 | ALL=$1 bash -c '. test/some.bash; some "$1"' - "$2" 3>&1 | xargs; }
check 'some of what is tried, and what is left' '1 4 7 # left to make check-all: 4 of 7 points' "$(some '' 3)"
check 'one of it' '1 # left to make check-all: 6 of 7 points' "$(some '' 1)"
check 'all of it' '1 2 3 4 5 6 7' "$(some 1 3)"
check 'no more than there is' '1 2 3 4 5 6 7' "$(some '' 9)"
test/run no-such-suite >/dev/null 2>&1
check 'a suite that does not exist' 2 $?
echo "1..$number"
exit $bad
