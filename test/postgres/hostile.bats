# What the program sends a Postgres is sent to servers whose users mean no good: it neither runs what
# they made, nor is kept from its answers, whatever things are called.
# shellcheck disable=SC2154 # what lib.bash and bats set
load lib

teardown() { pod_end; }

# questions ARG... prints what a server is sent.
questions() { "${B:-$top/build}/test/unit/test_postgres_sql" "$@"; }

# say sends what it reads as a session does.
say() { inside sh -c "$(questions client)"; }

# admin [ARG...] is the tests' own psql, which nothing of this disturbs.
admin() { PGOPTIONS='-c role=none -c search_path=pg_catalog -c statement_timeout=0 -c session_preload_libraries=' sql "$version" "$@"; }

inside() {
	nsenter --target "$pod" --mount --pid --ipc --net --root --wd setpriv --reuid=999 --regid=999 --clear-groups \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp PGDATA="$PGDATA" POSTGRES_USER=postgres POSTGRES_PASSWORD="it's" \
		PGOPTIONS="${PGOPTIONS:-}" "$@" 3>&- 4>&-
}

# words prints those of all statements, as SQL has them in a list.
words() { { questions ask "$1" "$2"; questions ask "$1" "$2" 1 app; questions count 1 t; } | grep -oE '[a-z_0-9]+' | sort -u | sed "s/.*/'&'/" | paste -sd,; }

# hostile IMAGE VERSION TO makes the server.
hostile() {
	version=${2%%.*}
	volume
	pod "$1"
	inside "$(bin "$version")/initdb" -D "$PGDATA" -U postgres -A trust -E UTF8 --locale C >/dev/null
	server "$version" "-c fsync=off -c max_locks_per_transaction=1000"
	admin postgres -c 'CREATE ROLE bob LOGIN' -c 'CREATE DATABASE app OWNER bob'
	admin app -c 'GRANT ALL ON SCHEMA public TO bob' -v "words=$(words "$2" "$3")" -f - <"$top/test/postgres/traps.sql"
	admin postgres -c 'ALTER DATABASE app SET search_path = public, pg_catalog'
}

# unharmed: bob is what he was, and nothing of his was run.
unharmed() {
	! inside sort /tmp/sprung 2>/dev/null || return
	[ "$(admin postgres -c "SELECT rolsuper FROM pg_roles WHERE rolname = 'bob'")" = f ]
}

oid() { admin postgres -c "SELECT oid FROM pg_database WHERE datname = '$1'"; }

# asked ID prints the answer to a statement, of those that it reads.
asked() { sed -n "/^asked $1\$/,/^asked /{/^asked /!p;}"; }

@test "nothing that its owner made is run in a database" {
	hostile postgres-old 15.0 17.0
	{ questions ask 15.0 17.0; questions ask 15.0 17.0 "$(oid app)" app; questions count 1 public.plain; } | say >"$BATS_TEST_TMPDIR/said"
	unharmed
	! grep -E 'ERROR|FATAL' "$BATS_TEST_TMPDIR/said" || return
	asked contents <"$BATS_TEST_TMPDIR/said"
	[ "$(asked contents <"$BATS_TEST_TMPDIR/said" | head -1)" = "tables	1" ]
	[ "$(asked count <"$BATS_TEST_TMPDIR/said")" = 77 ]
}
