/*
 * What a Galera cluster is asked before its upgrade. The server must know WITH (MySQL
 * from 8.0 on). Sources: "Percona XtraDB Cluster strict mode" and "Percona XtraDB Cluster
 * limitations" in its manual; "What is new in MySQL 8.4".
 */
#include "engine/perconaxtradb_probes.h"

#include "engine/mysql_account.h"
#include "engine/mysql_kin.h"

enum { PX_WITH = 80000, PX_84 = 80400, PX_MARIADB_FROM = 100000 };

#define PX_TABLES   "information_schema.TABLES t"
#define PX_OF_USERS "t.TABLE_TYPE='BASE TABLE' AND t.TABLE_SCHEMA NOT IN (" MYSQL_OWN ")"
#define PX_NAME     "CONCAT(t.TABLE_SCHEMA,'.',t.TABLE_NAME)"

const struct engine_probe px_probes[] = {
    { .id = "px.account", .since = PX_WITH, MYSQL_ACCOUNT_PROBE },
    { .id = "px.strict_mode",
      .since = PX_WITH,
      .below = PX_MARIADB_FROM, /* which has no such thing */
      .text = "pxc_strict_mode permits what a cluster cannot replicate safely",
      .hint = "set it to ENFORCING once no table is listed below",
      .sql = "SELECT VARIABLE_VALUE FROM performance_schema.global_variables"
             " WHERE VARIABLE_NAME='pxc_strict_mode'"
             " AND VARIABLE_VALUE NOT IN ('ENFORCING','MASTER')" },
    { .id = "px.not_replicated",
      .since = PX_WITH,
      .text = "tables of other engines than InnoDB, whose rows are not replicated",
      .hint = "ALTER TABLE ... ENGINE=InnoDB; only an SST copies them to a node",
      .sql = "SELECT " PX_NAME " FROM " PX_TABLES " WHERE " PX_OF_USERS
             " AND t.ENGINE<>'InnoDB'" },
    { .id = "px.no_primary_key",
      .since = PX_WITH,
      .text = "tables without a primary key, whose row order may differ between nodes",
      .hint = "add one: strict mode rejects writes to them",
      .sql = "SELECT " PX_NAME " FROM " PX_TABLES
             " LEFT JOIN information_schema.TABLE_CONSTRAINTS c"
             " ON c.TABLE_SCHEMA=t.TABLE_SCHEMA AND c.TABLE_NAME=t.TABLE_NAME"
             " AND c.CONSTRAINT_TYPE='PRIMARY KEY' WHERE " PX_OF_USERS
             " AND c.CONSTRAINT_NAME IS NULL" },
    { .id = "px.native_password",
      .since = PX_WITH,
      .below = PX_84,
      .to = PX_84,
      .text = "accounts that use mysql_native_password, which 8.4 disables by default",
      .hint = "ALTER USER ... IDENTIFIED WITH caching_sha2_password, or set "
              "mysql_native_password=ON in the configuration",
      .sql = "SELECT CONCAT(User,'@',Host) FROM mysql.user"
             " WHERE plugin='mysql_native_password'" },
    { 0 },
};
