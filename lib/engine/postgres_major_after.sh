# shellcheck shell=sh disable=SC2034,SC2154 # the parts are one script: they share variables
# Part of postgres_major.sh: the swap, and what is done when the new server runs.

# --- the swap -----------------------------------------------------------------------------

# exchange A B swaps two folders at once, where mv can; fails where it cannot.
exchange() { mv --exchange "$1" "$2" 2>/dev/null; }

# swap_in brings the new cluster to the data's place, from wherever a crash left it.
swap_in() {
	if [ "$(major_of "$PGDATA")" = "$FROM" ] && [ "$(major_of "$NEW")" = "$TO" ]; then
		exchange "$PGDATA" "$NEW" || mv "$PGDATA" "$KEPT"
	fi
	if [ ! -e "$PGDATA" ] && [ "$(major_of "$NEW")" = "$TO" ]; then
		mv "$NEW" "$PGDATA"
	fi
	if [ "$(major_of "$NEW")" = "$FROM" ] && [ ! -e "$KEPT" ]; then
		mv "$NEW" "$KEPT"
	fi
	[ "$(major_of "$PGDATA")" = "$TO" ] && [ "$(major_of "$KEPT")" = "$FROM" ] && [ ! -e "$NEW" ]
}

# swap_out brings the old cluster back.
swap_out() {
	if [ "$(major_of "$PGDATA")" = "$TO" ] && [ "$(major_of "$NEW")" = "$FROM" ] && [ ! -e "$KEPT" ]; then
		mv "$NEW" "$KEPT" # swapped halfway
	fi
	if [ "$(major_of "$PGDATA")" = "$TO" ] && [ "$(major_of "$KEPT")" = "$FROM" ] && [ ! -e "$NEW" ]; then
		exchange "$PGDATA" "$KEPT" || mv "$PGDATA" "$NEW"
	fi
	if [ "$(major_of "$KEPT")" = "$TO" ] && [ ! -e "$NEW" ]; then
		mv "$KEPT" "$NEW"
	fi
	if [ ! -e "$PGDATA" ] && [ "$(major_of "$KEPT")" = "$FROM" ]; then
		mv "$KEPT" "$PGDATA"
	fi
	[ "$(major_of "$PGDATA")" = "$FROM" ] && [ ! -e "$KEPT" ]
}

no_server() {
	[ "$(job_state)" != running ] || fail "the job \"$(job_name)\" still runs"
	! postmaster "$PGDATA" >/dev/null || fail "a server runs"
}

do_swap() {
	if swapped; then
		return
	fi
	marked upgraded || fail "there is no upgraded cluster to swap in"
	no_server
	[ ! -e "$KEPT" ] || [ "$(major_of "$KEPT")" = "$FROM" ] || fail "$KEPT is in the way"
	[ ! -e "$KEPT" ] || [ "$(major_of "$PGDATA")" != "$FROM" ] || fail "$KEPT is in the way: it is of an earlier upgrade"
	swap_in || fail "the data directories cannot be swapped"
	durable "$BASE"
}

do_unswap() {
	! marked started || fail "the new server has run: the old data lacks what was written since"
	no_server
	if [ "$(major_of "$PGDATA")" != "$FROM" ] || [ -e "$KEPT" ]; then
		swap_out || fail "the old data is not there: $KEPT"
	fi
	if [ -e "$PGDATA/global/pg_control.old" ] && [ ! -e "$PGDATA/global/pg_control" ]; then
		mv "$PGDATA/global/pg_control.old" "$PGDATA/global/pg_control"
	fi
	forget_postmaster "$PGDATA"
	[ "$(fact group_access)" = 0750 ] || chmod 700 "$PGDATA"
	durable "$PGDATA/global" "$BASE"
	if marked linked; then
		remove_new # it shares files with the old one, which may serve from now on
		unmark linked
	fi
}

swapped() { [ "$(major_of "$PGDATA")" = "$TO" ] && [ ! -e "$NEW" ]; }

# Nothing is left to go back to when the kept data was deleted.
started() { marked started || { swapped && [ ! -e "$KEPT" ]; }; }

do_started() {
	swapped || fail "the new cluster is not in its place"
	marked started || mark started
}

# cancel ends the job that runs, and what it started.
cancel() {
	[ ! -d "$W" ] || end_leftovers
}

do_tidy() {
	[ "$(major_of "$PGDATA")" = "$FROM" ] || fail "the data is of version $(major_of "$PGDATA"), not $FROM"
	cancel
	remove_new
	remove_work
}

do_delete() {
	started || fail "the new server has not been started"
	{ serving "$PGDATA" && [ "$(major_of "$PGDATA")" -ge "$TO" ]; } || fail "no server of version $TO runs"
	cancel
	[ "$(major_of "$KEPT")" != "$FROM" ] || clear_spaces "$KEPT" "$FROM"
	rm -rf "$KEPT"
	remove_work
}

# do_kept lists what `delete` would remove. Later upgrades may have followed.
do_kept() {
	row data "$(major_of "$PGDATA")"
	if serving "$PGDATA"; then row server up; else row server down; fi
	for folder in "$BASE"/.dbupgrade/*-*; do
		FROM=${folder##*/}
		TO=${FROM#*-} FROM=${FROM%%-*} W=$folder
		case $FROM/$TO in
		*[!0-9/]* | /* | */) continue ;;
		esac
		[ -d "$folder" ] || continue
		KEPT=$PGDATA-$FROM NEW=$PGDATA-$TO.new
		printf 'kept\t%s\t%s\t%s\t%s\n' "$FROM" "$TO" "$(freed)" "$(yes_if started)"
	done
}

# freed prints the bytes that come free: files that the data in use share do not.
freed() {
	for top in "$W" "$KEPT" "$KEPT"/pg_tblspc/*/"PG_${FROM}_"*; do
		[ ! -e "$top" ] || find "$top" -type f -links 1 -exec du -k {} + | tr '\t' ' '
	done | awk '/^[0-9]+ \// { kib += $1 } END { printf "%.0f\n", kib * 1024 }'
}

remove_work() {
	rm -rf "$W"
	rmdir "$(dirname "$W")" 2>/dev/null || :
}

# --- with the new server ------------------------------------------------------------------

# do_extensions [update] prints the extensions that are older than what the image has. An update is
# the first statement of its session, as some extensions require: the server has made it before, and
# psql hands it over without a look at it.
do_extensions() {
	connect "$PGDATA" "$(if [ "${1:-}" = update ]; then echo off; else echo on; fi)"
	old="FROM pg_extension e JOIN pg_available_extensions a ON a.name = extname WHERE extversion <> default_version"
	list_databases >"$W/databases"
	while next_database; do
		if [ "${1:-}" = update ]; then
			ask "$database" "SELECT e.oid, to_json(extname::text) $old ORDER BY e.oid" | while IFS="$TAB" read -r oid name; do
				statement=$(ask "$database" "SELECT format('ALTER EXTENSION %I UPDATE', extname) FROM pg_extension WHERE oid = $oid")
				why=$("$BIN/psql" -XAtq -d "$database" -c "$statement" </dev/null 2>&1) ||
					printf 'extension_error\t[%s, %s, %s]\n' "$shown" "$name" "$(reason "$why" | json)"
			done
		fi
		ask "$database" "SELECT 'extension', json_build_array(current_database(), extname, extversion, default_version) $old ORDER BY extname"
	done <"$W/databases"
}

# stale prints, for each index whose order may differ in the new image, the database's and its oid,
# and as JSON: database, index, collation, and the collation's version when it was made and now.
stale() {
	[ -e "$W/collations" ] || fail "no collations were recorded"
	own=$(libc_version)
	touch "$W/rebuilt"
	list_databases >"$W/databases"
	while next_database; do
		ask "$database" "
			SELECT DISTINCT $number, i.oid, to_json(current_database()::text)::text,
				CASE WHEN c.oid = 100 THEN to_json('default'::text)::text
					ELSE to_json(ARRAY[n.nspname::text, collname::text])::text END,
				coalesce(to_json(CASE WHEN c.oid = 100 THEN (SELECT $(default_version "$TO" "$own") FROM pg_database
					WHERE datname = current_database()) ELSE pg_collation_actual_version(c.oid) END)::text, '\"\"'),
				to_json(format('%I.%I', s.nspname, i.relname))::text AS shown,
				to_json(CASE WHEN c.oid = 100 THEN 'default' ELSE format('%I.%I', n.nspname, collname) END)::text AS sorted
			FROM (SELECT indexrelid, unnest(indcollation) AS sorted FROM pg_index
				UNION SELECT objid, refobjid FROM pg_depend
					WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_collation'::regclass) u
				JOIN pg_class i ON i.oid = indexrelid AND i.relkind = 'i'
				JOIN pg_namespace s ON s.oid = i.relnamespace
				JOIN pg_collation c ON c.oid = u.sorted
				JOIN pg_namespace n ON n.oid = collnamespace
			WHERE s.nspname NOT IN ('pg_catalog', 'information_schema') AND s.nspname !~ '^pg_(toast|temp)'
			ORDER BY sorted, shown"
	done <"$W/databases" >"$W/sorted"
	FOLDER=$W awk -F '\t' -v OFS='\t' '
		FILENAME == ENVIRON["FOLDER"] "/collations" { was[$2, $3] = $4; next }
		FILENAME == ENVIRON["FOLDER"] "/rebuilt" { rebuilt[$1, $2] = 1; next }
		($3, $4) in was && was[$3, $4] != $5 && !(($1, $2) in rebuilt) { print $1, $2, $3, $6, $7, was[$3, $4], $5 }' \
		"$W/collations" "$W/rebuilt" "$W/sorted"
}

do_collations() {
	connect "$PGDATA" on
	stale >"$W/stale"
	awk -F '\t' '
		!seen[$3, $5]++ { printf "collation\t[%s, %s, %s, %s]\n", $3, $5, $6, $7 }
		{ printf "index\t[%s, %s, %s]\n", $3, $4, $5 }' "$W/stale"
}

# Rebuilds those indexes, and tells the server that they now are of the new version. One that
# cannot be rebuilt, as its table is in use, does not keep the others from it.
job_reindex() {
	connect "$PGDATA" off
	stale >"$W/stale"
	failed=0
	list_databases >"$W/databases"
	while next_database; do
		before=$failed
		awk -F '\t' -v number="$number" '$1 == number' "$W/stale" >"$W/stale.one"
		while IFS="$TAB" read -r number oid in index rest; do
			rebuild_index
		done <"$W/stale.one"
		[ $failed != $before ] || refresh_versions
	done <"$W/databases"
	[ $failed = 0 ] || fail "$failed indexes could not be rebuilt. The last: $last"
	mark reindexed.done
}

# rebuild_index rebuilds the index $oid, unless it is gone meanwhile.
rebuild_index() {
	step "Rebuilding $index of $in"
	if why=$(try "$database" "SELECT format('REINDEX INDEX %I.%I', nspname, relname)
		FROM pg_class i JOIN pg_namespace n ON n.oid = relnamespace WHERE i.oid = $oid AND relkind = 'i' \\gexec" 2>&1); then
		printf '%s\t%s\n' "$number" "$oid" >>"$W/rebuilt"
	else
		failed=$((failed + 1)) last="$index of $in: $(reason "$why")"
		printf '%s\n' "$why"
	fi
}

refresh_versions() {
	ask "$database" "
		SELECT format('ALTER COLLATION %I.%I REFRESH VERSION', nspname, collname)
			FROM pg_collation c JOIN pg_namespace n ON n.oid = collnamespace
			WHERE collversion IS NOT NULL AND collversion <> pg_collation_actual_version(c.oid) \\gexec"
	[ "$TO" -lt 15 ] || ask "$database" "
		SELECT format('ALTER DATABASE %I REFRESH COLLATION VERSION', datname) FROM pg_database
			WHERE datname = current_database() AND datcollversion <> pg_database_collation_actual_version(oid) \\gexec"
}

# --- standbys -----------------------------------------------------------------------------

# do_rebuild removes a standby's old data: its own script copies the primary's anew, and that needs
# the tablespaces' places to be empty.
do_rebuild() {
	[ ! -d "$W" ] || fail "this is the volume that was upgraded, not a standby's"
	data=$(major_of "$PGDATA")
	if [ "$data" = "$FROM" ]; then
		! postmaster "$PGDATA" >/dev/null || fail "a server runs"
		[ -e "$PGDATA/standby.signal" ] || control "$PGDATA" 'Database cluster state' | grep -q recovery ||
			fail "the data is not a standby's"
		clear_spaces "$PGDATA" "$FROM"
		rm -rf "$PGDATA"
	fi
	for hex in ${dbupgrade_places:-}; do
		place=$(unhex "$hex" && echo /)
		case $place in
		/*[!/]*) rm -rf "${place}PG_${FROM}_"* ;;
		esac
	done
}

# unhex HEX prints its bytes.
unhex() {
	case $1 in
	*[!0-9a-f]*) fail "$1 is not in hex" ;;
	esac
	printf '%b' "$(printf '%s' "$1" | awk '{
		for (i = 1; i < length($0); i += 2) {
			n = 16 * (index("0123456789abcdef", substr($0, i, 1)) - 1) + index("0123456789abcdef", substr($0, i + 1, 1)) - 1
			printf "\\0%03o", n
		}
	}')"
}
