# shellcheck shell=sh disable=SC2034 # the parts are one script: they share variables
# Part of postgres_major.sh: names, rows, marks, processes, and the server's own client.

# fail WORDS ends the command, or the job, with a reason. Output may be captured: hence 3.
fail() {
	if [ -n "${DBUPGRADE_JOB:-}" ]; then
		printf '%s\n' "$*" | one_line >"$W/job/error"
	else
		printf 'error\t%s\n' "$(printf '%s\n' "$*" | one_line)" >&3
	fi
	exit 3
}

# ended is the last to run: whatever fails without words gets some.
ended() {
	status=$?
	case $status in
	0) exit 0 ;;
	3) ;;
	*) printf 'error\t%s failed with status %s\n' "$COMMAND" "$status" >&3 ;;
	esac
	exit 1
}

# one_line joins the lines of its input, without tabs and without doubled spaces.
one_line() { tr '\t\r\n' '   ' | sed 's/  */ /g; s/^ //; s/ $//'; }

row() {
	key=$1
	shift
	case $* in
	*[!A-Za-z0-9/.\ ]* | *'  '* | ' '* | *' ') printf '%s\t%s\n' "$key" "$(printf '%s' "$*" | one_line)" ;;
	*) printf '%s\t%s\n' "$key" "$*" ;; # most are plain, and processes cost
	esac
}

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

fact() { awk -F '\t' -v key="$1" '$1 == key { print $2; exit }' "$W/facts"; }

# places DIR prints where a cluster's tablespaces lie.
places() {
	for link in "$1"/pg_tblspc/*; do
		[ ! -L "$link" ] || readlink "$link"
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
	DBUPGRADE_JOB=$token setsid sh "$W/script" "$name" "$FROM" "$TO" "$@" </dev/null >"$W/job/log" 2>&1 3>&1 &
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
	rm -rf "$W/job/spare" "$W/old.part" # room, perhaps on a full volume, for the server and the words
	[ -s "$W/job/error" ] || explain "$W/job/log" | one_line >"$W/job/error"
	full=$(grep -rhsm 1 -e 'No space left on device' -e 'Disk quota exceeded' "$W/job" "$W/run" "$NEW/pg_upgrade_output.d" | head -n 1)
	[ -z "$full" ] || printf 'the volume is full (%s bytes free): %s\n' "$(free_bytes)" "$full" | one_line >"$W/job/error"
	: >"$W/job/failed"
}

# step WORDS is a line of progress.
step() { printf '%s\n' "$*"; }

# --- the server's client ------------------------------------------------------------------

# connect DIR has the client programs reach the server of a data directory: by its socket,
# else by the loopback.
connect() {
	serving "$1" || fail "the server is down"
	PGPORT=$(sed -n 4p "$1/postmaster.pid")
	PGUSER=${POSTGRES_USER:-$(fact superuser 2>/dev/null || :)} PGPASSWORD=${POSTGRES_PASSWORD:-} PGCONNECT_TIMEOUT=10
	PGAPPNAME=dbupgrade LC_ALL=C PSQLRC=/dev/null
	# No standby may be there yet to confirm a commit.
	PGOPTIONS='-c synchronous_commit=local'
	export PGOPTIONS PGPORT PGUSER PGPASSWORD PGCONNECT_TIMEOUT PGAPPNAME LC_ALL PSQLRC
	for PGHOST in "$(sed -n 5p "$1/postmaster.pid")" 127.0.0.1; do
		export PGHOST
		! why=$(try postgres 'SELECT 1' 2>&1) || return 0
	done
	fail "the server does not answer: $why"
}

# conninfo DATABASE names it, whatever is in its name.
conninfo() { printf "dbname='%s'" "$(printf '%s' "$1" | sed "s/[\\\\']/\\\\&/g")"; }

# try DATABASE SQL prints rows, separated by tabs.
try() {
	printf '%s\n' "$2" | PGOPTIONS="$PGOPTIONS -c lc_messages=C -c statement_timeout=0 -c search_path=pg_catalog" \
		"$BIN/psql" -XAtq -F "$TAB" -v ON_ERROR_STOP=1 -d "$(conninfo "$1")"
}

# ask does the same, and fails with what the server said.
ask() {
	{ why=$(try "$@" 2>&1 >&4); } 4>&1 || fail "$why"
}

list_databases() { ask postgres 'SELECT datname FROM pg_database WHERE datallowconn ORDER BY 1' >"$W/databases"; }

free_bytes() { df -Pk "$BASE" | awk 'NR == 2 { printf "%.0f\n", $4 * 1024 }'; }
