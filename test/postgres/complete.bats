# shellcheck disable=SC2016,SC2154 # the pod's own variables; what lib.bash sets
# Whether all that the old server had is there after the script has upgraded it: each by its name.
load lib

setup_file() {
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	volume
	pod postgres-old
	inside "$(bin 15)/initdb" -D "$PGDATA" -U postgres -A trust -E UTF8 --locale C >/dev/null
	server 15 "-c fsync=off"
	sql 15 postgres -c 'CREATE ROLE reader' -c 'CREATE DATABASE app' -c 'CREATE DATABASE "b c"'
	sql 15 app -c 'CREATE TABLE rates(k int, v int)' -c 'CREATE SCHEMA "S s"' \
		-c "CREATE FUNCTION f(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN i + (SELECT count(v) FROM rates WHERE k = i); END'" \
		-c 'CREATE FUNCTION fired() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$' \
		-c 'CREATE TABLE bad AS SELECT generate_series(1, 100) i' -c 'CREATE INDEX bad_f ON bad(f(i))' \
		-c 'CREATE TABLE "S s"."Worse" AS SELECT generate_series(1, 100) i' -c 'CREATE INDEX ON "S s"."Worse"(f(i))' \
		-c 'CREATE TABLE zebra AS SELECT g AS i, g % 7 AS j FROM generate_series(1, 100) g' -c 'CREATE STATISTICS z ON i, j FROM zebra' \
		-c 'CREATE TABLE parts(i int) PARTITION BY RANGE (i)' -c 'CREATE TABLE part PARTITION OF parts DEFAULT' \
		-c 'INSERT INTO parts SELECT generate_series(1, 100)' -c 'CREATE TABLE void()' \
		-c 'CREATE PUBLICATION p FOR TABLE zebra' -c 'CREATE EXTENSION hstore' \
		-c 'CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION fired()' \
		-c 'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO reader' -c ANALYZE
	sql 15 "dbname='b c'" -c 'CREATE TABLE t AS SELECT generate_series(1, 100) i' -c ANALYZE
	for option in default_transaction_read_only=on statement_timeout=1 search_path=public "default_transaction_isolation='serializable'"; do
		sql 15 postgres -c "ALTER DATABASE app SET ${option/=/ = }" -c "ALTER ROLE postgres IN DATABASE \"b c\" SET ${option/=/ = }"
	done
	stop 15
	pod_end
}

setup() { mine; }
teardown() { pod_end; }

# begun: the new server runs.
begun() {
	at_new
	job upgrade copy
	major swap
	major started
	server 17 "-c autovacuum=off"
}

as_admin() { PGOPTIONS='-c default_transaction_read_only=off -c statement_timeout=0' admin "$@"; }
admin() { inside PGOPTIONS="$PGOPTIONS" "$(bin 17)/psql" -h /tmp -U postgres -XAtq -v ON_ERROR_STOP=1 -d "$1" "${@:2}"; }

@test "tables that cannot be analyzed hide no others, and are named" {
	begun
	refused '2 relations that had statistics cannot be analyzed.*"public.bad" in "app": .*relation .rates. does not exist' job analyze
	[ "$(value analyzed)" = no ]
	[ "$(as_admin app -c "SELECT string_agg(DISTINCT starelid::regclass::text, ' ' ORDER BY starelid::regclass::text) FROM pg_statistic
		JOIN pg_class c ON c.oid = starelid WHERE relnamespace = 'public'::regnamespace")" = 'part parts zebra' ]
	[ "$(as_admin app -c 'SELECT count(*) FROM pg_statistic_ext_data')" = 1 ]
	[ "$(as_admin "dbname='b c'" -c "SELECT count(*) FROM pg_statistic WHERE starelid = 't'::regclass")" = 1 ]
	major complete | tee "$BATS_TEST_TMPDIR/missing"
	sed 's/"ERROR.*/.../' "$BATS_TEST_TMPDIR/missing" | diff -u - <(printf 'missing\t["statistics", "app", "%s", ...\n' public.bad '\"S s\".\"Worse\"')
	as_admin app -c 'ALTER FUNCTION f SET search_path = public'
	job analyze
	[ "$(value analyzed)" = yes ]
	[ -z "$(major complete)" ]
}

@test "what is not there any more is named, until it is back" {
	begun
	as_admin app -c 'ALTER FUNCTION f SET search_path = public' -c 'ALTER EVENT TRIGGER e DISABLE' -c 'DROP PUBLICATION p' \
		-c 'DROP EXTENSION hstore' -c 'ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE INSERT ON TABLES FROM reader'
	job analyze
	major complete | sort | diff -u - <(printf 'missing\t["%s"]\n' 'default privileges", "app", "postgres in public on r", "it is not as it was' \
		'event trigger", "app", "e", "it is not as it was' 'extension", "app", "hstore", "it is not there' \
		'publication", "app", "p", "it is not there')
	as_admin app -c 'ALTER EVENT TRIGGER e ENABLE' -c 'CREATE PUBLICATION p FOR TABLE zebra' -c 'CREATE EXTENSION hstore' \
		-c 'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO reader'
	[ -z "$(major complete)" ]
	# What is changed later is their owner's business.
	as_admin app -c 'DROP EVENT TRIGGER e'
	[ -z "$(major complete)" ]
	major delete
	[ -z "$(major complete)" ]
}

@test "to a version that carries statistics over: what cannot be analyzed any more is named, too" {
	to=18
	pod postgres-old
	server 15
	to_newest "-c autovacuum=off"
	refused '2 relations that had statistics cannot be analyzed' job analyze
	[[ $(major complete) = *'"public.bad"'* ]]
	inside PGOPTIONS='-c default_transaction_read_only=off -c statement_timeout=0' "$(bin 18)/psql" -h /tmp -U postgres -Xq -d app -c 'ALTER FUNCTION f SET search_path = public'
	job analyze
	[ -z "$(major complete)" ]
}
