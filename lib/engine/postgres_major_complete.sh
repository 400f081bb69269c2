# shellcheck shell=sh disable=SC2034,SC2154 # the parts are one script: they share variables
# Part of postgres_major.sh: whether the new server has all that the old one had. What could be lost is
# listed before and after, each by its name: "kind<TAB>database<TAB>name<TAB>what it is like", the middle
# two as JSON strings. Names are told apart from what is said of them by the server.

# inventory MAJOR prints that list of the server that runs.
inventory() {
	list_databases >"$W/databases"
	while next_database; do
		ask "$database" "$(inventory_of "$1")"
	done <"$W/databases" | sort
}

# inventory_of MAJOR prints the questions for one database. Until 17 pg_upgrade leaves slots behind and
# subscriptions disabled, which is told before it begins. 17 knows one privilege more.
inventory_of() {
	later=false
	[ "$FROM" -lt 17 ] || later=true
	cat <<-END
		SELECT 'extension', to_json(current_database()::text), to_json(extname::text), md5(nspname)
			FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace;
		SELECT 'event trigger', to_json(current_database()::text), to_json(evtname::text),
			md5(concat_ws(' ', evtevent, evtenabled, evttags, nspname, proname))
			FROM pg_event_trigger JOIN pg_proc p ON p.oid = evtfoid JOIN pg_namespace n ON n.oid = pronamespace;
		SELECT 'default privileges', to_json(current_database()::text),
			to_json(concat(pg_get_userbyid(defaclrole), ' in ' || nspname, ' on ', defaclobjtype)),
			md5((SELECT string_agg(concat_ws(' ', CASE grantee WHEN 0 THEN '' ELSE pg_get_userbyid(grantee) END, privilege_type, is_grantable), ','
				ORDER BY grantee = 0, pg_get_userbyid(grantee), privilege_type) FROM aclexplode(defaclacl) WHERE privilege_type <> 'MAINTAIN'))
			FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace;
		SELECT 'publication', to_json(current_database()::text), to_json(pubname::text),
			md5(concat_ws(' ', puballtables, pubinsert, pubupdate, pubdelete, (SELECT string_agg(format('%I.%I', schemaname, tablename), ',' ORDER BY schemaname, tablename)
				FROM pg_publication_tables t WHERE t.pubname = p.pubname))) FROM pg_publication p;
		SELECT 'subscription', to_json(current_database()::text), to_json(subname::text),
			md5(concat_ws(' ', subslotname, subpublications, subenabled AND $later))
			FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database());
		SELECT 'slot', to_json(current_database()::text), to_json(slot_name::text), md5(plugin)
			FROM pg_replication_slots WHERE slot_type = 'logical' AND NOT temporary AND database = current_database() AND $later;
		SELECT 'statistics', to_json(current_database()::text), to_json(format('%I.%I', nspname, relname)), ''
			FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
			WHERE relkind IN ('r', 'm', 'p', 'f') AND nspname <> 'information_schema' AND nspname !~ '^pg_'
				AND EXISTS (SELECT FROM pg_statistic WHERE starelid = c.oid)
	END
}

# note_inventory does it while the old server runs.
note_inventory() {
	inventory "$FROM" >"$W/inventory.part"
	mv "$W/inventory.part" "$W/inventory"
}

# lacking FILE prints the rows of a list that the server does not have, or has otherwise. Statistics
# are seen to by themselves.
lacking() {
	inventory "$TO" >"$W/inventory.now"
	FOLDER=$W awk -F '\t' -v OFS='\t' '
		FILENAME == ENVIRON["FOLDER"] "/inventory.now" { is[$0] = 1; there[$1, $2, $3] = 1; next }
		$1 != "statistics" {
			row = $1 OFS $2 OFS $3 OFS $4
			if (!(row in is))
				print row, ($1, $2, $3) in there ? "it is not as it was" : "it is not there"
		}' "$W/inventory.now" "$1"
}

# do_complete tells what the new server lacked when it was first asked, and still lacks. What becomes
# of it later is its owner's business.
do_complete() {
	[ -e "$W/inventory" ] || return 0
	connect "$PGDATA" on
	if [ ! -e "$W/lacking" ]; then
		lacking "$W/inventory" >"$W/lacking.part"
	else
		lacking "$W/lacking" >"$W/lacking.part"
	fi
	mv "$W/lacking.part" "$W/lacking"
	awk -F '\t' '{ printf "missing\t[\"%s\", %s, %s, \"%s\"]\n", $1, $2, $3, $5 }' "$W/lacking"
	marked analyzed || grep -qs "^had$TAB" "$W/unanalyzed" ||
		printf 'missing\t["statistics", "", "all tables", "they were not collected"]\n'
	[ ! -e "$W/unanalyzed" ] || awk -F '\t' '$1 == "had" { printf "missing\t[\"statistics\", %s, %s, %s]\n", $2, $3, $4 }' "$W/unanalyzed"
}

# --- statistics ---------------------------------------------------------------------------

statistics() { "$BIN/vacuumdb" --jobs "$cores" "$@" </dev/null 2>&1; }

# From 18 on pg_upgrade carries statistics over, and few are missing.
job_analyze() {
	connect "$PGDATA" off
	[ -e "$W/lacking" ] || [ ! -e "$W/inventory" ] || lacking "$W/inventory" >"$W/lacking"
	cores=$(nproc 2>/dev/null || echo 1)
	[ "$cores" -lt 4 ] || cores=4
	whole=yes first=
	if [ "$TO" -ge 18 ]; then
		{ statistics --all --analyze-in-stages --missing-stats-only && statistics --all --analyze-only; } || whole=no
	else
		statistics --all --analyze-in-stages || whole=no
	fi
	list_databases >"$W/databases"
	cp "$W/databases" "$W/databases.left" # what asks in between lists them, too
	: >"$W/unanalyzed"
	while next_database; do
		[ $whole = yes ] || statistics --dbname "$database" --analyze-only || :
		analyze_rest
	done <"$W/databases.left"
	n=$(grep -c "^had$TAB" "$W/unanalyzed" || :)
	[ "$n" = 0 ] || fail "$n relations that had statistics cannot be analyzed. The first: $first"
	mark analyzed
}

# analyze_rest analyzes what nobody has analyzed in $database: vacuumdb may end at the first table that
# refuses, and tell so by its status or not. It notes "had<TAB>database<TAB>name<TAB>why", or "had not",
# where that fails. Parents of partitions and foreign tables, which vacuumdb passes over, are for it only
# where they had statistics.
analyze_rest() {
	touch "$W/inventory"
	ask "$database" "SELECT c.oid, relkind, to_json(format('%I.%I', nspname, relname))
		FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
		WHERE (relkind IN ('p', 'f') OR relkind IN ('r', 'm') AND pg_relation_size(c.oid) > 0) AND relpersistence <> 't'
			AND nspname <> 'information_schema' AND nspname !~ '^pg_'
			AND (NOT EXISTS (SELECT FROM pg_statistic WHERE starelid = c.oid) OR EXISTS (SELECT FROM pg_stat_all_tables
				WHERE relid = c.oid AND coalesce(last_analyze, last_autoanalyze) IS NULL)) ORDER BY c.oid" >"$W/rest"
	FOLDER=$W SHOWN=$shown awk -F '\t' -v OFS='\t' '
		BEGIN { shown = ENVIRON["SHOWN"] }
		FILENAME == ENVIRON["FOLDER"] "/inventory" { had[$1, $2, $3] = 1; next }
		{ is = ("statistics", shown, $3) in had }
		is || $2 == "r" || $2 == "m" { print $1, is ? "had" : "had not", $3 }' "$W/inventory" "$W/rest" >"$W/rest.wanted"
	while IFS="$TAB" read -r oid had relation; do
		step "Analyzing $relation of $shown"
		! why=$(try "$database" "SELECT format('ANALYZE %I.%I', nspname, relname)
			FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid = $oid \\gexec" 2>&1) || continue
		printf '%s\t%s\t%s\t%s\n' "$had" "$shown" "$relation" "$(reason "$why" | json)" >>"$W/unanalyzed"
		[ "$had" != had ] || [ -n "$first" ] || first="$relation in $shown: $(reason "$why")"
	done <"$W/rest.wanted"
}
