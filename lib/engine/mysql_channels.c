/*
 * Asynchronous replication from a server elsewhere into a group or a Galera cluster.
 *
 * Sources: "Asynchronous Connection Failover for Replicas", "skip_replica_start" and the
 * performance_schema tables for replication in the reference manual; bugs 87474 and
 * 113838 (channels start before group replication does). Tried on server 9.7.4: a channel
 * that was stopped starts with the server all the same, and its member then stays OFFLINE
 * with MY-011638; SET PERSIST_ONLY keeps it from that. While a channel runs on the
 * primary the server refuses to appoint another one (3910), with
 * SOURCE_CONNECTION_AUTO_FAILOVER, too.
 */
#include "engine/mysql_channels.h"

/* The group's own, and that by which the members of a semi-synchronous replication follow
 * each other. The name ClusterSet gives to its own is one of those that a group starts on
 * whichever member leads. */
#define CHANNELS_OWN "('','group_replication_applier','group_replication_recovery')"

/* clang-format off */
#define CHANNELS_FLAG(x) "CAST((" x ") AS SIGNED)"
#define CHANNELS_SQL(skips, follows, filters)                                           \
    "SELECT 'skips'," CHANNELS_FLAG(skips) ",'','','','','','',''"                      \
    " UNION ALL SELECT 'channel',HEX(c.CHANNEL_NAME),HEX(c.HOST),c.PORT,"               \
    CHANNELS_FLAG("s.SERVICE_STATE<>'OFF' OR a.SERVICE_STATE<>'OFF'") ","               \
    CHANNELS_FLAG(follows) "," CHANNELS_FLAG("c.USER<>''") ","                          \
    CHANNELS_FLAG(filters) ",'.'"                                                       \
    " FROM performance_schema.replication_connection_configuration c"                   \
    " JOIN performance_schema.replication_connection_status s"                          \
    " ON s.CHANNEL_NAME=c.CHANNEL_NAME"                                                 \
    " JOIN performance_schema.replication_applier_status a"                             \
    " ON a.CHANNEL_NAME=c.CHANNEL_NAME WHERE c.CHANNEL_NAME NOT IN " CHANNELS_OWN

/* Whether a server that starts next starts no channels: what was only read at its start
 * may be another thing by now. */
#define CHANNELS_SKIPS                                                                  \
    "COALESCE((SELECT VARIABLE_VALUE FROM performance_schema.persisted_variables"       \
    " WHERE VARIABLE_NAME='skip_replica_start'),"                                       \
    "IF((SELECT VARIABLE_SOURCE FROM performance_schema.variables_info"                 \
    " WHERE VARIABLE_NAME='skip_replica_start')='PERSISTED','OFF',"                     \
    "IF(@@GLOBAL.skip_replica_start,'ON','OFF')))='ON'"
#define CHANNELS_FILTERS                                                                \
    "SELECT COUNT(*) FROM performance_schema.replication_applier_filters f"             \
    " WHERE f.CHANNEL_NAME=c.CHANNEL_NAME AND f.FILTER_RULE<>''"                        \
    " AND f.CONFIGURED_BY LIKE 'CHANGE%'"

/* A name is never part of a statement: the server quotes it. */
#define CHANNELS_DO(verb)                                                               \
    "SET @channel=CONCAT('" verb " REPLICA FOR CHANNEL ',"                              \
    "QUOTE(CONVERT(UNHEX('%s') USING utf8mb4)));\n"                                     \
    "PREPARE channel FROM @channel;\nEXECUTE channel"
/* clang-format on */

static const struct engine_sql channels_sql[] = {
    { 50700, CHANNELS_SQL("0", "0", "0") },
    { 80000, CHANNELS_SQL("0", "0", CHANNELS_FILTERS) },
    { 80022,
      CHANNELS_SQL("0", "c.SOURCE_CONNECTION_AUTO_FAILOVER='1'", CHANNELS_FILTERS) },
    { 80026, CHANNELS_SQL(CHANNELS_SKIPS, "c.SOURCE_CONNECTION_AUTO_FAILOVER='1'",
                          CHANNELS_FILTERS) },
    { 0 },
};

static const struct engine_sql channels_px_sql[] = {
    { 50700, CHANNELS_SQL("0", "0", "0") },
    { 80000, CHANNELS_SQL("0", "0", CHANNELS_FILTERS) },
    { 80026, CHANNELS_SQL(CHANNELS_SKIPS, "0", CHANNELS_FILTERS) },
    { 100000, "SELECT 'skips',0" },
    { 0 },
};

#define CHANNELS_ROW(rows)                                              \
    {                                                                   \
        .sql = (rows), .since = 80026, .stop_sql = CHANNELS_DO("STOP"), \
        .start_sql = CHANNELS_DO("START"),                              \
        .skip_sql = "SET PERSIST_ONLY skip_replica_start=ON",           \
        .unskip_sql = "RESET PERSIST IF EXISTS skip_replica_start",     \
        .stop_words = "STOP REPLICA FOR CHANNEL '%s'",                  \
        .skip_words = "SET PERSIST_ONLY skip_replica_start = ON",       \
        .old_words = "STOP SLAVE FOR CHANNEL '%s'",                     \
        .forget_words = "RESET SLAVE ALL FOR CHANNEL '%s'"              \
    }

const struct engine_channels mysql_channels = CHANNELS_ROW(channels_sql);
const struct engine_channels px_channels = CHANNELS_ROW(channels_px_sql);
