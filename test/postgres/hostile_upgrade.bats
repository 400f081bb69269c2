# shellcheck disable=SC2016 # what is hostile is not to be expanded here
# Names and settings that users of the databases choose command nobody: a whole major upgrade, with
# all that may follow it, of a server in which every kind of object has such a name.
load lib

# No name is longer than 63 bytes. Whoever runs a part of one leaves the file R on the volume.
ODD=$'-x"\'\\%s%n\t\r\n\\! >/var/pv/R\n$(>/var/pv/R)`>/var/pv/R`;--'
# pg_upgrade takes no line end in the name of a database.
ODD_DB=$'-x"\'\\%s%n\t\\! >/var/pv/R $(>/var/pv/R)`>/var/pv/R`;--'
# Once read as a row of the indexes to rebuild, the second line is a statement.
ODD_INDEX=$'\napp\tpublic.i;ALTER ROLE bob SUPERUSER;--\tdefault\t1'
# A location may hold no single quote.
PLACE=$'/var/pv/-sp ace"\\%s\t\n\\! >R $(>R)`>R`'

setup_file() { seed_hostile; }
setup() { mine; }

teardown() {
	pod_end
	[ ! -e "$PV/R" ]
	[ ! -e "$BATS_FILE_TMPDIR/pv/R" ]
}

# asked VERSION DATABASE [ARG...] asks the server, whatever was set for such sessions.
asked() {
	local name=$2 pins='-c role=none -c search_path=pg_catalog -c default_transaction_read_only=off -c statement_timeout=0'
	pins+=' -c idle_in_transaction_session_timeout=0 -c local_preload_libraries= -c client_encoding=UTF8 -c standard_conforming_strings=on'
	pins+=' -c quote_all_identifiers=off -c transform_null_equals=off -c bytea_output=hex -c lc_messages=C'
	[ "$1" != 17 ] || pins+=' -c event_triggers=off'
	name=${name//\\/\\\\}
	inside env PGOPTIONS="$pins" "$(bin "$1")/psql" -h /tmp -U postgres -XAtq -v ON_ERROR_STOP=1 -v odd="$ODD" -v odd_db="$ODD_DB" \
		-v odd_index="$ODD_INDEX" -v place="$PLACE" -v odd_body='SELECT 1::text' -d "dbname='${name//\'/\\\'}'" "${@:3}"
}

as_bob() { inside env PGUSER=bob "$(bin 15)/psql" -h /tmp -XAtq -v ON_ERROR_STOP=1 -v odd="$ODD" -v odd_index="$ODD_INDEX" -d "$@"; }

seed_hostile() {
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	volume
	pod postgres-old
	inside sh -ec '
		printf "%s" "$POSTGRES_PASSWORD" >/tmp/pw
		"$1/initdb" -D "$PGDATA" -U postgres --pwfile=/tmp/pw -A scram-sha-256 --auth-local trust -E UTF8 --locale C --wal-segsize 4
		mkdir "$2"' fill "$(bin 15)" "$PLACE" >/dev/null
	server 15 -c wal_level=logical
	fill_server
	as_bob app <"$top/test/postgres/hostile_bob.sql"
	asked 15 app <"$top/test/postgres/hostile_objects.sql"
	asked 15 "$ODD_DB" <"$top/test/postgres/hostile_objects.sql"
	poison
	digest_hostile 15 >"$BATS_FILE_TMPDIR/digest"
	stop 15
	pod_end
}

fill_server() {
	asked 15 postgres <<-'END'
		CREATE ROLE bob LOGIN;
		CREATE ROLE :"odd" LOGIN PASSWORD :'odd';
		GRANT :"odd" TO bob WITH ADMIN OPTION;
		COMMENT ON ROLE :"odd" IS :'odd';
		CREATE TABLESPACE :"odd" LOCATION :'place';
		GRANT CREATE ON TABLESPACE :"odd" TO bob;
		CREATE DATABASE app OWNER bob TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-DE';
		CREATE DATABASE :"odd_db" OWNER bob TABLESPACE :"odd";
		CREATE DATABASE "postgresql://x/?host=y" OWNER bob;
		CREATE DATABASE "host=x port=1" OWNER bob;
		COMMENT ON DATABASE app IS :'odd';
		GRANT CONNECT ON DATABASE app TO :"odd";
		SELECT pg_create_physical_replication_slot('job_state');
	END
}

# What roles and databases can set for the sessions of others, the superuser's too.
poison() {
	asked 15 postgres <<-'END'
		ALTER ROLE :"odd" SET search_path = :"odd", public;
		ALTER ROLE :"odd" IN DATABASE app SET application_name = :'odd';
		ALTER DATABASE app SET search_path = public, pg_catalog;
		ALTER DATABASE app SET default_transaction_read_only = on;
		ALTER DATABASE app SET transform_null_equals = on;
		ALTER DATABASE app SET client_encoding = 'LATIN1';
		ALTER DATABASE app SET statement_timeout = '1ms';
		ALTER DATABASE app SET idle_in_transaction_session_timeout = '1ms';
		ALTER DATABASE app SET local_preload_libraries = 'nothere';
		ALTER ROLE postgres IN DATABASE app SET role = bob;
		ALTER ROLE postgres SET role = bob;
		ALTER ROLE postgres SET search_path = public;
		ALTER ROLE postgres SET standard_conforming_strings = off;
		ALTER ROLE postgres SET quote_all_identifiers = on;
		ALTER ROLE postgres SET default_transaction_read_only = on;
		ALTER ROLE postgres SET statement_timeout = '1ms';
		ALTER ROLE postgres SET lc_messages = 'de_DE.utf8';
		ALTER ROLE postgres SET bytea_output = 'escape';
	END
}

# digest_hostile VERSION prints what must be the same before and after.
digest_hostile() {
	local database
	asked "$1" postgres <<-'END'
		SELECT to_json(d) FROM (SELECT datname, datdba::regrole, shobj_description(oid, 'pg_database'), encoding, datcollate,
			(SELECT array_agg(a::text ORDER BY a::text) FROM unnest(datacl) a) AS acl,
			(SELECT spcname FROM pg_tablespace t WHERE t.oid = dattablespace) FROM pg_database ORDER BY 1) d;
		SELECT to_json(r) FROM (SELECT rolname, rolsuper, rolcanlogin, rolpassword, shobj_description(oid, 'pg_authid')
			FROM pg_authid WHERE rolname !~ '^pg_' ORDER BY 1) r;
		SELECT to_json(s) FROM (SELECT datname, rolname, setconfig FROM pg_db_role_setting
			LEFT JOIN pg_database d ON d.oid = setdatabase LEFT JOIN pg_roles r ON r.oid = setrole ORDER BY 1, 2) s;
		SELECT to_json(m) FROM (SELECT roleid::regrole, member::regrole, admin_option FROM pg_auth_members ORDER BY 1, 2) m;
		SELECT to_json(t) FROM (SELECT spcname, pg_tablespace_location(oid), spcacl FROM pg_tablespace ORDER BY 1) t;
		SELECT to_json(s) FROM (SELECT subname, subpublications FROM pg_subscription ORDER BY 1, 2) s;
	END
	for database in app "$ODD_DB"; do
		asked "$1" "$database" <<-'END'
			SELECT to_json(c) FROM (SELECT n.nspname, relname, relkind, relowner::regrole, replace(relacl::text, 'arwdDxtm', 'arwdDxt') AS acl, spcname, obj_description(c.oid, 'pg_class')
				FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace LEFT JOIN pg_tablespace t ON t.oid = reltablespace
				WHERE n.nspname !~ '^pg_|^information_schema$' ORDER BY 1, 2, 3) c;
			SELECT to_json(o) FROM (SELECT type, identity, description FROM pg_depend d,
					pg_identify_object(classid, objid, objsubid),
					obj_description(objid, (SELECT relname FROM pg_class WHERE oid = classid)) AS description
				WHERE objid >= 16384 AND identity !~ 'pg_stat_statements_reset' AND type IN ('schema', 'function', 'type', 'collation', 'conversion', 'operator', 'extension', 'event trigger',
					'publication', 'policy', 'rule', 'trigger', 'table constraint', 'text search configuration', 'text search dictionary',
					'foreign-data wrapper', 'server', 'user mapping', 'statistics object', 'aggregate', 'default value')
					AND identity !~ '^(pg_catalog|information_schema)\.' GROUP BY 1, 2, 3 ORDER BY 1, 2) o;
			SELECT format('SELECT %L, count(*), sum(hashtextextended(t::text, 0)) FROM %I.%I t', to_json(relname::text), nspname, relname)
				FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
				WHERE relkind IN ('r', 'p') AND nspname !~ '^pg_|^information_schema$' ORDER BY nspname, relname \gexec
			SELECT to_json(p) FROM (SELECT pubname, puballtables FROM pg_publication ORDER BY 1) p;
			SELECT count(*), sum(hashtextextended(encode(lo_get(oid), 'hex'), 0)) FROM pg_largeobject_metadata;
		END
	done
}

is_safe() {
	[ "$(asked "$1" postgres -c "SELECT rolsuper FROM pg_roles WHERE rolname = 'bob'")" = f ]
	[ ! -e "$PV/R" ]
}

same_hostile() {
	is_safe "$1"
	diff -u "$BATS_FILE_TMPDIR/digest" <(digest_hostile "$1")
}

# tempt makes files that tell clients what to do, in the home that `inside` names.
tempt() {
	inside sh -ec '
		mkdir -p /tmp/home
		cd /tmp/home
		echo "\! >/var/pv/R" >.psqlrc
		echo "*:*:*:*:wrong" >.pgpass
		printf "%s\n" "[none]" host=192.0.2.1 >.pg_service.conf
		chmod 600 .pgpass'
}

# inside, as in lib.bash; where ${tempted} is set, with a home and variables that mislead clients.
inside() {
	nsenter --target "$pod" --mount --pid --ipc --net --root --wd setpriv --reuid=999 --regid=999 --clear-groups \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp PV=/var/pv PGDATA="$PGDATA" ${rehearses:-POSTGRES_USER=postgres "POSTGRES_PASSWORD=it's"} \
		${tempted:+HOME=/tmp/home PGSERVICE=none PGSSLMODE=verify-full PGOPTIONS=-crole=bob PGDATABASE=app PGHOSTADDR=192.0.2.1 PGTZ=nowhere
			PGCHANNELBINDING=require PGCLIENTENCODING=SJIS "PSQL_PAGER=sh -c >/var/pv/R" "PAGER=sh -c >/var/pv/R" PGREQUIREAUTH=none
			name=x user=x password=x data=x TAB=x W=/x BIN=/x} "$@" 3>&- 4>&-
}

# major, as in lib.bash, in such a container.
major() {
	tempted=yes inside sh -c 'eval "$(sed "/^#END\$/q")"' dbupgrade "$1" "${from:-15}" "${to:-17}" "${@:2}" <"$text"
}

# told COMMAND... fails with what the script said last.
told() {
	major "$@" >"$BATS_TEST_TMPDIR/told" || { tail -n 1 "$BATS_TEST_TMPDIR/told"; return 1; }
}

@test "a whole upgrade of what has hostile names, and hostile settings" {
	pod postgres-old
	tempt
	server 15 -c wal_level=logical
	job keep
	is_safe 15
	job stop
	pod postgres-major
	tempt
	job check copy
	job upgrade copy
	[ "$(value new)" = upgraded ]
	told swap
	told started
	server 17
	same_hostile 17
	# Only a superuser makes one; it runs for each session all the same.
	asked 17 app -c "CREATE FUNCTION public.login() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION \$\$no\$\$; END'" \
		-c 'CREATE EVENT TRIGGER login ON login EXECUTE FUNCTION public.login()' -c 'ALTER EVENT TRIGGER login ENABLE ALWAYS'
	job analyze
	[ "$(asked 17 app -c "SELECT count(*) > 0 FROM pg_statistic WHERE starelid = 'public.t'::regclass")" = t ]
	told extensions
	grep -F '"pg_stat_statements", "1.9", "1.' "$BATS_TEST_TMPDIR/told"
	told extensions update
	[ -z "$(major extensions)" ]
	told collations
	cat "$BATS_TEST_TMPDIR/told"
	grep -F 'public.\"\napp\tpublic.i;ALTER ROLE bob SUPERUSER;--\tdefault\t1\"' "$BATS_TEST_TMPDIR/told"
	job collations reindex
	is_safe 17
	[ -z "$(major collations)" ]
	told settings
	told delete
	asked 17 app -c 'DROP EVENT TRIGGER login' -c 'DROP FUNCTION public.login()'
	same_hostile 17
	! ls "$PV"/-sp*/PG_15_* || return
}

@test "a rehearsal of it: no command of a client hides in the schema" {
	pod postgres-old
	tempt
	server 15 -c wal_level=logical
	told schema
	is_safe 15
	PV=$BATS_TEST_TMPDIR/empty
	mkdir "$PV"
	chmod 777 "$PV"
	cp "$BATS_TEST_TMPDIR/told" "$PV/schema"
	pod postgres-old
	tempt
	rehearses=LANG=C
	job copy
	told missed
	cat "$BATS_TEST_TMPDIR/told"
	grep -qx 'missed	\[0, ""\]' "$BATS_TEST_TMPDIR/told"
	pod postgres-major
	tempt
	job upgrade link
	PGDATA=/var/pv/data-17.new server 17
	is_safe 17
	[ "$(asked 17 app -c 'SELECT count(*) FROM public.t')" = 0 ]
	# All but what a rehearsal leaves out: data, tablespaces, passwords, subscriptions.
	diff -u <(grep -vE '^"|^[0-9]+\||"spcname"|rolpassword|subname' "$BATS_FILE_TMPDIR/digest") \
		<(digest_hostile 17 | grep -vE '^"|^[0-9]+\||"spcname"|rolpassword|subname')
}
