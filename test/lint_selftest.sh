#!/bin/bash
# Every rule of test/layers.sh, banned.sh, structs.sh, reasons.sh and docs.sh must be able to fail: each case makes a tree with
# one violation (or with something near it that is allowed) and runs the check there.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
here=$PWD
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
number=0 bad=0

# tree FILE TEXT makes a tree that is right but for this file.
tree() {
	rm -rf "$dir/tree"
	mkdir -p "$dir"/tree/{lib,include}/{base,kube,engine,kubedb,ui,run,cluster,upgrade} "$dir/tree/cmd" "$dir/tree/test/unit"
	echo 'int base_x(void);' | tee "$dir/tree/include/base/base.h" >"$dir/tree/lib/base/inside.h"
	for layer in kube engine kubedb ui run cluster upgrade; do
		echo '#include "base/base.h"' >"$dir/tree/include/$layer/$layer.h"
		echo '#include "base/base.h"' | tee "$dir/tree/lib/$layer/inside.h" >"$dir/tree/lib/$layer/x_private.h"
	done
	mkdir -p "$(dirname "$dir/tree/$1")"
	printf '%b\n' "$2" >"$dir/tree/$1"
}

# expect STATUS CHECK NAME
expect() {
	local status=0
	number=$((number + 1))
	(cd / && "$here/test/$2" "$dir/tree") >"$dir/out" 2>&1 || status=$?
	if [ "$status" = "$1" ]; then
		echo "ok $number - $2 $3"
	else
		bad=1
		echo "not ok $number - $2 $3"
		sed 's/^/# /' "$dir/out"
	fi
}

title() { echo "$1: $(head -n 1 <<<"$2")"; }
refuses() { tree "$2" "$3"; expect 1 "$1" "refuses $(title "$2" "$3")"; }
allows() { tree "$2" "$3"; expect 0 "$1" "allows $(title "$2" "$3")"; }

# batch FILE TEXT puts a violation beside others; its `x` becomes a number.  batch_end runs
# banned.sh once: it must name each of these files.
files=() titles=()
batch() {
	local file=${1/%x.c/x${#files[@]}.c}
	file=${file/%x.h/x${#files[@]}.h}
	mkdir -p "$dir/batch/$(dirname "$file")"
	printf '%b\n' "$2" >"$dir/batch/$file"
	titles+=("refuses $(title "$1" "$2")")
	files+=("$file")
}
batch_end() {
	local i
	test/banned.sh "$dir/batch" 2>"$dir/out"
	for i in "${!files[@]}"; do
		number=$((number + 1))
		if grep -q "^${files[i]}:" "$dir/out"; then
			echo "ok $number - banned.sh ${titles[i]}"
		else
			bad=1
			echo "not ok $number - banned.sh ${titles[i]}"
		fi
	done
}

l=layers.sh
allows $l lib/cluster/x.c '#include "kube/kube.h"\n#include "kubedb/kubedb.h"\n#include <stdio.h>'
allows $l lib/cluster/x.c '#include "cluster/inside.h"\n#include "cluster/x_private.h"'
allows $l lib/cluster/x.c '#include "inside.h"'
allows $l lib/cluster/x.c '#include "run/inside.h"\n#include "run/run.h"'
allows $l cmd/main.c '#include "upgrade/upgrade.h"\n#include "ui/ui.h"'
for pair in base:kube base:engine kube:kubedb kube:engine engine:kube engine:kubedb kubedb:kube \
	kubedb:run kubedb:ui ui:kube ui:kubedb ui:upgrade run:cluster cluster:upgrade upgrade:cmd; do
	refuses $l "lib/${pair%:*}/x.c" "#include \"${pair#*:}/${pair#*:}.h\""
	refuses $l "include/${pair%:*}/x.h" "#include \"${pair#*:}/${pair#*:}.h\""
done
refuses $l lib/cluster/x.c ' # include "kube/inside.h"'
refuses $l lib/cluster/x.c '#include "run/x_private.h"'
refuses $l cmd/main.c '#include "run/inside.h"'
refuses $l include/cluster/x.h '#include "run/inside.h"'
refuses $l lib/kube/x.c '#include "../base/inside.h"'
refuses $l lib/kube/x.c '#include "lib/base/inside.h"'
refuses $l lib/kube/x.c '#include "nowhere.h"'
refuses $l include/kube/x.h '#include "kube/inside.h"'
refuses $l lib/util/x.c 'int x;'

# calls STATUS ROOM TEXT: a source of it, beside one of kube that defines kube_x().
calls() {
	local file status=0
	number=$((number + 1))
	tree "lib/$2/x.c" "$3"
	echo 'int kube_x(void); int kube_x(void) { return 1; }' >"$dir/tree/lib/kube/kube.c"
	for file in "$2/x" kube/kube; do
		mkdir -p "$dir/objects/lib/${file%/*}"
		cc -c -o "$dir/objects/lib/$file.o" "$dir/tree/lib/$file.c"
	done
	test/layers.sh "$dir/tree" "$dir/objects" >"$dir/out" 2>&1 || status=$?
	if [ "$status" = "$1" ]; then
		echo "ok $number - layers.sh calls: $1 for $2: $3"
	else
		bad=1
		echo "not ok $number - layers.sh calls: $1 for $2: $3"
		sed 's/^/# /' "$dir/out"
	fi
}
calls 0 run 'int kube_x(void); int run_x(void) { return kube_x(); }'
calls 0 cluster 'int kube_x(void); int cluster_x(void) { return kube_x(); }'
calls 1 engine 'int kube_x(void); int engine_x(void) { return kube_x(); }'
calls 1 kubedb 'int kube_x(void); int (*const kubedb_x)(void) = kube_x;'

b=banned.sh
for call in strcpy strcat stpcpy strncpy strncat sprintf vsprintf gets strtok strtok_r atoi atol atoll \
	atof scanf sscanf fscanf system popen; do
	for file in lib/base/x.c include/kube/x.h cmd/x.c test/unit/test_x.c; do
		batch "$file" "int x = $call(y);"
	done
done
for call in setenv putenv unsetenv alloca longjmp setjmp signal mktemp malloc calloc realloc \
	reallocarray strdup strndup asprintf vasprintf; do
	batch lib/kube/x.c "	$call(y);"
	batch cmd/x.c "	if ($call (y))"
done
for call in printf fprintf vprintf vfprintf dprintf puts fputs putchar fwrite perror exit _exit err warn:errx \
	abort getenv secure_getenv; do
	batch lib/run/x.c "	${call#*:}(y);"
done
for word in 'curl_easy_init()' 'CURL *c;' '#include <curl/curl.h>' 'yaml_parser_t p;' '#include <yaml.h>' \
	'wslay_frame_context_ptr p;' '#include <wslay/wslay.h>' 'goto out;'; do
	batch lib/kube/x.c "$word"
	batch cmd/x.c "$word"
	batch include/kube/x.h "$word"
done
batch include/kube/http.h '#include <curl/curl.h>'
batch lib/run/x.c '#include <openssl/sha.h>'
batch lib/run/x.c 'FILE *f = stdout;'
batch lib/run/x.c 'log_to(stderr);'
batch lib/run/x.c 'extern char **environ;'
batch lib/run/x.c '/* a comment */ exit(1);'
batch lib/run/x.c '/* two\nlines */ exit(1);'
batch lib/run/x.c 'f("a string \\\\", exit(1));'
batch lib/run/x.c "char c = '\"'; exit(1);"
batch lib/run/x.c "$(seq 401)"
batch test/cluster/x.go "$(seq 401)"
batch test/anything "$(seq 401)"
batch README.md "see /wor""k/somewhere/x"
batch test/unit/data "path: /wor""k/somewhere/x"
batch_end
refuses $b lib/run/x.c 'exit(1);'

allows $b lib/kube/http.c '#include <curl/curl.h>\nCURL *c;\ncurl_easy_init();'
allows $b lib/kube/http_call.c '#include <curl/curl.h>'
allows $b lib/kube/exec.c '#include <curl/curl.h>\n#include <wslay/wslay.h>\ncurl_easy_init();'
allows $b lib/kube/yaml.c '#include <yaml.h>\nyaml_parser_t p;'
allows $b lib/kube/kubeconfig.c 'getenv("KUBECONFIG");'
allows $b lib/ui/tty.c 'getenv("NO_COLOR");\nfprintf(stderr, "x");'
allows $b cmd/main.c 'getenv("HOME"); print_text(stdout, "x"); exit(1);'
allows $b lib/base/mem.c 'malloc(1); abort();'
allows $b lib/base/log.c 'fprintf(stderr, "x");'
allows $b lib/run/x.c 'snprintf(b, 1, "x"); vsnprintf(b, 1, f, ap); o->exit(1); flow_exit(2);'
allows $b lib/run/x.c '/* exit(1) curl_easy_init */ // strcpy(a, b)\n/*\n * goto out;\n */ int x;'
allows $b lib/run/x.c 'f("curl_easy_init: exit(1) \\" goto x");'
allows $b lib/run/x.c "$(seq 400)"
allows $b test/x.yaml "$(seq 500)"
allows $b lib/run/x.c 'const char *p = "/workspace/x";'

s=structs.sh
twenty='int a, b, c, d, e, f, g, h, i, j;\n/* one, two; */ const char *const k, *l, m[3], n[A(1, 2)];\nint (*o)(int a, char b);
struct {\nint a, b;\n} p, q;\nunsigned r : 1, s : 2;\nenum { T, U, V } t;'
allows $s include/run/x.h "struct x {\n$twenty\n};"
allows $s lib/run/x.c "static const struct x {\n$twenty\n} rows[] = { { 1, 2 }, { 3 } };\nint f(void)\n{\nint a, b;\nreturn a, b;\n}"
allows $s lib/run/x.c "int f(struct x *x)\n{\n$twenty\nint u;\n}"
refuses $s include/run/x.h "struct x {\n$twenty\nint u;\n};"
refuses $s lib/run/x.h "struct x {\n$twenty\nint (*u)(void);\n};"
refuses $s lib/run/x.c "struct y {\nint a;\nstruct x {\n$twenty\nint u;\n} x;\n};"
refuses $s cmd/x.c "int f(void)\n{\nstatic const struct {\n$twenty\nint u;\n} rows[] = { 0 };\n}"
refuses $s lib/run/x.h "union x {\n$twenty\nint u;\n};"

# reasons STATUS FILE TEXT: a table of reasons, a check and a file that sets them, but for this file.
reasons() {
	local status=0
	number=$((number + 1))
	rm -rf "$dir/tree"
	mkdir -p "$dir"/tree/lib/{base,kubedb,run}
	printf '    [ERR_USAGE] = { "USAGE", "x" },\n    { "POD_LOST", "x" },\n    { "GATE_SIZE", "x" },\n' \
		>"$dir/tree/lib/base/reason.c"
	printf '    { "pg.space", CHECK_ERROR, "x" },\n' >"$dir/tree/lib/kubedb/check_registry.c"
	printf '	err_reason(e, "POD_LOST");\n	err_reason(e, "pg.space");\n' >"$dir/tree/lib/run/run.c"
	mkdir -p "$(dirname "$dir/tree/$2")"
	printf '%b\n' "$3" >>"$dir/tree/$2"
	test/reasons.sh "$dir/tree" >"$dir/out" 2>&1 || status=$?
	if [ "$status" = "$1" ]; then
		echo "ok $number - reasons.sh: $1 for $(title "$2" "$3")"
	else
		bad=1
		echo "not ok $number - reasons.sh: $1 for $(title "$2" "$3")"
		sed 's/^/# /' "$dir/out"
	fi
}
reasons 0 lib/run/x.c 'int x;'
reasons 0 lib/run/x.c '	return err_reason(e, late ? "POD_LOST"\n	                          : "USAGE");'
reasons 0 lib/member/gates.c '	return err_reason(e, reason);'
reasons 0 lib/kubedb/pod.c '	{ "POD_LOST" }, err_reason(e, reason);'
reasons 1 lib/run/x.c '	err_reason(e, "POD_GONE");'
reasons 1 lib/run/x.c '	return err_reason(e, late ? "POD_LOST"\n	                          : "POD_GONE");'
reasons 1 lib/run/x.c '	err_reason(e, "pg.spaces");'
reasons 1 lib/run/x.c '	err_reason(e, reason);'
reasons 1 lib/kubedb/pod.c '	{ "POD_GONE" }, err_reason(e, reason);'
reasons 1 lib/base/reason.c '    { "POD_GONE", "x" },'
reasons 1 lib/base/reason.c '    { "POD_LOST", "x" },'

# A program that prints what the documents repeat, and documents that do.
program() {
	rm -rf "$dir/tree"
	mkdir -p "$dir"/tree/{man,completions}
	cat >"$dir/tree/program" <<-'END'
		#!/bin/sh
		case $1 in
		__man-exit-statuses) printf '.It 0\ndone\n' ;;
		__man-options) printf '.It Fl \\-to Ar VERSION\n' ;;
		__man-checks) printf '.It pdb\n' ;;
		__man-reasons) printf '.It Li TIMEOUT\n' ;;
		__complete) printf '%s\n' mysql versions checks resume abort status ctl cleanup ;;
		mysql) case $* in *wrong*) ;; *) echo "confirmation required" >&2 ;; esac; exit 2 ;;
		status) exit 1 ;;
		*) exit 2 ;;
		esac
	END
	printf '%s\n' x 'kubectl dbupgrade status   # what is there' 'kubectl dbupgrade' y >"$dir/tree/README.md"
	printf '%s\n' '.Sh OPTIONS' '.\" begin generated: __man-options' '.It Fl \-to Ar VERSION' \
		'.\" end generated' '.Sh EXIT STATUS' '.\" begin generated: __man-exit-statuses' '.It 0' 'done' \
		'.\" end generated' '.\" begin generated: __man-checks' '.It pdb' \
		'.\" end generated' '.\" begin generated: __man-reasons' '.It Li TIMEOUT' '.\" end generated' \
		>"$dir/tree/man/kubectl-dbupgrade.1"
	printf '%s\n' 'It takes' '.Fl \-to' '.Dl kubectl dbupgrade mysql x >y' 'kubectl dbupgrade mysql x \e' \
		'    and more' >"$dir/tree/man/kubectl-dbupgrade-mysql.7"
	# shellcheck disable=SC2016 # the script's
	printf '#!/bin/sh\nexec kubectl-dbupgrade __complete "$@"\n' \
		>"$dir/tree/completions/kubectl_complete-dbupgrade"
	chmod +x "$dir"/tree/{program,completions/*}
}

# docs STATUS NAME [SED FILE] edits a file of a tree that is right and checks it.
docs() {
	local status=0
	number=$((number + 1))
	program
	[ $# = 2 ] || sed -i "$3" "$dir/tree/$4"
	[ "$2" != 'removes' ] || rm "$dir/tree/$4"
	TREE=$dir/tree test/docs.sh check "$dir/tree/program" >"$dir/out" 2>&1 || status=$?
	if [ "$status" = "$1" ]; then
		echo "ok $number - docs.sh: $2 ${4-}"
	else
		bad=1
		echo "not ok $number - docs.sh: $2 ${4-}"
		sed 's/^/# /' "$dir/out"
	fi
}

docs 0 'nothing differs'
docs 1 'another text in' 's/done/failed/' man/kubectl-dbupgrade.1
docs 1 'another line in' '/^.It Fl/a .It Fl \\-from' man/kubectl-dbupgrade.1
docs 1 'no part in' '/generated/d' man/kubectl-dbupgrade.1
docs 1 'no end in' '/end generated/d' man/kubectl-dbupgrade.1
docs 1 'another command in' 's/__man-exit-statuses/__nothing/' man/kubectl-dbupgrade.1
docs 1 'removes' '' man/kubectl-dbupgrade.1
docs 1 'a list in' 's/__complete/x/' completions/kubectl_complete-dbupgrade
docs 1 'no word from' 's/ resume//' program
docs 1 'no options from' 's/__man-options/x/' program
docs 1 'an unknown command in' 's/status/statsu/' README.md
docs 1 'an unknown command in' 's/^.Dl kubectl dbupgrade mysql/&ql/' man/kubectl-dbupgrade-mysql.7
docs 1 'an unknown word on the next line in' 's/and more/and wrong/' man/kubectl-dbupgrade-mysql.7
docs 1 'an unknown flag in' 's/-to/-from/' man/kubectl-dbupgrade-mysql.7
docs 77 'removes' '' README.md
docs 77 'removes' '' program
program
sed -i 's/done/failed/' "$dir/tree/man/kubectl-dbupgrade.1"
TREE=$dir/tree test/docs.sh update "$dir/tree/program" >/dev/null
number=$((number + 1))
if grep -q 'done' "$dir/tree/man/kubectl-dbupgrade.1" && ! grep -q 'failed' "$dir/tree/man/kubectl-dbupgrade.1"; then
	echo "ok $number - docs.sh update"
else
	bad=1
	echo "not ok $number - docs.sh update"
fi

echo "1..$number"
exit $bad
