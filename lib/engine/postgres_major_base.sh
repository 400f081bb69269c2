# shellcheck shell=sh disable=SC2034 # the parts are one script: they share variables
# Part of postgres_major.sh: names, rows, marks, processes, and the server's own client.

# fail WORDS ends the command, or the job, with a reason. Output may be captured: hence 3.
fail() {
	if [ -n "${DBUPGRADE_JOB:-}" ]; then
		printf '%s\n' "$*" >"$W/job/error"
	else
		told error "$*" >&3
	fi
	exit 3
}

# ended is the last to run: whatever fails without words gets some.
ended() {
	status=$?
	case $status in
	0) exit 0 ;;
	3) ;;
	*) told error "$COMMAND failed with status $status" >&3 ;;
	esac
	exit 1
}

# one_line joins the lines of its input, without control characters and doubled spaces.
one_line() { tr '\000-\037\177' ' ' | sed 's/  */ /g; s/^ //; s/ $//'; }

# json prints its input as a JSON string: all of its lines and blanks, but no other control characters;
# where it is longer than 2000 bytes, " ..." ends it.
json() {
	tr '\000-\010\013-\037\177' ' ' | head -c 2001 | awk '
		{ text = text (NR > 1 ? "\n" : "") $0 }
		END {
			if (length(text) > 2000)
				text = substr(text, 1, 1996) " ..."
			gsub(/["\\]/, "\\\\&", text)
			gsub(/\t/, "\\t", text)
			n = split(text, lines, "\n")
			printf "\"%s", lines[1]
			for (i = 2; i <= n; i++)
				printf "\\n%s", lines[i]
			printf "\""
		}'
}

# row KEY [VALUE] is for numbers and words of this script alone: nothing else comes through.
row() {
	case ${2:-} in
	*[!A-Za-z0-9/.\ ]* | *'  '* | ' '* | *' ') printf '%s\t%s\n' "$1" "$(printf '%s' "$2" | tr -c 'A-Za-z0-9/.' ' ' | one_line)" ;;
	*) printf '%s\t%s\n' "$1" "${2:-}" ;; # most are plain, and processes cost
	esac
}

# told KEY TEXT is for what somebody else may have written.
told() { printf '%s\t%s\n' "$1" "$(printf '%s' "${2:-}" | json)"; }

# quoted WORD prints it for a shell.
quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }

yes_if() { if "$@"; then echo yes; else echo no; fi; }

# major_of DIR prints the major version of a data directory, nothing if there is none.
major_of() { head -n 1 "$1/PG_VERSION" 2>/dev/null || :; }

# durable FILE... returns when files are on the disk. busybox may know no arguments.
durable() { sync "$@" 2>/dev/null || sync; }

# A mark is an empty file that survives a crash of the node, and stands for all that was
# written before it.
mark() {
	sync -f "$W" 2>/dev/null || sync
	: >"$W/$1.part"
	durable "$W/$1.part"
	mv "$W/$1.part" "$W/$1"
	durable "$W"
}

marked() { [ -e "$W/$1" ]; }

unmark() {
	if marked "$1"; then
		rm -f "$W/$1"
		durable "$W"
	fi
}

# The facts are as COPY writes them: in it all that could be mistaken for an end of a field or a
# row is written with a backslash, which printf takes back.
fact() { printf '%b\n' "$(awk -F '\t' -v key="$1" '$1 == key { print $2; exit }' "$W/facts")"; }

# clear_spaces DIR MAJOR removes that version's part of a cluster's tablespaces: by way of their
# links, so that it does not matter how their places are called.
clear_spaces() {
	for link in "$1"/pg_tblspc/*; do
		[ ! -L "$link" ] || rm -rf "$link/PG_${2}_"*
	done
}

# --- binaries -----------------------------------------------------------------------------

binary_major() { "$1/postgres" -V 2>/dev/null | sed 's/[^0-9]*\([0-9]*\).*/\1/'; }

# image_bin prints the folder of the image's server: Debian's layout, or that of images
# that are built from source.
image_bin() {
	for dir in "$(dirname "$(command -v postgres || echo /none/postgres)")" \
		"/usr/lib/postgresql/$TO/bin" "/usr/lib/postgresql/$FROM/bin" /usr/local/bin \
		/usr/local/pgsql/bin "/usr/pgsql-$TO/bin" "/usr/pgsql-$FROM/bin" /usr/lib/postgresql/*/bin; do
		if [ -x "$dir/postgres" ]; then
			echo "$dir"
			return
		fi
	done
}

# bin_for MAJOR prints a folder with programs of a version: the image's, or the kept ones.
bin_for() {
	if [ "${image:-$(binary_major "$BIN")}" = "$1" ]; then
		echo "$BIN"
	elif [ "$1" = "$FROM" ] && [ -x "$OLD/bin/postgres" ]; then
		echo "$OLD/bin"
	fi
}

# control DIR WORDS prints a value of a cluster's control file.
control() {
	bin=$(bin_for "$(major_of "$1")")
	if [ -z "$bin" ] && [ "$2" = 'Database cluster state' ] && [ -r "$1/global/pg_control" ]; then
		# No program of its version is here, but all versions have the state in this place.
		case $(od -An -tu4 -j16 -N4 "$1/global/pg_control" | tr -d ' ') in
		1) echo 'shut down' ;;
		2) echo 'shut down in recovery' ;;
		3) echo 'shutting down' ;;
		4) echo 'in crash recovery' ;;
		5) echo 'in archive recovery' ;;
		6) echo 'in production' ;;
		esac
	fi
	[ -z "$bin" ] || LC_ALL=C "$bin/pg_controldata" "$1" 2>/dev/null | sed -n "s/^$2: *//p"
}

# --- processes ----------------------------------------------------------------------------

# postmaster DIR prints the process that serves a data directory. The file may be of a
# container that is gone, and its number another process's by now.
postmaster() {
	pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null) || return 1
	case $(readlink "/proc/${pid:-none}/exe" 2>/dev/null) in
	*/postgres | '*/postgres (deleted)') echo "$pid" ;;
	*) return 1 ;;
	esac
}

# What a job starts has DBUPGRADE_JOB in its environment.
of_job() { grep -qs "DBUPGRADE_JOB=${2:-}" "/proc/$1/environ"; }

# serving DIR: a server that no job started.
serving() { pid=$(postmaster "$1") && ! of_job "$pid"; }

# forget_postmaster DIR removes the lock file of a server that is not there.
forget_postmaster() { postmaster "$1" >/dev/null || rm -f "$1/postmaster.pid"; }

# end_leftovers ends whatever a job left behind when it was killed.
end_leftovers() {
	for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		pids=$(grep -ls DBUPGRADE_JOB= /proc/[0-9]*/environ | sed 's/[^0-9]//g')
		[ -n "$pids" ] || return 0
		case $round in
		1) signal=TERM ;;
		12 | 16) signal=KILL ;;
		*) signal=0 ;;
		esac
		# shellcheck disable=SC2086 # numbers
		kill -s $signal $pids 2>/dev/null || :
		sleep 0.3 2>/dev/null || sleep 1
	done
	fail "processes of an earlier attempt do not end: $pids"
}

# --- jobs ---------------------------------------------------------------------------------

job_name() { cat "$W/job/name" 2>/dev/null; }

job_alive() {
	pid=$(cat "$W/job/pid" 2>/dev/null) && of_job "$pid" "$(cat "$W/job/token")"
}

# job_state prints running, done, failed, or lost: killed before it could say.
job_state() {
	if job_ended || [ ! -e "$W/job/name" ]; then
		:
	elif job_alive; then
		echo running
	elif ! job_ended; then # meanwhile
		echo lost
	fi
}

# These files are empty, so that a full volume can hold them.
job_ended() {
	for ending in 'done' failed; do
		if [ -e "$W/job/$ending" ]; then
			echo $ending
			return
		fi
	done
	return 1
}

# job_says prints the last line of progress, without what fills it up.
job_says() {
	tail -c 2000 "$W/job/log" 2>/dev/null | tr '\r' '\n' |
		sed '/^ *[A-Z]*: /d; /^ *\.\{0,1\}\//d; s/^[[:space:]]*//; s/\(\.\.\.\)\{0,1\} *ok *$//; s/[[:space:].]*$//; s/^vacuumdb: //' |
		grep . | tail -n 1
}

# start_job NAME ARG... starts job_NAME, detached from this session, unless it runs.
start_job() {
	mkdir -p "$W"
	if [ "$(job_state)" = running ]; then
		[ "$(job_name)" = "$1" ] || fail "the job \"$(job_name)\" still runs"
		return
	fi
	end_leftovers
	rm -rf "$W/job"
	mkdir "$W/job"
	{ { dbupgrade_text && dbupgrade_text; } >"$W/job/spare" && dbupgrade_text >"$W/script.part"; } ||
		fail "the volume cannot be written to ($(free_bytes) bytes free)"
	mv "$W/script.part" "$W/script"
	token=$1.$$.$(date +%s)
	echo "$token" >"$W/job/token"
	echo "$1" >"$W/job/name"
	name=$1
	shift
	DBUPGRADE_JOB=$token PGDATA=$PGDATA POSTGRES_USER=$POSTGRES_USER POSTGRES_PASSWORD=$POSTGRES_PASSWORD setsid sh "$W/script" "$name" "$FROM" "$TO" "$@" </dev/null >"$W/job/log" 2>&1 3>&1 &
	round=0
	until [ -e "$W/job/pid" ] || [ $round = 100 ]; do
		round=$((round + 1))
		sleep 0.05 2>/dev/null || sleep 1
	done
}

# await_job SECONDS returns when no job runs, or then.
await_job() {
	[ "$1" -gt 0 ] || return 0
	until=$(($(date +%s) + $1))
	while [ "$(job_state)" = running ] && [ "$(date +%s)" -le $until ]; do
		sleep 0.1 2>/dev/null || sleep 1
	done
}

# run_job is what the detached process does.
run_job() {
	set +e
	echo $$ >"$W/job/pid"
	(
		set -e
		"job_$COMMAND" "$@"
	)
	status=$?
	if [ $status = 0 ] && [ ! -s "$W/job/error" ]; then
		: >"$W/job/done"
		return
	fi
	full=
	if ! has_room; then
		full=$(grep -rhsm 1 -e 'No space left on device' -e 'Disk quota exceeded' "$W/job" "$W/run" "$NEW/pg_upgrade_output.d" | head -n 1)
	fi
	rm -rf "$W/job/spare" "$W/old.part" # room, perhaps on a full volume, for the server and the words
	[ -s "$W/job/error" ] || explain "$W/job/log" >"$W/job/error"
	if [ -n "$full" ]; then
		: >"$W/job/full"
		printf 'the volume is full (%s bytes free): %s\n' "$(free_bytes)" "$full" >"$W/job/error"
	fi
	: >"$W/job/failed"
}

# has_room: what a program says of a full volume may be part of a name. The largest file that a
# server takes back when it finds no room is one of its log.
has_room() {
	segment=$(fact wal_segment_size 2>/dev/null)
	[ "$(free_bytes)" -gt $((67108864 + 2 * ${segment:-0})) ] &&
		head -c 1048576 /dev/zero >"$W/job/probe" 2>/dev/null
}

# step WORDS is a line of progress.
step() { printf '%s\n' "$*"; }

# --- the server's client ------------------------------------------------------------------

# shut_out removes what the container, or a file of its user, would tell clients and servers. What
# a program of the image needs to run stays.
shut_out() {
	set -- "${PGDATA:-}" "${POSTGRES_USER:-}" "${POSTGRES_PASSWORD:-}" # a variable's name could be one of the container's
	for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
		case $name in
		PATH | TMPDIR | LD_LIBRARY_PATH | LD_PRELOAD | LOCPATH | MUSL_LOCPATH | ICU_DATA | TZ | TZDIR | DBUPGRADE_JOB) ;;
		PWD | OLDPWD | SHLVL | _ | PPID | UID | EUID | GROUPS | SHELLOPTS | BASHOPTS | BASH_VERSINFO) ;; # the shell's own
		*) unset -v "$name" ;;
		esac
	done
	# Below this nothing can lie. Not all clients look for their files where HOME is.
	HOME=/dev/null PGSSLMODE=prefer PGGSSENCMODE=disable LC_ALL=C
	PGPASSFILE=$HOME/x PGSERVICEFILE=$HOME/x PGSYSCONFDIR=$HOME/x PSQLRC=$HOME/x PGSSLCERT=$HOME/x PGSSLKEY=$HOME/x PGSSLROOTCERT=$HOME/x PGSSLCRL=$HOME/x
	export HOME PGSSLMODE PGGSSENCMODE LC_ALL PGPASSFILE PGSERVICEFILE PGSYSCONFDIR PSQLRC PGSSLCERT PGSSLKEY PGSSLROOTCERT PGSSLCRL
	PGDATA=$1 POSTGRES_USER=$2 POSTGRES_PASSWORD=$3
}

# pins MAJOR READ_ONLY LOCK_TIMEOUT prints what is to hold in every session of ours: roles and
# databases can have settings for the sessions of others, and those of the connection outrank them.
# No text is converted: names come and go as they are stored.
pins() {
	printf ' -c %s' role=none search_path=pg_catalog client_encoding=SQL_ASCII default_transaction_read_only="$2" \
		default_transaction_deferrable=off 'default_transaction_isolation=read\ committed' lock_timeout="$3" statement_timeout=0 \
		idle_in_transaction_session_timeout=0 row_security=off session_preload_libraries= local_preload_libraries= \
		session_replication_role=origin standard_conforming_strings=on backslash_quote=safe_encoding transform_null_equals=off \
		array_nulls=on quote_all_identifiers=off bytea_output=hex DateStyle=ISO IntervalStyle=postgres lc_messages=C \
		client_min_messages=error exit_on_error=off default_tablespace= temp_tablespaces= synchronous_commit=local
	[ "$1" -lt 14 ] || printf ' -c %s' idle_session_timeout=0
	[ "$1" -lt 17 ] || printf ' -c %s' transaction_timeout=0 event_triggers=off
}

# connect DIR READ_ONLY has the client programs reach the server of a data directory: by its
# socket, else by the loopback. No standby may be there yet to confirm a commit.
connect() {
	serving "$1" || fail "the server is down"
	PGPORT=$(sed -n 4p "$1/postmaster.pid")
	PGUSER=${POSTGRES_USER:-$(fact superuser 2>/dev/null || :)} PGPASSWORD=$POSTGRES_PASSWORD PGCONNECT_TIMEOUT=10
	PGAPPNAME=dbupgrade PGOPTIONS=$(pins "$(major_of "$1")" "$2" 10min)
	export PGOPTIONS PGPORT PGUSER PGPASSWORD PGCONNECT_TIMEOUT PGAPPNAME
	for PGHOST in "$(sed -n 5p "$1/postmaster.pid")" 127.0.0.1; do
		export PGHOST
		! why=$(try dbname=postgres 'SELECT 1' 2>&1) || return 0
	done
	fail "the server does not answer: $why"
}

# try CONNECTION SQL prints rows, separated by tabs. No name stands in the SQL: what a statement
# needs of them the server puts there, from oids.
try() {
	printf '%s\n' "$2" | "$BIN/psql" -XAtq -F "$TAB" -v ON_ERROR_STOP=1 -d "$1"
}

# ask does the same, and fails with what the server said.
ask() {
	{ why=$(try "$@" 2>&1 >&4); } 4>&1 || fail "$(reason "$why")"
}

# reason SAID leaves out what a server warns each session of, before the error.
reason() { printf '%s\n' "$1" | awk '/(ERROR|FATAL|error):/ { is = 1 } { all = all $0 "\n" } is { why = why $0 "\n" } END { printf "%s", is ? why : all }'; }

ask_main() { ask dbname=postgres "$1"; }

# list_databases prints "oid<TAB>connection<TAB>name": as COPY writes them, the name as a JSON string.
list_databases() {
	ask_main "COPY (SELECT oid, format('dbname=''%s''', replace(replace(datname, chr(92), repeat(chr(92), 2)), '''', chr(92) || '''')),
		to_json(datname::text) FROM pg_database WHERE datallowconn AND datconnlimit <> -2 ORDER BY 1) TO STDOUT"
}

# next_database reads such a row, as $listed: $number, $database (its connection), $shown.
next_database() {
	IFS= read -r listed || return 1
	number=${listed%%"$TAB"*} database=${listed#*"$TAB"}
	shown=$(printf '%b' "${database#*"$TAB"}") database=$(printf '%b' "${database%%"$TAB"*}")
}

# has_line_end NAME is an expression.
has_line_end() { printf "%s ~ ('[' || chr(10) || chr(13) || ']')" "$1"; }

# check_names refuses what pg_upgrade refuses only when the database is down.
check_names() {
	names=$(ask_main "SELECT to_json(name) FROM (SELECT datname::text FROM pg_database UNION ALL
		SELECT rolname FROM pg_authid WHERE oid = 10) n(name) WHERE $(has_line_end name)")
	[ -z "$names" ] || fail "pg_upgrade does not take line ends in names of databases and of the first superuser." \
		"Rename them: $names"
}

free_bytes() { df -Pk "$BASE" | awk 'NR == 2 { printf "%.0f\n", $4 * 1024 }'; }
