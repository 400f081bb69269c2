# What the tests of Postgres share besides lib.bash, which loads it.
# shellcheck shell=bash

# postgres_make NAME VERSION REPLICAS [MORE-SPEC-AS-JSON [STORAGE-CLASS [SIZE]]]: a database, and waits for it.
postgres_make() {
	local api=kubedb.com/v1 class=''
	[ -z "${5:-}" ] || class="\"storageClassName\": \"$5\","
	kubectl get crd petsets.apps.k8s.appscode.com >/dev/null 2>&1 || api=kubedb.com/v1alpha2
	k apply -f - >/dev/null <<JSON
{"apiVersion": "$api", "kind": "Postgres", "metadata": {"name": "$1"}, "spec": {${4:+$4,}
 "version": "$2", "replicas": $3, "storageType": "Durable",
 "storage": {$class "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "${6:-1Gi}"}}}}}
JSON
	await 180 postgres_ready "$1" "$3"
}

# postgres_ready NAME REPLICAS: phase Ready, and every member (not what only follows them) has its role.
postgres_ready() {
	[ "$(k get postgreses.kubedb.com "$1" -o 'jsonpath={.status.phase}')" = Ready ] || return 1
	[ "$2" = 1 ] || [ "$(k get pods -l "app.kubernetes.io/instance=$1,kubedb.com/role in (primary, standby)" -o name | wc -l)" = "$2" ]
}

# pg POD STATEMENT [DATABASE]: what its server answers. The statement may be a script of psql.
# Over WebSockets kubectl sometimes drops the end of what a command says.
pg() {
	# shellcheck disable=SC2016 # the container's own variables
	KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false k exec -i "$1" -c postgres -- sh -c 'PGPASSWORD=$POSTGRES_PASSWORD exec psql -h 127.0.0.1 -U "$POSTGRES_USER" -d "$0" -XAtq -v ON_ERROR_STOP=1' \
		"${3:-postgres}" <<<"$2"
}

# postgres_members NAME: its pods.
postgres_members() { k get pods -l "app.kubernetes.io/managed-by=kubedb.com,app.kubernetes.io/instance=$1" -o 'jsonpath={.items[*].metadata.name}'; }

# postgres_primary NAME: the pod whose server takes writes.
postgres_primary() {
	local pod
	for pod in $(postgres_members "$1"); do
		[ "$(pg "$pod" 'SELECT pg_is_in_recovery()' 2>/dev/null)" != f ] || echo "$pod"
	done
}

# coordinator_call POD METHOD PATH [BODY]: what its coordinator's HTTP API answers: the status line, and the body.
coordinator_call() {
	# shellcheck disable=SC2016 # the container's own variables
	k exec "$1" -c postgres -- bash -c 'exec 3<>/dev/tcp/127.0.0.1/2379 || exit 1
		printf "%s %s HTTP/1.0\r\nAuthorization: Basic %s\r\nContent-Length: %s\r\n\r\n%s" "$0" "$1" \
			"$(printf %s "$POSTGRES_USER:$POSTGRES_PASSWORD" | base64 -w0)" "${#2}" "$2" >&3
		cat <&3' "$2" "$3" "${4:-}" | tr -d '\r' | sed -n '1p; $p'
}

# load_postgres NAME [SCALE]: fills it with all that an upgrade has to bring along. Besides the data
# of pgbench (100000 SCALE rows) there are databases of other locales and with a name to be quoted, a
# tablespace inside of the volume, large objects, contributed extensions, one of which has a newer
# version, collations of ICU and of the system with indexes by them, sequences and settings.
load_postgres() {
	local primary pod
	primary=$(postgres_primary "$1")
	for pod in $(postgres_members "$1"); do
		k exec "$pod" -c postgres -- mkdir -m 700 -p /var/pv/space || return 1
	done
	pg "$primary" "
		CREATE TABLESPACE space LOCATION '/var/pv/space';
		CREATE DATABASE bench;
		CREATE DATABASE deutsch TEMPLATE template0 ENCODING UTF8 LOCALE 'de_DE.UTF-8';
		CREATE DATABASE \"Odd Name\" TEMPLATE template0 ENCODING LATIN1 LOCALE 'C' TABLESPACE space;
		CREATE ROLE app LOGIN PASSWORD 'app';
		ALTER ROLE app SET statement_timeout = '1min';
		ALTER DATABASE deutsch SET DateStyle = 'German, DMY';
		ALTER SYSTEM SET work_mem = '6MB';
		ALTER SYSTEM SET log_line_prefix = '%m [%p] ''%u''@%d ';
		SELECT pg_reload_conf();" >/dev/null || return 1
	# shellcheck disable=SC2016 # the container's own variables
	k exec "$primary" -c postgres -- sh -c 'PGPASSWORD=$POSTGRES_PASSWORD pgbench -h 127.0.0.1 -U "$POSTGRES_USER" -iq -s "$0" bench 2>&1' "${2:-1}" >/dev/null || return 1
	pg "$primary" "
		CREATE EXTENSION pg_trgm VERSION '1.5';
		CREATE EXTENSION hstore;
		CREATE EXTENSION pg_stat_statements;
		CREATE TABLE note (id bigserial PRIMARY KEY, text text NOT NULL, more hstore, file oid);
		INSERT INTO note (text, more, file) SELECT 'note ' || md5(i::text), hstore('n', i::text), lo_from_bytea(0, decode(repeat(md5(i::text), 200), 'hex'))
			FROM generate_series(1, 300) i;
		CREATE INDEX note_trgm ON note USING gin (text gin_trgm_ops);
		CREATE TABLE spaced TABLESPACE space AS SELECT i, repeat(md5(i::text), 5) AS text FROM generate_series(1, 5000) i;
		CREATE INDEX spaced_i ON spaced (i) TABLESPACE space;
		CREATE SEQUENCE odd_numbers INCREMENT 2 START 1001 CACHE 10;
		GRANT SELECT ON note TO app;
		CREATE TYPE mood AS ENUM ('good', 'bad');
		CREATE TABLE part (id int, at date, mood mood DEFAULT 'good') PARTITION BY RANGE (at);
		CREATE TABLE part_2025 PARTITION OF part FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
		CREATE TABLE part_rest PARTITION OF part DEFAULT;
		INSERT INTO part SELECT i, date '2025-06-01' + i FROM generate_series(1, 500) i;
		CREATE FUNCTION twice(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 2 * \$1; END';
		CREATE TABLE doubled (i int, d int GENERATED ALWAYS AS (twice(i)) STORED);
		INSERT INTO doubled SELECT i FROM generate_series(1, 100) i;
		CREATE MATERIALIZED VIEW moods AS SELECT mood, count(*) FROM part GROUP BY mood;
		SELECT setval('note_id_seq', 300), setval('odd_numbers', 1013); -- unlike nextval the same on standbys" bench >/dev/null || return 1
	pg "$primary" "
		CREATE COLLATION german (provider = icu, locale = 'de-DE-u-kn');
		CREATE COLLATION english (provider = libc, locale = 'en_US.UTF-8');
		CREATE TABLE wort (wort text PRIMARY KEY, nach_icu text COLLATE german, english text COLLATE english, und text COLLATE \"und-x-icu\");
		INSERT INTO wort SELECT w || i, w || i, w || i, w || i FROM unnest(ARRAY['Äpfel', 'Apfel', 'apfel', 'Straße', 'Strasse', 'öde', 'Ode', 'zu', 'Zürich', 'a-b', 'ab'])
			w, generate_series(1, 100) i;
		CREATE INDEX wort_icu ON wort (nach_icu);
		CREATE INDEX wort_english ON wort (english);
		CREATE INDEX wort_und ON wort (und);" deutsch >/dev/null || return 1
	pg "$primary" "SET client_encoding = UTF8;
		CREATE TABLE \"Größe\" (\"Größe\" text); INSERT INTO \"Größe\" SELECT 'Größe ' || i FROM generate_series(1, 50) i;
		SELECT lo_from_bytea(4711, '\\x00ff10');" 'Odd Name' >/dev/null || return 1
}

# sum_postgres NAME POD: what load_postgres made, and all else in tables, one line each with a checksum, in an order that does not
# depend on the version. The rows of the writer and the versions of extensions are left out; settings by ALTER SYSTEM, which
# no standby gets to know, are told by a primary only.
sum_postgres() {
	local database all
	all=$(pg "$2" "
		SELECT 'database', datname, pg_encoding_to_char(encoding), datcollate, datctype, spcname FROM pg_database d JOIN pg_tablespace s ON s.oid = dattablespace;
		SELECT 'tablespace', spcname, pg_tablespace_location(oid) FROM pg_tablespace;
		SELECT 'role', rolname, rolcanlogin, rolsuper, md5(rolpassword) FROM pg_authid WHERE rolname !~ '^pg_';
		SELECT 'setting', coalesce(datname, '-'), coalesce(rolname, '-'), setconfig FROM pg_db_role_setting
			LEFT JOIN pg_database d ON d.oid = setdatabase LEFT JOIN pg_roles r ON r.oid = setrole;
		SELECT 'system', name, setting FROM pg_file_settings WHERE sourcefile ~ 'postgresql.auto.conf' AND NOT pg_is_in_recovery()
			AND name NOT IN ('primary_conninfo', 'primary_slot_name');") || return 1
	while IFS= read -r database; do
		all+=$'\n'$(sum_database "$2" "$database" | sed "s/^/$database: /") || return 1
	done < <(pg "$2" 'SELECT datname FROM pg_database WHERE datallowconn')
	LC_ALL=C sort <<<"$all"
}

# sum_database POD DATABASE: its tables by number of rows and a sum over them, sequences, large objects and what is by name only.
sum_database() {
	pg "$1" "SET client_encoding = UTF8; SET timezone = UTC; SET datestyle = ISO; SET extra_float_digits = 1;
		SELECT format('SELECT ''table'', %L, count(*), sum((''x'' || left(md5(t::text), 15))::bit(60)::bigint) FROM %s t', c.oid::regclass, c.oid::regclass)
			FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
			WHERE relkind IN ('r', 'm') AND relpersistence = 'p' AND nspname !~ '^(pg_|information_schema$|app$)' \gexec
		SELECT 'sequence', schemaname, sequencename, last_value, increment_by, cache_size FROM pg_sequences;
		SELECT 'large objects', count(*), sum(('x' || left(md5(oid::text || md5(lo_get(oid))), 15))::bit(60)::bigint) FROM pg_largeobject_metadata;
		SELECT 'extension', extname FROM pg_extension;
		SELECT 'collation', collname, collprovider FROM pg_collation c WHERE c.oid >= 16384;
		SELECT 'index', indexrelid::regclass, indisvalid, pg_get_indexdef(indexrelid), coalesce(spcname, '-') FROM pg_index i
			JOIN pg_class c ON c.oid = indexrelid JOIN pg_namespace n ON n.oid = relnamespace LEFT JOIN pg_tablespace s ON s.oid = reltablespace
			WHERE nspname !~ '^(pg_|app$)';
		SELECT 'function', proname, md5(prosrc) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public' AND p.oid NOT IN
			(SELECT objid FROM pg_depend WHERE classid = 'pg_proc'::regclass AND deptype = 'e');
		SELECT 'rights', c.oid::regclass, grantee::regrole, privilege_type FROM pg_class c, aclexplode(relacl)
			WHERE grantee NOT IN (0, relowner) AND c.oid >= 16384 AND c.oid NOT IN
			(SELECT objid FROM pg_depend WHERE classid = 'pg_class'::regclass AND deptype = 'e');" "$2"
}
