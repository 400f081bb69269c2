# shellcheck shell=sh disable=SC2034,SC2154 # the parts are one script: they share variables
# The data work of a major upgrade, done in the pod: in the server's container, by its user, with
# what any image has (dash or busybox). The parts postgres_major_*.sh and this one are joined
# when the program is built (include/engine/postgres_major.h), and run as
#
#     sh -c 'eval "$(sed "/^#END\$/q")"' dbupgrade COMMAND FROM TO [ARG...]
#
# with the text and a line "#END" on the standard input. FROM and TO are major versions. Prints
# rows of "key<TAB>value". A value is a number or a word of this script; where it holds what somebody
# else may have written (a name, a line of a log) it is JSON, on one line: a string, or an array. At
# an error the last row is "error<TAB>why", with status 1. Every
# command may be repeated after any interruption. Commands marked * start a job, which outlives
# this session, or find it running, and wait for its end for two seconds; `state` tells how it
# goes on. One at a time. What changes something answers with the state that it led to.
#
#     state [SECONDS]          how things are: see below; while a job runs, waits for its end so long
#     layout                   layout, [what, path]: what a new data directory would not have as this one does
#     keep *                   in the old image, with the server up: save facts and programs
#     hold, release            have the container start no server, or let it again
#     stop *                   shut the server down
#     check MODE *             in the new image: make the new cluster, see whether it would go well
#     upgrade MODE *           the same, and upgrade into the new cluster; MODE is copy, link or clone
#     settings                 setting, [name, reason]: what `upgrade` had to comment out; recovery, [name]:
#                              what it emptied in postgresql.auto.conf, as it leads to the old cluster's
#                              log; archive, [tool]; unanalyzed, [database, name, why]: had no statistics before
#     swap, unswap             bring the new cluster to the data's place, and back
#     started                  remember that the new server may write from now on
#     analyze *                make statistics
#     complete                 missing, [kind, database, name, why]: what the old server had and this one has not
#     extensions [update]      extension, [database, name, installed, available]
#     collations               collation, [database, name, before, now]; index, [database, index, collation]
#     collations reindex *     rebuild those indexes
#     rebuild                  on a standby: remove the old data, also from the tablespaces' places. Those are
#                              words in hex, in the variable dbupgrade_places, which is set before the text
#     cancel                   end a job
#     schema                   facts and schema of a database that serves, for a rehearsal
#     copy *                   in a rehearsal's pod: make a cluster of them, and keep as above
#     missed                   missed, [number, why]: statements of the schema that failed there
#     tidy                     at the end of the way back: remove all but the data
#     delete                   remove the old data
#     kept                     what all upgrades have left, whatever FROM and TO: server, data, and
#                              kept, from, to, bytes that `delete` frees, whether it is over
#
# On the volume, $base being the folder of $PGDATA: $base/.dbupgrade/FROM-TO is the work folder,
# $PGDATA-TO.new the new cluster before the swap, $PGDATA-FROM the old one after it.

do_state() {
	await_job "${1:-0}"
	image=$(binary_major "$BIN")
	row binaries "$image"
	row data "$(major_of "$PGDATA")"
	row kept "$(yes_if marked kept)"
	if [ "$(major_of "$PGDATA")" = "$TO" ] || { marked upgraded && [ "$(major_of "$NEW")" = "$TO" ]; }; then
		row new upgraded
	elif [ -e "$NEW" ]; then
		row new partial
	else
		row new absent
	fi
	row checked "$(for mode in copy link clone; do ! marked "checked.$mode" || echo "$mode"; done | one_line)"
	row swapped "$(yes_if swapped)"
	row started "$(yes_if started)"
	row analyzed "$(yes_if marked analyzed)"
	if serving "$PGDATA"; then row server up; else row server down; fi
	old=$PGDATA
	[ ! -e "$KEPT" ] || old=$KEPT
	row cluster "$(control "$old" 'Database cluster state')"
	row checkpoint "$(control "$old" 'Latest checkpoint location')"
	row role "$(role)"
	row linked "$(yes_if marked linked)"
	row free "$(free_bytes)"
	row job "$(job_name)"
	state=$(job_state)
	row job_state "$(echo "$state" | sed 's/^lost$/failed/')"
	row job_lost "$(yes_if [ "$state" = lost ])"
	row job_full "$(yes_if [ -e "$W/job/full" ])"
	told job_says "$(job_says)"
	case $state in
	failed) told job_error "$(cat "$W/job/error")" ;;
	lost) told job_error "it was killed before it was done, or its container was" ;;
	*) told job_error ;;
	esac
}

role() {
	if [ -e /run_scripts/role ]; then
		echo present
	elif [ -e /run_scripts/role.held ]; then
		echo held
	else
		echo absent
	fi
}

do_hold() {
	if [ -e /run_scripts/role ]; then
		rm -rf /run_scripts/role.held
		mv /run_scripts/role /run_scripts/role.held
	fi
}

do_release() {
	if [ ! -e /run_scripts/role ] && [ -e /run_scripts/role.held ]; then
		mv /run_scripts/role.held /run_scripts/role
	fi
}

# unless CONDITION ARG NAME ARG... does a job that is not done.
unless() {
	if ! "$1" "$2"; then
		shift 2
		start_job "$@"
	fi
	do_state 2
}

server_is_down() { ! postmaster "$1" >/dev/null; }

run_command() {
	case $COMMAND in
	keep) unless marked kept keep ;;
	copy) unless marked kept copy ;;
	stop) unless server_is_down "$PGDATA" stop ;;
	check) unless marked "checked.${1:-copy}" check "${1:-copy}" ;;
	upgrade) unless marked upgraded upgrade "${1:-copy}" ;;
	analyze) unless marked analyzed analyze ;;
	collations)
		if [ "${1:-}" = reindex ]; then
			[ "$(job_name)" = reindex ] || unmark reindexed.done # what is rebuilt stays noted
			unless marked reindexed.done reindex
		else
			do_collations
		fi
		;;
	settings)
		cat "$W/refused" 2>/dev/null || :
		[ ! -e "$W/unanalyzed" ] || awk -F '\t' '$1 == "had not" { printf "unanalyzed\t[%s, %s, %s]\n", $2, $3, $4 }' "$W/unanalyzed"
		[ ! -e "$W/facts" ] || awk -F '\t' '$1 ~ /^(recovery|archive)$/ && $2 ~ /^[a-z_-]+$/ { printf "%s\t[\"%s\"]\n", $1, $2 }' "$W/facts"
		;;
	cancel) cancel ;;
	hold | release | swap | unswap | started | tidy)
		"do_$COMMAND"
		do_state
		;;
	state | layout | schema | missed | extensions | complete | rebuild | delete | kept) "do_$COMMAND" "$@" ;;
	*) fail "no command $COMMAND" ;;
	esac
}

set -eu
umask 077
exec 3>&1
shut_out
TAB=$(printf '\t')
[ -n "${DBUPGRADE_JOB:-}" ] || trap ended EXIT
COMMAND=${1:-} FROM=${2:-} TO=${3:-}
case $FROM/$TO in
*[!0-9/]* | /* | */) fail "usage: COMMAND FROM TO [ARG...]" ;;
esac
shift 3
[ -n "${PGDATA:-}" ] || fail "PGDATA is not set"
BASE=$(dirname "$PGDATA")
W=$BASE/.dbupgrade/$FROM-$TO OLD=$BASE/.dbupgrade/$FROM-$TO/old NEW=$PGDATA-$TO.new KEPT=$PGDATA-$FROM
BIN=$(image_bin) image=
if [ -n "${DBUPGRADE_JOB:-}" ]; then
	run_job "$@"
else
	run_command "$@"
fi
