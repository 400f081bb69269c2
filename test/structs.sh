#!/bin/bash
# No struct has more than 20 fields: group them by what they are about.  A struct within a struct
# counts as one field, and has its own limit.   test/structs.sh [TREE]
set -uo pipefail
cd "${1:-$(dirname "$(readlink -f "$0")")/..}" || exit 1

# shellcheck disable=SC2016 # awk's
find include lib cmd -name '*.[ch]' | sort | xargs awk -v max=20 '
	# A body begins, at `depth`, after `head`: of a struct, or of something else.
	function begin() {
		depth++
		kind[depth] = head ~ /(^|[^A-Za-z0-9_])(struct|union)([ \t]+(__attribute__ *\(.*\)|[A-Za-z0-9_]+))*[ \t]*$/
		name[depth] = head
		sub(/[ \t]+$/, "", name[depth]); sub(/.*[ \t]/, "", name[depth])
		line[depth] = FNR
		fields[depth] = 0
		head = ""
	}
	function finish() {
		if (kind[depth] && fields[depth] > max) {
			printf "%s:%d: a struct (%s) has %d fields, more than %d\n", FILENAME, line[depth],
				name[depth], fields[depth], max
			bad = 1
		}
		depth -= depth > 0
		head = ""
	}
	# Pointers to functions and arguments hold commas that part nothing.
	function count(text) {
		while (sub(/\([^()]*\)/, "", text)) continue
		while (sub(/\[[^][]*\]/, "", text)) continue
		return gsub(/,/, ",", text) + 1
	}
	FNR == 1 { depth = 0; head = ""; comment = 0 }
	/^[ \t]*#/ && !comment { next }
	{
		text = $0
		gsub(/\047([^\047\\]|\\.)+\047|"([^"\\]|\\.)*"/, "0", text)
		if (comment) {
			if (!(at = index(text, "*/"))) next
			text = substr(text, at + 2); comment = 0
		}
		while ((at = index(text, "/*")) > 0) {
			rest = substr(text, at + 2)
			text = substr(text, 1, at - 1)
			if (!(end = index(rest, "*/"))) { comment = 1; break }
			text = text " " substr(rest, end + 2)
		}
		sub(/\/\/.*/, "", text)
		while (match(text, /[{};]/)) {
			mark = substr(text, RSTART, 1)
			head = head substr(text, 1, RSTART - 1)
			text = substr(text, RSTART + 1)
			if (mark == "{") begin()
			else if (mark == "}") finish()
			else {
				if (kind[depth]) fields[depth] += count(head)
				head = ""
			}
		}
		head = head text " "
	}
	END { exit bad }' >&2 || exit 1
