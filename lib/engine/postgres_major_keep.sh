# shellcheck shell=sh disable=SC2034,SC2154 # the parts are one script: they share variables
# Part of postgres_major.sh: what has to be saved while the old server still runs in its own
# image. Sources: pg_upgrade's and initdb's manuals; src/common/exec.c and src/port/path.c
# (how a server finds share and lib from where its program lies).

# Settings without which a server lacks room for what the old one holds: slots, origins of
# subscriptions, prepared transactions, locks of a large schema. All are words or numbers.
CARRIED="'max_connections', 'max_locks_per_transaction', 'max_prepared_transactions', 'max_wal_senders', 'max_worker_processes', 'wal_level', 'max_replication_slots', 'max_active_replication_origins', 'track_commit_timestamp'"

# Settings of recovery that lead to the old cluster's log, or end at a place in it. A new cluster begins
# at timeline 1: its standbys would take the histories of the old one's later timelines for theirs.
RECOVERY="'restore_command', 'archive_cleanup_command', 'recovery_end_command', 'recovery_target', 'recovery_target_lsn', 'recovery_target_name', 'recovery_target_time', 'recovery_target_timeline', 'recovery_target_xid'"

# record_facts asks the old server for what the new cluster must be made with.
record_facts() {
	# shellcheck disable=SC2153 # FROM is an argument
	case $FROM in
	11 | 12 | 13 | 14) locale="'c', '', ''" ;;
	15) locale="datlocprovider, coalesce(daticulocale, ''), ''" ;;
	16) locale="datlocprovider, coalesce(daticulocale, ''), coalesce(daticurules, '')" ;;
	*) locale="datlocprovider, coalesce(datlocale, ''), coalesce(daticurules, '')" ;;
	esac
	copy_out <<-END
		SELECT 'superuser', rolname FROM pg_authid WHERE oid = 10;
		SELECT 'version', current_setting('server_version_num');
		SELECT 'checksums', current_setting('data_checksums');
		SELECT 'wal_segment_size', setting FROM pg_settings WHERE name = 'wal_segment_size';
		SELECT 'group_access', setting FROM pg_settings WHERE name = 'data_directory_mode';
		SELECT 'preload', replace(replace(current_setting('shared_preload_libraries'), ' ', ''), '"', '');
		SELECT lower(name), setting FROM pg_config WHERE name IN ('BINDIR', 'SHAREDIR', 'PKGLIBDIR');
		SELECT 'setting', name, setting FROM pg_settings WHERE name IN ($CARRIED);
		SELECT 'recovery', name FROM pg_settings WHERE name IN ($RECOVERY) AND setting <> CASE name WHEN 'recovery_target_timeline' THEN 'latest' ELSE '' END;
		SELECT 'archive', coalesce(substring(lower(concat_ws(' ', current_setting('archive_command'), current_setting('archive_library', true))) from 'pgbackrest|wal-g|wal-e|barman'), 'other') WHERE current_setting('archive_mode') <> 'off';
		SELECT DISTINCT 'slot', plugin FROM pg_replication_slots WHERE slot_type = 'logical' AND NOT temporary;
		SELECT 'tablespace', spcname, pg_tablespace_location(oid) FROM pg_tablespace WHERE oid >= 16384;
		SELECT 'line_ends', count(*) FROM (SELECT rolname FROM pg_authid UNION ALL SELECT spcname FROM pg_tablespace) n(name) WHERE $(has_line_end name);
		SELECT DISTINCT 'libc', datcollate, datctype FROM pg_database;
		SELECT unnest(ARRAY['encoding', 'collate', 'ctype', 'provider', 'locale', 'rules']), unnest(ARRAY[pg_encoding_to_char(encoding), datcollate, datctype, $locale]::text[]) FROM pg_database WHERE datname = 'template0';
	END
}

# copy_out prints the rows of queries, one a line, as COPY writes them.
copy_out() { ask_main "$(sed '/^$/d; s/^/COPY (/; s/;$/) TO STDOUT;/')"; }

# record_collations prints "collation<TAB>database<TAB>name<TAB>version", each as JSON: that which
# the data was sorted by. A C locale has no version.
record_collations() {
	own=$(libc_version)
	list_databases >"$W/databases"
	while next_database; do
		ask "$database" "
			SELECT 'collation', to_json(current_database()::text), to_json('default'::text), to_json(version::text)
				FROM (SELECT $(default_version "$FROM" "$own" stored) AS version
					FROM pg_database WHERE datname = current_database()) d WHERE version IS NOT NULL;
			SELECT 'collation', to_json(current_database()::text), to_json(ARRAY[nspname::text, collname::text]), to_json(collversion)
				FROM pg_collation c JOIN pg_namespace n ON n.oid = collnamespace
				WHERE collversion IS NOT NULL"
	done <"$W/databases"
}

libc_version() { getconf GNU_LIBC_VERSION 2>/dev/null | sed 's/[^0-9.]//g'; }

# default_version MAJOR LIBC [stored] prints an expression on pg_database: the version of the
# database's own collation. Before 15 the server does not tell, but it is the C library's.
default_version() {
	if [ "$1" -lt 15 ]; then
		printf "CASE WHEN datcollate !~ '^(C|POSIX)(\\.|$)' THEN nullif('%s', '') END" "$2"
	elif [ -n "${3:-}" ]; then
		printf 'coalesce(datcollversion, pg_database_collation_actual_version(oid))'
	else
		printf 'pg_database_collation_actual_version(oid)'
	fi
}

# needed_libraries FILE... prints the shared libraries that programs need, but for the C and
# C++ libraries: those must be the ones of the image that they run in.
needed_libraries() {
	for file in "$@"; do
		ldd "$file" 2>/dev/null || :
	done | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
		grep -vE '/(ld-|lib(c|m|dl|rt|pthread|resolv|util|nsl|anl|mvec|gcc_s|stdc\+\+|c\.musl-[^/]*|nss_[^/]*)\.so)' || :
}

# copy_binaries copies the old server, in the layout that it was built for, below $OLD, and
# makes one wrapper for each program: the new server must not see the old libraries.
copy_binaries() {
	part=$W/old.part
	bin=$(fact bindir) share=$(fact sharedir) lib=$(fact pkglibdir)
	rm -rf "$part"
	mkdir -p "$part/bin" "$part/so" "$part$bin" "$part$share" "$part$lib"
	for name in $PROGRAMS; do
		cp "$bin/$name" "$part$bin/"
		printf '#!/bin/sh\nLD_LIBRARY_PATH=%s/so exec %s "$@"\n' "$(quoted "$OLD")" "$(quoted "$OLD$bin/$name")" >"$part/bin/$name"
		chmod 755 "$part/bin/$name"
	done
	copy_folder "$share" "$part$share" man doc
	# The compiler that makes queries faster is many times as large as the server.
	copy_folder "$lib" "$part$lib" bitcode pgxs llvmjit.so llvmjit_types.bc
	needed_libraries "$part$bin"/* "$part$lib"/*.so >"$part/libraries"
	while IFS= read -r file; do
		cp -L "$file" "$part/so/"
	done <"$part/libraries"
	rm -rf "$OLD"
	mv "$part" "$OLD"
}

PROGRAMS='postgres pg_ctl pg_controldata pg_resetwal pg_dump pg_dumpall psql'

# copy_folder FROM TO EXCEPT... copies what is in a folder.
copy_folder() {
	from=$1 to=$2
	shift 2
	for entry in "$from"/*; do
		case " $* " in
		*" ${entry##*/} "*) ;;
		*) cp -RP "$entry" "$to/" ;;
		esac
	done
}

# check_places refuses tablespaces that would move with the data directory.
check_places() {
	inside=$(DATA=$PGDATA/ awk -F '\t' '$1 == "tablespace" && ($3 !~ /^\// || index($3 "/", ENVIRON["DATA"]) == 1) { printf "%s\"%s\"", n++ ? ", " : "", $2 }' "$W/facts")
	[ -z "$inside" ] || fail "tablespaces lie inside the data directory, which pg_upgrade cannot carry over:" \
		"$inside. Create them elsewhere on the volume, and move their tables there"
}

job_keep() {
	[ "$(major_of "$PGDATA")" = "$FROM" ] || fail "the data is of version $(major_of "$PGDATA"), not $FROM"
	[ "$(binary_major "$BIN")" = "$FROM" ] || fail "the image's server is of version $(binary_major "$BIN"), not $FROM"
	step "Recording the settings of the old cluster"
	connect "$PGDATA" on
	check_names
	record_facts >"$W/facts.part"
	record_collations >"$W/collations.part"
	mv "$W/facts.part" "$W/facts"
	mv "$W/collations.part" "$W/collations"
	note_inventory
	check_places
	check_layout
	step "Copying the old server's programs"
	copy_binaries
	[ "$(binary_major "$OLD/bin")" = "$FROM" ] || fail "the copy of the old server does not run: $("$OLD/bin/postgres" -V 2>&1)"
	mark kept
}

job_stop() {
	if postmaster "$PGDATA" >/dev/null; then
		# As it is at the end, if that can be had.
		[ "$(major_of "$PGDATA")" != "$FROM" ] || (connect "$PGDATA" on && note_inventory) || rm -f "$W/job/error"
		step "Shutting the server down"
		"$BIN/pg_ctl" -D "$PGDATA" -m fast -w -t 86400 stop
	fi
}
