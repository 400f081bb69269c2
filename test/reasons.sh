#!/bin/bash
# Every id that the library gives to an error is a row of lib/base/reason.c or a check of
# lib/kubedb/check_registry.c, and every row of the former is set somewhere.   test/reasons.sh [TREE]
set -uo pipefail
cd "${1:-$(dirname "$(readlink -f "$0")")/..}" || exit 1
table=lib/base/reason.c registry=lib/kubedb/check_registry.c
bad=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Where err_reason() is called with something else than a text, and which texts it may be.
# Gates are an engine's (test/unit/test_reason.c), checks are looked up when they are reported, and the
# API server has names of its own.
cat >"$work/others" <<'END'
lib/cluster/blocker.c	lib/kubedb/pod_events.c	POD_[A-Z_]+
lib/kubedb/pod.c	lib/kubedb/pod.c	POD_[A-Z_]+
lib/member/proxy_config.c	lib/member/proxy_config.h	config\.[a-z]+
lib/member/gates.c
lib/member/member_storage.c	lib/member/member_storage.c	storage\.[a-z]+
lib/preflight/preflight.c
lib/kube/api_status.c
END

complain() {
	echo "reasons: $*" >&2
	bad=1
}

# calls prints FILE<tab>ID for each text in a call of err_reason(), and FILE<tab> for one without.
# shellcheck disable=SC2016 # awk's
calls() {
	find lib -name '*.c' ! -path lib/base/err.c | sort | xargs awk '
		FNR == 1 { call = "" }
		call == "" && match($0, /err_reason\(/) { call = " "; $0 = substr($0, RSTART) }
		call != "" {
			call = call $0
			if (!index($0, ";")) next
			sub(/;.*/, "", call)
			if (call !~ /"/) print FILENAME "\t"
			while (match(call, /"[^"]*"/)) {
				print FILENAME "\t" substr(call, RSTART + 1, RLENGTH - 2)
				call = substr(call, RSTART + RLENGTH)
			}
			call = ""
		}'
}

sed -nE 's/^ *(\[ERR_[A-Z_]+\] = )?\{ "([A-Za-z_]+)",.*/\2/p' "$table" | sort >"$work/rows"
sed -nE 's/^ *\[ERR_[A-Z_]+\] = \{ "([A-Z_]+)",.*/\1/p; s/^ *\{ "(GATE_[A-Z]+)",.*/\1/p' "$table" |
	sort >"$work/elsewhere"
sed -nE 's/^ *\{ "([a-z_.]+)", CHECK_.*/\1/p' "$registry" | sort >"$work/checks"
for rows in rows checks; do
	[ -s "$work/$rows" ] || complain "$table or $registry has no rows"
done

calls >"$work/calls"
while IFS=$'\t' read -r file id; do
	if [ -n "$id" ]; then
		echo "$id"
	elif ! line=$(grep -m 1 "^$file\\b" "$work/others"); then
		complain "$file: err_reason() of something that test/reasons.sh does not know"
	elif IFS=$'\t' read -r _ from pattern <<<"$line" && [ -n "$from" ]; then
		grep -oE "\"$pattern\"" "$from" | tr -d '"'
	fi
done <"$work/calls" >"$work/set"
sort -u -o "$work/set" "$work/set"

for id in $(sort -u "$work/rows" "$work/checks" | comm -13 - "$work/set"); do
	complain "$id is set, but is no row of $table and no check"
done
for id in $(sort -u "$work/set" "$work/elsewhere" | comm -23 "$work/rows" -); do
	complain "$id is a row of $table, but is never set"
done
for id in $(uniq -d "$work/rows"); do
	complain "$id is there twice"
done
exit $bad
