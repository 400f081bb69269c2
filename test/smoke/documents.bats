# The documents beside the program: that they are drawn, written and numbered as they should be.
# shellcheck disable=SC2154 # root is lib.bash's
load lib

setup() { clean; }

@test "the picture is what docs/draw makes of the recording" {
	type python3 >/dev/null || skip "python3 is not installed"
	"$root/docs/draw" "$root/docs/upgrade.ansi" | cmp - "$root/docs/upgrade.svg"
}

@test "a picture has each character of the recording, in its colour" {
	type python3 >/dev/null || skip "python3 is not installed"
	printf '\e[1ma <b>  \e[0;32mc & d\e[39m e\n\e[2mf\n\n' >recording
	"$root/docs/draw" recording | grep '^<text x="[0-9.]*"' >texts
	diff - texts <<-'SVG'
		<text x="16.0" y="66" textLength="42.0" font-weight="bold">a &lt;b&gt;</text>
		<text x="74.8" y="66" textLength="42.0" fill="#56d364">c &amp; d</text>
		<text x="125.2" y="66" textLength="8.4">e</text>
		<text x="16.0" y="84" textLength="8.4" fill="#7d8590">f</text>
	SVG
}

@test "the manual pages are clean for mandoc" {
	type mandoc >/dev/null || skip "mandoc is not installed"
	mandoc -T lint -W warning "$root"/man/*
	printf '.Dd x\n.Dt X 1\n.Sh NAME\n.Nx\n' >wrong.1
	run mandoc -T lint -W warning wrong.1
	[ "$status" != 0 ]
}

@test "the manual pages fit into 80 columns" {
	local page
	type mandoc >/dev/null || skip "mandoc is not installed"
	for page in "$root"/man/*; do
		mandoc -T ascii -O width=78 "$page" | col -b | grep -nE '^.{81}' | sed "s|^|${page##*/}:|" || true
	done >wide
	diff /dev/null wide
}

# The checks that only one kind has begin with its letters, and its manual page explains them.
@test "the manual pages explain the checks of their kinds" {
	local page prefix
	for page in mysql:my perconaxtradb:px postgres:pg proxysql:config; do
		prefix=${page#*:} page=$root/man/kubectl-dbupgrade-${page%:*}.7
		grep -rhoE "\"$prefix\.[a-z0-9_]+\"" "$root/lib" --include='*.[ch]' | tr -d '"' | sort -u >known
		grep -E '^\.(It |Pq check )?Li ' "$page" | grep -oE "\b$prefix\.[a-z0-9_]+" | sort -u >explained
		[ "$(wc -l <known)" -ge 3 ]
		diff -u known explained
	done
}

@test "the installed files are those that are removed" {
	make -C "$root" -n install DESTDIR=/there PREFIX=/usr VERSION=1 | grep -E '^install.* -m' >installed
	make -C "$root" -n uninstall DESTDIR=/there PREFIX=/usr VERSION=1 | tr ' ' '\n' | grep /there | sort >removed
	while read -r _ _ _ files; do
		for file in ${files% *}; do
			echo "${files##* }/$(basename "$file")"
		done
	done <installed | sed -E 's#/+#/#g; s#(kubectl-dbupgrade)/kubectl-dbupgrade$#\1#' | sort >expected
	diff -u expected removed
}

@test "the newest version in the change log is this one" {
	local release
	release=$(sed -n 's/^RELEASE := //p' "$root/Makefile")
	[ "$(sed -nE 's/^## \[([0-9.]+)\].*/\1/p' "$root/CHANGELOG.md" | head -n 1)" = "$release" ]
}

@test "the README installs what a build needs" {
	sed -nE 's/^\t\t([a-z0-9.+-]+) .* build$/\1/p' "$root/test/deps" | sort >needed
	[ -s needed ]
	sed -n '/^sudo apt-get install/,/[^\\]$/p' "$root/README.md" | tr -cs 'a-z0-9.+-' '\n' | sed '/^$/d; 1,3d' |
		sort | diff needed -
}

@test "the links between the documents lead to files" {
	local file link
	for file in "$root"/*.md "$root"/docs/*.md; do
		sed -nE ':a; s/^[^]]*\]\(([^):#]+)\)/\1\n/; T; P; D; ba' "$file" | while read -r link; do
			[ -e "$(dirname "$file")/$link" ] || echo "$file: $link"
		done
	done >broken
	diff /dev/null broken
}

@test "the manual page lists every right that an upgrade asks for" {
	local resource
	sed -nE 's/^    \{ "[a-z ]+", [A-Za-z0-9_."]+, "([a-z/]+)".*/\1/p' "$root"/lib/*/rights*.c | sort -u >asked
	[ "$(wc -l <asked)" -ge 10 ]
	sed -n '/^\.Sh RIGHTS/,/^\.Sh OUTPUT/p' "$root/man/kubectl-dbupgrade.1" >page
	while read -r resource; do
		grep -qE "Li $resource([. ]|$)" page || echo "$resource"
	done <asked >missing
	diff /dev/null missing
}
