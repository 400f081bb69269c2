/*
 * Postgres: standalone, and a primary with its streaming standbys.
 *
 * Sources: container names, image fields and variables are KubeDB's; functions and views
 * are from the PostgreSQL manual of each version, and were tried on servers 15, 17 and
 * 18.
 */
#include "engine/postgres.h"
#include "engine/engine.h"
#include "engine/gate.h"
#include "engine/obstacle.h"
#include "engine/postgres_probes.h"
#include "engine/postgres_session.h"
#include "engine/postgres_transfer.h"
#include "engine/rows.h"

/* Coordinator: clusters only. */
static const struct engine_image postgres_images[] = {
    { "postgres", "db.image", false, false },
    { "pg-coordinator", "coordinator.image", false, true },
    { "exporter", "exporter.image", false, true },
    { "postgres-init-container", "initContainer.image", true, true },
    { 0 },
};

/* The init container lays down the scripts for MAJOR_PG_VERSION, the others start the
 * server by it. */
static const struct engine_env postgres_env[] = {
    { "PG_VERSION", "version", false },
    { "MAJOR_PG_VERSION", "version", true },
    { 0 },
};

/* spec.mode came late: before it the number of replicas alone said it. */
static const struct engine_mode postgres_modes[] = {
    { "", NULL, true, TOPOLOGY_STANDALONE, "standalone", NULL },
    { "", NULL, false, TOPOLOGY_STANDBYS, "primary with standbys", NULL },
    { "Standalone", NULL, false, TOPOLOGY_STANDALONE, "standalone", NULL },
    { "Cluster", NULL, true, TOPOLOGY_STANDALONE, "standalone", NULL },
    { "Cluster", NULL, false, TOPOLOGY_STANDBYS, "primary with standbys", NULL },
    { "RemoteReplica", NULL, false, TOPOLOGY_UNSUPPORTED, "remote replica", NULL },
    { 0 },
};

static const struct engine_refusal postgres_refusals[] = {
    { "spec.readReplicas", NULL,
      "read replicas of a single member, which has no coordinator, are not supported",
      true },
    { 0 },
};

/* A client that reads a pipe ends when its connection has gone, which the session
 * notices. What remains: a standby cancels statements that are in the way of its replay.
 */
static const char *const postgres_lost[] = {
    "ERROR:  canceling statement due to conflict with recovery",
    "ERROR:  terminating connection",
    NULL,
};

/* A superuser is bound by no limit of connections but the server's. An expired password
 * is just a wrong one; it is used where pg_hba.conf does not trust the local socket. */
static const struct engine_obstacle postgres_obstacles[] = {
    { "is not permitted to log in", "its role may not log in", "ALTER ROLE ... LOGIN" },
    { "too many connections for role", "its role has no connection left",
      "ALTER ROLE ... CONNECTION LIMIT -1" },
    { "too many connections for database", "its database has no connection left",
      "ALTER DATABASE ... CONNECTION LIMIT -1" },
    { "is not currently accepting connections", "its database takes no connections",
      "ALTER DATABASE ... ALLOW_CONNECTIONS true" },
    { "permission denied for database", "it may not connect to its database",
      "GRANT CONNECT ON DATABASE ..." },
    { "no pg_hba.conf entry", "pg_hba.conf has no entry for it",
      "add one for local connections, and SELECT pg_reload_conf()", true },
    { "password authentication failed", "its password is another one, or has expired",
      "make the role's password and that of the auth Secret equal; ALTER ROLE ... VALID "
      "UNTIL 'infinity'",
      true },
    { "sorry, too many clients already", "the server has no connection left",
      "raise max_connections, or end connections", true },
    { "remaining connection slots", "the server has no connection left",
      "raise max_connections, or end connections", true },
    { 0 },
};

/* What sessions and a standby's receiver are told while there is a server, or will be one
 * soon. KubeDB's run.sh starts a server that ended again, so its container never ends. */
static const char *const postgres_patience[] = {
    "FATAL:  the database system is",
    "FATAL:  could not connect to the primary",
    "FATAL:  could not receive",
    "FATAL:  could not send",
    "FATAL:  terminating",
    "FATAL:  canceling",
    "FATAL:  connection",
    "FATAL:  password authentication",
    "FATAL:  no pg_hba.conf entry",
    "FATAL:  role ",
    "FATAL:  database ",
    "FATAL:  sorry, too many clients",
    "FATAL:  remaining connection slots",
    "FATAL:  lock file",
    NULL,
};

/*
 * What a member says of itself. Its clients are not pinned to read (engine.pins): they
 * get what this session would without. A standby streams, or waits for somebody to stream
 * from. Members do not know of each other (0): what a primary sees in pg_stat_replication
 * may also be backups and replicas that are none of its database's.
 */
#define POSTGRES_STANDBY "pg_is_in_recovery()"

static const struct engine_sql postgres_member_sql[] = {
    { 100000,
      "SELECT 'version', split_part(current_setting('server_version'),' ',1)"
      " UNION ALL SELECT 'id', system_identifier::text FROM pg_control_system()"
      " UNION ALL SELECT 'state', CASE WHEN NOT " POSTGRES_STANDBY " THEN 'RUNNING'"
      " WHEN EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status='streaming')"
      " THEN 'STREAMING' ELSE 'RECOVERING' END"
      " UNION ALL SELECT 'role',"
      " CASE WHEN " POSTGRES_STANDBY " THEN 'SECONDARY' ELSE 'PRIMARY' END"
      " UNION ALL SELECT 'writable', CASE WHEN " POSTGRES_STANDBY
      " OR (SELECT reset_val FROM pg_settings"
      " WHERE name='default_transaction_read_only')='on' THEN '0' ELSE '1' END"
      " UNION ALL SELECT 'queue', CASE WHEN " POSTGRES_STANDBY
      " THEN greatest(COALESCE(pg_wal_lsn_diff(pg_last_wal_receive_lsn(),"
      "pg_last_wal_replay_lsn()),0),0)::bigint ELSE 0 END::text"
      " UNION ALL SELECT 'members', '0'"
      " UNION ALL SELECT 'online', '0'"
      " UNION ALL SELECT 'position', (CASE WHEN " POSTGRES_STANDBY
      " THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text" },
    { 0 },
};

static const struct engine_sql postgres_reached_sql[] = {
    { 100000, "SELECT (CASE WHEN " POSTGRES_STANDBY
              " THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END"
              " >= '%s'::pg_lsn)::int" },
    { 0 },
};

/* For people, when an upgrade failed. What others chose is in no row's beginning, where
 * it could look like the client's error. */
#define POSTGRES_SENDERS                                                           \
    "SELECT 'sender', application_name, client_addr, state, sync_state, sent_lsn," \
    " replay_lsn FROM pg_stat_replication"
#define POSTGRES_RECEIVER                                                  \
    "SELECT 'receiver', status, received_tli, latest_end_lsn, sender_host" \
    " FROM pg_stat_wal_receiver"

static const char *const postgres_status_sql[] = {
    POSTGRES_SENDERS,
    POSTGRES_RECEIVER,
    "SELECT 'slot', slot_name, slot_type, active, restart_lsn FROM pg_replication_slots",
    "SELECT timeline_id, checkpoint_lsn, redo_lsn FROM pg_control_checkpoint()",
    NULL,
};

const char pg_replayed_sql[] = "SELECT (pg_last_wal_replay_lsn() > '%s'::pg_lsn)::int";
const char pg_places_sql[] = "SELECT " PG_HEX(
    "pg_tablespace_location(oid)") " FROM pg_tablespace"
                                   " WHERE pg_tablespace_location(oid)<>''";
const char pg_checkpoint_sql[] = "CHECKPOINT";

/* All databases together, and the largest each. */
static const struct engine_sql postgres_measures_sql[] = {
    { 100000, "SELECT 'bytes', COALESCE(sum(pg_database_size(oid)), 0)::bigint, '' FROM"
              " pg_database WHERE datallowconn"
              " UNION ALL SELECT 'databases', count(*), '' FROM pg_database"
              " UNION ALL SELECT 'tablespaces', count(*), '' FROM pg_tablespace"
              " UNION ALL (SELECT 'bytes', pg_database_size(oid), " PG_HEX(
                  "datname") " FROM pg_database WHERE datallowconn ORDER BY 2 DESC, oid "
                             "LIMIT 15)" },
    { 0 },
};

/* What users made in a database, but for what an extension owns, which may make it
 * otherwise when it is updated, and for what ends with a session. */
/* Those of superusers: nobody else can make something else of them. */
#define POSTGRES_TRUSTED                                                \
    " NOT EXISTS (SELECT FROM pg_roles r WHERE NOT rolsuper AND"        \
    " rolname <> 'pg_database_owner' AND r.oid IN (relowner, nspowner," \
    " (SELECT datdba FROM pg_database WHERE datname = current_database())))"

#define POSTGRES_RELATIONS                                                     \
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"           \
    " WHERE (nspname < 'pg_' OR nspname >= 'pg`')"                             \
    " AND nspname <> 'information_schema'"                                     \
    " AND relpersistence <> 't' AND NOT EXISTS (SELECT FROM pg_depend d WHERE" \
    " classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')"

/* A partitioned table's rows are its parts'. A table without statistics has -1, before 14
 * 0; the sum is left out where none has any. */
static const struct engine_sql postgres_database_measures_sql[] = {
    { 100000, "WITH r AS (SELECT relkind, reltuples" POSTGRES_RELATIONS ")"
              " SELECT 'tables', count(*) FROM r WHERE relkind IN ('r','p','m')"
              " UNION ALL SELECT 'sequences', count(*) FROM r WHERE relkind = 'S'"
              " UNION ALL SELECT 'rows', sum(reltuples)::bigint FROM r"
              " WHERE relkind IN ('r','m') AND reltuples > 0"
              " HAVING count(*) > 0" },
    { 0 },
};

/* Databases differed by -0.1 to +0.2 % between members and after upgrades. pg_upgrade
 * copies the users' data file by file, but makes the system's catalogues anew, without
 * what they had bloated to. */
static const struct engine_measure postgres_measures[] = {
    { "bytes", "bytes", true, 1, 16LL << 20, 20, false, false },
    { "databases", "databases", false, 0, 0, 0, false, false },
    { "tablespaces", "tablespaces", false, 0, 0, 0, false, false },
    { "tables", "tables", false, 0, 0, 0, true, false },
    { "sequences", "sequences", false, 0, 0, 0, true, false },
    { "rows", "estimated rows", false, 20, 10000, 0, false, true },
    { "counted", "rows", false, 0, 0, 0, true, false },
    { 0 },
};

static enum gate_verdict
postgres_gate_size(const struct gate_want *w, const struct gate_seen *s, char *now,
                   char *want, size_t size)
{
    return gate_size(postgres_measures, w, s, now, want, size);
}

static const struct engine_gate postgres_gates[] = {
    { "version", "server version", false, false, gate_version },
    { "member", "replication", false, false, gate_member },
    { "position", "log replayed", false, true, gate_position },
    { "size", "amount of data", true, false, postgres_gate_size },
    { 0 },
};

/* Who leads is the coordinators' business: they stop the old primary cleanly, which
 * waits until its standbys have all, and promote the other. The checkpoint keeps that
 * shutdown short. */
static const struct engine_handover postgres_handovers[] = {
    { "transfer", "switch to an upgraded standby first", TOPOLOGY_STANDBYS, false, 100000,
      pg_checkpoint_sql, true, "2-5 s" },
    { 0 },
};

/* Within a major version the data's format never changes (manual, "Upgrading a
 * PostgreSQL Cluster"). */
static const struct engine_series postgres_series[] = {
#define POSTGRES_SERIES(n)              \
    {                                   \
        (n) * 10000, ((n) + 1) * 10000, \
    }
    POSTGRES_SERIES(10), POSTGRES_SERIES(11), POSTGRES_SERIES(12), POSTGRES_SERIES(13),
    POSTGRES_SERIES(14), POSTGRES_SERIES(15), POSTGRES_SERIES(16), POSTGRES_SERIES(17),
    POSTGRES_SERIES(18), POSTGRES_SERIES(19), POSTGRES_SERIES(20), { 0 },
};

static const struct probe_frame postgres_probe_frame = { .count = "count(*)::text",
                                                         .object = PG_HEX("o"),
                                                         .hex = true };

static const char postgres_databases_sql[] = "SELECT pg_database_size(oid), oid, " PG_HEX(
    "datname") " FROM pg_database WHERE datallowconn AND datconnlimit <> -2"
               " ORDER BY 1 DESC, 2";

static const char postgres_tables_sql[] =
    "SELECT pg_relation_size(c.oid), c.oid, " PG_HEX("format('%I.%I', nspname, relname)")
        POSTGRES_RELATIONS " AND (relkind = 'r' OR relkind = 'm' AND" POSTGRES_TRUSTED ")"
                           " ORDER BY 1 DESC, 2 LIMIT 20000";

const struct engine engine_postgres = {
    .name = "postgres",
    .aliases = "pg",
    .container = "postgres",
    .api = {
        .kind = "Postgres",
        .resource = "postgreses",
        .status_resource = "postgreses/status",
        .catalog_kind = "PostgresVersion",
        .catalog_resource = "postgresversions",
        .ops_kind = "PostgresOpsRequest",
        .ops_resource = "postgresopsrequests",
        .ops_ref = "databaseRef",
    },
    .versions = {
        .numbers = 2,
        .series_size = 10000,
        .sample = "17.9",
        .series = postgres_series,
        .major = PROCEDURE_PG_UPGRADE,
        .no_return = "after the new server has written to a member's data, that member "
                 "cannot be rolled back",
    },
    .object = {
        .images = postgres_images,
        .env = postgres_env,
        .topology_path = "spec.mode",
        .followers_path = "spec.readReplicas",
        .modes = postgres_modes,
        .refusals = postgres_refusals,
        .data_path = "/var/pv",
        .data_variable = "PGDATA",
        .data_sql = "SELECT current_setting('data_directory') UNION ALL SELECT "
                    "pg_tablespace_location(oid) FROM pg_tablespace WHERE "
                    "pg_tablespace_location(oid) <> ''",
    },
    .session = {
        .argv = postgres_session_argv,
        .echo_sql = "SELECT '%s'",
        .pins = postgres_pins,
        .limit_sql = "SET statement_timeout = %s",
        .databases_sql = postgres_databases_sql,
        .enter = postgres_enter,
        .error_prefix = "ERROR:",
        .lost_prefixes = postgres_lost,
        .obstacles = postgres_obstacles,
    },
    .log = {
        .error = "FATAL:",
        .patience = postgres_patience,
    },
    .member = {
        .version_sql = "SELECT split_part(current_setting('server_version'),' ',1)",
        .sql = postgres_member_sql,
        .status_sql = postgres_status_sql,
        .reached_sql = postgres_reached_sql,
        .lag_unit = "bytes",
        .max_lag = 1LL << 20,
        .lag_warning = 256LL << 20,
        .gates = postgres_gates,
        .handovers = postgres_handovers,
    },
    .data = {
        .measures = postgres_measures,
        .sql = postgres_measures_sql,
        .database_sql = postgres_database_measures_sql,
        .tables_sql = postgres_tables_sql,
        .count = postgres_count,
    },
    .transfer = &postgres_transfer,
    .probes = postgres_probes,
    .probe_frame = &postgres_probe_frame,
};
