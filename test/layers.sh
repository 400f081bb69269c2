#!/bin/sh
# A layer may include itself and the layers named after it; of another layer only what lies in
# include/, never a header beside its sources.   test/layers.sh [TREE]
set -eu
cd "${1:-$(dirname "$0")/..}"
bad=0

refuse() {
	echo "$1" >&2
	bad=1
}

# includes FILE prints what it includes in quotes.
includes() {
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$1" | sort -u
}

# check FILE LAYER ALLOWED...
check() {
	file=$1 layer=$2
	shift 2
	for inc in $(includes "$file"); do
		to=${inc%%/*}
		case $inc in
		*..*) refuse "$file: include \"$inc\" by its layer, not by a path" ;;
		lib/* | include/*) refuse "$file: write \"${inc#*/}\" for \"$inc\"" ;;
		*/*)
			case " $layer $* " in
			*" $to "*) ;;
			*) refuse "$file: $layer may not include $to ($inc)" ;;
			esac
			[ "$to" = "$layer" ] || [ -e "include/$inc" ] ||
				refuse "$file: $inc is private to $to"
			;;
		*)
			# Without a folder it can only be a header beside the file.
			[ -e "$(dirname "$file")/$inc" ] || refuse "$file: $inc names no layer"
			;;
		esac
		case $file in
		include/*)
			[ -e "include/$inc" ] || refuse "$file: a public header includes the private $inc"
			;;
		esac
	done
}

allow() {
	for file in lib/"$1"/*.[ch] include/"$1"/*.h; do
		[ ! -e "$file" ] || check "$file" "$@"
	done
}

allow base
allow kube base
allow engine base
allow kubedb base engine
allow ui base
allow flow base kube engine kubedb ui
for file in cmd/*.[ch]; do
	[ ! -e "$file" ] || check "$file" cmd base kube engine kubedb ui flow
done
for folder in lib/*/ include/*/; do
	[ -d "$folder" ] || continue
	case $(basename "$folder") in
	base | kube | engine | kubedb | ui | flow) ;;
	*) refuse "$folder is no layer" ;;
	esac
done
exit $bad
