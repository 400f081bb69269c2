/*
 * MySQL: standalone, group replication with one primary or with all members primaries,
 * semi-synchronous replication, and replicas of a server elsewhere.
 *
 * Sources: container names and image fields are KubeDB's; tables and columns are from the
 * MySQL reference manual of each series, and were tried on servers 5.7.19, 5.7.22
 * and 9.7.4.
 */
#include "base/str.h"
#include "engine/engine.h"
#include "engine/engine_advice.h"
#include "engine/gate.h"
#include "engine/mysql_account.h"
#include "engine/mysql_channels.h"
#include "engine/mysql_kin.h"
#include "engine/mysql_probes.h"
#include "engine/mysql_source.h"
#include "engine/mysql_transfer.h"
#include "engine/mysql_trial.h"
#include "engine/new_set.h"
#include "engine/router.h"
#include "engine/rows.h"

/* Coordinator: groups only. Detector: what groups had before it. Init: absent in sets of
 * KubeDB before 2021. */
static const struct engine_image mysql_images[] = {
    { "mysql", "db.image", false, false },
    { "mysql-coordinator", "coordinator.image", false, true },
    { "replication-mode-detector", "replicationModeDetector.image", false, true },
    { "exporter", "exporter.image", false, true },
    { "mysql-init", "initContainer.image", true, true },
    { 0 },
};

/* An InnoDB cluster's routers: their port 6446 leads to the primary. */
static const struct engine_image mysql_router_images[] = {
    { "mysql-router", "router.image", false, false },
    { "exporter", "exporter.image", false, true },
    { "mysql-router-init", "routerInitContainer.image", true, true },
    { 0 },
};

static const struct engine_front mysql_front = {
    .title = "router",
    .key = "mysql.kubedb.com/component",
    .value = "router",
    .images = mysql_router_images,
    .ask =
        MYSQL_ALONE "MYSQL_PWD=\"$MYSQL_ROOT_PASSWORD\" exec " MYSQL_CLIENT
                    "--host=\"$1\" -P 6446 " MYSQL_OWN_USER "--init-command='" MYSQL_READS
                    "' -e 'SELECT @@GLOBAL.server_uuid, NOT @@GLOBAL.super_read_only'",
};

/* KubeDB's webhook asks the groupReplication lists whatever the topology is, so that a
 * standalone needs the leave of both. */
static const struct engine_mode mysql_modes[] = {
    { "", NULL, false, TOPOLOGY_STANDALONE, "standalone", "standalone groupReplication" },
    { "GroupReplication", "Multi-Primary", false, TOPOLOGY_PRIMARIES,
      "GroupReplication multi-primary", "groupReplication" },
    { "GroupReplication", NULL, false, TOPOLOGY_GROUP, "GroupReplication single-primary",
      "groupReplication" },
    { "InnoDBCluster", NULL, false, TOPOLOGY_GROUP, "InnoDB cluster", "groupReplication",
      .fronted = true },
    { "SemiSync", NULL, false, TOPOLOGY_SEMISYNC, "semi-synchronous replication",
      "groupReplication" },
    { "RemoteReplica", NULL, false, TOPOLOGY_REMOTE, "remote replica",
      "standalone groupReplication",
      "KubeDB's webhook rejects every MySQLOpsRequest for this; the operator accepts the "
      "version that is set here" },
    { 0 },
};

static const struct engine_refusal mysql_refusals[] = {
    { "spec.topology.innoDBCluster.mode", "Multi-Primary",
      "an InnoDB cluster in multi-primary mode is not supported", false },
    { 0 },
};

const char *const mysql_lost[] = { "ERROR 2", "ERROR 1053 ", "ERROR 1927 ", "ERROR 3169 ",
                                   NULL };

static const char *const mysql_session_argv[] = { "sh", "-c", MYSQL_SESSION(MYSQL_PINS),
                                                  NULL };

/*
 * What a member says of itself. Whether it belongs to a group is told by
 * group_replication_group_name, which only exists with the plugin. A member that has not
 * joined its group is listed without an id, or not at all: OFFLINE. The tables that are
 * asked exist without the plugin too, empty, and with performance_schema=OFF.
 *
 * The CASTs keep the UNION from mixing collations. gtid_executed has a newline after each
 * source; CHAR(10) is one in any sql_mode.
 */
#define MYSQL_IN_GROUP                                                         \
    "COALESCE((SELECT VARIABLE_VALUE FROM performance_schema.global_variables" \
    " WHERE VARIABLE_NAME='group_replication_group_name'),'')<>''"
#define MYSQL_ALL_LEAD                                                         \
    "COALESCE((SELECT VARIABLE_VALUE FROM performance_schema.global_variables" \
    " WHERE VARIABLE_NAME='group_replication_single_primary_mode'),'ON')='OFF'"
#define MYSQL_MEMBERS "performance_schema.replication_group_members"
#define MYSQL_STATS   "performance_schema.replication_group_member_stats"
#define MYSQL_SELF    " WHERE MEMBER_ID=@@GLOBAL.server_uuid"
/* Of a server without a group, which may replicate from another one by the channel with
 * the empty name; a semi-synchronous source has another name before 8.0.26. A source that
 * waits for nobody any more since nobody acknowledged in time is ASYNCHRONOUS. */
#define MYSQL_VARIABLE(in, source, master)                                       \
    "COALESCE((SELECT MAX(VARIABLE_VALUE) FROM performance_schema." in           \
    " WHERE VARIABLE_NAME IN ('rpl_semi_sync_" source "','rpl_semi_sync_" master \
    "')),'')"
#define MYSQL_CHANNEL \
    "performance_schema.replication_connection_status c WHERE c.CHANNEL_NAME=''"
#define MYSQL_FOLLOWS "EXISTS(SELECT 1 FROM " MYSQL_CHANNEL ")"
#define MYSQL_WRITES  "(NOT @@GLOBAL.read_only AND NOT @@GLOBAL.super_read_only)"
#define MYSQL_SOURCE \
    "(" MYSQL_VARIABLE("global_variables", "source_enabled", "master_enabled") "='ON')"
#define MYSQL_STATE                                                                     \
    "IF(" MYSQL_FOLLOWS ",(SELECT IF(COALESCE(a.SERVICE_STATE,'')<>'ON','STOPPED',"     \
    "IF(c.SERVICE_STATE='ON','REPLICATING',IF(c.SERVICE_STATE='CONNECTING',"            \
    "'CONNECTING','STOPPED'))) FROM performance_schema.replication_connection_status c" \
    " LEFT JOIN performance_schema.replication_applier_status a"                        \
    " ON a.CHANNEL_NAME=c.CHANNEL_NAME WHERE c.CHANNEL_NAME=''),"                       \
    "IF(" MYSQL_SOURCE                                                                  \
    " AND " MYSQL_VARIABLE("global_status", "source_status",                            \
                           "master_status") "<>'ON','ASYNCHRONOUS','RUNNING'))"
#define MYSQL_ROLE                                                           \
    "IF(" MYSQL_FOLLOWS ",'SECONDARY',IF(" MYSQL_SOURCE " AND " MYSQL_WRITES \
    ",'PRIMARY',''))"
/* A replica knows of no others; a source knows those that acknowledge. */
#define MYSQL_KNOWN                           \
    "IF(" MYSQL_FOLLOWS ",0,IF(" MYSQL_SOURCE \
    ",1+" MYSQL_VARIABLE("global_status", "source_clients", "master_clients") ",1))"
/* What was received and is not applied: of a set with gaps, its last part. */
#define MYSQL_LAST "SUBSTRING_INDEX(w.g,':',-1)"
#define MYSQL_BEHIND                                                         \
    "COALESCE((SELECT IF(w.g='',0,1+SUBSTRING_INDEX(" MYSQL_LAST ",'-',-1)"  \
    "-SUBSTRING_INDEX(" MYSQL_LAST ",'-',1)) FROM (SELECT "                  \
    "GTID_SUBTRACT(c.RECEIVED_TRANSACTION_SET,@@GLOBAL.gtid_executed) AS g " \
    "FROM " MYSQL_CHANNEL ") w),0)"

#define MYSQL_MEMBER_SQL(role, queue)                                                    \
    "SELECT 'version',CAST(VERSION() AS CHAR)"                                           \
    " UNION ALL SELECT 'id',CAST(@@GLOBAL.server_uuid AS CHAR)"                          \
    " UNION ALL SELECT 'state',CAST(IF(" MYSQL_IN_GROUP                                  \
    ",COALESCE((SELECT MEMBER_STATE FROM " MYSQL_MEMBERS MYSQL_SELF                      \
    "),'OFFLINE')," MYSQL_STATE ") AS CHAR)"                                             \
    " UNION ALL SELECT 'role',CAST(IF(" MYSQL_IN_GROUP ",(" role ")," MYSQL_ROLE         \
    ") AS CHAR)"                                                                         \
    " UNION ALL SELECT 'writable'," MYSQL_WRITES                                         \
    " UNION ALL SELECT 'queue',CAST(" MYSQL_BEHIND "+COALESCE((SELECT SUM(" queue        \
    ") FROM " MYSQL_STATS MYSQL_SELF "),0) AS SIGNED)"                                   \
    " UNION ALL SELECT 'members',IF(" MYSQL_IN_GROUP                                     \
    ",(SELECT COUNT(*) FROM " MYSQL_MEMBERS " WHERE MEMBER_ID<>''),NOT " MYSQL_FOLLOWS   \
    ")"                                                                                  \
    " UNION ALL SELECT 'online',CAST(IF(" MYSQL_IN_GROUP                                 \
    ",(SELECT COUNT(*) FROM " MYSQL_MEMBERS " WHERE MEMBER_STATE='ONLINE')," MYSQL_KNOWN \
    ") AS SIGNED)"                                                                       \
    " UNION ALL SELECT 'position',CAST(REPLACE(@@GLOBAL.gtid_executed,CHAR(10),'') AS "  \
    "CHAR)"

/* 5.7 has no column for the role: a status variable names the primary, and is empty where
 * there are several. Both role columns and the applier's queue came with 8.0.2. Where all
 * lead each is called primary, also one that takes no writes because the group has
 * members of a lower version. */
static const struct engine_sql mysql_member_sql[] = {
    { 50700, MYSQL_MEMBER_SQL("SELECT IF(VARIABLE_VALUE=@@GLOBAL.server_uuid,'PRIMARY',"
                              "IF(VARIABLE_VALUE='',IF(" MYSQL_ALL_LEAD
                              ",'PEER',''),'SECONDARY'))"
                              " FROM performance_schema.global_status"
                              " WHERE VARIABLE_NAME='group_replication_primary_member'",
                              "COUNT_TRANSACTIONS_IN_QUEUE") },
    { 80002,
      MYSQL_MEMBER_SQL(
          "SELECT IF(MEMBER_ROLE='PRIMARY' AND " MYSQL_ALL_LEAD
          ",'PEER',MEMBER_ROLE) FROM " MYSQL_MEMBERS MYSQL_SELF,
          "COUNT_TRANSACTIONS_IN_QUEUE+COUNT_TRANSACTIONS_REMOTE_IN_APPLIER_QUEUE") },
    { 0 },
};

static const struct engine_sql mysql_reached_sql[] = {
    { 50700, "SELECT GTID_SUBSET('%s',@@GLOBAL.gtid_executed)" },
    { 0 },
};

/* For people, when an upgrade failed. A server without group replication has no rows.
 * What others chose is in no row's beginning, where it could look like the client's
 * error. */
static const char *const mysql_status_sql[] = {
    "SELECT 'member',m.* FROM " MYSQL_MEMBERS " m",
    "SELECT 'statistics',s.* FROM " MYSQL_STATS " s",
    "SELECT 'channel',CHANNEL_NAME,SERVICE_STATE,LAST_ERROR_NUMBER,LAST_ERROR_MESSAGE "
    "FROM "
    "performance_schema.replication_connection_status",
    "SELECT "
    "'applier',CHANNEL_NAME,WORKER_ID,SERVICE_STATE,LAST_ERROR_NUMBER,LAST_ERROR_MESSAGE "
    "FROM performance_schema.replication_applier_status_by_worker",
    NULL,
};

static const struct engine_sql mysql_measures_sql[] = {
    { 50700, MYSQL_MEASURES_SQL("INNODB_SYS_TABLESPACES", MYSQL_USERS_SPACES) },
    { 80003, MYSQL_MEASURES_SQL("INNODB_TABLESPACES", MYSQL_USERS_SPACES) },
    { 0 },
};

/*
 * Tables and schemas must all be there: nothing but a DROP makes them fewer, and whoever
 * drops tables during an upgrade can give a tolerance. Files of equal data differ by a
 * few pages (0.03 % were seen). Rows are InnoDB's estimate: each member samples 20 pages
 * of a table for itself, and samples anew only when a tenth of the rows has changed, so
 * that two estimates of equal data may lie well above a tenth apart; this measure only
 * catches a member that came back empty or with an old copy.
 */
const struct engine_measure mysql_measures[] = {
    { "bytes", "bytes", true, 1, 8LL << 20 },
    { "tables", "tables", false, 0, 0 },
    { "schemas", "schemas", false, 0, 0 },
    { "rows", "rows", false, 20, 10000 },
    { 0 },
};

enum gate_verdict
mysql_gate_size(const struct gate_want *w, const struct gate_seen *s, char *now,
                char *want, size_t size)
{
    return gate_size(mysql_measures, w, s, now, want, size);
}

static const struct engine_gate mysql_gates[] = {
    { "version", "server version", false, false, gate_version },
    { "member", "member state", false, false, gate_member },
    { "position", "transactions applied", false, true, gate_position },
    { "size", "amount of data", true, false, mysql_gate_size },
    { 0 },
};

/* The switch is refused with error 3910 while the group has members of another version,
 * since only a member of the lowest one may be primary. Then the primary leaves the group
 * just before its pod goes, and the others elect at once, without waiting for the failure
 * to be detected. */
/* Measured through the primary Service, 50 commits a second: longest gap 1.0 s for either
 * row, as when any member leaves; 3.0 s when the primary's pod just goes, or leaves the
 * group while it still takes writes. A group of mixed versions refuses the first
 * (ERROR 3910: the appointed member must be of the lowest version). */
#define MYSQL_LEAVE "SET GLOBAL super_read_only=ON; STOP GROUP_REPLICATION"
static const struct engine_handover mysql_handovers[] = {
    { "set-as-primary", "switch to another primary first", TOPOLOGY_GROUP, true, 80013,
      "SELECT group_replication_set_as_primary('%s')", false, "1 s" },
    { "leave-group", "the primary stops writing and leaves the group first",
      TOPOLOGY_GROUP, false, 50700, MYSQL_LEAVE, false, "1 s" },
    { "transfer", "switch to an upgraded replica first", TOPOLOGY_SEMISYNC, false, 50700,
      "", true, "2 s" },
    { "leave", "it stops writing and leaves the group first", TOPOLOGY_PRIMARIES, false,
      50700, MYSQL_LEAVE, false, "1 s" },
    { 0 },
};

/* A group has at most nine members (reference manual, "Group Replication Limitations").
 * The clone plugin copies from servers of the same version; from 8.0.37 on from any of
 * the same series ("Cloning Remote Data"). Else a member replays the binary logs, which
 * must be complete then. KubeDB's BASE_NAME is the set's name (kubedb/mysql,
 * pkg/controller/statefulset.go). A server whose server_id is 0 cannot replicate. */
static const struct engine_new_set mysql_new_set = {
    .variable = "BASE_NAME",
    .members_max = 9,
    .copies_since = 80037,
    .copies_series = 100,
    .donor_sql = "SELECT 'copies',(SELECT COUNT(*) FROM information_schema.PLUGINS WHERE "
                 "PLUGIN_NAME='clone' AND PLUGIN_STATUS='ACTIVE')"
                 " UNION ALL SELECT 'complete',@@GLOBAL.gtid_purged=''",
    .number_sql = "SELECT @@GLOBAL.server_id",
};

/* Before 8.0.16 a server starts on the data of an earlier one, but its system tables stay
 * as they were. */
#define MYSQL_INCOMPLETE                                                            \
    80000, 80016,                                                                   \
        "before 8.0.16 an upgrade needs mysql_upgrade, which KubeDB does not run: " \
        "upgrade to 8.0.16 or later"

/* The server refuses to open the data of others: from 5.7 only 8.0 does, and a next major
 * version only from the last LTS series of the one before (error MY-014060). */
static const struct engine_path mysql_paths[] = {
    { 50700, 80100, "upgrade to 8.0 first", MYSQL_INCOMPLETE },
    { 80000, 90000, "upgrade to 8.4 first", MYSQL_INCOMPLETE },
    { 80400, 100000, "upgrade to 9.7 first" },
    { 90700, 110000, "upgrade to the last LTS of 10 first" },
    { 0 },
};

/* Downgrades in place are supported within a series of long-term support, from 8.4 on,
 * and were within 5.7; never within 8.0, whose releases change the data dictionary
 * (reference manual, "Downgrading MySQL"). */
static const struct engine_series mysql_series[] = {
    { 50700, 50800 },
    { 80400, 80500 },
    { 90700, 90800 },
    { 0 },
};

/* Members of higher versions take the protocol of the group that they join, and keep it
 * (reference manual, "Setting a Group's Communication Protocol Version"). */
#define MYSQL_PROTOCOL(newest) \
    "SELECT group_replication_get_communication_protocol() AS o HAVING o<'" newest "'"
static const struct engine_sql mysql_protocol_sql[] = {
    { 80016, MYSQL_PROTOCOL("8.0.16") },
    { 80027, MYSQL_PROTOCOL("8.0.27") },
    { 0 },
};
static const struct engine_advice mysql_advice = {
    .below = 80027,
    .sql = mysql_protocol_sql,
    .text = "the group still uses the communication protocol of %s",
    .hint = "when no member of an older version has to rejoin: SELECT "
            "group_replication_set_communication_protocol('%s')",
};

static const struct probe_frame mysql_probe_frame = { MYSQL_PROBE_COUNT,
                                                      MYSQL_PROBE_OBJECT, .twice = true };

const struct engine engine_mysql = {
    .name = "mysql",
    .aliases = "my",
    .container = "mysql",
    .api = {
        .kind = "MySQL",
        .resource = "mysqls",
        .status_resource = "mysqls/status",
        .catalog_kind = "MySQLVersion",
        .catalog_resource = "mysqlversions",
        .ops_kind = "MySQLOpsRequest",
        .ops_resource = "mysqlopsrequests",
        .ops_ref = "databaseRef",
    },
    .versions = {
        .numbers = 3,
        .series_size = 100,
        .sample = "8.4.8",
        .paths = mysql_paths,
        .series = mysql_series,
        .no_return = "after the new server has opened a member's data, that member cannot be "
                 "rolled back",
    },
    .object = {
        .images = mysql_images,
        .topology_path = "spec.topology.mode",
        .mode_path = "spec.topology.group.mode",
        .modes = mysql_modes,
        .refusals = mysql_refusals,
        .data_path = "/var/lib/mysql",
        .data_option = "--datadir=",
        .data_sql = MYSQL_DIRECTORIES_SQL,
    },
    .session = {
        .argv = mysql_session_argv,
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
        .sql = mysql_member_sql,
        .status_sql = mysql_status_sql,
        .reached_sql = mysql_reached_sql,
        .lag_unit = "transactions",
        .max_lag = 100,
        .lag_warning = 10000, /* caught up in minutes rather than seconds */
        .gates = mysql_gates,
        .handovers = mysql_handovers,
        .channels = &mysql_channels,
    },
    .data = {
        .measures = mysql_measures,
        .sql = mysql_measures_sql,
    },
    .front = &mysql_front,
    .transfer = &mysql_transfer,
    .source = &mysql_source,
    .trial = &mysql_trial,
    .advice = &mysql_advice,
    .probes = mysql_probes,
    .probe_frame = &mysql_probe_frame,
    .new_set = &mysql_new_set,
};
