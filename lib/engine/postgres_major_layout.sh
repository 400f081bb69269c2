# shellcheck shell=sh disable=SC2154 # the parts are one script: they share variables
# Part of postgres_major.sh: what a data directory is made of besides its files. A new one is
# made in its place, as plain as initdb makes it: what people put elsewhere would silently be
# in the data directory from then on, or be lost with the old one.

# problem WHAT PATH
problem() { printf '%s\t%s\n' "$1" "$2"; }

# mount_of PATH prints the mount point under which a path lies.
mount_of() {
	place=$1 awk '
		{ at = $5; gsub(/\\040/, " ", at) }
		at == "/" || index(ENVIRON["place"] "/", at "/") == 1 { if (length(at) > length(best)) best = at }
		END { print best }' /proc/self/mountinfo
}

layout_mounts() {
	awk '{ gsub(/\\040/, " ", $5); print $5 }' FS=' ' /proc/self/mountinfo | while IFS= read -r at; do
		case $at in
		"$1") problem 'it is a mount point, which cannot be replaced' "$at" ;;
		"$1"/*) problem 'another volume is mounted in it' "$at" ;;
		esac
	done
}

# Links that people make for configuration are carried over as they are.
layout_links() {
	for entry in "$PGDATA"/* "$PGDATA"/base/* "$PGDATA"/global/*; do
		case ${entry#"$PGDATA/"} in
		pg_*.conf | pg_*.d) ;;
		base | base/* | global | global/* | pg_*)
			[ ! -L "$entry" ] || problem 'a part of it is a link to elsewhere' "$entry -> $(readlink "$entry")"
			;;
		esac
	done
}

layout_spaces() {
	for link in "$PGDATA"/pg_tblspc/*; do
		[ -L "$link" ] || continue
		at=$(readlink -f "$link" || :)
		case $at/ in
		"$1"/*) problem 'a tablespace lies in it' "$at" ;;
		*) [ "$(mount_of "$at")" != / ] || problem "a tablespace lies in the container's own file system, which goes with the pod" "$at" ;;
		esac
	done
}

layout_problems() {
	[ ! -L "$PGDATA" ] || problem 'it is a link itself' "$PGDATA -> $(readlink "$PGDATA")"
	[ -e "$PGDATA/PG_VERSION" ] || problem 'there are no data in it: the server has them elsewhere' "$PGDATA"
	real=$(readlink -f "$PGDATA" || :)
	layout_mounts "$real"
	layout_links
	layout_spaces "$real"
}

do_layout() {
	layout_problems | while IFS="$TAB" read -r what path; do
		printf 'layout\t[%s, %s]\n' "$(printf '%s' "$what" | json)" "$(printf '%s' "$path" | json)"
	done
}

# check_layout fails where a new data directory would be another one than the old.
check_layout() {
	found=$(layout_problems | head -n 1)
	[ -z "$found" ] || fail "the data directory: ${found%%"$TAB"*} (${found#*"$TAB"})"
}
