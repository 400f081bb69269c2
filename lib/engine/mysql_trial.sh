# shellcheck shell=sh
# Has a server look at a configuration, without data: in a container of its image, with the members'
# files mounted where theirs are. Without its comments it is a part of the program, and is run as
#
#     sh -c TEXT dbupgrade OPTION...
#
# OPTIONs come last and have the server only look. Standard input: lines "file PATH" for each place
# where files are mounted, "option TEXT" for each option of the members' command line, then "end".
# Prints what the server says; its status is the server's, 126 where it cannot be asked.
#
# The image's own main file is read, and what that includes; then what is mounted and not included:
# so do KubeDB's scripts for groups. Folders of the members' that are not there are replaced.
own=/var/pv/my.cnf
main='/etc/my.cnf /etc/mysql/my.cnf'
last=$*
mkdir -p /var/pv/data && : >"$own" || exit 126
for file in $main; do
	[ ! -r "$file" ] || echo "!include $file" >>"$own"
done

# includes FOLDER: whether the files in it are read.
includes() {
	# shellcheck disable=SC2086 # several files
	grep -Eqs "^[[:space:]]*!includedir[[:space:]]+$1/*[[:space:]]*\$" $main "$own"
}

place() {
	case " $main " in *" $1 "*) return ;; esac
	if [ -f "$1" ]; then
		case $1 in *.cnf) includes "${1%/*}" || echo "!include $1" >>"$own" ;; esac
	elif [ -d "$1" ] && ! includes "$1"; then
		echo "!includedir $1/" >>"$own"
	fi
}

set --
while IFS= read -r line; do
	case $line in
	'file '*) place "${line#* }" ;;
	'option '*) set -- "$@" "${line#* }" ;;
	end) break ;;
	esac
done
case ${1:-} in
--defaults-* | --no-defaults*) ;;
*) set -- --defaults-file="$own" "$@" ;;
esac
[ "$(id -u)" != 0 ] || set -- "$@" --user=root
# shellcheck disable=SC2086,SC2069 # several options; errors are what is to be printed
exec mysqld "$@" --datadir=/var/pv/data --tmpdir=/var/pv/data --secure-file-priv=NULL $last 2>&1 >/dev/null
