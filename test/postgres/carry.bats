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

# on_18 brings it to where the new server serves.
on_18() {
	job keep
	job stop
	pod postgres-newest
	job upgrade copy
	major swap
	major started
	server 18
}

@test "logical slots and subscriptions are carried, with the settings that they need" {
	slot one pgoutput app
	slot two test_decoding postgres
	on_18
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
	on_18
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
