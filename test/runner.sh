# shellcheck shell=bash
# Runs test programs and counts what is in them.  Sourced by test/run and its self-test.
#
#     start KIND NAME LIMIT COMMAND...   run it, at most $JOBS at a time, LIMIT seconds at most
#     skip NAME WHY                      one test that cannot run here
#     barrier                            wait for what runs; print the logs of what failed
#     summary                            the totals, as the last line; fails if anything did
#
# Each program's output goes to $LOGS/NAME.log and one line is printed for it.  KIND says how its
# tests are counted:
#     step   the exit status is the one test
#     tap    TAP, of cmocka or bats; a program may print several plans
#     go     `go test -v`
# In every kind the status 77 of a program without tests means skipped, and its last line says
# why.  A status other than 0 without a failed test, a test that was planned and did not run, and
# no test at all count as failed.

: "${JOBS:=$(nproc)}" "${LOGS:=build/test-logs}"
RESULTS=$(mktemp -d)
trap 'rm -rf "$RESULTS"' EXIT
trap 'kill $(jobs -p) 2>/dev/null; wait; exit 130' INT TERM

# count KIND STATUS <LOG prints: passed failed skipped.
count() {
	awk -v kind="$1" -v status="$2" '
		kind == "tap" && /^1\.\.[0-9]+/ { plan += substr($1, 4) }
		kind == "tap" && /^1\.\.0 *# *[Ss][Kk][Ii][Pp]/ { skipped++; plan++ }
		kind == "tap" && /^(not )?ok [0-9]+/ {
			if (/# *[Ss][Kk][Ii][Pp]/) skipped++
			else if (/^not/) failed++
			else passed++
		}
		kind == "go" && /^ *--- PASS: / { passed++ }
		kind == "go" && /^ *--- FAIL: / { failed++ }
		kind == "go" && /^ *--- SKIP: / { skipped++ }
		kind == "go" && /^FAIL.*\[(build|setup) failed\]/ { failed++ }
		END {
			seen = passed + failed + skipped
			if (status == 77 && !seen) { print 0, 0, 1; exit }
			if (kind == "step") { print +(status == 0), +(status != 0), 0; exit }
			if (kind == "tap" && plan != seen) failed += plan > seen ? plan - seen : 1
			if (!failed && (!seen || status != 0)) failed++
			print passed + 0, failed + 0, skipped + 0
		}'
}

tests() { echo "$1 test$([ "$1" = 1 ] || echo s)"; }

# why_skipped LOG prints the reasons that a log gives.
why_skipped() {
	sed -nE 's/^(not )?ok [0-9]+ .*# *[Ss][Kk][Ii][Pp][:,]? *(.+)/\2/p
		s/^1\.\.0 *# *[Ss][Kk][Ii][Pp][:,]? *(.+)/\1/p
		/^ *--- SKIP:/{x;s/^ *//;p;x};h' "$1" | sort -u | paste -sd ';' | sed 's/;/; /g'
}

report() {
	local name=$1 kind=$2 status=$3 seconds=$4 log=$5 passed failed skipped what
	read -r passed failed skipped < <(count "$kind" "$status" <"$log")
	what="$(tests $((passed + failed + skipped))), $seconds s"
	if [ "$failed" -gt 0 ]; then
		[ "$status" != 124 ] || what+=", stopped by the time limit"
		printf 'FAIL %s  (%s failed of %s, status %s)\n' "$name" "$failed" "$what" "$status"
	elif [ "$passed" = 0 ]; then
		what=$(why_skipped "$log")
		what=${what:-$(tail -n 1 "$log")}
		printf 'skip %s  (%s)\n' "$name" "$what"
		echo "$name: $what" >"$RESULTS/${name//\//+}.why"
	elif [ "$skipped" -gt 0 ]; then
		printf 'ok   %s  (%s, %s skipped)\n' "$name" "$what" "$skipped"
		echo "$name: $skipped, $(why_skipped "$log")" >"$RESULTS/${name//\//+}.why"
	else
		printf 'ok   %s  (%s)\n' "$name" "$what"
	fi
	echo "$passed $failed $skipped $name $log" >"$RESULTS/${name//\//+}.count"
}

run_one() {
	local kind=$1 name=$2 limit=$3 log=$LOGS/$2.log begin status=0 ms child
	shift 3
	mkdir -p "$(dirname "$log")"
	begin=$(date +%s%N)
	# What a shell starts beside itself ignores SIGINT: not so a program under test.
	timeout -k 10 "$limit" env --default-signal=INT,QUIT "$@" >"$log" 2>&1 </dev/null &
	child=$!
	trap 'kill "$child" 2>/dev/null; exit 143' TERM
	wait "$child" || status=$?
	ms=$((($(date +%s%N) - begin) / 1000000))
	report "$name" "$kind" "$status" $((ms / 1000)).$((ms % 1000 / 100)) "$log"
}

start() {
	while [ "$(jobs -pr | wc -l)" -ge "$JOBS" ]; do
		wait -n || true
	done
	run_one "$@" &
}

skip() {
	mkdir -p "$(dirname "$LOGS/$1")"
	echo "$2" >"$LOGS/$1.log"
	report "$1" step 77 0 "$LOGS/$1.log"
}

# Ends with 1 when something failed since the last barrier.
barrier() {
	local count failed name log bad=0
	wait
	for count in "$RESULTS"/*.count; do
		[ -e "$count" ] || continue
		read -r _ failed _ name log <"$count"
		if [ "$failed" -gt 0 ]; then
			bad=1
			printf -- '---- %s (%s)\n' "$name" "$log"
			tail -n "${LOG_LINES:-200}" "$log" | sed 's/^/    /'
		fi
		mv "$count" "$count.seen"
	done
	return $bad
}

summary() {
	local passed failed skipped
	barrier || true
	if compgen -G "$RESULTS/*.why" >/dev/null; then
		echo "Skipped:"
		sed 's/^/    /' "$RESULTS"/*.why
	fi
	read -r passed failed skipped < <(cat "$RESULTS"/*.seen 2>/dev/null |
		awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }')
	if [ "$failed" -gt 0 ]; then
		echo "Failed:"
		awk '$2 { print "    " $4 "  (" $5 ")" }' "$RESULTS"/*.seen
	elif [ "$passed" = 0 ] && [ "$skipped" = 0 ]; then
		echo "No test was run."
		failed=1
	fi
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
}
