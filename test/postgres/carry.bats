# shellcheck disable=SC2016,SC2154 # the pod's own variables; what lib.bash sets
# What the old server was set to, and what it had beside data, when the script upgrades a Postgres
# in its pod: from 17 to 18, where slots and subscriptions go with it.
load lib
export from=17 to=18

setup() {
	volume
	pod postgres-major
	inside sh -ec '
		"$1/initdb" -D "$PGDATA" -U postgres -A trust -E UTF8 --locale C
		cat >>"$PGDATA/postgresql.conf" <<-END
			wal_level = logical
			max_replication_slots = 17
			max_prepared_transactions = 3
			track_commit_timestamp = on
		END' fill "$(bin 17)" >/dev/null
	server 17
	sql 17 postgres -c 'CREATE DATABASE app'
	# No table: the builds of 17 and 18 that tests have do not agree about columns.
	sql 17 app -c 'CREATE PUBLICATION p FOR ALL TABLES' \
		-c "CREATE SUBSCRIPTION s CONNECTION 'host=192.0.2.1' PUBLICATION p WITH (connect = false, slot_name = NONE)"
}

teardown() { pod_end; }

# slot NAME PLUGIN DATABASE makes one that has nothing to read.
slot() { sql 17 "$3" -c "SELECT pg_create_logical_replication_slot('$1', '$2')" >/dev/null; }

@test "logical slots and subscriptions are carried, with the settings that they need" {
	slot one pgoutput app
	slot two test_decoding postgres
	to_newest
	[ "$(sql 18 postgres -c 'SELECT slot_name, plugin, database FROM pg_replication_slots ORDER BY 1')" = $'one|pgoutput|app\ntwo|test_decoding|postgres' ]
	[ "$(sql 18 app -c 'SELECT subname FROM pg_subscription')" = s ]
}

@test "a rehearsal has slots of its own, with the plugins of the database's slots" {
	slot two test_decoding postgres
	major schema >"$BATS_TEST_TMPDIR/schema"
	PV=$BATS_TEST_TMPDIR/empty
	mkdir "$PV"
	chmod 777 "$PV"
	cp "$BATS_TEST_TMPDIR/schema" "$PV/schema"
	pod postgres-major
	job copy
	[ "$(major missed)" = $'missed\t[0, ""]' ]
	pod postgres-newest
	job upgrade copy
	PGDATA=/var/pv/data-18.new server 18 -c wal_level=logical
	[ "$(sql 18 postgres -c 'SELECT plugin FROM pg_replication_slots ORDER BY 1')" = $'pgoutput\ntest_decoding' ]
}

# archived: the old cluster has been promoted once, and its archive has the history of that.
archived() {
	inside mkdir -p /var/pv/archive "$PGDATA/conf.d"
	stop 17
	printf '%s\n' "include_dir = 'conf.d'" "archive_mode = on" "archive_command = 'cp %p /var/pv/archive/%f'" >>"$PV/data/postgresql.conf"
	printf '%s\n' "restore_command = 'cp /var/pv/archive/%f %p'" "recovery_target_timeline = '2'" >"$PV/data/conf.d/more.conf"
	chmod 644 "$PV/data/conf.d/more.conf"
	server 17
	sql 17 postgres -c "ALTER SYSTEM SET archive_cleanup_command = 'exit 0'"
	stop 17
	sed -i '$d' "$PV/data/conf.d/more.conf"
	inside touch "$PGDATA/standby.signal"
	server 17
	inside "$(bin 17)/pg_ctl" -D "$PGDATA" -w promote >/dev/null
	sql 17 postgres -c 'CREATE TABLE written()' -c 'DROP TABLE written' -c 'SELECT pg_switch_wal()' >/dev/null
	for _ in {1..100}; do [ ! -e "$PV/archive/00000002.history" ] || break; sleep 0.1; done
	echo "recovery_target_timeline = '2'" >>"$PV/data/conf.d/more.conf"
	sql 17 postgres -c 'SELECT pg_reload_conf()' >/dev/null
	stop 17
	server 17
}

# standby: a copy of the new primary streams from it.
standby() {
	inside "$(bin 18)/pg_basebackup" -h /tmp -U postgres -D /var/pv/standby -R -X stream -c fast
	PGDATA=/var/pv/standby server 18 -p 5433
	for _ in {1..100}; do [ "$(sql 18 postgres -c 'SELECT state FROM pg_stat_replication')" != streaming ] || return 0; sleep 0.1; done
	inside tail -n 5 /tmp/server.log
	return 1
}

@test "the old cluster's archive is not asked for the new one's log" {
	archived
	to_newest
	standby
	[ "$(sql 18 postgres -p 5433 -c 'SHOW restore_command')" = "" ]
	[ "$(sql 18 postgres -c 'SHOW archive_command')" = 'cp %p /var/pv/archive/%f' ]
	major settings | tee "$BATS_TEST_TMPDIR/settings"
	sort "$BATS_TEST_TMPDIR/settings" | grep ^recovery | diff -u <(printf 'recovery\t["%s"]\n' archive_cleanup_command recovery_target_timeline restore_command) -
	# One statement brings each back, where it was set before.
	sql 18 postgres -c 'ALTER SYSTEM RESET restore_command' -c 'ALTER SYSTEM RESET archive_cleanup_command' -c 'SELECT pg_reload_conf()' >/dev/null
	sleep 0.2
	[ "$(sql 18 postgres -c 'SHOW restore_command')" = 'cp /var/pv/archive/%f %p' ]
	[ "$(sql 18 postgres -c 'SHOW archive_cleanup_command')" = 'exit 0' ]
}

# found FROM TO DATABASE prints what the checks find.
found() {
	local command sql=${B:-$top/build}/test/unit/test_postgres_sql
	mapfile -d '' command < <("$sql" client)
	{ "$sql" ask "$1" "$2"; "$sql" ask "$1" "$2" "$(sql "${1%%.*}" postgres -c "SELECT oid FROM pg_database WHERE datname = '$3'")"; } |
		inside "${command[@]}" >"$BATS_TEST_TMPDIR/answers"
	"$sql" read probes <"$BATS_TEST_TMPDIR/answers" | tee "$BATS_TEST_TMPDIR/found"
}

@test "archives, slots and columns that may stand in the way are found before" {
	slot idle pgoutput app
	sql 17 app -c 'CREATE TABLE t(i int)'
	stop 17
	printf '%s\n' "archive_mode = on" "archive_command = 'pgbackrest --repo1-cipher-pass=secret archive-push %p'" "synchronized_standby_slots = 'one'" >>"$PV/data/postgresql.conf"
	server 17 "-c restore_command=true"
	found 17.12 18.6 app
	! grep secret "$BATS_TEST_TMPDIR/answers" || return
	sed -i '/^pg.column_parameters/d' "$BATS_TEST_TMPDIR/found"
	diff -u - "$BATS_TEST_TMPDIR/found" <<-'END'
		pg.slots_behind idle
		pg.slots_standby one
		pg.archive archive_command (pgbackrest)
		pg.restore restore_command
		pg.restore_fixed restore_command
	END
}

@test "columns whose parameters only some builds know are found before" {
	sql 17 app -c 'CREATE TABLE t(i int)'
	[ -n "$(sql 17 app -c "SELECT attoptions FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum = 1")" ] ||
		skip "this build has none"
	found 17.12 18.6 app
	grep -qx 'pg.column_parameters pg_attver' "$BATS_TEST_TMPDIR/found"
	job keep
	job stop
	pod postgres-newest
	refused 'unrecognized parameter "pg_attver"' job upgrade copy
}

@test "indexes and views whose functions look where 17 does not are found before" {
	pod postgres-old
	rm -rf "$PV/data"
	inside "$(bin 15)/initdb" -D "$PGDATA" -U postgres -A trust -E UTF8 --locale C >/dev/null
	server 15
	sql 15 postgres -c 'CREATE DATABASE app'
	sql 15 app -c 'CREATE TABLE rates(k int, v int)' -c 'CREATE TABLE t(i int)' \
		-c "CREATE FUNCTION bare(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN (SELECT max(v) FROM rates WHERE k = i); END'" \
		-c "CREATE FUNCTION full_name(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT max(v) FROM public.rates WHERE k = i'" \
		-c "CREATE FUNCTION fixed(i int) RETURNS int LANGUAGE sql IMMUTABLE SET search_path = public AS 'SELECT max(v) FROM rates WHERE k = i'" \
		-c 'CREATE INDEX one ON t(bare(i))' -c 'CREATE INDEX two ON t(full_name(i))' -c 'CREATE INDEX three ON t(fixed(i))' \
		-c 'CREATE INDEX four ON t(i) WHERE bare(i) > 0' -c 'CREATE MATERIALIZED VIEW five AS SELECT bare(i) FROM t' -c 'CREATE VIEW six AS SELECT bare(i) FROM t'
	found 15.18 17.9 app
	diff -u - "$BATS_TEST_TMPDIR/found" <<-'END'
		pg.expressions public.five (public.bare(integer))
		pg.expressions public.four (public.bare(integer))
		pg.expressions public.one (public.bare(integer))
	END
}
