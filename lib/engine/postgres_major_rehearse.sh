# shellcheck shell=sh disable=SC2034,SC2154 # the parts are one script: they share variables
# Part of postgres_major.sh: the rehearsal. A pod of its own has both images and an empty volume.
# A cluster with the schema of the database, and none of its rows, is made and upgraded there: by
# the same jobs that upgrade the database later. Sources: the manuals of pg_dumpall and psql.

# On the volume of that pod: what do_schema printed.
SCHEMA=schema

# do_schema prints, in the database's own pod, the facts of its cluster, its extensions' versions,
# a line "#SCHEMA", and then its schema as pg_dumpall tells it. It writes nothing, and waits for
# no lock for long. Passwords of roles and of subscriptions are left out.
do_schema() {
	connect "$PGDATA"
	check_locks
	record_facts
	ask postgres 'SELECT datname FROM pg_database WHERE datallowconn' | while IFS= read -r database; do
		ask "$database" "SELECT 'extension', quote_ident(extname), extversion FROM pg_extension"
	done
	echo '#SCHEMA'
	{ why=$("$BIN/pg_dumpall" --schema-only --no-role-passwords --no-tablespaces --no-subscriptions \
		--lock-wait-timeout 10000 --database postgres 2>&1 >&4); } 4>&1 || fail "$why"
}

# check_locks refuses a schema so large that reading it would use up the server's room for locks,
# which its other sessions need.
check_locks() {
	room=$(ask postgres "SELECT current_setting('max_locks_per_transaction')::bigint
		* (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint) / 2")
	ask postgres 'SELECT datname FROM pg_database WHERE datallowconn' | while IFS= read -r database; do
		tables=$(ask "$database" "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND oid >= 16384")
		[ "$tables" -lt "$room" ] || fail "the schema of $database has $tables tables: to read it would take half of the" \
			"server's locks"
	done
}

# schema_to_restore prints the dump. Extensions get the version that they have, where that is one
# version in all databases and the image can make it.
schema_to_restore() {
	awk -F '\t' '
		restores {
			split($0, word, " ")
			name = word[6]
			if (/^CREATE EXTENSION IF NOT EXISTS .*;$/ && version[name] != "" && !differs[name]) {
				print substr($0, 1, length($0) - 1) " VERSION '\''" version[name] "'\'';"
			}
			print
		}
		/^#SCHEMA$/ { restores = 1 }
		!restores && $1 == "extension" {
			differs[$2] = differs[$2] || (version[$2] != "" && version[$2] != $3)
			version[$2] = $3
		}' "$BASE/$SCHEMA"
}

# Makes a cluster as the database's one was made, with its schema, keeps what an upgrade needs of
# it, and shuts it down.
job_copy() {
	[ "$(binary_major "$BIN")" = "$FROM" ] || fail "the image's server is of version $(binary_major "$BIN"), not $FROM"
	[ ! -e "$PGDATA" ] || fail "there are data already: this is not the volume of a rehearsal"
	step "Making an empty cluster of version $FROM"
	sed '/^#SCHEMA$/q' "$BASE/$SCHEMA" >"$W/facts"
	init_cluster "$PGDATA" "$FROM"
	awk -F '\t' '$1 == "setting" { print $2 " = " $3 }' "$W/facts" >>"$PGDATA/postgresql.conf"
	prepare_sockets
	# Not the job's, so that it counts as a server that serves.
	env -u DBUPGRADE_JOB "$BIN/pg_ctl" -D "$PGDATA" -w -t 120 -l "$W/job/server.log" \
		-o "-c listen_addresses= -c unix_socket_directories='$(sockets)' -c fsync=off -c full_page_writes=off $(server_options)" start ||
		fail "a server with the settings of the old one does not start: $(grep -E 'FATAL|PANIC|ERROR' "$W/job/server.log" | tail -n 3)"
	connect "$PGDATA"
	step "Restoring the schema"
	schema_to_restore | "$BIN/psql" -Xq -d postgres -f - -o /dev/null 2>"$W/restored" || fail "psql: $(tail -n 3 "$W/restored")"
	job_keep
	job_stop
}

# do_missed tells how many statements could not be repeated, and what the server said to the
# first. That a role is there, or an extension not in that version, was to be expected.
do_missed() {
	sed -n 's/^psql:[^ ]* ERROR:  *//p' "$W/restored" | sed '/^role ".*" already exists$/d; /has no installation script nor update path/d' |
		awk 'NR == 1 { first = $0 } END { print "missed\t" NR "\t" first }'
}
