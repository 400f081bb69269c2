# shellcheck shell=sh disable=SC2034,SC2154 # the parts are one script: they share variables
# Part of postgres_major.sh: the rehearsal. A pod of its own has both images and an empty volume.
# A cluster with the schema of the database, and none of its rows, is made and upgraded there: by
# the same jobs that upgrade the database later. Sources: the manuals of pg_dump and pg_restore.
#
# No part of a schema passes through psql: a name may hold what that takes for one of its commands
# (CVE-2025-8714, CVE-2025-8715). pg_restore sends statements to the server as they are, and those
# that concern the whole cluster are rows of a table there before they are run.

# On the volume of that pod: what do_schema printed.
SCHEMA=schema

# do_schema prints, in the database's own pod, the facts of its cluster, and a line "#SCHEMA". Then
# come rows as COPY writes them: "global<TAB>statement"; for each database "database<TAB>" and its
# row of list_databases, "extension<TAB>statement" for each, and each line of its archive in base64
# after "archive<TAB>". It writes nothing, and waits for no lock for long. Passwords of roles and of
# subscriptions are left out.
do_schema() {
	connect "$PGDATA" on
	check_names
	databases=$(list_databases)
	check_locks
	record_facts
	echo '#SCHEMA'
	list_globals
	printf '%s\n' "$databases" | while next_database; do
		printf 'database\t%s\n' "$listed"
		ask "$database" "COPY (SELECT 'extension', format('CREATE EXTENSION %I WITH SCHEMA %I VERSION %L', extname, nspname, extversion)
			FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace WHERE e.oid >= 16384 ORDER BY e.oid) TO STDOUT"
		dump_schema "$database"
	done
}

# check_locks refuses a schema so large that reading it would use up the server's room for locks,
# which its other sessions need.
check_locks() {
	room=$(ask_main "SELECT current_setting('max_locks_per_transaction')::bigint
		* (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint) / 2")
	printf '%s\n' "$databases" | while next_database; do
		tables=$(ask "$database" "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND oid >= 16384")
		shown=${shown#'"'}
		[ "$tables" -lt "$room" ] || fail "the schema of ${shown%'"'} has $tables tables: to read it would take half of the" \
			"server's locks"
	done
}

# list_globals prints the statements that make roles, as pg_dumpall would, and what was granted and
# set for them. Settings are copied as they are stored, since SET would have to name each in its way.
list_globals() {
	options="CASE WHEN admin_option THEN ' WITH ADMIN OPTION' ELSE '' END"
	[ "$FROM" -lt 16 ] || options="format(' WITH ADMIN %s, INHERIT %s, SET %s', admin_option, inherit_option, set_option)"
	parameters="SELECT 'global', format('GRANT %s ON PARAMETER %I TO %s', privilege_type, parname, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END) FROM pg_parameter_acl, aclexplode(paracl);"
	[ "$FROM" -ge 15 ] || parameters=
	copy_out <<-END
		SELECT 'global', format('CREATE ROLE %I', rolname) FROM pg_authid WHERE oid >= 16384 ORDER BY oid;
		SELECT 'global', format('ALTER ROLE %I WITH %s %s %s %s %s %s %s CONNECTION LIMIT %s VALID UNTIL %L', rolname, CASE WHEN rolsuper THEN 'SUPERUSER' ELSE 'NOSUPERUSER' END, CASE WHEN rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END, CASE WHEN rolcreatedb THEN 'CREATEDB' ELSE 'NOCREATEDB' END, CASE WHEN rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END, CASE WHEN rolreplication THEN 'REPLICATION' ELSE 'NOREPLICATION' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END, rolconnlimit, coalesce(rolvaliduntil, 'infinity')) FROM pg_authid WHERE oid >= 16384 ORDER BY oid;
		SELECT 'global', format('COMMENT ON ROLE %I IS %L', rolname, description) FROM pg_authid r JOIN pg_shdescription d ON objoid = r.oid WHERE classoid = 'pg_authid'::regclass AND r.oid >= 16384;
		SELECT 'global', format('GRANT %I TO %I%s', r.rolname, m.rolname, $options) FROM pg_auth_members a JOIN pg_authid r ON r.oid = roleid JOIN pg_authid m ON m.oid = member WHERE member >= 16384;
		SELECT 'global', format('INSERT INTO pg_db_role_setting SELECT 0, %s, %L::text[]', CASE setrole WHEN 0 THEN '0' ELSE format('(SELECT oid FROM pg_authid WHERE rolname = %L)', pg_get_userbyid(setrole)) END, setconfig) FROM pg_db_role_setting WHERE setdatabase = 0;
		$parameters
	END
}

# dump_schema CONNECTION prints its archive. A warning is no failure: behind all that pg_dump says
# comes its status.
dump_schema() {
	{ why=$({ { if "$BIN/pg_dump" --format custom --schema-only --no-tablespaces --no-subscriptions --lock-wait-timeout 10000 \
		--dbname "$1" </dev/null 2>&5; then echo 0 >&5; else echo 1 >&5; fi; } | base64 | sed "s/^/archive$TAB/" >&4; } 5>&1); } 4>&1
	[ "${why%1}" = "$why" ] || fail "${why%1}"
}

# --- in the rehearsal's pod ---------------------------------------------------------------

# unpack_schema makes the files globals, databases, N.extensions and N.archive of the Nth database.
unpack_schema() {
	rm -rf "$R"
	mkdir "$R"
	sed '/^#SCHEMA$/q' "$BASE/$SCHEMA" >"$W/facts"
	: >"$R/globals"
	: >"$R/missed"
	sed '1,/^#SCHEMA$/d' "$BASE/$SCHEMA" | R=$R awk -F '\t' '
		BEGIN { r = ENVIRON["R"] "/" }
		{ row = substr($0, length($1) + 2) }
		$1 == "global" { print row >(r "globals") }
		$1 == "database" {
			close(r n ".extensions")
			close(r n ".archive")
			n++
			print row >(r "databases")
			printf "" >(r n ".extensions")
		}
		$1 == "extension" { print row >(r n ".extensions") }
		$1 == "archive" { print row >(r n ".archive") }'
}

# run_statements CONNECTION FILE has the server run statements that lie in a file as COPY writes
# them, each for itself, and prints "number<TAB>why" of those that failed.
run_statements() {
	cat >"$R/run.sql" <<-'SQL'
		CREATE TEMP TABLE statement(n serial, sql text);
		CREATE TEMP TABLE failed(n serial, why text);
		\copy pg_temp.statement(sql) FROM pstdin
		DO $$
		DECLARE
			s record;
		BEGIN
			FOR s IN SELECT sql FROM pg_temp.statement ORDER BY n LOOP
				BEGIN
					EXECUTE s.sql;
				EXCEPTION WHEN OTHERS THEN
					INSERT INTO pg_temp.failed(why) VALUES (SQLERRM);
				END;
			END LOOP;
		END $$;
		SELECT count(*), to_json(coalesce((SELECT why FROM pg_temp.failed ORDER BY n LIMIT 1), '')) FROM pg_temp.failed;
	SQL
	"$BIN/psql" -XAtq -F "$TAB" -v ON_ERROR_STOP=1 -d "$1" -f "$R/run.sql" <"$2" 2>"$R/said" || fail "psql: $(tail -n 3 "$R/said")"
}

# restore FLAG... runs pg_restore, which counts the statements that fail and goes on.
restore() {
	! "$BIN/pg_restore" --no-tablespaces "$@" </dev/null >"$R/said" 2>&1 || return 0
	count=$(tail -n 1 "$R/said" | sed -n 's/^pg_restore: .*errors ignored on restore: \([0-9]*\)$/\1/p')
	[ -n "$count" ] || fail "$(tail -n 3 "$R/said")"
	printf '%s\t%s\n' "$count" "$(sed -n 's/^pg_restore: .*ERROR:  *//p' "$R/said" | head -n 1 | json)" >>"$R/missed"
}

# restore_database N restores $database: itself and its schemas, the extensions in the version that
# they have, where the image can make it, and then all else.
restore_database() {
	base64 -d <"$R/$1.archive" >"$R/archive"
	"$BIN/pg_restore" --list "$R/archive" >"$R/list"
	# What is listed is told apart by the catalogue's oid; names come behind it.
	# shellcheck disable=SC2016 # of awk
	first='$2 == 1262 || $2 == 2615 || /^[0-9]+; 0 0 (ACL|COMMENT|SECURITY LABEL) - DATABASE /'
	awk "$first" "$R/list" >"$R/first"
	awk "!($first)" "$R/list" >"$R/rest"
	case $database in
	"dbname='postgres'" | "dbname='template1'") restore --dbname "$database" --use-list "$R/first" "$R/archive" ;;
	*) restore --create --dbname dbname=postgres --use-list "$R/first" "$R/archive" ;;
	esac
	run_statements "$database" "$R/$1.extensions" >/dev/null
	restore --dbname "$database" --use-list "$R/rest" "$R/archive"
}

# rehearse_slots makes one slot with each plugin of the database's slots. A standby, which may be what
# was asked, has none of them: so there is one in any case where the server can have them.
rehearse_slots() {
	if [ "$FROM" -lt 17 ] || [ "$(awk -F '\t' '$1 == "setting" && $2 == "wal_level" { print $3 }' "$W/facts")" != logical ]; then
		return
	fi
	awk -F '\t' 'BEGIN { print "pgoutput" } $1 == "slot" && $2 ~ /^[A-Za-z0-9_]+$/ { print $2 }' "$W/facts" | sort -u >"$W/plugins"
	i=0
	while IFS= read -r plugin; do
		i=$((i + 1))
		why=$(try dbname=postgres "SELECT pg_create_logical_replication_slot('dbupgrade_$i', '$plugin')" 2>&1) ||
			printf '1\t%s\n' "$(reason "$why" | json)" >>"$R/missed"
	done <"$W/plugins"
}

# Makes a cluster as the database's one was made, with its schema, keeps what an upgrade needs of
# it, and shuts it down.
job_copy() {
	[ "$(binary_major "$BIN")" = "$FROM" ] || fail "the image's server is of version $(binary_major "$BIN"), not $FROM"
	[ ! -e "$PGDATA" ] || fail "there are data already: this is not the volume of a rehearsal"
	step "Making an empty cluster of version $FROM"
	R=$W/restore
	unpack_schema
	init_cluster "$PGDATA" "$FROM"
	carried "$FROM" | sed 's/=/ = /' >>"$PGDATA/postgresql.conf"
	prepare_sockets
	# Not the job's, so that it counts as a server that serves.
	env -u DBUPGRADE_JOB "$BIN/pg_ctl" -D "$PGDATA" -w -t 120 -l "$W/job/server.log" \
		-o "-c listen_addresses= -c unix_socket_directories=$(quoted "$(sockets)") -c fsync=off -c full_page_writes=off $(server_options "$FROM")" start ||
		fail "a server with the settings of the old one does not start: $(grep -E 'FATAL|PANIC|ERROR' "$W/job/server.log" | tail -n 3)"
	connect "$PGDATA" off
	step "Restoring the schema"
	run_statements dbname=postgres "$R/globals" >>"$R/missed"
	n=0
	while next_database; do
		n=$((n + 1))
		restore_database $n
	done <"$R/databases"
	rehearse_slots
	mv "$R/missed" "$W/missed"
	rm -rf "$R"
	job_keep
	job_stop
}

# do_missed tells how many statements could not be repeated, and what the server said to the first.
do_missed() {
	awk -F '\t' '$1 > 0 { n += $1; why = why == "" ? $2 : why }
		END { printf "missed\t[%d, %s]\n", n, why == "" ? "\"\"" : why }' "$W/missed"
}
