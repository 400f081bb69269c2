# shellcheck shell=bash
# Runs test programs and counts what is in them.  Sourced by test/run and its self-test.
#
#     start KIND NAME LIMIT COMMAND...   run it, at most $JOBS at a time, LIMIT seconds at most
#     now KIND NAME LIMIT COMMAND...     run it and wait for it alone; fail if it does
#     lane NAME COMMAND...               run a function that starts things beside other lanes
#     skip NAME WHY                      one test that cannot run here
#     left NAME COUNT WHAT               so many tests, or what else, are left to `make check-all`; a
#                                        program says so of itself: "# left to make check-all: WHAT"
#     barrier                            wait for what runs; print the logs of what failed
#     summary                            times, and the totals as the last line; fails if anything did
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
# What has run, of all lanes: "passed failed skipped name log begin end", the last two in milliseconds.
DONE=$RESULTS/done
: >"$DONE"
trap 'rm -rf "$RESULTS"' EXIT
trap 'kill $(jobs -p) 2>/dev/null; wait; exit 130' INT TERM

# milliseconds of a clock.
clock() { echo $(($(date +%s%N) / 1000000)); }
BEGIN=$(clock)

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

# report NAME KIND STATUS BEGIN END LOG
report() {
	local name=$1 kind=$2 status=$3 ms=$(($5 - $4)) log=$6 seconds passed failed skipped what
	seconds=$((ms / 1000)).$((ms % 1000 / 100))
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
	what=$(sed -n 's/^ *# left to make check-all: //p' "$log" | paste -sd ',' | sed 's/,/, /g')
	[ -z "$what" ] || echo "$name: $what" >"$RESULTS/${name//\//+}.left"
	echo "$passed $failed $skipped $name $log $4 $5" >"$RESULTS/${name//\//+}.count"
}

run_one() {
	local kind=$1 name=$2 limit=$3 log=$LOGS/$2.log begin status=0 child
	shift 3
	mkdir -p "$(dirname "$log")"
	begin=$(clock)
	# What a shell starts beside itself ignores SIGINT: not so a program under test.
	timeout -k 10 "$limit" env --default-signal=INT,QUIT "$@" >"$log" 2>&1 </dev/null &
	child=$!
	trap 'kill "$child" 2>/dev/null; exit 143' TERM
	wait "$child" || status=$?
	report "$name" "$kind" "$status" "$begin" "$(clock)" "$log"
}

start() {
	while [ "$(jobs -pr | wc -l)" -ge "$JOBS" ]; do
		wait -n || true
	done
	run_one "$@" &
}

now() {
	run_one "$@" &
	wait $!
	[ "$(cut -d ' ' -f 2 "$RESULTS/${2//\//+}.count")" = 0 ]
}

# A lane's jobs and barriers are its own; one that does not come to its end fails.
lane() {
	: >"$RESULTS/$1.open"
	in_lane "$@" &
}

in_lane() {
	trap 'kill $(jobs -p) 2>/dev/null; wait; exit 143' INT TERM
	RESULTS=$RESULTS/$1
	mkdir "$RESULTS"
	"${@:2}"
	barrier
	rm "$RESULTS.open"
}

skip() {
	mkdir -p "$(dirname "$LOGS/$1")"
	echo "$2" >"$LOGS/$1.log"
	report "$1" step 77 0 0 "$LOGS/$1.log"
}

left() { [ "$2" = 0 ] || echo "$1: $2 $3" >"$RESULTS/${1//\//+}.left"; }

# Ends with 1 when something failed since the last barrier.
barrier() {
	local count failed name log bad=0
	wait
	for count in "$RESULTS"/*.count; do
		[ -e "$count" ] || continue
		read -r _ failed _ name log _ <"$count"
		if [ "$failed" -gt 0 ]; then
			bad=1
			printf -- '---- %s (%s)\n' "$name" "$log"
			tail -n "${LOG_LINES:-200}" "$log" | sed 's/^/    /'
		fi
		cat "$count" >>"$DONE"
		rm "$count"
	done
	return $bad
}

# times prints how long each suite took, from its first program's begin to its last one's end, and
# the slowest programs.
times() {
	awk -v zero="$BEGIN" '$7 > 0 {
			suite = $4; sub(/\/.*/, "", suite)
			if (!(suite in from) || $6 < from[suite]) from[suite] = $6
			if ($7 > to[suite]) to[suite] = $7
			sum[suite] += $7 - $6; tests[suite] += $1 + $2 + $3
		}
		END {
			for (suite in from)
				printf "    %-10s %5d tests %6.0f s, from %5.0f to %5.0f s; its programs %6.0f s\n", suite, tests[suite],
					(to[suite] - from[suite]) / 1000, (from[suite] - zero) / 1000, (to[suite] - zero) / 1000, sum[suite] / 1000
		}' "$DONE" | sort -k7n
	printf '    %-10s %s\n' all "$(awk '{ n += $1 + $2 + $3 } END { printf "%5d tests", n }' "$DONE") $(
		awk -v zero="$BEGIN" -v now="$(clock)" 'BEGIN { printf "%6.0f s", (now - zero) / 1000 }')"
	echo "Slowest:"
	awk '$7 > 0 { printf "    %6.1f s  %s\n", ($7 - $6) / 1000, $4 }' "$DONE" | sort -rn | head -n "${SLOWEST:-20}"
}

# listed HEADING SUFFIX prints what lies in the files of a kind.
listed() {
	local files
	mapfile -t files < <(find "$RESULTS" -name "*.$2" | sort)
	[ ${#files[@]} = 0 ] || { echo "$1" && sed 's/^/    /' "${files[@]}"; }
}

summary() {
	local passed failed skipped lane
	barrier || true
	for lane in "$RESULTS"/*.open; do
		[ ! -e "$lane" ] || echo "0 1 0 $(basename "$lane" .open) - 0 0" >>"$DONE"
	done
	if [ "$(awk '$7 > 0' "$DONE" | wc -l)" -gt 1 ]; then
		echo "Time:"
		times
	fi
	listed "Left to make check-all:" left
	listed "Skipped:" why
	read -r passed failed skipped < <(awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$DONE")
	if [ "$failed" -gt 0 ]; then
		echo "Failed:"
		awk '$2 { print "    " $4 "  (" $5 ")" }' "$DONE"
	elif [ "$passed" = 0 ] && [ "$skipped" = 0 ]; then
		echo "No test was run."
		failed=1
	fi
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
}
