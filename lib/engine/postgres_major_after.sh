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
	swap_in || fail "the folders cannot be swapped"
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
	if [ "$(major_of "$KEPT")" = "$FROM" ]; then
		places "$KEPT" | while IFS= read -r place; do
			rm -rf "$place/PG_${FROM}_"*
		done
	fi
	rm -rf "$KEPT"
	remove_work
}

# do_kept lists what `delete` would remove. Later upgrades may have followed.
do_kept() {
	row data "$(major_of "$PGDATA")"
	if serving "$PGDATA"; then row server up; else row server down; fi
	for folder in "$BASE"/.dbupgrade/*-*; do
		[ -d "$folder" ] || continue
		FROM=${folder##*/}
		TO=${FROM#*-} FROM=${FROM%-*} W=$folder
		KEPT=$PGDATA-$FROM NEW=$PGDATA-$TO.new
		printf 'kept\t%s\t%s\t%s\t%s\n' "$FROM" "$TO" "$(freed)" "$(yes_if started)"
	done
}

# freed prints the bytes that come free: files that the data in use share do not.
freed() {
	{
		printf '%s\n' "$W" "$KEPT"
		places "$KEPT" | while IFS= read -r place; do
			printf '%s\n' "$place/PG_${FROM}_"*
		done
	} | while IFS= read -r top; do
		[ ! -e "$top" ] || find "$top" -type f -links 1 -exec du -k {} +
	done | awk '{ kib += $1 } END { printf "%.0f\n", kib * 1024 }'
}

remove_work() {
	rm -rf "$W"
	rmdir "$(dirname "$W")" 2>/dev/null || :
}

# --- with the new server ------------------------------------------------------------------

# From 18 on pg_upgrade carries statistics over, and few are missing.
job_analyze() {
	connect "$PGDATA"
	cores=$(nproc 2>/dev/null || echo 1)
	[ "$cores" -lt 4 ] || cores=4
	if [ "$TO" -ge 18 ]; then
		"$BIN/vacuumdb" --all --jobs "$cores" --analyze-in-stages --missing-stats-only 2>&1
		"$BIN/vacuumdb" --all --jobs "$cores" --analyze-only 2>&1
	else
		"$BIN/vacuumdb" --all --jobs "$cores" --analyze-in-stages 2>&1
	fi
	mark analyzed
}

# do_extensions [update] prints the extensions that are older than what the image has.
do_extensions() {
	connect "$PGDATA"
	old="FROM pg_extension e JOIN pg_available_extensions a ON a.name = extname WHERE extversion <> default_version"
	list_databases
	while IFS= read -r database; do
		if [ "${1:-}" = update ]; then
			ask "$database" "SELECT extname, format('ALTER EXTENSION %I UPDATE', extname) $old" |
				while IFS="$TAB" read -r name command; do
					why=$(try "$database" "$command" 2>&1) || row extension_error "$database" "$name" "$why"
				done
		fi
		ask "$database" "SELECT 'extension', current_database(), extname, extversion, default_version $old ORDER BY 2"
	done <"$W/databases"
}

# stale prints "database<TAB>index<TAB>collation<TAB>before<TAB>now" for each index whose order
# may differ in the new image: the collation's version was another one when it was made.
stale() {
	[ -e "$W/collations" ] || fail "no collations were recorded"
	own=$(libc_version)
	touch "$W/reindexed"
	list_databases
	while IFS= read -r database; do
		ask "$database" "
			SELECT DISTINCT current_database(), format('%I.%I', s.nspname, i.relname),
				CASE WHEN c.oid = 100 THEN 'default' ELSE format('%I.%I', n.nspname, collname) END,
				CASE WHEN c.oid = 100 THEN (SELECT $(default_version "$TO" "$own") FROM pg_database
					WHERE datname = current_database()) ELSE pg_collation_actual_version(c.oid) END
			FROM (SELECT indexrelid, unnest(indcollation) AS sorted FROM pg_index
				UNION SELECT objid, refobjid FROM pg_depend
					WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_collation'::regclass) u
				JOIN pg_class i ON i.oid = indexrelid AND i.relkind = 'i'
				JOIN pg_namespace s ON s.oid = i.relnamespace
				JOIN pg_collation c ON c.oid = sorted
				JOIN pg_namespace n ON n.oid = collnamespace
			WHERE s.nspname NOT IN ('pg_catalog', 'information_schema') AND s.nspname !~ '^pg_(toast|temp)'
			ORDER BY 3, 2"
	done <"$W/databases" >"$W/sorted"
	awk -F '\t' -v OFS='\t' -v before="$W/collations" -v did="$W/reindexed" '
		FILENAME == before { was[$2, $3] = $4; next }
		FILENAME == did { rebuilt[$1, $2] = 1; next }
		($1, $3) in was && was[$1, $3] != $4 && !(($1, $2) in rebuilt) { print $1, $2, $3, was[$1, $3], $4 }' \
		"$W/collations" "$W/reindexed" "$W/sorted"
}

do_collations() {
	connect "$PGDATA"
	stale >"$W/stale"
	awk -F '\t' -v OFS='\t' '
		!seen[$1, $3]++ { print "collation", $1, $3, $4, $5 }
		{ print "index", $1, $2, $3 }' "$W/stale"
}

# Rebuilds those indexes, and tells the server that they now are of the new version.
job_reindex() {
	connect "$PGDATA"
	stale >"$W/stale"
	while IFS="$TAB" read -r database index rest; do
		step "Rebuilding $index of $database"
		ask "$database" "REINDEX INDEX $index"
		printf '%s\t%s\n' "$database" "$index" >>"$W/reindexed"
	done <"$W/stale"
	list_databases
	while IFS= read -r database; do
		ask "$database" "
			SELECT format('ALTER COLLATION %I.%I REFRESH VERSION', nspname, collname)
				FROM pg_collation c JOIN pg_namespace n ON n.oid = collnamespace
				WHERE collversion IS NOT NULL AND collversion <> pg_collation_actual_version(c.oid)" >"$W/refresh"
		[ "$TO" -lt 15 ] || ask "$database" "
			SELECT format('ALTER DATABASE %I REFRESH COLLATION VERSION', datname) FROM pg_database
				WHERE datname = current_database() AND datcollversion <> pg_database_collation_actual_version(oid)" >>"$W/refresh"
		while IFS= read -r command; do
			ask "$database" "$command"
		done <"$W/refresh"
	done <"$W/databases"
	mark reindexed.done
}

# --- standbys -----------------------------------------------------------------------------

# do_rebuild PLACE... removes a standby's old data: its own script copies the primary's anew,
# and that needs the tablespaces' places to be empty.
do_rebuild() {
	[ ! -d "$W" ] || fail "this is the volume that was upgraded, not a standby's"
	data=$(major_of "$PGDATA")
	if [ "$data" = "$FROM" ]; then
		! postmaster "$PGDATA" >/dev/null || fail "a server runs"
		[ -e "$PGDATA/standby.signal" ] || control "$PGDATA" 'Database cluster state' | grep -q recovery ||
			fail "the data is not a standby's"
		{ places "$PGDATA"; printf '%s\n' "$@"; } | sort -u | clear_places
		rm -rf "$PGDATA"
	else
		printf '%s\n' "$@" | clear_places
	fi
}

clear_places() {
	while IFS= read -r place; do
		[ -z "$place" ] || rm -rf "$place/PG_${FROM}_"*
	done
}
