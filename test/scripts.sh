#!/bin/sh
# Prints the scripts of the repository, for shellcheck: what says in its first line that it is one.
set -eu
cd "$(dirname "$0")/.."
find .ci completions docs examples lib test -name build -prune -o -type f -print 2>/dev/null | sort |
	while read -r file; do
		if head -c 80 "$file" | head -n 1 |
			grep -aqE '^(#!.*[/ ](ba|da|k)?sh|#!.*[/ ]bats|# shellcheck shell=)'; then
			echo "$file"
		fi
	done
