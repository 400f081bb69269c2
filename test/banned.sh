#!/bin/bash
# Refuses calls where they do not belong, and text that does not belong into the repository.
# Each rule is a boundary of the design.  Comments and strings are not looked at by the rules
# about code.   test/banned.sh [TREE]
set -uo pipefail
cd "${1:-$(dirname "$(readlink -f "$0")")/..}" || exit 1
bad=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# files prints what belongs to the repository, or would if it were committed now.
files() {
	if [ -e .git ] && git ls-files >/dev/null 2>&1; then
		git ls-files -z --cached --others --exclude-standard
	else
		find . \( -name .git -o -name build \) -prune -o -type f -printf '%P\0'
	fi | sort -zu | while IFS= read -r -d '' file; do
		if [ -f "$file" ]; then printf '%s\0' "$file"; fi
	done
}

# shellcheck disable=SC2016 # awk's
# code prints FILE:LINE:TEXT for the C files, with comments and what strings say left out.
code() {
	find lib include cmd test/unit test/fuzz -name '*.[ch]' 2>/dev/null | sort | xargs -r awk '
		FNR == 1 { comment = 0 }
		{
			line = $0; out = ""
			while (line != "") {
				if (comment) {
					if (!(at = index(line, "*/"))) break
					line = substr(line, at + 2); comment = 0
				} else if (match(line, /\/\*|\/\/|"|\047/)) {
					mark = substr(line, RSTART, RLENGTH)
					out = out substr(line, 1, RSTART - 1)
					line = substr(line, RSTART + RLENGTH)
					if (mark == "//") break
					if (mark == "/*") { comment = 1; continue }
					end = mark == "\"" ? "^([^\"\\\\]|\\\\.)*\"" : "^([^\047\\\\]|\\\\.)*\047"
					if (out ~ /^[ \t]*#[ \t]*include/) { out = out mark line; break }
					out = out mark mark
					if (!match(line, end)) break
					line = substr(line, RLENGTH + 1)
				} else { out = out line; break }
			}
			print FILENAME ":" FNR ":" out
		}'
}

complain() {
	sed "s|\$|   <- $1|" >&2
	bad=1
}

# calls FUNCTIONS WHERE EXCEPT WHY refuses calls in files that match WHERE and not EXCEPT.
calls() {
	grep -E "^($2)" "$work/code" | grep -vE "^(${3:-none})" |
		grep -E ":.*(^|[^A-Za-z0-9_.>])($1)[[:space:]]*\\(" >"$work/found" && complain "$4" <"$work/found"
}

# words PATTERN WHERE EXCEPT WHY refuses any use.
words() {
	grep -E "^($2)" "$work/code" | grep -vE "^(${3:-none})" |
		grep -E ":[0-9]+:(.*[^A-Za-z0-9_])?($1)" >"$work/found" && complain "$4" <"$work/found"
}

code >"$work/code"
all='lib|include|cmd|test/unit|test/fuzz'
product='lib|include|cmd'

calls 'strcpy|strcat|stpcpy|strncpy|strncat|sprintf|vsprintf|gets|strtok|strtok_r' "$all" '' \
	'use base/buf.h or base/str.h'
calls 'atoi|atol|atoll|atof|scanf|sscanf|fscanf|vsscanf' "$all" '' \
	'cannot tell an error: use strtol or a parser of base/str.h'
calls 'system|popen' "$all" '' 'no shell: use base/proc.h'
calls 'setenv|putenv|unsetenv' "$product" '' 'give a child its environment; do not change ours'
calls 'alloca|longjmp|setjmp|signal|tmpnam|mktemp' "$product" '' 'unsafe, or hides control flow'
calls 'malloc|calloc|realloc|reallocarray|strdup|strndup|asprintf|vasprintf' \
	"$product" 'lib/base/mem\.c' 'only base/mem.c allocates'
calls 'printf|fprintf|vprintf|vfprintf|dprintf|vdprintf|puts|fputs|putchar|putc|fputc|fwrite|perror' \
	lib 'lib/ui/|lib/base/log\.c|lib/base/file\.c' 'a library does not print: report through ui or err'
calls 'printf|fprintf|vprintf|vfprintf|dprintf|vdprintf|puts|fputs|putchar|putc|fputc|fwrite|perror' \
	cmd 'cmd/(print|text_wrap|command_(help|internals|completion|version))\.c' \
	'what is not only our own text goes through cmd/print.h'
calls 'json_dumps|json_dumpf|json_dumpfd|json_dumpb|json_dump_callback|json_dump_file' "$product" 'lib/base/json\.c' \
	'json_text() escapes what is not shown'
words 'stdout|stderr' lib 'lib/ui/|lib/base/log\.c' 'a library does not print'
calls 'exit|_exit|_Exit|quick_exit|err|errx|verr|verrx' lib 'lib/base/log\.c' \
	'a library does not end the program: return an error'
calls abort lib 'lib/base/mem\.c' 'only base/mem.c gives up'
words 'curl_|CURL|<curl/' "$product" 'lib/kube/(http|exec)[a-z_]*\.[ch]' \
	'libcurl stays in lib/kube/http*.c and lib/kube/exec*.c'
words 'yaml_|YAML_|<yaml\.h' "$product" 'lib/kube/yaml\.c' 'libyaml stays in lib/kube/yaml.c'
words 'wslay_|WSLAY_|<wslay/' "$product" 'lib/kube/(ws|exec)(_[a-z]+)?\.[ch]' \
	'libwslay stays in lib/kube/exec*.c and ws*.c'
words '<zlib\.h>|gz(open|dopen|write|close)' "$product" 'lib/base/archive\.c' 'zlib stays in lib/base/archive.c'
words '<openssl/' "$product" 'lib/(kube|base)/' 'OpenSSL stays in lib/kube and lib/base'
calls 'getenv|secure_getenv' "$product" 'lib/kube/kubeconfig\.c|lib/ui/|cmd/' \
	'the environment is read in lib/kube/kubeconfig.c, lib/ui and cmd'
words environ lib 'lib/kube/kubeconfig\.c|lib/base/proc\.c|lib/kube/auth\.c' \
	'only a child process needs all of the environment'
words goto "$product" '' 'cleanup attributes instead of goto'

# Escape sequences are written in one place.
grep -rnE '\\(033|x1[bB]|e)\[' lib cmd include --include='*.[ch]' | grep -v '^lib/ui/out\.c:' \
	>"$work/found" && complain 'lib/ui/text.h has a mark for it' <"$work/found"

# Files are short enough to be read in one go.
files | grep -zE '(\.([ch]|sh|bash|bats|go|awk)|(^|/)Makefile)$|^test/[a-z_]+$|^\.ci/' |
	xargs -0r awk 'END { if (FNR > 400) print FILENAME ": " FNR " lines" }
		FNR == 1 && name != "" && last > 400 { print name ": " last " lines" }
		{ name = FILENAME; last = FNR }' | sort -u >"$work/found"
[ ! -s "$work/found" ] || complain 'at most 400 lines a file' <"$work/found"

# Nothing of the machine that it was written on: its folders, its package mirrors.
machine() {
	printf '%s\n' '(^|[^[:alnum:]_./-])/wor[k]/[[:alnum:]]'
	{
		env | grep -iE '^[a-z_]*(proxy|mirror|index_url|registry)[a-z_]*='
		go env GOPROXY
		cat /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/apt/apt.conf /etc/apt/apt.conf.d/* \
			/etc/pip.conf ~/.pip/pip.conf ~/.config/pip/pip.conf ~/.npmrc
	} 2>/dev/null | grep -vE '^[[:space:]]*(#|//)' | grep -oE 'https?://[^/[:space:],|"'\'']+' |
		sed -E 's#.*[/@]##; s/:[0-9]+$//' |
		grep -vE '(^|\.)(debian\.org|ubuntu\.com|golang\.org|pypi\.org|npmjs\.org|apt\.llvm\.org|github\.com)$' |
		sort -u | sed 's/\./\\./g'
}
machine >"$work/machine"
files | xargs -0r grep -nIEf "$work/machine" -- /dev/null >"$work/found" &&
	complain 'names the machine that it was written on' <"$work/found"

exit $bad
