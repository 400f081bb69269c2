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

hex() { printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'; }

# rebuild [PLACE] clears a standby's data in $places, and in one of any name.
rebuild() {
	local place words=
	for place in $places; do
		words+=" $(hex "$place")"
	done
	rebuild_with "$words $(hex "${1:-}")"
}

rebuild_with() {
	printf '%s\n' "dbupgrade_places=$(printf '%q' "$1")" | cat - "$text" >"$BATS_TEST_TMPDIR/text"
	text=$BATS_TEST_TMPDIR/text major rebuild
}

@test "extensions are listed, and updated" {
	upgraded
	major extensions | tee "$BATS_TEST_TMPDIR/list"
	grep -qxF 'extension	["app", "pg_stat_statements", "1.10", "1.11"]' "$BATS_TEST_TMPDIR/list"
	major extensions update
	[ -z "$(major extensions)" ]
	[ "$(sql 17 app -c "SELECT extversion FROM pg_extension WHERE extname = 'pg_stat_statements'")" = 1.11 ]
}

@test "collations whose order changed are found, and their indexes rebuilt" {
	upgraded
	major collations | tee "$BATS_TEST_TMPDIR/list"
	grep -qxE 'collation	\["app", "pg_catalog.\\"und-x-icu\\"", "[0-9.]+", "[0-9.]+"]' "$BATS_TEST_TMPDIR/list"
	grep -qxF 'index	["app", "public.words_s", "pg_catalog.\"und-x-icu\""]' "$BATS_TEST_TMPDIR/list"
	grep -qxF 'index	["icu", "public.t_pkey", "default"]' "$BATS_TEST_TMPDIR/list"
	grep -qxF "index	[\"it's\", \"public.t_pkey\", \"default\"]" "$BATS_TEST_TMPDIR/list"
	! grep words_c "$BATS_TEST_TMPDIR/list" || return
	# A table that its owner keeps from being read is the only one that stays as it is.
	sql 17 icu -c "CREATE FUNCTION f(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 1; END'" -c 'CREATE INDEX broken ON t(f(s))' \
		-c "CREATE OR REPLACE FUNCTION f(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RAISE EXCEPTION \$\$no\$\$; END'"
	job analyze
	major settings | grep -qE '^unanalyzed	\["icu", "public.t", "ERROR:  *no'
	[ "$(sql 17 "dbname='it\\'s'" -c "SELECT count(*) > 0 FROM pg_statistic WHERE starelid = 't'::regclass")" = t ]
	refused '1 indexes could not be rebuilt. The last: "public.broken" of "icu": ERROR:  *no' job collations reindex
	[ "$(major collations | grep ^index)" = 'index	["icu", "public.broken", "default"]' ]
	sql 17 icu -c 'DROP INDEX broken'
	job collations reindex
	[ -z "$(major collations)" ]
	# A run that goes on may have collected statistics again meanwhile: it finds its own job.
	rm "$PV/.dbupgrade/15-17/analyzed"
	job analyze
	job collations reindex
	[ "$(value job)" = reindex ]
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
	places='/var/pv/space /var/pv/none' rebuild
	[ "$(value data)" = "" ]
	[ -z "$(ls "$PV/space")" ]
	places=/var/pv/space rebuild
	# Any number of places, whatever they are called: what is not of the old version stays there.
	odd=$'/var/pv/-o dd"\'%s$(>R)`>R`\n*\n'
	mkdir "$PV/space/PG_15_1" "$PV/space/PG_17_1"
	inside mkdir -p "$odd/PG_15_1" "$odd/PG_17_1" /var/pv/PG_15_1
	places="/var/pv/space /nowhere$(printf ' /%s' {1..40}) /" rebuild "$odd"
	[ "$(ls "$PV/space")" = PG_17_1 ]
	[ "$(inside ls "$odd")" = PG_17_1 ]
	[ -e "$PV/PG_15_1" ]
	[ ! -e "$PV/R" ]
	refused 'is not in hex' rebuild_with "'; exit"
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
	to_newest
	diff -u <(sed '/checksums/s/on$/off/' "$BATS_FILE_TMPDIR/digest") <(digest 18)
	job analyze
	[ "$(sql 18 app -c "SELECT count(*) > 0 FROM pg_statistic WHERE starelid = 'words'::regclass")" = t ]
}
