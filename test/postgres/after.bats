# What the script that upgrades a Postgres in its pod does once the new server runs.
load lib

setup_file() { seed; }
setup() { mine; }
teardown() { pod_end; }

upgraded() {
	at_new
	job upgrade copy
	swap_and_start
}

@test "extensions are listed, and updated" {
	upgraded
	major extensions | tee "$BATS_TEST_TMPDIR/list"
	grep -qx 'extension	app	pg_stat_statements	1\.10	1\.11' "$BATS_TEST_TMPDIR/list"
	major extensions update
	[ -z "$(major extensions)" ]
	[ "$(sql 17 app -c "SELECT extversion FROM pg_extension WHERE extname = 'pg_stat_statements'")" = 1.11 ]
}

@test "collations whose order changed are found, and their indexes rebuilt" {
	upgraded
	major collations | tee "$BATS_TEST_TMPDIR/list"
	grep -qxE 'collation	app	pg_catalog."und-x-icu"	[0-9.]+	[0-9.]+' "$BATS_TEST_TMPDIR/list"
	grep -qx 'index	app	public.words_s	pg_catalog."und-x-icu"' "$BATS_TEST_TMPDIR/list"
	grep -qx 'index	icu	public.t_pkey	default' "$BATS_TEST_TMPDIR/list"
	grep -qx "index	it's	public.t_pkey	default" "$BATS_TEST_TMPDIR/list"
	! grep words_c "$BATS_TEST_TMPDIR/list" || return
	job collations reindex
	[ -z "$(major collations)" ]
	[ "$(sql 17 icu -c "SELECT datcollversion = pg_database_collation_actual_version(oid) FROM pg_database WHERE datname = 'icu'")" = t ]
	same 17
}

@test "a standby is rebuilt" {
	pod postgres-old
	touch "$PV/data/standby.signal"
	server 15
	stop 15
	pod postgres-major
	[ "$(value cluster)" = "shut down in recovery" ]
	major rebuild /var/pv/space /var/pv/none
	[ "$(value data)" = "" ]
	[ -z "$(ls "$PV/space")" ]
	major rebuild /var/pv/space
	mkdir "$PV/space/PG_15_1" "$PV/space/PG_17_1"
	major rebuild /var/pv/space
	[ "$(ls "$PV/space")" = PG_17_1 ]
}

@test "a standby cannot be upgraded" {
	pod postgres-old
	touch "$PV/data/standby.signal"
	server 15
	job keep
	job stop
	pod postgres-major
	refused "the old cluster is a standby's" job upgrade copy
}

@test "to the newest version, whose new clusters have checksums unless told otherwise" {
	to=18
	pod postgres-old
	inside "$(bin 15)/pg_checksums" -D "$PGDATA" --disable
	server 15
	job keep
	job stop
	pod postgres-newest
	job upgrade copy
	major swap
	major started
	server 18
	diff -u <(sed '/checksums/s/on$/off/' "$BATS_FILE_TMPDIR/digest") <(digest 18)
	job analyze
	[ "$(sql 18 app -c "SELECT count(*) > 0 FROM pg_statistic WHERE starelid = 'words'::regclass")" = t ]
}
