/*
 * PerconaXtraDB: Percona XtraDB Cluster, that is MySQL with Galera, and a single server
 * of it. All nodes take writes and none leads.
 *
 * Sources: container names and image fields are KubeDB's; status variables are Galera's
 * and from the manuals of Percona XtraDB Cluster 5.7 to 8.4. MariaDB with Galera has the
 * same ones in another place: it has numbers from 10.0 on, and what was tried was tried
 * on its servers 10.11 and 11.8.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "engine/engine.h"
#include "engine/gate.h"
#include "engine/mysql_account.h"
#include "engine/mysql_channels.h"
#include "engine/mysql_kin.h"
#include "engine/perconaxtradb_probes.h"
#include "engine/rows.h"
#include "engine/transfer.h"

static const struct engine_image px_images[] = {
    { "perconaxtradb", "db.image", false, false },
    { "px-coordinator", "coordinator.image", false, true },
    { "exporter", "exporter.image", false, true },
    { "px-init", "initContainer.image", true, true },
    { 0 },
};

/* The object has no field for it: the number of replicas says it. */
static const struct engine_mode px_modes[] = {
    { "", NULL, true, TOPOLOGY_STANDALONE, "standalone", NULL },
    { "", NULL, false, TOPOLOGY_PEERS, "Galera cluster", NULL },
    { 0 },
};

/* A node that is not ready refuses statements that touch tables, unless dirty reads are
 * on; one that is set to read causally has them wait until it has caught up. */
static const char *const px_session_argv[] = {
    "sh", "-c",
    MYSQL_SESSION(MYSQL_PINS ",SESSION wsrep_sync_wait=0,SESSION wsrep_dirty_reads=1"),
    NULL
};

#define PX_MYSQL   "performance_schema.global_status"
#define PX_MARIADB "information_schema.GLOBAL_STATUS"

/* A status variable of Galera; one that the server has not got is NULL. */
#define PX_GET(t, n) \
    "(SELECT VARIABLE_VALUE FROM " t " WHERE VARIABLE_NAME='wsrep_" n "')"

/* The CASTs keep the UNION from mixing collations. */
#define PX_ROW(key, value) " UNION ALL SELECT '" key "',CAST(" value " AS CHAR)"

/* Without a provider it is a single server. */
#define PX_ALONE          "@@GLOBAL.wsrep_provider IN ('','none')"
#define PX_IF_ALONE(a, b) "IF(" PX_ALONE "," a "," b ")"

/* A node that is cut off, or that was never let in, is in no component that is Primary.
 * One that gives a copy of its data to another is DONOR/DESYNCED. */
#define PX_PRIMARY(t) "COALESCE(" PX_GET(t, "cluster_status") ",'')='Primary'"
#define PX_READY(t)   "COALESCE(" PX_GET(t, "ready") ",'')='ON'"
#define PX_COMMENT(t) "UPPER(" PX_GET(t, "local_state_comment") ")"
#define PX_SIZE(t)    "COALESCE(" PX_GET(t, "cluster_size") ",0)"
/* clang-format off */
#define PX_STATE(t)                                                                    \
    "IF(NOT " PX_PRIMARY(t) ",'NON-PRIMARY',"                                          \
    "IF(" PX_COMMENT(t) "='SYNCED' AND NOT " PX_READY(t) ",'NOT READY'," PX_COMMENT(t) "))"
#define PX_VIEW(t)                                                                     \
    "CONCAT(" PX_GET(t, "cluster_state_uuid") ",'/'," PX_GET(t, "cluster_conf_id") ")"
#define PX_POSITION(t)                                                                 \
    "CONCAT(" PX_GET(t, "local_state_uuid") ",':'," PX_GET(t, "last_committed") ")"

#define PX_MEMBER_SQL(t)                                                               \
    "SELECT 'version',CAST(VERSION() AS CHAR)"                                         \
    PX_ROW("id", "COALESCE(NULLIF(" PX_GET(t, "gcomm_uuid") ",''),'-')")               \
    PX_ROW("state", PX_IF_ALONE("'RUNNING'", PX_STATE(t)))                             \
    PX_ROW("role", PX_IF_ALONE("''", "'PEER'"))                                        \
    PX_ROW("writable", "NOT @@GLOBAL.read_only AND (" PX_ALONE " OR " PX_READY(t) ")") \
    PX_ROW("queue", "COALESCE(" PX_GET(t, "local_recv_queue") ",0)")                   \
    PX_ROW("members", PX_IF_ALONE("1", PX_SIZE(t)))                                    \
    PX_ROW("online", PX_IF_ALONE("1", "IF(" PX_PRIMARY(t) "," PX_SIZE(t) ",0)"))       \
    PX_ROW("view", PX_VIEW(t))                                                         \
    PX_ROW("position", PX_POSITION(t))

/* A position is "UUID:SEQNO": of which history, and the last transaction of it. */
#define PX_REACHED_SQL(t)                                                              \
    "SELECT COALESCE(SUBSTRING_INDEX(w.p,':',1)=" PX_GET(t, "local_state_uuid")        \
    " AND CAST(SUBSTRING_INDEX(w.p,':',-1) AS SIGNED)"                                 \
    "<=CAST(" PX_GET(t, "last_committed") " AS SIGNED),0) FROM (SELECT '%s' AS p) w"

/* What a node keeps of late transactions is in a ring of a fixed size. */
#define PX_OPTION(name)                                                                \
    "SUBSTRING_INDEX(SUBSTRING_INDEX(@@GLOBAL.wsrep_provider_options,'" name " = ',-1),CHAR(59),1)"
#define PX_TRANSFER_SQL(t)                                                             \
    "SELECT 'history',CAST(" PX_GET(t, "local_state_uuid") " AS CHAR)"                 \
    PX_ROW("last", PX_GET(t, "last_committed"))                                        \
    PX_ROW("kept_from", PX_GET(t, "local_cached_downto"))                              \
    PX_ROW("bytes", "CAST(" PX_GET(t, "replicated_bytes") " AS UNSIGNED)+CAST("        \
           PX_GET(t, "received_bytes") " AS UNSIGNED)")                                \
    PX_ROW("held_ns", PX_GET(t, "flow_control_paused_ns"))                             \
    PX_ROW("room", PX_OPTION("gcache.size"))                                           \
    PX_ROW("donor", "@@GLOBAL.wsrep_sst_donor")
/* clang-format on */

static const struct engine_sql px_member_sql[] = {
    { 50700, PX_MEMBER_SQL(PX_MYSQL) },
    { 100000, PX_MEMBER_SQL(PX_MARIADB) },
    { 0 },
};

static const struct engine_sql px_reached_sql[] = {
    { 50700, PX_REACHED_SQL(PX_MYSQL) },
    { 100000, PX_REACHED_SQL(PX_MARIADB) },
    { 0 },
};

static const struct engine_sql px_transfer_sql[] = {
    { 50700, PX_TRANSFER_SQL(PX_MYSQL) },
    { 100000, PX_TRANSFER_SQL(PX_MARIADB) },
    { 0 },
};

/* Galera writes this file by its open descriptor: one that is not there is not made anew,
 * and a node that starts without it knows no history. An id of zeroes is there while
 * something is done that no other node does. */
static const char *const px_history_argv[] = {
    "sed", "-n", "s/^uuid:[[:space:]]*//p", "/var/lib/mysql/grastate.dat", NULL,
};

/* The lines are the Galera library's own. */
static const struct transfer_log px_log = { .group = "Group state: ",
                                            .had = "Local state: ",
                                            .got = "SST received: ",
                                            .donor = "Selected " };

static const struct engine_transfer px_transfer = {
    .late = "IST",
    .whole = "SST",
    .keeps = "writes",
    .sql = px_transfer_sql,
    .history_argv = px_history_argv,
    .log = &px_log,
    .throttles = true,
    .why = {
        [TRANSFER_LOST] =
            "its state file, grastate.dat, is missing or belongs to another history",
    },
};

static long long
px_seqno(const char *position)
{
    const char *colon = strrchr(position, ':');
    long long n = -1;

    return colon != NULL && str_to_ll(colon + 1, &n) ? n : -1;
}

static bool
px_position_is_later(const char *a, const char *b)
{
    return px_seqno(a) > px_seqno(b);
}

/* For people, when an upgrade failed. SHOW is answered in any state. */
static const char *const px_status_sql[] = {
    "SHOW GLOBAL STATUS LIKE 'wsrep%'",
    "SHOW GLOBAL VARIABLES LIKE 'wsrep_sst%'",
    NULL,
};

static const struct engine_sql px_measures_sql[] = {
    { 50700, MYSQL_MEASURES_SQL("INNODB_SYS_TABLESPACES", MYSQL_USERS_SPACES) },
    { 80003, MYSQL_MEASURES_SQL("INNODB_TABLESPACES", MYSQL_USERS_SPACES) },
    { 100000, MYSQL_MEASURES_SQL("INNODB_SYS_TABLESPACES", "NAME LIKE '%/%'") },
    { 0 },
};

/* A node that says that it is synced may have writes to apply that came meanwhile. */
static const struct engine_gate px_gates[] = {
    { "version", "server version", false, false, gate_version },
    { "member", "node state", false, false, gate_member },
    { "position", "transactions applied", false, true, gate_position },
    { "queue", "receive queue", false, false, gate_queue },
    { "size", "amount of data", true, false, mysql_gate_size },
    { 0 },
};

static const struct engine_handover px_handovers[] = { { 0 } };

/* As MySQL's. The last row is for MariaDB's numbers. */
static const struct engine_path px_paths[] = {
    { 50700, 80100, "upgrade to 8.0 first" },
    { 80000, 90000, "upgrade to 8.4 first" },
    { 80400, 100000, "upgrade to the last LTS of 9 first" },
    { 100000, 1000000, "no such version exists" },
    { 0 },
};

/* As MySQL's; and MariaDB's long-term series, which open what a later release of the same
 * series wrote (its manual, "Downgrading between minor versions"). */
static const struct engine_series px_series[] = {
    { 50700, 50800 }, { 80400, 80500 }, { 101100, 101200 }, { 110800, 110900 }, { 0 },
};

static const struct probe_frame px_probe_frame = { MYSQL_PROBE_COUNT, MYSQL_PROBE_OBJECT,
                                                   .twice = false };

const struct engine engine_perconaxtradb = {
    .name = "perconaxtradb",
    .aliases = "px",
    .container = "perconaxtradb",
    .api = {
        .kind = "PerconaXtraDB",
        .resource = "perconaxtradbs",
        .status_resource = "perconaxtradbs/status",
        .catalog_kind = "PerconaXtraDBVersion",
        .catalog_resource = "perconaxtradbversions",
        .ops_kind = "PerconaXtraDBOpsRequest",
        .ops_resource = "perconaxtradbopsrequests",
        .ops_ref = "databaseRef",
    },
    .versions = {
        .numbers = 3,
        .series_size = 100,
        .sample = "8.4.3",
        .paths = px_paths,
        .series = px_series,
        .no_return = "after the new server has opened a node's data, that node cannot be "
                 "rolled back, only re-cloned from an old one",
    },
    .object = {
        .images = px_images,
        .topology_path = "spec.topology.mode",
        .modes = px_modes,
        .data_path = "/var/lib/mysql",
        .data_option = "--datadir=",
        .data_sql = MYSQL_DIRECTORIES_SQL,
    },
    .session = {
        .argv = px_session_argv,
        .echo_sql = "SELECT '%s'",
        .error_prefix = "ERROR ",
        .lost_prefixes = mysql_lost,
        .obstacles = mysql_obstacles,
    },
    .log = {
        .error = "[ERROR]",
    },
    .member = {
        .version_sql = "SELECT VERSION()",
        .sql = px_member_sql,
        .status_sql = px_status_sql,
        .reached_sql = px_reached_sql,
        .position_is_later = px_position_is_later,
        .lag_unit = "transactions",
        .max_lag = 100,
        .lag_warning = 10000,
        .gates = px_gates,
        .handovers = px_handovers,
        .channels = &px_channels,
    },
    .data = {
        .measures = mysql_measures,
        .sql = px_measures_sql,
    },
    .transfer = &px_transfer,
    .probes = px_probes,
    .probe_frame = &px_probe_frame,
};
