#ifndef LIB_ENGINE_POSTGRES_PROBES_SQL_H
#define LIB_ENGINE_POSTGRES_PROBES_SQL_H

/*
 * The longer statements of lib/engine/postgres_probes.c. Those that find what pg_upgrade
 * refuses ask what its own checks ask (src/bin/pg_upgrade/check.c of 15 to 18), so that
 * they find it while nothing is stopped yet. One column, one object a row.
 */

/* Objects made after initdb (FirstNormalObjectId). */
#define PG_OWN ">= 16384"

/* What belongs to an extension is the extension's business. */
#define PG_NOT_OF_EXTENSION(class, oid)                           \
    " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = " \
    "'" class "'::regclass AND d.objid = " oid " AND d.deptype = 'e')"

/* Columns of tables, materialized views and indexes, of the types that `types` (a query
 * for their oids) names, or of domains, arrays, composites and ranges of these. */
#define PG_COLUMNS_OF(types)                                                            \
    "WITH RECURSIVE oids AS (" types " UNION ALL SELECT * FROM ("                       \
    "WITH x AS (SELECT oid FROM oids)"                                                  \
    " SELECT t.oid FROM pg_type t, x WHERE typbasetype = x.oid AND typtype = 'd'"       \
    " UNION ALL SELECT t.oid FROM pg_type t, x WHERE typelem = x.oid AND typtype = 'b'" \
    " UNION ALL SELECT t.oid FROM pg_type t, pg_class c, pg_attribute a, x"             \
    " WHERE t.typtype = 'c' AND t.oid = c.reltype AND c.oid = a.attrelid"               \
    " AND NOT a.attisdropped AND a.atttypid = x.oid"                                    \
    " UNION ALL SELECT t.oid FROM pg_type t, pg_range r, x"                             \
    " WHERE t.typtype = 'r' AND r.rngtypid = t.oid AND r.rngsubtype = x.oid) foo)"      \
    " SELECT format('%I.%I.%I', n.nspname, c.relname, a.attname)"                       \
    " FROM pg_class c, pg_namespace n, pg_attribute a"                                  \
    " WHERE c.oid = a.attrelid AND NOT a.attisdropped AND a.atttypid IN"                \
    " (SELECT oid FROM oids) AND c.relkind IN ('r', 'm', 'i') AND c.relnamespace = "    \
    "n.oid AND n.nspname !~ '^pg_temp_' AND n.nspname !~ '^pg_toast_temp_'"             \
    " AND n.nspname NOT IN ('pg_catalog', 'information_schema')"

#define PG_TYPES(schema, names)                                                 \
    "SELECT t.oid FROM pg_type t JOIN pg_namespace s ON s.oid = t.typnamespace" \
    " WHERE s.nspname = '" schema "' AND t.typname IN (" names ")"

/* Types that initdb made of tables and views: their oids differ from version to version.
 */
#define PG_SYSTEM_COMPOSITES                                                         \
    "SELECT t.oid FROM pg_type t LEFT JOIN pg_namespace s ON t.typnamespace = s.oid" \
    " WHERE typtype = 'c' AND (t.oid < 16384 OR s.nspname = 'information_schema')"

/* What refers to functions that took anyarray until 13 and take anycompatiblearray now.
 */
#define PG_POLYMORPHIC                                                               \
    "ANY(ARRAY['array_append(anyarray,anyelement)', 'array_cat(anyarray,anyarray)'," \
    " 'array_prepend(anyelement,anyarray)', 'array_remove(anyarray,anyelement)',"    \
    " 'array_replace(anyarray,anyelement,anyelement)',"                              \
    " 'array_position(anyarray,anyelement)',"                                        \
    " 'array_position(anyarray,anyelement,integer)',"                                \
    " 'array_positions(anyarray,anyelement)', 'width_bucket(anyelement,anyarray)'"   \
    "]::regprocedure[])"
#define PG_POLYMORPHIC_USERS                                                        \
    "SELECT 'aggregate ' || p.oid::regprocedure FROM pg_proc p"                     \
    " JOIN pg_aggregate a ON a.aggfnoid = p.oid WHERE p.oid " PG_OWN                \
    " AND (a.aggtransfn = " PG_POLYMORPHIC " OR a.aggfinalfn = " PG_POLYMORPHIC ")" \
    " AND a.aggtranstype = ANY(ARRAY['anyarray', 'anyelement']::regtype[])"         \
    " UNION ALL SELECT 'operator ' || op.oid::regoperator FROM pg_operator op"      \
    " WHERE op.oid " PG_OWN " AND op.oprcode = " PG_POLYMORPHIC                     \
    " AND op.oprleft = ANY(ARRAY['anyarray', 'anyelement']::regtype[])"

/* What comes with every build of the server. All else may be missing in an image. */
#define PG_CONTRIB                                                                       \
    "'plpgsql', 'adminpack', 'amcheck', 'autoinc', 'bloom', 'btree_gin', 'btree_gist',"  \
    " 'citext', 'cube', 'dblink', 'dict_int', 'dict_xsyn', 'earthdistance', 'file_fdw'," \
    " 'fuzzystrmatch', 'hstore', 'insert_username', 'intagg', 'intarray', 'isn', 'lo',"  \
    " 'ltree', 'moddatetime', 'old_snapshot', 'pageinspect', 'pg_buffercache',"          \
    " 'pg_freespacemap', 'pg_logicalinspect', 'pg_prewarm', 'pg_stat_statements',"       \
    " 'pg_surgery', 'pg_trgm', 'pg_visibility', 'pg_walinspect', 'pgcrypto',"            \
    " 'pgrowlocks', 'pgstattuple', 'postgres_fdw', 'refint', 'seg', 'sslinfo',"          \
    " 'tablefunc', 'tcn', 'tsm_system_rows', 'tsm_system_time', 'unaccent',"             \
    " 'uuid-ossp', 'xml2'"
#define PG_CONTRIB_MODULES                                                         \
    PG_CONTRIB ", 'auth_delay', 'auto_explain', 'basic_archive', 'passwordcheck'," \
               " 'pg_overexplain', 'test_decoding'"

#define PG_PRELOADED                                                             \
    "SELECT lib FROM (SELECT btrim(unnest(string_to_array(current_setting("      \
    "'shared_preload_libraries'), ',')), ' \"')) preloaded(lib) WHERE lib <> ''" \
    " AND regexp_replace(lib, '^.*/|[.]so$', '', 'g') NOT IN (" PG_CONTRIB_MODULES ")"

/* Functions in libraries that no extension brought. */
#define PG_LIBRARIES                                                                  \
    "SELECT DISTINCT p.probin FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang" \
    " WHERE l.lanname = 'c' AND p.probin IS NOT NULL AND p.oid " PG_OWN               \
        PG_NOT_OF_EXTENSION("pg_proc", "p.oid")

/* Where settings of these names are made: in files and ALTER SYSTEM; for roles,
 * databases and functions. */
#define PG_SETTINGS(names)                                                          \
    "SELECT DISTINCT name || ' (' || regexp_replace(sourcefile, '^.*/', '') || ')'" \
    " FROM pg_file_settings WHERE lower(name) IN (" names ")"
#define PG_OPTION_NAME(option) "lower(split_part(" option ", '=', 1))"
#define PG_ROLE_SETTINGS(names)                                                 \
    "SELECT COALESCE('role ' || quote_ident(r.rolname), 'all roles') ||"        \
    " COALESCE(' in ' || quote_ident(b.datname), '') || ': ' || o"              \
    " FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole"      \
    " LEFT JOIN pg_database b ON b.oid = s.setdatabase, unnest(s.setconfig) o " \
    "WHERE " PG_OPTION_NAME("o") " IN (" names ")"
#define PG_FUNCTION_SETTINGS(names)                                                  \
    "SELECT p.oid::regprocedure || ': ' || o FROM pg_proc p, unnest(p.proconfig) o " \
    "WHERE " PG_OPTION_NAME("o") " IN (" names ")"

/* The data's parent folder is where the volume is mounted. */
#define PG_VOLUME "regexp_replace(current_setting('data_directory'), '/[^/]*/*$', '')"
#define PG_PLACES                                                              \
    "(SELECT spcname, pg_tablespace_location(oid) FROM pg_tablespace) s(name," \
    " place) WHERE place <> ''"
#define PG_WITHIN(folder) "position(" folder " || '/' in place || '/') = 1"

/* How many standbys a commit waits for ("ANY 2 (...)", "2 (...)", "a, b"), and of how
 * many the server, which matches the names itself, can choose now. */
#define PG_SYNC_NAMES "current_setting('synchronous_standby_names')"
#define PG_SYNC                                                                        \
    "SELECT format('%s is set: commits wait for %s standby(s), %s can confirm them "   \
    "now',"                                                                            \
    " quote_literal(names), wanted, here) FROM (SELECT " PG_SYNC_NAMES " AS names,"    \
    " COALESCE(substring(" PG_SYNC_NAMES                                               \
    " from '^\\s*(?:[A-Za-z]+\\s+)?(\\d+)\\s*\\('),"                                   \
    " '1')::int AS wanted, (SELECT count(*) FROM pg_stat_replication WHERE sync_state" \
    " <> 'async' AND state <> 'backup') AS here) sync"                                 \
    " WHERE names <> '' AND here - 1 < wanted"

#define PG_HELD_LOG                                                               \
    "SELECT format('%I holds %s', slot_name, pg_size_pretty(held)) FROM (SELECT"  \
    " slot_name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) AS held FROM" \
    " pg_replication_slots WHERE NOT active AND restart_lsn IS NOT NULL) slots"   \
    " WHERE held > 16777216"

#define PG_LONG_TRANSACTIONS                                                     \
    "SELECT format('pid %s (%s in %s, since %s)', pid, usename, datname,"        \
    " to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'))" \
    " FROM pg_stat_activity WHERE xact_start < now() - interval '1 hour'"        \
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"

/* A backup's connection asked for its start and is still there, or the server streams
 * files. */
#define PG_BACKUPS                                                                   \
    "SELECT format('pid %s (%s)', pid, COALESCE(NULLIF(application_name, ''),"       \
    " usename::text)) FROM pg_stat_replication WHERE state = 'backup'"               \
    " UNION ALL SELECT format('pid %s (%s)', pid, COALESCE(NULLIF(application_name," \
    " ''), usename::text)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"      \
    " AND backend_type = 'client backend'"                                           \
    " AND query ~* '^\\s*select\\s.*pg_(backup_start|start_backup)\\s*\\('"

/* Estimates are what is compared after the new server has made its own: as much lower as
 * the tolerance of a database's rows. A server that has counted no deletion since its
 * counters were reset knows nothing of a table's live rows. */
#define PG_OLD_ESTIMATES                                                               \
    "SELECT format('%s (%s of %s)', c.oid::regclass, n_live_tup, c.reltuples::bigint)" \
    " FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid WHERE n_tup_del >" \
    " 0 AND c.reltuples - n_live_tup > greatest(10000, c.reltuples / 5)"

/* What serves the old cluster's log, or ends recovery at a place in it. Only a command
 * line outranks the file in which a new cluster's are emptied. */
#define PG_RECOVERY                                                                    \
    "FROM pg_settings WHERE name IN ('restore_command', 'archive_cleanup_command',"    \
    " 'recovery_end_command', 'recovery_target', 'recovery_target_lsn',"               \
    " 'recovery_target_name', 'recovery_target_time', 'recovery_target_timeline',"     \
    " 'recovery_target_xid') AND setting <> CASE name WHEN 'recovery_target_timeline'" \
    " THEN 'latest' ELSE '' END"
#define PG_BEYOND_FILES " source NOT IN ('default', 'configuration file')"

/* Whose archive it is. The command itself may hold passwords. */
#define PG_ARCHIVE                                                                   \
    "SELECT name || COALESCE(' (' || substring(lower(setting) from"                  \
    " 'pgbackrest|wal-g|wal-e|barman|pghoard|pg_probackup') || ')', '')"             \
    " FROM pg_settings WHERE name IN ('archive_command', 'archive_library')"         \
    " AND setting NOT IN ('', '(disabled)') AND current_setting('archive_mode') <> " \
    "'off'"

/* Functions whose text names what is not in pg_catalog without its schema, and which do
 * not set where it is looked for: ANALYZE, REINDEX, REFRESH and the like of 17 look in
 * pg_catalog alone. Names are only searched for: the functions that those call are not
 * seen, and a variable may be called like a table. */
#define PG_UNQUALIFIED                                                                  \
    "SELECT format('%s (%s)', u.rel::regclass, p.oid::regprocedure) FROM (SELECT"       \
    " d.objid AS rel, d.refobjid AS func FROM pg_depend d JOIN pg_index i ON"           \
    " i.indexrelid = d.objid WHERE d.classid = 'pg_class'::regclass AND d.refclassid =" \
    " 'pg_proc'::regclass UNION SELECT r.ev_class, d.refobjid FROM pg_depend d"         \
    " JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class c ON c.oid = r.ev_class"       \
    " AND c.relkind = 'm' WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid ="  \
    " 'pg_proc'::regclass) u JOIN pg_proc p ON p.oid = u.func JOIN pg_language l"       \
    " ON l.oid = p.prolang WHERE p.oid " PG_OWN                                         \
    " AND l.lanname NOT IN ('c', 'internal')"                                           \
    " AND NOT EXISTS (SELECT FROM"                                                      \
    " unnest(p.proconfig) o WHERE lower(split_part(o, '=', 1)) = 'search_path')"        \
    " AND EXISTS (SELECT FROM regexp_matches(p.prosrc,"                                 \
    " '(?<![.\\w\"$])\"?([A-Za-z_][A-Za-z0-9_$]*)', 'g') w JOIN (SELECT relname,"       \
    " relnamespace FROM pg_class UNION ALL SELECT proname, pronamespace FROM pg_proc"   \
    " UNION ALL SELECT typname, typnamespace FROM pg_type) o(name, space)"              \
    " ON lower(o.name) = lower(w[1]) JOIN pg_namespace n ON n.oid = o.space"            \
    " WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_')"

/* Parameters of columns that not every build of a version knows: distributions patch
 * them in. */
#define PG_COLUMN_PARAMETERS                                                    \
    "SELECT name FROM (SELECT split_part(unnest(a.attoptions), '=', 1) AS name" \
    " FROM pg_attribute a WHERE a.attoptions IS NOT NULL) p"                    \
    " WHERE name NOT IN ('n_distinct', 'n_distinct_inherited') GROUP BY name"

#endif
