#!/bin/bash
# Line coverage of each layer by the unit tests that were run in build folder $B, as TAP: a layer with a
# limit below fails when less of it was run.  A source that no test is linked with counts with all its
# lines.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
B=${B:-build/asan}

# Layers that are pure, or nearly so, have a limit.  The rest is told, not judged: what talks to
# servers is tested on servers.
limit() {
	case $1 in
	engine | kubedb | run | lock | cluster | member | procedure | preflight | report | upgrade) echo 80 ;;
	*) echo 0 ;;
	esac
}

# gcov says "File 'lib/x/y.c'" and then "Lines executed:88.00% of 25".
for source in lib/*/*.c; do
	notes=$B/${source%.c}.gcno
	[ ! -e "$notes" ] || gcov -n "$notes" 2>/dev/null
done | awk -F "[':% ]+" '
	/^File/ { file = $2 }
	/^Lines executed/ && file ~ /^lib\/[a-z]+\/[^\/]*\.c$/ {
		split(file, part, "/")
		print part[2], file, $4 == "" ? 0 : $(NF), $3
		file = ""
	}' >"$B.lines"

number=0 bad=0
for layer in engine kubedb run lock cluster member procedure preflight report upgrade kube ui base; do
	grep -q "^$layer " "$B.lines" || continue
	number=$((number + 1))
	read -r percent lines < <(awk -v layer="$layer" '$1 == layer { lines += $3; run += $3 * $4 / 100 }
		END { printf "%.1f %d\n", lines ? 100 * run / lines : 0, lines }' "$B.lines")
	word=ok want=''
	[ "$(limit $layer)" = 0 ] || want=", at least $(limit $layer) % wanted"
	if ! awk -v have="$percent" -v want="$(limit $layer)" 'BEGIN { exit have + 0 < want + 0 }'; then
		word='not ok' bad=1
	fi
	echo "$word $number - $layer $percent % of $lines lines$want"
	sort -k4n "$B.lines" | awk -v layer="$layer" '$1 == layer { printf "#     %6.1f %% of %4d  %s\n", $4, $3, $2 }'
done
if [ $number = 0 ]; then
	echo '1..0 # SKIP nothing to cover yet'
else
	echo "1..$number"
fi
exit $bad
