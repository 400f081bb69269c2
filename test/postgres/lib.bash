# Shared by the tests of the script that upgrades a Postgres in its pod. No cluster: a "pod" is a
# chroot into the root file system of a test image, in namespaces of its own, as the image's user.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=test/some.bash
source "$top/test/some.bash"
text=${B:-$top/build}/gen/postgres_major.sh
[[ $text = /* ]] || text=$top/$text
export PGDATA=/var/pv/data

# root NAME prints where the files of an image lie; unpacks it first.
root() {
	local archive folder
	archive=$(CACHE=${TESTCLUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-dbupgrade} \
		"$top/test/cluster/images/build" --path "$1")
	[ -e "$archive/image.tar" ] || { echo "image $1 is not made: cluster images $1" >&2; return 1; }
	folder=$top/build/roots/$(basename "$archive")
	mkdir -p "$top/build/roots"
	(
		flock 9
		if [ ! -e "$folder" ]; then
			rm -rf "$top/build/roots/$1"-* "$folder.part"
			mkdir "$folder.part" &&
				tar -xOf "$archive/image.tar" layer.tar | tar -xpf - -C "$folder.part" &&
				mkdir -p "$folder.part/var/pv" "$folder.part/run_scripts" &&
				mv "$folder.part" "$folder" || exit
		fi
	) 9>"$top/build/roots/lock"
	echo "$folder"
}

# pod IMAGE starts a container of an image on the volume $PV, in place of the one before.
pod() {
	local folder
	pod_end
	folder=$(root "$1")
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --pid --ipc --net --fork --kill-child sh -ec '
		mount --bind "$1" "$1"
		mount --bind "$2" "$1/var/pv"
		mount -t tmpfs tmpfs "$1/run_scripts"
		mount -t tmpfs tmpfs "$1/tmp"
		mount -t proc proc "$1/proc"
		mount --rbind /dev "$1/dev"
		ip link set lo up 2>/dev/null || :
		chmod 777 "$1/run_scripts" "$1/tmp"
		touch "$1/run_scripts/.ready"
		exec chroot "$1" sleep infinity' pod "$folder" "$PV" 3>&- 4>&- &
	unshare=$!
	for _ in {1..100}; do
		pod=$(pgrep -P $unshare sleep) && return
		sleep 0.05
	done
	return 1
}

# pod_end kills everything in the container, as a crash of its node does.
pod_end() {
	[ -z "${unshare:-}" ] || { kill -KILL "$unshare" && wait "$unshare"; } 2>/dev/null || :
	unshare=
}

# inside COMMAND... runs it in the container, as the kubelet runs an exec.
inside() {
	nsenter --target "$pod" --mount --pid --ipc --net --root --wd setpriv --reuid=999 --regid=999 --clear-groups \
		env -i "PATH=${tools:+$tools:}/usr/sbin:/usr/bin:/sbin:/bin" HOME=/tmp PV=/var/pv PGDATA="$PGDATA" POSTGRES_USER=postgres POSTGRES_PASSWORD="it's" "$@" 3>&- 4>&-
}

# busybox has all tools in the container be busybox's from now on, as in images of Alpine.
busybox() {
	tools=
	# shellcheck disable=SC2016 # the inner shell's
	inside sh -ec 'mkdir -p /tmp/tools; cd /tmp/tools; cat >busybox; chmod 755 busybox; ./busybox --install -s .' <"$(type -P busybox)"
	tools=/tmp/tools
}

# shellcheck disable=SC2016 # the inner shell's
major() { inside sh -c 'eval "$(sed "/^#END\$/q")"' dbupgrade "$1" "${from:-15}" "${to:-17}" "${@:2}" <"$text"; }

# plain takes back the JSON string that the value of some rows is, with its lines parted as the program does.
plain() { sed -E '/^[a-z_]+\t".*"$/ { s/\t"/\t/; s/"$//; s/\\\\/\x01/g; s/:( |\\t)*\\n( |\\t)*/: /g; s/( |\\t)*\\n( |\\t)*/; /g; s/\\t/ /g; s/\\(.)/\1/g; s/\x01/\\/g }'; }

# value KEY prints a row of the state.
value() { major state | plain | sed -n "s/^$1	//p"; }

# begin COMMAND... starts a job, and does not wait for what the command says of its end.
begin() {
	work=$PV/.dbupgrade/${from:-15}-${to:-17}
	rm -f "$work/job/log" "$work/job/pid"
	major "$@" >"$BATS_TEST_TMPDIR/begun" 3>&- &
	begun=$!
	while [ ! -e "$work/job/pid" ] && kill -0 "$begun" 2>/dev/null; do
		sleep 0.01
	done
}

# job COMMAND... starts a job and waits for its end; prints what it said on the way.
job() {
	local state said=
	begin "$@"
	[ -e "$work/job/pid" ] || wait "$begun" || { cat "$BATS_TEST_TMPDIR/begun"; return 1; }
	while :; do
		state=$(major state | plain)
		if [ "$(sed -n 's/^job_says	//p' <<<"$state")" != "$said" ]; then
			said=$(sed -n 's/^job_says	//p' <<<"$state")
			echo "$said"
		fi
		grep -q '^job_state	running' <<<"$state" || break
		sleep 0.1
	done
	grep '^job_error	.' <<<"$state" || :
	grep -q '^job_state	done' <<<"$state"
}

bin() { echo "/usr/lib/postgresql/$1/bin"; }

# server VERSION [OPTION...] starts the server; it goes on.
server() {
	inside "$(bin "$1")/pg_ctl" -D "$PGDATA" -w -t 60 -l /tmp/server.log \
		-o "-c listen_addresses=127.0.0.1 -c unix_socket_directories=/tmp ${*:2}" start >/dev/null ||
		{ inside cat /tmp/server.log; return 1; }
}

stop() { inside "$(bin "$1")/pg_ctl" -D "$PGDATA" -m fast -w stop >/dev/null; }

# sql VERSION DATABASE [ARG...] asks the server.
sql() { inside "$(bin "$1")/psql" -h /tmp -U postgres -XAtq -v ON_ERROR_STOP=1 -d "$2" "${@:3}"; }

# --- data ---------------------------------------------------------------------------------

# volume makes an empty one.
volume() {
	PV=$BATS_TEST_TMPDIR/pv
	mkdir -p "$PV"
	chown 999:999 "$PV"
	chmod 770 "$PV"
}

# locale prints one that the image has and that is not the default.
locale() { inside locale -a | grep -xm 1 de_DE.utf8; }

# fill makes a database of version 15 with all that an upgrade could lose, and stops it.
fill() {
	pod postgres-old
	# shellcheck disable=SC2016 # the inner shell's
	inside sh -ec '
		printf "%s" "$POSTGRES_PASSWORD" >/tmp/pw
		"$1/initdb" -D "$PGDATA" -U postgres --pwfile=/tmp/pw -A scram-sha-256 --auth-local trust -E UTF8 --locale C --wal-segsize 4 -k
		mkdir "$PV/space" "$PGDATA/conf.d"
		cat >>"$PGDATA/postgresql.conf" <<-END
			include_dir = '\''conf.d'\''
			shared_preload_libraries = '\''pg_stat_statements, auto_explain'\''
			old_snapshot_threshold = 10
			max_connections = 43
		END
		echo "vacuum_defer_cleanup_age = 7" >"$PGDATA/conf.d/more.conf"
		echo "work_mem = 5MB" >>"$PGDATA/conf.d/more.conf"
		echo "host all all 192.0.2.0/24 scram-sha-256" >>"$PGDATA/pg_hba.conf"
		echo "a certificate" >"$PGDATA/server.crt"' fill "$(bin 15)" >/dev/null
	server 15
	fill_databases "$(locale)"
	stop 15
}

fill_databases() {
	sql 15 postgres -c "CREATE TABLESPACE space LOCATION '/var/pv/space'" -c 'CREATE ROLE "some one" LOGIN PASSWORD '"'x'" \
		-c "CREATE DATABASE app" -c "CREATE DATABASE \"it's\" TEMPLATE template0 LOCALE '$1'" \
		-c "CREATE DATABASE icu TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-DE'" \
		-c "ALTER SYSTEM SET log_min_duration_statement = 1234" -c "ALTER SYSTEM SET old_snapshot_threshold = 11" \
		-c "ALTER DATABASE app SET work_mem = '6MB'"
	inside "$(bin 15)/pgbench" -h /tmp -U postgres -i -q -s 2 app 2>/dev/null
	sql 15 app -c 'CREATE EXTENSION hstore' -c 'CREATE EXTENSION pg_trgm' -c 'CREATE EXTENSION pg_stat_statements' -c 'CREATE EXTENSION dblink' \
		-c 'CREATE TABLE words(id serial, s text COLLATE "und-x-icu", h hstore) TABLESPACE space' \
		-c "INSERT INTO words(s, h) SELECT 'w' || g, hstore('a', g::text) FROM generate_series(1, 1000) g" \
		-c 'CREATE INDEX words_s ON words(s)' -c 'CREATE INDEX words_t ON words USING gin(s gin_trgm_ops)' -c 'CREATE INDEX words_c ON words(s COLLATE "C")' \
		-c "SELECT lo_from_bytea(0, convert_to('large' || g, 'utf8')) FROM generate_series(1, 20) g" >/dev/null
	for database in icu "dbname='it\\'s'"; do
		sql 15 "$database" -c 'CREATE TABLE t(s text PRIMARY KEY)' -c "INSERT INTO t SELECT 'x' || g FROM generate_series(1, 500) g"
	done
}

# digest VERSION prints what must be the same before and after.
digest() {
	sql "$1" app -c "SELECT 'accounts', count(*), sum(hashtextextended(a::text, 0)) FROM pgbench_accounts a" \
		-c "SELECT 'words', count(*), sum(hashtextextended(w::text, 0)) FROM words w" \
		-c "SELECT 'sequence', last_value FROM words_id_seq" \
		-c "SELECT 'large objects', count(*), sum(hashtextextended(encode(lo_get(oid), 'hex'), 0)) FROM pg_largeobject_metadata" \
		-c "SELECT 'role', rolname, rolpassword FROM pg_authid WHERE rolname !~ '^pg_' ORDER BY 2" \
		-c "SELECT 'tablespace', spcname, pg_tablespace_location(oid) FROM pg_tablespace ORDER BY 2" \
		-c "SELECT 'database', datname, datcollate, datctype, datlocprovider, pg_encoding_to_char(encoding) FROM pg_database ORDER BY 2" \
		-c "SELECT 'setting', name, setting FROM pg_settings WHERE name IN ('max_connections', 'work_mem', 'log_min_duration_statement',
			'shared_preload_libraries', 'wal_segment_size', 'data_checksums') ORDER BY 2"
	for database in icu "dbname='it\\'s'"; do
		sql "$1" "$database" -c "SELECT 't', count(*), sum(hashtextextended(s, 0)) FROM t"
	done
}

# --- shared by the files of tests ---------------------------------------------------------

# seed makes one filled volume for all tests of a file.
seed() {
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	volume
	fill
	server 15
	digest 15 >"$BATS_FILE_TMPDIR/digest"
	stop 15
	pod_end
}

# mine gives a test its own copy.
mine() {
	PV=$BATS_TEST_TMPDIR/pv
	cp -a "$BATS_FILE_TMPDIR/pv" "$PV"
}

# at_new brings a volume to where the new image is to do its work.
at_new() {
	pod postgres-old
	server 15
	job keep
	job stop
	pod postgres-major
}

same() { diff -u "$BATS_FILE_TMPDIR/digest" <(digest "$1"); }

# to_newest [OPTION...]: from the old server that runs to where the newest one serves.
to_newest() {
	job keep
	job stop
	pod postgres-newest
	job upgrade copy
	major swap
	major started
	server 18 "$@"
}

# swap_and_start VERSION: the new server, and nothing is missing in it.
swap_and_start() {
	major swap
	[ "$(value swapped)" = yes ]
	major started
	server 17
	same 17
}

# back: the old server in its own image, and nothing is missing in it.
back() {
	major unswap
	[ "$(value linked)" = no ]
	major tidy
	[ ! -e "$PV/.dbupgrade" ]
	[ ! -e "$PV/data-17.new" ]
	[ ! -e "$PV/data-15" ]
	! ls -d "$PV"/space/PG_17_* || return
	pod postgres-old
	server 15
	same 15
}

# refused WORDS COMMAND... fails, and says why.
refused() {
	local got status=0
	got=$("${@:2}") || status=$?
	[ "$status" = 1 ] && plain <<<"$got" | grep -E "^(job_)?error	.*$1" || { echo "status $status: $got"; return 1; }
}
