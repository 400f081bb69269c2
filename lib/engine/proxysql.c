/*
 * ProxySQL: proxies that know nothing of each other but their configuration, and hold no
 * data. In KubeDB a pod of it has no volume: a new one begins with the configuration file
 * that is in a secret, and takes newer configuration from peers of its cluster if they
 * run the very same version (ProxySQL's documentation, "ProxySQL Cluster", from 2.1 on).
 *
 * Sources: container, image field and secret are KubeDB's; tables, variables and commands
 * are from ProxySQL's documentation. The admin interface takes SQLite's SQL.
 */
#include "base/str.h"
#include "engine/engine.h"
#include "engine/gate.h"
#include "engine/mysql_kin.h"
#include "engine/obstacle.h"
#include "engine/proxysql_config.h"
#include "engine/rows.h"

static const struct engine_image proxysql_images[] = {
    { "proxysql", "proxysql.image", false, false },
    { "exporter", "exporter.image", false, true },
    { 0 },
};

static const struct engine_mode proxysql_modes[] = {
    { "", NULL, false, TOPOLOGY_PROXIES, "independent proxies", NULL },
    { 0 },
};

/* Who may ask is told by the container's environment, in one of several ways: KubeDB's
 * user of the cluster, the admin of the image's script, or what that falls back to, which
 * may come only from within the pod. The first that is let in asks. */
static const char *const proxysql_session_argv[] = {
    "sh", "-c",
    MYSQL_ALONE
    "ask() { " MYSQL_CLIENT "-h 127.0.0.1 -P 6032 --user=\"$1\" --unbuffered --force; }; "
    "enter() { [ -n \"$1\" ] && export MYSQL_PWD=\"$2\" && echo 'SELECT 1' | ask \"$1\" "
    ">/dev/null 2>&1 && user=$1; }; "
    "enter \"$CLUSTER_USERNAME\" \"$CLUSTER_PASSWORD\" || "
    "enter \"$PROXYSQL_ADMIN_USER\" \"$PROXYSQL_ADMIN_PASSWORD\" || "
    "enter \"$MYSQL_PROXY_USER\" \"$MYSQL_PROXY_PASSWORD\" || enter admin admin || "
    "user=admin; "
    "ask \"$user\" 3>&2 2>&1",
    NULL
};

static const struct engine_obstacle proxysql_obstacles[] = {
    { "ERROR 1045 ", "the admin interface has none of the container's accounts",
      "add CLUSTER_USERNAME and CLUSTER_PASSWORD of the container to "
      "admin-admin_credentials, then LOAD ADMIN VARIABLES TO RUNTIME",
      true },
    { 0 },
};

#define PROXYSQL_GLOBAL(name) \
    "(SELECT Variable_Value FROM stats.stats_mysql_global WHERE Variable_Name='" name "')"

/* A hostgroup whose servers are all shunned serves nobody. */
#define PROXYSQL_DEAD                                                            \
    "(SELECT COUNT(*) FROM (SELECT hostgroup_id FROM main.runtime_mysql_servers" \
    " WHERE status IN ('ONLINE','SHUNNED') GROUP BY hostgroup_id"                \
    " HAVING SUM(status='ONLINE')=0))"

static const struct engine_sql proxysql_member_sql[] = {
    { 20000, "SELECT 'version',variable_value FROM main.runtime_global_variables"
             " WHERE variable_name='admin-version'"
             " UNION ALL SELECT 'id','-'"
             " UNION ALL SELECT 'state',CASE WHEN COALESCE(" PROXYSQL_GLOBAL(
                 "mysql_listener_paused") ",'0') IN ('1','true') THEN 'PAUSED' "
                                          "WHEN " PROXYSQL_DEAD
                                          ">0 THEN 'NO SERVER ONLINE' ELSE 'RUNNING' END"
                                          " UNION ALL SELECT 'role','PEER' UNION ALL "
                                          "SELECT 'writable','1'"
                                          " UNION ALL SELECT 'queue','0' UNION ALL "
                                          "SELECT 'members','0'"
                                          " UNION ALL SELECT 'online','0'" },
    { 0 },
};

/* For people, when an upgrade failed. What others chose is in no row's beginning, where
 * it could look like the client's error. */
static const char *const proxysql_status_sql[] = {
    "SELECT 'server',hostgroup_id,hostname,port,status FROM main.runtime_mysql_servers",
    "SELECT 'checksum',c.* FROM main.runtime_checksums_values c",
    "SELECT 'peer',p.* FROM stats.stats_proxysql_servers_checksums p",
    "SELECT 'counter',g.* FROM stats.stats_mysql_global g",
    NULL,
};

/* No amounts of data, but rows of tables, which are equal to before or they are not. */
static const struct engine_measure proxysql_measures[] = {
    { .id = "servers", .title = "servers", .exact = true, .needed = true },
    { .id = "users", .title = "users", .exact = true, .needed = true },
    { .id = "rules", .title = "query rules", .exact = true, .needed = true },
    { .id = "servers.sum", .title = "servers", .exact = true, .sum = true },
    { .id = "users.sum", .title = "users", .exact = true, .sum = true },
    { .id = "rules.sum", .title = "query rules", .exact = true, .sum = true },
    { 0 },
};

/* "servers 2, users 1, query rules 4, checksums as before (configuration, not data)". */
static enum gate_verdict
proxysql_gate_config(const struct gate_want *w, const struct gate_seen *s, char *now,
                     char *want, size_t size)
{
    enum gate_verdict verdict = gate_size(proxysql_measures, w, s, now, want, size);

    if (verdict != GATE_OK || s->now == NULL || w->before == NULL) {
        return verdict;
    }
    now[0] = '\0';
    for (const struct engine_measure *row = proxysql_measures; !row->sum; row++) {
        const struct measure *is = engine_find_measure(s->now, row->id, "");

        str_append(now, size, "%s%s %lld", row == proxysql_measures ? "" : ", ",
                   row->title, is != NULL ? is->value : 0);
    }
    str_append(now, size, "%s (configuration, not data)",
               w->size_tolerance <= 0 ? ", checksums as before" : "");
    return verdict;
}

static const struct engine_gate proxysql_gates[] = {
    { "version", "server version", false, false, gate_version },
    { "member", "proxy state", false, false, gate_member },
    { "config", "configuration tables", true, false, proxysql_gate_config },
    { 0 },
};

static const struct engine_handover proxysql_handovers[] = { { 0 } };

/* PAUSE closes the listener and idle connections; those in a transaction are closed when
 * it ends. */
static const struct engine_drain proxysql_drain = {
    .pause_sql = "PROXYSQL PAUSE",
    .resume_sql = "PROXYSQL RESUME",
    .paused_state = "PAUSED",
    .clients_sql = "SELECT CAST(Variable_Value AS INTEGER) FROM stats.stats_mysql_global"
                   " WHERE Variable_Name='Client_Connections_connected'",
};

/* A proxy has no data that an older one could not read. */
static const struct engine_series proxysql_series[] = {
    { 1, 100000000 },
    { 0 },
};

const struct engine engine_proxysql = {
    .name = "proxysql",
    .aliases = "prx",
    .container = "proxysql",
    .api = {
        .kind = "ProxySQL",
        .resource = "proxysqls",
        .status_resource = "proxysqls/status",
        .catalog_kind = "ProxySQLVersion",
        .catalog_resource = "proxysqlversions",
        .ops_kind = "ProxySQLOpsRequest",
        .ops_resource = "proxysqlopsrequests",
        .ops_ref = "proxyRef",
    },
    .versions = {
        .numbers = 3,
        .series_size = 10000,
        .sample = "3.0.1-debian",
        .series = proxysql_series,
    },
    .object = {
        .images = proxysql_images,
        .topology_path = "spec.topology.mode", /* there is none */
        .modes = proxysql_modes,
        .backend_path = "spec.backend.name",
        .data_path = "/var/lib/proxysql",
    },
    .session = {
        .argv = proxysql_session_argv,
        .echo_sql = "SELECT '%s'",
        .error_prefix = "ERROR ",
        .lost_prefixes = mysql_lost,
        .obstacles = proxysql_obstacles,
    },
    .log = {
        .error = "[ERROR]",
    },
    .member = {
        .version_sql = "SELECT @@version",
        .sql = proxysql_member_sql,
        .status_sql = proxysql_status_sql,
        .lag_unit = "transactions",
        .gates = proxysql_gates,
        .handovers = proxysql_handovers,
        .drain = &proxysql_drain,
    },
    .data = {
        .measures = proxysql_measures,
    },
    .config = proxysql_config,
};
