/*
 * ProxySQL's configuration tables, as they are in all versions from 2.3 on. Sources:
 * ProxySQL's documentation of the admin tables, the multi-layer configuration and the
 * cluster.
 *
 * What differs between the layers without being a difference: inactive users and rules
 * are not at runtime, nor are servers that are OFFLINE_HARD; a user is there twice, for
 * clients and for servers, and with a hashed password; a server that cannot be reached is
 * SHUNNED there; and the monitor moves the servers of replication clusters from one of
 * their hostgroups to another.
 */
#include "engine/proxysql_config.h"

#include "engine/config_tables_mark.h"

/* A value as it is written into a statement, whatever the column holds: a column for
 * numbers may hold a text, of which only what is a number is taken. Texts are
 * hexadecimal, so that no line holds a quote, a backslash or the end of a line. */
#define HEX(c) \
    "CASE WHEN " c " IS NULL THEN 'NULL' ELSE 'CAST(x'''||hex(" c ")||''' AS TEXT)' END"
#define NUM(c)  "COALESCE(CAST(" c " AS INTEGER),'NULL')"
#define AND     "||','||"
#define ROW     "'" CONFIG_MARK_TEXT "'||"
#define MEMORY  "main."
#define RUNTIME "main.runtime_"
#define DISK    "disk."

/* A statement that makes a row of the edited layer. */
#define MAKE(table, columns, values) \
    ROW "'REPLACE INTO " MEMORY table "(" columns ") VALUES('||" values "||')'"

/* -- servers, and which hostgroups are a cluster's -- */

#define CLUSTER_HOSTGROUPS(layer)                                                      \
    "(SELECT writer_hostgroup FROM " layer "mysql_replication_hostgroups"              \
    " UNION SELECT reader_hostgroup FROM " layer "mysql_replication_hostgroups"        \
    " UNION SELECT writer_hostgroup FROM " layer "mysql_group_replication_hostgroups"  \
    " UNION SELECT backup_writer_hostgroup FROM " layer                                \
    "mysql_group_replication_hostgroups"                                               \
    " UNION SELECT reader_hostgroup FROM " layer "mysql_group_replication_hostgroups"  \
    " UNION SELECT offline_hostgroup FROM " layer "mysql_group_replication_hostgroups" \
    " UNION SELECT writer_hostgroup FROM " layer "mysql_galera_hostgroups"             \
    " UNION SELECT backup_writer_hostgroup FROM " layer "mysql_galera_hostgroups"      \
    " UNION SELECT reader_hostgroup FROM " layer "mysql_galera_hostgroups"             \
    " UNION SELECT offline_hostgroup FROM " layer "mysql_galera_hostgroups)"

#define SERVER_REST                                                                  \
    HEX("hostname")                                                                  \
    AND NUM("port") AND NUM("gtid_port") AND NUM("weight") AND NUM("compression")    \
        AND NUM("max_connections") AND NUM("max_replication_lag") AND NUM("use_ssl") \
            AND NUM("max_latency_ms") AND HEX("comment")
#define SERVERS_SEEN(layer)                                                 \
    "SELECT DISTINCT " ROW "CASE WHEN hostgroup_id IN " CLUSTER_HOSTGROUPS( \
        layer) " THEN 'cluster' ELSE hostgroup_id||' "                      \
               "'||REPLACE(status,'SHUNNED','ONLINE') END||'"               \
               " '||" SERVER_REST " FROM " layer                            \
               "mysql_servers WHERE status<>'OFFLINE_HARD'"

#define SERVER_COLUMNS                                                \
    "hostgroup_id,status,hostname,port,gtid_port,weight,compression," \
    "max_connections,max_replication_lag,use_ssl,max_latency_ms,comment"
#define SERVERS_COPY                                     \
    "SELECT " MAKE("mysql_servers", SERVER_COLUMNS,      \
                   NUM("hostgroup_id") AND HEX("status") \
                       AND SERVER_REST) " FROM " DISK "mysql_servers"

#define REPLICATION_COLUMNS "writer_hostgroup,reader_hostgroup,check_type,comment"
#define REPLICATION(layer)                                                        \
    " UNION ALL SELECT " MAKE(                                                    \
        "mysql_replication_hostgroups", REPLICATION_COLUMNS,                      \
        NUM("writer_hostgroup") AND NUM("reader_hostgroup") AND HEX("check_type") \
            AND HEX("comment")) " FROM " layer "mysql_replication_hostgroups"
#define CLUSTER_COLUMNS                                           \
    "writer_hostgroup,backup_writer_hostgroup,reader_hostgroup,"  \
    "offline_hostgroup,active,max_writers,writer_is_also_reader," \
    "max_transactions_behind,comment"
#define CLUSTER(layer, table)                                                          \
    " UNION ALL SELECT " MAKE(                                                         \
        table, CLUSTER_COLUMNS,                                                        \
        NUM("writer_hostgroup") AND NUM("backup_writer_hostgroup")                     \
            AND NUM("reader_hostgroup") AND NUM("offline_hostgroup") AND NUM("active") \
                AND NUM("max_writers") AND NUM("writer_is_also_reader")                \
                    AND NUM("max_transactions_behind")                                 \
                        AND HEX("comment")) " FROM " layer table
#define HOSTGROUPS(layer)                                \
    REPLICATION(layer)                                   \
    CLUSTER(layer, "mysql_group_replication_hostgroups") \
    CLUSTER(layer, "mysql_galera_hostgroups")

static const char *const proxysql_clear_servers[] = {
    "DELETE FROM " MEMORY "mysql_servers",
    "DELETE FROM " MEMORY "mysql_replication_hostgroups",
    "DELETE FROM " MEMORY "mysql_group_replication_hostgroups",
    "DELETE FROM " MEMORY "mysql_galera_hostgroups", NULL
};

/* -- users -- */

#define USER_COLUMNS                                                          \
    "username,active,use_ssl,default_hostgroup,default_schema,schema_locked," \
    "transaction_persistent,fast_forward,max_connections,attributes,comment"
#define USER_VALUES                                                   \
    HEX("username")                                                   \
    AND NUM("active") AND NUM("use_ssl") AND NUM("default_hostgroup") \
        AND HEX("default_schema") AND NUM("schema_locked")            \
            AND NUM("transaction_persistent") AND NUM("fast_forward") \
                AND NUM("max_connections") AND HEX("attributes") AND HEX("comment")
#define USERS(layer)                            \
    "SELECT " MAKE("mysql_users", USER_COLUMNS, \
                   USER_VALUES) " FROM " layer  \
                                "mysql_users WHERE active=1 AND frontend=1"
#define USERS_SECRET(layer, which)                          \
    "SELECT " MAKE("mysql_users", USER_COLUMNS ",password", \
                   USER_VALUES AND HEX("password")) " FROM " layer "mysql_users" which

static const char *const proxysql_clear_users[] = { "DELETE FROM " MEMORY "mysql_users",
                                                    NULL };

/* -- query rules -- */

#define RULE_COLUMNS                                                               \
    "rule_id,active,username,schemaname,flagIN,client_addr,proxy_addr,proxy_port," \
    "digest,match_digest,match_pattern,negate_match_pattern,re_modifiers,flagOUT," \
    "replace_pattern,destination_hostgroup,cache_ttl,reconnect,timeout,retries,"   \
    "delay,next_query_flagIN,mirror_flagOUT,mirror_hostgroup,error_msg,OK_msg,"    \
    "sticky_conn,multiplex,log,apply,comment"
#define RULE_VALUES                                                                      \
    NUM("rule_id")                                                                       \
    AND NUM("active") AND HEX("username") AND HEX("schemaname") AND NUM("flagIN")        \
        AND HEX("client_addr") AND HEX("proxy_addr") AND NUM("proxy_port")               \
            AND HEX("digest") AND HEX("match_digest") AND HEX("match_pattern")           \
                AND NUM("negate_match_pattern") AND HEX("re_modifiers")                  \
                    AND NUM("flagOUT") AND HEX("replace_pattern")                        \
                        AND NUM("destination_hostgroup") AND NUM("cache_ttl")            \
                            AND NUM("reconnect") AND NUM("timeout") AND NUM("retries")   \
                                AND NUM("delay") AND NUM("next_query_flagIN")            \
                                    AND NUM("mirror_flagOUT")                            \
                                        AND NUM("mirror_hostgroup") AND HEX("error_msg") \
                                            AND HEX("OK_msg") AND NUM("sticky_conn")     \
                                                AND NUM("multiplex") AND NUM("log")      \
                                                    AND NUM("apply") AND HEX("comment")
#define RULES(layer, which)                           \
    "SELECT " MAKE("mysql_query_rules", RULE_COLUMNS, \
                   RULE_VALUES) " FROM " layer "mysql_query_rules" which

static const char *const proxysql_clear_rules[] = { "DELETE FROM " MEMORY
                                                    "mysql_query_rules",
                                                    NULL };

/* -- what is not compared after a restart: it may differ from version to version -- */

/* A variable's name is shown nowhere, its value may be a password: only their sum is. */
#define VARIABLES(layer, prefix)                                                     \
    "SELECT " ROW "variable_name||' '||hex(variable_value) FROM " layer              \
    "global_variables WHERE variable_name LIKE '" prefix "%' AND variable_name NOT " \
    "IN ('admin-version','mysql-wait_timeout')"
#define PEERS(layer) \
    "SELECT " ROW "hex(hostname)||' '||port||' '||weight FROM " layer "proxysql_servers"
#define JOBS(layer)                                                              \
    "SELECT " ROW "id||' '||active||' '||interval_ms||' '||hex(filename)||' '||" \
    "hex(COALESCE(arg1,''))||' '||hex(COALESCE(arg2,''))||' '||"                 \
    "hex(COALESCE(arg3,''))||' '||hex(COALESCE(arg4,''))||' '||"                 \
    "hex(COALESCE(arg5,'')) FROM " layer "scheduler"

#define SAVE(module)                                                    \
    {                                                                   \
        "SAVE " module " FROM RUNTIME", "SAVE " module " TO DISK", NULL \
    }
#define USE(module)                                                   \
    {                                                                 \
        "LOAD " module " TO RUNTIME", "SAVE " module " TO DISK", NULL \
    }

static const char *const proxysql_save_servers[] = SAVE("MYSQL SERVERS");
static const char *const proxysql_save_users[] = SAVE("MYSQL USERS");
static const char *const proxysql_save_rules[] = SAVE("MYSQL QUERY RULES");
static const char *const proxysql_save_mysql[] = SAVE("MYSQL VARIABLES");
static const char *const proxysql_save_admin[] = SAVE("ADMIN VARIABLES");
static const char *const proxysql_save_peers[] = SAVE("PROXYSQL SERVERS");
static const char *const proxysql_save_jobs[] = SAVE("SCHEDULER");
static const char *const proxysql_use_servers[] = USE("MYSQL SERVERS");
static const char *const proxysql_use_users[] = USE("MYSQL USERS");
static const char *const proxysql_use_rules[] = USE("MYSQL QUERY RULES");

const struct engine_config proxysql_config[] = {
    { .id = "servers",
      .sum_id = "servers.sum",
      .title = "servers",
      .runtime_sql = SERVERS_SEEN(RUNTIME) HOSTGROUPS(RUNTIME),
      .disk_sql = SERVERS_SEEN(DISK) HOSTGROUPS(DISK),
      .seen_sql = SERVERS_SEEN(RUNTIME) HOSTGROUPS(RUNTIME),
      .copy_sql = SERVERS_COPY HOSTGROUPS(DISK),
      .clear_sql = proxysql_clear_servers,
      .save_sql = proxysql_save_servers,
      .use_sql = proxysql_use_servers },
    { .id = "users",
      .sum_id = "users.sum",
      .title = "users",
      .runtime_sql = USERS(RUNTIME),
      .disk_sql = USERS(DISK),
      .seen_sql = USERS_SECRET(RUNTIME, " WHERE active=1 AND frontend=1"),
      .copy_sql = USERS_SECRET(DISK, ""),
      .clear_sql = proxysql_clear_users,
      .save_sql = proxysql_save_users,
      .use_sql = proxysql_use_users },
    { .id = "rules",
      .sum_id = "rules.sum",
      .title = "query rules",
      .runtime_sql = RULES(RUNTIME, ""),
      .disk_sql = RULES(DISK, " WHERE active=1"),
      .seen_sql = RULES(RUNTIME, ""),
      .copy_sql = RULES(DISK, ""),
      .clear_sql = proxysql_clear_rules,
      .save_sql = proxysql_save_rules,
      .use_sql = proxysql_use_rules },
    { .id = "mysql.variables",
      .title = "MySQL variables",
      .runtime_sql = VARIABLES(RUNTIME, "mysql-"),
      .disk_sql = VARIABLES(DISK, "mysql-"),
      .save_sql = proxysql_save_mysql },
    { .id = "admin.variables",
      .title = "admin variables",
      .runtime_sql = VARIABLES(RUNTIME, "admin-"),
      .disk_sql = VARIABLES(DISK, "admin-"),
      .save_sql = proxysql_save_admin },
    { .id = "peers",
      .title = "cluster peers",
      .runtime_sql = PEERS(RUNTIME),
      .disk_sql = PEERS(DISK),
      .save_sql = proxysql_save_peers },
    { .id = "jobs",
      .title = "scheduled jobs",
      .runtime_sql = JOBS(RUNTIME),
      .disk_sql = JOBS(DISK),
      .save_sql = proxysql_save_jobs },
    { 0 },
};
