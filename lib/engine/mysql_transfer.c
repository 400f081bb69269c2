/*
 * How a member of a MySQL gets what it missed: from the binary logs of another one, or
 * all data anew by the clone plugin.
 *
 * Sources: reference manual, "Distributed Recovery", "Cloning for Distributed Recovery"
 * and "Purging Binary Log Files". A member of a group that comes back looks at what the
 * others have executed and purged. It clones when it lacks as many transactions as
 * group_replication_clone_threshold says, or none of the others has all of what it lacks;
 * without the plugin the second one ends in an error. A replica that is not of a group
 * stops with error 1236 where its source lacks what it needs. Tried on 9.7.4.
 */
#include "engine/mysql_transfer.h"

/* clang-format off */
#define MY_GLOBAL(name)                                                               \
    "(SELECT VARIABLE_VALUE FROM performance_schema.global_variables WHERE"           \
    " VARIABLE_NAME='" name "')"
#define MY_ROW(key, value) " UNION ALL SELECT '" key "',CAST(" value " AS CHAR)"
#define MY_RECEIVED                                                                   \
    "(SELECT MAX(RECEIVED_TRANSACTION_SET) FROM"                                      \
    " performance_schema.replication_connection_status WHERE"                         \
    " CHANNEL_NAME='group_replication_applier')"
/* Logs are removed by age only where that is not turned off (8.0.29), by the newer of two
 * settings unless that is 0. */
#define MY_AGE                                                                        \
    "IF(COALESCE(" MY_GLOBAL("binlog_expire_logs_auto_purge") ",'ON')='OFF',0,"       \
    "COALESCE(NULLIF(CAST(" MY_GLOBAL("binlog_expire_logs_seconds")                   \
    " AS UNSIGNED),0),86400*CAST(" MY_GLOBAL("expire_logs_days") " AS UNSIGNED),0))"

/* Of a group what was received is applied before anything else is asked for. */
#define MY_TRANSFER                                                                   \
    "SELECT 'history',CAST('-' AS CHAR)"                                              \
    MY_ROW("last", "0")                                                               \
    MY_ROW("kept_from", "0")                                                          \
    MY_ROW("held_ns", "0")                                                            \
    MY_ROW("room", "'all'")                                                           \
    MY_ROW("executed", "REPLACE(@@GLOBAL.gtid_executed,CHAR(10),'')")                 \
    MY_ROW("received", "REPLACE(COALESCE(" MY_RECEIVED ",''),CHAR(10),'')")           \
    MY_ROW("age_s", MY_AGE)                                                           \
    MY_ROW("threshold",                                                               \
           "COALESCE(" MY_GLOBAL("group_replication_clone_threshold") ",0)")          \
    MY_ROW("copies", "(SELECT COUNT(*) FROM information_schema.PLUGINS WHERE"         \
           " PLUGIN_NAME='clone' AND PLUGIN_STATUS='ACTIVE')")

/* The tables are there with the plugin. They tell of the last clone to this server, also
 * of one that made it start again. */
#define MY_CLONE(key, value, table)                                                   \
    "SELECT '" key "',CAST(" value " AS CHAR) FROM performance_schema.clone_" table " c"
#define MY_COPY                                                                       \
    MY_CLONE("state", "c.STATE", "status")                                            \
    " UNION ALL " MY_CLONE("begun", "c.BEGIN_TIME", "status")                         \
    " UNION ALL " MY_CLONE("from", "c.SOURCE", "status")                              \
    " UNION ALL " MY_CLONE("ms", "TIMESTAMPDIFF(MICROSECOND,c.BEGIN_TIME,"            \
                           "COALESCE(c.END_TIME,NOW(6))) DIV 1000", "status")         \
    " UNION ALL " MY_CLONE("done", "SUM(c.DATA)", "progress")                         \
    " UNION ALL " MY_CLONE("total", "SUM(c.ESTIMATE)", "progress")
/* clang-format on */

static const char mysql_transfer_text[] = MY_TRANSFER;
static const struct engine_sql mysql_transfer_sql[] = {
    { 50700, mysql_transfer_text },
    { 0 },
};

static const struct engine_sql mysql_kept_sql[] = {
    { 50700, "SELECT 'reaches',GTID_SUBSET(@@GLOBAL.gtid_purged,'%s')" },
    { 0 },
};

static const char mysql_copy_text[] = MY_COPY;
static const struct engine_sql mysql_copy_sql[] = {
    { 80017, mysql_copy_text },
    { 0 },
};

const struct engine_transfer mysql_transfer = {
    .late = "recovery from binary logs",
    .whole = "clone",
    .keeps = "binary logs",
    .sql = mysql_transfer_sql,
    .kept_sql = mysql_kept_sql,
    .copy_sql = mysql_copy_sql,
    .ends = "Clone shutting down server as RESTART failed",
    .needs_plugin = true,
    .why = {
        [TRANSFER_ALL] = "the other members keep the binary logs that it needs",
        [TRANSFER_GONE] = "the other members have purged binary logs that it needs",
    },
    .hint = {
        [TRANSFER_AGE] = "SET PERSIST binlog_expire_logs_seconds = 604800 on each",
        [TRANSFER_COUNT] = "SET PERSIST group_replication_clone_threshold = DEFAULT on it",
    },
};
