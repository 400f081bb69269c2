#!/bin/bash
# Line coverage of each fuzzer's parsers by its corpus, as TAP:  test/fuzz/coverage.sh [NAME...]
# The sources are those that follow "parsers:" in the comment at its top; below LIMIT percent of
# their lines, all of them together, a fuzzer fails. Built in $B, with the compiler's options $FLAGS.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 1
B=${B:-build/coverage}
FLAGS=${FLAGS:--O0 -g --coverage}
LIMIT=80
mkdir -p "$B"

names=("$@")
[ $# -gt 0 ] || mapfile -t names < <(find test/fuzz -name 'fuzz_*.c' -printf '%f\n' | sort | sed 's/^fuzz_//; s/\.c$//')
[ ${#names[@]} -gt 0 ] || {
	echo '1..0 # SKIP test/fuzz has no fuzzers'
	exit 0
}
${MAKE:-make} -s -j"${JOBS:-2}" "${names[@]/#/$B/test/fuzz/fuzz_}" B="$B" CFLAGS="$FLAGS" HARDEN= WERROR= \
	>"$B/fuzz.log" 2>&1 || {
	cat "$B/fuzz.log"
	exit 1
}

# lines SOURCE... prints "PERCENT LINES SOURCE" for each.
lines() {
	local source
	for source in "$@"; do
		gcov -n "$B/${source%.c}.gcno" 2>/dev/null | awk -F "[':% ]+" -v source="$source" '
			/^File/ { file = $2 }
			/^Lines executed/ && file == source { print $3, $NF, source; file = ""; seen = 1 }
			END { if (!seen) print 0, 1, source }'
	done
}

bad=0 number=0
echo "1..${#names[@]}"
for name in "${names[@]}"; do
	number=$((number + 1)) word=ok
	mapfile -t sources < <(sed -n '/parsers:/,/\*\//p' "test/fuzz/fuzz_$name.c" | grep -o 'lib/[a-z0-9_/]*\.c')
	find "$B/lib" -name '*.gcda' -delete
	if [ ${#sources[@]} = 0 ]; then
		echo "not ok $number - $name names no parsers"
		bad=1
		continue
	fi
	if ! timeout 60 "$B/test/fuzz/fuzz_$name" "test/fuzz/corpus/$name" >"$B/fuzz.log" 2>&1; then
		sed 's/^/# /' "$B/fuzz.log"
		word='not ok' bad=1
	fi
	lines "${sources[@]}" >"$B/fuzz.lines"
	read -r percent total < <(awk '{ lines += $2; run += $1 * $2 / 100 }
		END { printf "%.1f %d\n", 100 * run / lines, lines }' "$B/fuzz.lines")
	if awk -v have="$percent" -v want=$LIMIT 'BEGIN { exit have + 0 >= want + 0 }'; then
		word='not ok' bad=1
	fi
	echo "$word $number - $name $percent % of $total lines, at least $LIMIT % wanted"
	awk '{ printf "#     %6.1f %% of %4d  %s\n", $1, $2, $3 }' "$B/fuzz.lines"
done
exit $bad
