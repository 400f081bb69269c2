# shellcheck disable=SC2016,SC2154 # the pod's own variables; what lib.bash sets
# An upgrade rehearsed on a volume of its own: with the schema of a server that goes on, and none
# of its rows.
load lib
secrets=(POSTGRES_USER=postgres "POSTGRES_PASSWORD=it's")

setup_file() { seed; }

setup() {
	mine
	data=$PV
	pod postgres-old
	server 15
}

teardown() { pod_end; }

# copied: what the server says is brought to an empty volume, and a cluster made of it.
copied() {
	local before
	before=$(ls -A "$data")
	major schema >"$BATS_TEST_TMPDIR/schema"
	[ "$before" = "$(ls -A "$data")" ]
	PV=$BATS_TEST_TMPDIR/empty
	mkdir "$PV"
	chmod 777 "$PV"
	cp "$BATS_TEST_TMPDIR/schema" "$PV/schema"
	pod postgres-old
	secrets=()
	job copy
	[ "$(value kept)" = yes ]
	[ "$(value server)" = down ]
	[ "$(value cluster)" = "shut down" ]
}

# inside, as in lib.bash; but a rehearsal's pod has no name and password of a user.
inside() {
	nsenter --target "$pod" --mount --pid --ipc --net --root --wd setpriv --reuid=999 --regid=999 --clear-groups \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp PV=/var/pv PGDATA="$PGDATA" "${secrets[@]}" "$@" 3>&- 4>&-
}

@test "all goes well: the schema arrives, and no row" {
	copied
	[ "$(major missed)" = $'missed\t[0, ""]' ]
	! grep -q 'SCRAM-SHA' "$PV/schema" || return
	pod postgres-major
	job upgrade link
	[ "$(value new)" = upgraded ]
	[ "$(inside sh -c 'cat "$PV"/data/postgresql.conf' | grep -c '^max_connections = 43')" = 1 ]
	PGDATA=/var/pv/data-17.new server 17
	[ "$(sql 17 app -c 'SELECT count(*) FROM words, pgbench_accounts')" = 0 ]
	[ "$(sql 17 "dbname='it\\'s'" -c "SELECT count(*) FROM pg_class WHERE relname = 't'")" = 1 ]
	[ "$(sql 17 icu -c 'SELECT datlocprovider FROM pg_database WHERE datname = current_database()')" = i ]
}

@test "settings of databases and roles keep nothing out" {
	for setting in 'default_transaction_read_only = on' 'statement_timeout = 1' "default_transaction_isolation = 'serializable'" 'lock_timeout = 1' \
		"session_preload_libraries = 'nothere'" 'search_path = nothing' "role = 'pg_monitor'" 'session_replication_role = replica'; do
		PGOPTIONS='-c default_transaction_read_only=off' sql 15 postgres -c "ALTER DATABASE app SET $setting" -c "ALTER ROLE postgres IN DATABASE icu SET $setting"
	done
	sql 15 postgres -c 'ALTER DATABASE app CONNECTION LIMIT 0'
	copied
	[ "$(major missed)" = $'missed\t[0, ""]' ]
	pod postgres-major
	job upgrade copy
	PGDATA=/var/pv/data-17.new server 17
	[ "$(sql 17 postgres -c "SELECT count(*) FROM pg_db_role_setting WHERE setdatabase <> 0")" = 2 ]
	tables="-c search_path=pg_catalog -c session_preload_libraries= -c role=none -c statement_timeout=0"
	for database in app icu; do
		[ "$(inside PGOPTIONS="$tables" "$(bin 17)/psql" -h /tmp -U postgres -XAtq -d "$database" -c "SELECT count(*) FROM pg_class WHERE relname IN ('words', 't')")" = 1 ]
	done
}

@test "extensions come in the version that they have" {
	sql 15 app -c 'DROP EXTENSION pg_trgm CASCADE' -c "CREATE EXTENSION pg_trgm VERSION '1.5'"
	copied
	[ "$(major missed)" = $'missed\t[0, ""]' ]
	server 15
	[ "$(sql 15 app -c "SELECT extversion FROM pg_extension WHERE extname = 'pg_trgm'")" = 1.5 ]
}

@test "a view that the new version cannot restore" {
	sql 15 app -c 'CREATE VIEW "No space left on device" AS SELECT datname, daticulocale FROM pg_database'
	copied
	pod postgres-major
	refused 'daticulocale' job upgrade copy
	[ "$(value job_full)" = no ]
}

@test "types that pg_upgrade cannot carry over" {
	sql 15 app -c 'CREATE TABLE bad(p regproc)'
	copied
	pod postgres-major
	refused 'reg\* data types .* In database: app; public.bad.p' job upgrade copy
}

@test "libraries that the new image lacks, and a volume that is not empty" {
	copied
	sed -i 's/^preload.*/&,nothere/' "$PV/.dbupgrade/15-17/facts"
	rm "$PV/.dbupgrade/15-17/kept"
	refused 'there are data already' job copy
	touch "$PV/.dbupgrade/15-17/kept"
	pod postgres-major
	refused 'lacks libraries of shared_preload_libraries: nothere$' job upgrade copy
}

@test "statements that cannot be repeated are told" {
	copied
	rm -rf "$PV/data" "$PV/.dbupgrade"
	sed -i 's/^global	CREATE ROLE.*/&\nglobal	CREATE EXTENSION nothere/' "$PV/schema"
	job copy
	[[ $(major missed) =~ ^missed$'\t'\[1,\ ..*nothere.*'is not available"]'$ ]]
}

@test "a table that somebody holds, and more tables than the server has locks for" {
	sql 15 app -c BEGIN -c 'LOCK words' -c 'SELECT pg_sleep(60)' >/dev/null 2>&1 3>&- &
	sleep 1
	refused 'words' major schema
	stop 15
	server 15 -c max_locks_per_transaction=10 -c max_connections=20
	sql 15 app -c "SELECT format('CREATE TABLE many_%s ();', i) FROM generate_series(1, 101) i" | sql 15 app -f -
	refused 'the schema of app has 10[0-9] tables' major schema
}
