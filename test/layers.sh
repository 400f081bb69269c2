#!/bin/sh
# A room may include and call itself and the rooms named behind it in test/rooms.  Of another room
# only what lies in include/, or beside its sources where test/rooms calls it open; never a header
# called *_private.h.
#     test/layers.sh [TREE [OBJECTS]]     OBJECTS: the folder with lib/ROOM/*.o, for the calls
set -eu
rooms=$(cd "$(dirname "$0")" && pwd)/rooms
cd "${1:-$(dirname "$0")/..}"
objects=${2:-}
bad=0

refuse() {
	echo "$1" >&2
	bad=1
}

# row ROOM prints what stands in its row: "open" or "closed", and the rooms that it may use.
row() { sed -n "s/^$1[[:space:]][[:space:]]*//p" "$rooms"; }

is_open() { row "$1" | grep -q '^open'; }

# includes FILE prints what it includes in quotes.
includes() {
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$1" | sort -u
}

# visible HEADER FROM ROOM: whether a file of another room, or a public header, may include it.
visible() {
	[ ! -e "include/$1" ] || return 0
	case $2 in include/* | cmd/*) return 1 ;; esac
	case $1 in *_private.h) return 1 ;; esac
	is_open "$3"
}

# check FILE ROOM ALLOWED...
check() {
	file=$1 room=$2
	shift 2
	for inc in $(includes "$file"); do
		to=${inc%%/*}
		case $inc in
		*..*) refuse "$file: include \"$inc\" by its room, not by a path" ;;
		lib/* | include/*) refuse "$file: write \"${inc#*/}\" for \"$inc\"" ;;
		*/*)
			case " $room $* " in
			*" $to "*) ;;
			*) refuse "$file: $room may not include $to ($inc)" ;;
			esac
			[ "$to" = "$room" ] || visible "$inc" "$file" "$to" || refuse "$file: $inc is private to $to"
			;;
		*)
			# Without a folder it can only be a header beside the file.
			[ -e "$(dirname "$file")/$inc" ] || refuse "$file: $inc names no room"
			;;
		esac
		case $file in
		include/*)
			[ -e "include/$inc" ] || refuse "$file: a public header includes the private $inc"
			;;
		esac
	done
}

# Calls, and uses of data, as the objects have them: a declaration that was copied fools nobody.
calls() {
	work=$(mktemp -d)
	for source in lib/*/*.c; do
		echo "${source%.c}.o"
	done >"$work/objects"
	(cd "$objects" && xargs nm -A) <"$work/objects" >"$work/symbols"
	awk '
		FILENAME == ARGV[1] { allowed[$1] = " " $1 " "; for (i = 3; i <= NF; i++) allowed[$1] = allowed[$1] $i " "; next }
		{ file = $1; sub(/:.*/, "", file); split(file, part, "/") }
		$(NF - 1) == "U" { used[file " " $NF] = part[2]; next }
		$(NF - 1) ~ /^[TDRBVW]$/ { home[$NF] = part[2] }
		END {
			for (use in used) {
				split(use, of, " ")
				if ((of[2] in home) && index(allowed[used[use]], " " home[of[2]] " ") == 0)
					print of[1] ": " used[use] " may not call " home[of[2]] " (" of[2] ")"
			}
		}' "$rooms" "$work/symbols" | sort >"$work/found"
	cat "$work/found" >&2
	[ ! -s "$work/found" ] || bad=1
	rm -r "$work"
}

while read -r room _ allowed; do
	case $room in '' | '#'*) continue ;; esac
	for file in lib/"$room"/*.[ch] include/"$room"/*.h; do
		# shellcheck disable=SC2086 # several rooms
		[ ! -e "$file" ] || check "$file" "$room" $allowed
	done
	if [ "$room" = cmd ]; then
		for file in cmd/*.[ch]; do
			# shellcheck disable=SC2086 # several rooms
			[ ! -e "$file" ] || check "$file" cmd $allowed
		done
	fi
done <"$rooms"
for folder in lib/*/ include/*/; do
	[ -d "$folder" ] || continue
	[ -n "$(row "$(basename "$folder")")" ] || refuse "$folder is no room"
done
[ -z "$objects" ] || calls
exit $bad
