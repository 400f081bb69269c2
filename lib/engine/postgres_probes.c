/*
 * What a Postgres server is asked before an upgrade.
 *
 * Sources: pg_upgrade's own checks (src/bin/pg_upgrade/check.c of 15 to 18), and each
 * version's release notes for what it removed. Servers before 10 are refused before they
 * are asked, so what only those can have is left out (line, unknown, jsonb of 9.4, hash
 * indexes, roles called pg_...). Left to pg_upgrade itself, because no running server can
 * tell: whether both builds pass int8 by value (all 64-bit builds do) and whether the
 * libraries of extensions are in the new image. Locale, encoding, checksums and segment
 * size of the new data are not asked: they are made as the old ones are.
 */
#include "engine/postgres_probes.h"

#include "engine/postgres_probes_sql.h"

#define MAJOR_ERROR  (PROBE_MAJOR | PROBE_ERROR)
#define EACH_ERROR   (PROBE_MAJOR | PROBE_EACH | PROBE_ERROR)
#define EACH_WARNING (PROBE_MAJOR | PROBE_EACH)

#define DROP_COLUMNS "drop the columns, or change their type"

/* Settings that a version no longer knows. In a file they can be taken out; pg_upgrade
 * itself fails on those of a role, a database or a function when it makes them anew. */
#define SETTINGS_GONE(version, names)                                                    \
    { .id = "pg.settings",                                                               \
      .flags = PROBE_MAJOR,                                                              \
      .below = (version),                                                                \
      .to = (version),                                                                   \
      .text =                                                                            \
          "settings that the new version does not know; they are left out of its files", \
      .hint = "remove them from the database's configuration, too",                      \
      .sql = PG_SETTINGS(names) },                                                       \
        { .id = "pg.role_settings",                                                      \
          .flags = MAJOR_ERROR,                                                          \
          .below = (version),                                                            \
          .to = (version),                                                               \
          .text = "settings of roles or databases that the new version does not know",   \
          .hint = "ALTER ROLE ... RESET, ALTER DATABASE ... RESET or ALTER ROLE ... IN " \
                  "DATABASE ... RESET",                                                  \
          .sql = PG_ROLE_SETTINGS(names) },                                              \
    {                                                                                    \
        .id = "pg.function_settings", .flags = EACH_ERROR, .below = (version),           \
        .to = (version),                                                                 \
        .text = "functions with settings that the new version does not know",            \
        .hint = "ALTER FUNCTION ... RESET", .sql = PG_FUNCTION_SETTINGS(names)           \
    }

/* Extensions that a version no longer has. */
#define EXTENSIONS_GONE(version, names)                                              \
    {                                                                                \
        .id = "pg.extensions_gone", .flags = EACH_ERROR, .below = (version),         \
        .to = (version), .text = "extensions that the new version does not provide", \
        .hint = "DROP EXTENSION",                                                    \
        .sql = "SELECT extname FROM pg_extension WHERE extname IN (" names ")"       \
    }

const struct engine_probe postgres_probes[] = {
    /* -- whatever the new version -- */
    { .id = "pg.account",
      .flags = PROBE_ERROR,
      .text = "the role of the program, the coordinator and the standbys has a password "
              "that has expired, or expires within a day",
      .hint = "ALTER ROLE ... VALID UNTIL 'infinity'",
      .sql =
          "SELECT format('%I, valid until %s', rolname, rolvaliduntil) FROM pg_roles"
          " WHERE rolname = current_user AND rolvaliduntil < now() + interval '1 day'" },
    { .id = "pg.account",
      .flags = PROBE_ERROR,
      .text = "the role of the program has too few connections",
      .hint = "ALTER ROLE ... CONNECTION LIMIT -1",
      .sql = "SELECT format('%I, connection limit %s', rolname, rolconnlimit) FROM"
             " pg_roles WHERE rolname = current_user AND NOT rolsuper AND rolconnlimit"
             " BETWEEN 0 AND 9" },
    { .id = "pg.sync",
      .text = "commits wait while a standby restarts, and hang if it does not return",
      .hint = "add a standby beyond what synchronous_standby_names requires",
      .sql = PG_SYNC },
    { .id = "pg.slots_held",
      .text = "replication slots without a reader, which make the server keep WAL",
      .hint = "SELECT pg_drop_replication_slot('NAME') for each abandoned slot",
      .sql = PG_HELD_LOG },
    { .id = "pg.long_transactions",
      .text = "transactions older than an hour, which the restart ends",
      .hint = "wait for them to finish, or end them",
      .sql = PG_LONG_TRANSACTIONS },
    { .id = "pg.backups",
      .text = "backups in progress, which the restart ends",
      .hint = "wait for them to finish",
      .sql = PG_BACKUPS },

    /* -- the whole server -- */
    { .id = "pg.install_user",
      .flags = MAJOR_ERROR,
      .text = "pg_upgrade requires the role that initdb created, but the container uses "
              "another one",
      .hint = "pg_upgrade cannot run with this role; use dump and restore",
      .sql = "SELECT current_user FROM pg_roles WHERE rolname = current_user"
             " AND (oid <> 10 OR NOT rolsuper)" },
    { .id = "pg.invalid_databases",
      .flags = MAJOR_ERROR,
      .text = "databases that an interrupted DROP DATABASE left invalid",
      .hint = "repeat the DROP DATABASE",
      .sql = "SELECT datname FROM pg_database WHERE datconnlimit = -2" },
    { .id = "pg.closed_databases",
      .flags = MAJOR_ERROR,
      .text = "databases that do not allow connections",
      .hint =
          "ALTER DATABASE ... ALLOW_CONNECTIONS true (template0: false), or drop them",
      .sql = "SELECT datname FROM pg_database WHERE datconnlimit <> -2"
             " AND datallowconn = (datname = 'template0')" },
    { .id = "pg.names",
      .flags = MAJOR_ERROR,
      .text = "databases with a newline in their name, which pg_upgrade rejects",
      .hint = "ALTER DATABASE ... RENAME TO",
      .sql = "SELECT datname FROM pg_database WHERE strpos(datname::text, chr(10)) > 0"
             " OR strpos(datname::text, chr(13)) > 0" },
    { .id = "pg.prepared_transactions",
      .flags = MAJOR_ERROR,
      .text = "prepared transactions",
      .hint = "COMMIT PREPARED or ROLLBACK PREPARED each, in its database",
      .sql = "SELECT format('%L in %I', gid, database) FROM pg_prepared_xacts" },
    { .id = "pg.slots_lost",
      .flags = PROBE_MAJOR,
      .below = 170000,
      .text = "logical replication slots, which pg_upgrade does not migrate",
      .hint = "afterwards their readers need new slots and a new initial copy",
      .sql = "SELECT slot_name FROM pg_replication_slots WHERE slot_type = 'logical'"
             " AND NOT temporary" },
    { .id = "pg.slots_invalid",
      .flags = MAJOR_ERROR,
      .since = 170000,
      .text = "invalid logical replication slots",
      .hint = "SELECT pg_drop_replication_slot('NAME')",
      .sql = "SELECT format('%I (%s)', slot_name, invalidation_reason)"
             " FROM pg_replication_slots WHERE slot_type = 'logical' AND NOT temporary"
             " AND invalidation_reason IS NOT NULL" },
    { .id = "pg.slots_behind",
      .flags = MAJOR_ERROR,
      .since = 170000,
      .text = "logical replication slots without a reader: pg_upgrade rejects slots that "
              "have not received everything when the server stops",
      .hint = "start their readers, or SELECT pg_drop_replication_slot('NAME') for each",
      .sql = "SELECT slot_name FROM pg_replication_slots WHERE slot_type = 'logical'"
             " AND NOT temporary AND NOT active AND invalidation_reason IS NULL" },
    { .id = "pg.slots_standby",
      .flags = PROBE_MAJOR,
      .since = 170000,
      .text =
          "synchronized_standby_slots names physical slots, which pg_upgrade does not "
          "migrate: readers of failover slots wait until they exist again",
      .hint =
          "afterwards SELECT pg_create_physical_replication_slot('NAME') for each, or "
          "empty the setting",
      .sql = "SELECT current_setting('synchronized_standby_slots') WHERE"
             " current_setting('synchronized_standby_slots') <> ''" },
    { .id = "pg.archive",
      .flags = PROBE_MAJOR,
      .text = "WAL is archived: backups from before the upgrade can be restored with the "
              "old version only",
      .hint = "afterwards make a new base backup (pgbackrest stanza-upgrade and backup; "
              "wal-g backup-push; barman backup), and give the new cluster an archive "
              "path of its own",
      .sql = PG_ARCHIVE },
    { .id = "pg.restore",
      .flags = PROBE_MAJOR,
      .text = "settings that lead to the WAL of the old cluster; they are emptied in "
              "postgresql.auto.conf, since the new cluster starts at timeline 1",
      .hint = "afterwards, when the archive has a path or a stanza for the new cluster: "
              "ALTER SYSTEM RESET NAME on each member",
      .sql = "SELECT name " PG_RECOVERY },
    { .id = "pg.restore_fixed",
      .flags = MAJOR_ERROR,
      .text =
          "settings of recovery on the server's command line, where no file can empty "
          "them: new standbys would look for the WAL of the old cluster",
      .hint = "move them to the configuration file",
      .sql = "SELECT name " PG_RECOVERY " AND" PG_BEYOND_FILES },
    { .id = "pg.slots_settings",
      .flags = MAJOR_ERROR,
      .since = 170000,
      .text =
          "logical replication slots are migrated only with wal_level = logical; it is",
      .hint = "set wal_level to logical, or drop the slots",
      .sql = "SELECT current_setting('wal_level') WHERE current_setting('wal_level')"
             " <> 'logical' AND EXISTS (SELECT FROM pg_replication_slots"
             " WHERE slot_type = 'logical' AND NOT temporary)" },
    { .id = "pg.subscriptions_off",
      .flags = PROBE_MAJOR,
      .below = 170000,
      .text = "subscriptions, which are disabled and without state after pg_upgrade",
      .hint = "afterwards enable them and refresh their publications",
      .sql = "SELECT format('%I in %I', s.subname, d.datname) FROM pg_subscription s"
             " JOIN pg_database d ON d.oid = s.subdbid" },
    { .id = "pg.subscriptions_origin",
      .flags = MAJOR_ERROR,
      .since = 170000,
      .text = "subscriptions without a replication origin",
      .hint = "drop and recreate them",
      .sql = "SELECT format('%I in %I', s.subname, d.datname) FROM pg_subscription s"
             " LEFT JOIN pg_replication_origin o ON o.roname = 'pg_' || s.oid"
             " JOIN pg_database d ON d.oid = s.subdbid WHERE o.roname IS NULL" },
    { .id = "pg.tablespaces_outside",
      .flags = MAJOR_ERROR,
      .text = "tablespaces outside the data volume",
      .hint = "a new pod would lack them; ALTER TABLE ... SET TABLESPACE pg_default",
      .sql = "SELECT name || ' at ' || place FROM " PG_PLACES
             " AND left(place, 1) = '/' AND NOT " PG_WITHIN(PG_VOLUME) },
    { .id = "pg.tablespaces_inside",
      .flags = MAJOR_ERROR,
      .text = "tablespaces inside the data directory, which is kept aside",
      .hint = "ALTER TABLE ... SET TABLESPACE pg_default, then drop them",
      .sql = "SELECT name || ' at ' || place FROM " PG_PLACES
             " AND (left(place, 1) <> '/' OR " PG_WITHIN(
                 "current_setting('data_directory')") ")" },
    { .id = "pg.preloaded",
      .flags = PROBE_MAJOR,
      .text = "preloaded libraries that are not part of the server; without them in the "
              "new image, its server does not start",
      .hint = "check that the new image contains them, or remove them from "
              "shared_preload_libraries",
      .sql = PG_PRELOADED },
    { .id = "pg.sql_ascii",
      .flags = PROBE_MAJOR,
      .text = "databases with encoding SQL_ASCII, whose text the server never validated",
      .hint = "pg_upgrade copies them unchanged",
      .sql = "SELECT datname FROM pg_database WHERE datallowconn AND"
             " pg_encoding_to_char(encoding) = 'SQL_ASCII'" },
    { .id = "pg.md5",
      .flags = PROBE_MAJOR,
      .below = 180000,
      .to = 180000,
      .text = "roles with md5 passwords, which 18 deprecates",
      .hint = "set their passwords again with password_encryption = 'scram-sha-256'",
      .sql = "SELECT rolname FROM pg_authid WHERE rolpassword LIKE 'md5%'" },

    /* -- each database -- */
    { .id = "pg.composite_types",
      .flags = EACH_ERROR,
      .text = "columns of the system's composite types",
      .hint = DROP_COLUMNS,
      .sql = PG_COLUMNS_OF(PG_SYSTEM_COMPOSITES) },
    { .id = "pg.reg_types",
      .flags = EACH_ERROR,
      .text = "columns of types that refer to system catalogs",
      .hint = DROP_COLUMNS " (text)",
      .sql = PG_COLUMNS_OF(PG_TYPES(
          "pg_catalog", "'regcollation', 'regconfig', 'regdictionary', 'regnamespace',"
                        " 'regoper', 'regoperator', 'regproc', 'regprocedure'")) },
    { .id = "pg.aclitem",
      .flags = EACH_ERROR,
      .below = 160000,
      .to = 160000,
      .text = "columns of type aclitem, which changed in 16",
      .hint = DROP_COLUMNS " (text)",
      .sql = PG_COLUMNS_OF(PG_TYPES("pg_catalog", "'aclitem'")) },
    { .id = "pg.sql_identifier",
      .flags = EACH_ERROR,
      .below = 120000,
      .to = 120000,
      .text = "columns of type sql_identifier, which changed in 12",
      .hint = DROP_COLUMNS " (name)",
      .sql = PG_COLUMNS_OF(PG_TYPES("information_schema", "'sql_identifier'")) },
    { .id = "pg.time_types",
      .flags = EACH_ERROR,
      .below = 120000,
      .to = 120000,
      .text = "columns of types that 12 removed",
      .hint = DROP_COLUMNS " (timestamptz, interval, tstzrange)",
      .sql = PG_COLUMNS_OF(PG_TYPES("pg_catalog", "'abstime', 'reltime', 'tinterval'")) },
    { .id = "pg.oids",
      .flags = EACH_ERROR,
      .below = 120000,
      .to = 120000,
      .text = "tables WITH OIDS, which 12 removed",
      .hint = "ALTER TABLE ... SET WITHOUT OIDS",
      .sql = "SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid ="
             " c.relnamespace WHERE c.relhasoids AND n.nspname <> 'pg_catalog'" },
    { .id = "pg.conversions",
      .flags = EACH_ERROR,
      .below = 140000,
      .to = 140000,
      .text = "user-defined encoding conversions, whose functions changed in 14",
      .hint = "DROP CONVERSION, and recreate them afterwards",
      .sql = "SELECT format('%I.%I', n.nspname, c.conname) FROM pg_conversion c"
             " JOIN pg_namespace n ON n.oid = c.connamespace WHERE c.oid " PG_OWN },
    { .id = "pg.postfix_operators",
      .flags = EACH_ERROR,
      .below = 140000,
      .to = 140000,
      .text = "postfix operators, which 14 removed",
      .hint = "DROP OPERATOR; use prefix operators or functions",
      .sql = "SELECT o.oid::regoperator FROM pg_operator o WHERE o.oprright = 0"
             " AND o.oprleft <> 0 AND o.oid " PG_OWN },
    { .id = "pg.polymorphics",
      .flags = EACH_ERROR,
      .below = 140000,
      .to = 140000,
      .text = "objects that use array functions whose arguments changed in 14",
      .hint = "drop them, and recreate them afterwards with anycompatiblearray and "
              "anycompatible",
      .sql = PG_POLYMORPHIC_USERS },
    { .id = "pg.not_null",
      .flags = EACH_ERROR,
      .below = 180000,
      .to = 180000,
      .text = "nullable columns that are NOT NULL in the parent table",
      .hint = "ALTER TABLE ... ALTER ... SET NOT NULL",
      .sql = "SELECT format('%I.%I.%I', n.nspname, cc.relname, ac.attname)"
             " FROM pg_inherits i, pg_attribute ac, pg_attribute ap, pg_class cc,"
             " pg_namespace n WHERE cc.oid = ac.attrelid AND i.inhrelid = ac.attrelid"
             " AND i.inhparent = ap.attrelid AND ac.attname = ap.attname"
             " AND cc.relnamespace = n.oid AND ap.attnum > 0 AND ap.attnotnull"
             " AND NOT ac.attnotnull" },
    { .id = "pg.subscriptions_state",
      .flags = EACH_ERROR,
      .since = 170000,
      .text = "subscribed tables whose initial copy is in progress",
      .hint = "wait until it is complete",
      .sql = "SELECT format('%I: %s', s.subname, r.srrelid::regclass)"
             " FROM pg_subscription_rel r JOIN pg_subscription s ON s.oid = r.srsubid"
             " WHERE r.srsubstate NOT IN ('i', 'r')" },
    { .id = "pg.extensions",
      .flags = EACH_WARNING,
      .text = "extensions that are not part of the server; pg_upgrade rejects those "
              "whose libraries are missing from the new image",
      .hint = "check that the new image contains them",
      .sql = "SELECT extname || ' ' || extversion FROM pg_extension WHERE extname"
             " NOT IN (" PG_CONTRIB ")" },
    { .id = "pg.libraries",
      .flags = EACH_WARNING,
      .text = "functions in libraries outside any extension; pg_upgrade rejects those "
              "missing from the new image",
      .hint = "check that the new image contains them",
      .sql = PG_LIBRARIES },
    { .id = "pg.estimates",
      .flags = EACH_WARNING,
      .text = "tables with far fewer rows than their statistics show: rows would seem to "
              "be missing afterwards",
      .hint = "ANALYZE them first, or use --exact-counts",
      .sql = PG_OLD_ESTIMATES },
    { .id = "pg.expressions",
      .flags = EACH_WARNING,
      .below = 170000,
      .to = 170000,
      .text = "indexes and materialized views with functions that name objects without "
              "their schema; ANALYZE, REINDEX and REFRESH of 17 may not find these",
      .hint = "ALTER FUNCTION ... SET search_path = SCHEMA, or name the schema in them",
      .sql = PG_UNQUALIFIED },
    { .id = "pg.column_parameters",
      .flags = EACH_WARNING,
      .text = "column parameters that only some builds of the server know; pg_upgrade "
              "fails if the new image's build does not",
      .hint = "take both images from one distribution, at the same level of its patches",
      .sql = PG_COLUMN_PARAMETERS },
    EXTENSIONS_GONE(110000, "'chkpass'"),
    EXTENSIONS_GONE(120000, "'timetravel'"),
    EXTENSIONS_GONE(150000, "'plpythonu', 'plpython2u'"),
    EXTENSIONS_GONE(170000, "'adminpack', 'old_snapshot'"),

    /* -- settings that were removed or renamed without an alias -- */
    SETTINGS_GONE(110000, "'replacement_sort_tuples'"),
    SETTINGS_GONE(130000, "'wal_keep_segments'"),
    SETTINGS_GONE(140000,
                  "'operator_precedence_warning', 'vacuum_cleanup_index_scale_factor'"),
    SETTINGS_GONE(150000, "'stats_temp_directory'"),
    SETTINGS_GONE(160000, "'promote_trigger_file', 'vacuum_defer_cleanup_age'"),
    SETTINGS_GONE(170000, "'db_user_namespace', 'old_snapshot_threshold',"
                          " 'trace_recovery_messages'"),
    SETTINGS_GONE(180000, "'extension_destdir'"), /* Debian's builds had it */
    { 0 },
};
