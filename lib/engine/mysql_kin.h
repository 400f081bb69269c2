#ifndef LIB_ENGINE_MYSQL_KIN_H
#define LIB_ENGINE_MYSQL_KIN_H

#include "engine/engine.h"

/*
 * What MySQL and the databases that are made from it have in common; lib/engine/mysql.c
 * defines the tables.
 */

/* The client's own errors (CR_..., 2000 to 2999: server gone, connection lost), a server
 * that shuts down (1053), a connection that was killed (1927 of MariaDB's client, 3169).
 */
extern const char *const mysql_lost[];

/* Tables and schemas must all be there, bytes and rows about. */
extern const struct engine_measure mysql_measures[];
enum gate_verdict mysql_gate_size(const struct gate_want *w, const struct gate_seen *s,
                                  char *now, char *want, size_t size);

/* Only options that MySQL's and MariaDB's clients both know: images of old versions come
 * with either. The password is in the container's environment, never in an argument.
 * Errors go where the answers go, so that they stay in order; the copy of stderr keeps
 * its pipe open, because containerd closes the stdin of an exec as soon as either of its
 * outputs ends. */
#define MYSQL_CLIENT(options)                                         \
    "MYSQL_PWD=\"$MYSQL_ROOT_PASSWORD\" exec mysql -h 127.0.0.1 "     \
    "-u \"${MYSQL_ROOT_USERNAME:-root}\" -N -B --unbuffered --force " \
    "--connect-timeout=5 " options "3>&2 2>&1"

/* kubedb_system is the health check's, and is written all the time. File sizes, never
 * TABLES.DATA_LENGTH: that is cached for a day, and shows nothing on a member that has
 * just received its data. `users`: which tablespaces are not the server's own. */
#define MYSQL_OWN \
    "'mysql','sys','information_schema','performance_schema','kubedb_system'"
#define MYSQL_USERS_SPACES "SPACE_TYPE IN ('Single','General') AND NAME<>'mysql'"
#define MYSQL_MEASURES_SQL(tablespaces, users)                                       \
    "SELECT 'bytes',COALESCE(SUM(FILE_SIZE),0) FROM information_schema." tablespaces \
    " WHERE " users " AND SUBSTRING_INDEX(NAME,'/',1) NOT IN (" MYSQL_OWN ")"        \
    " UNION ALL SELECT 'tables',COUNT(*) FROM information_schema.TABLES"             \
    " WHERE TABLE_TYPE='BASE TABLE' AND TABLE_SCHEMA NOT IN (" MYSQL_OWN ")"         \
    " UNION ALL SELECT 'rows',COALESCE(SUM(n_rows),0) FROM mysql.innodb_table_stats" \
    " WHERE database_name NOT IN (" MYSQL_OWN ")"                                    \
    " UNION ALL SELECT 'schemas',COUNT(*) FROM information_schema.SCHEMATA"          \
    " WHERE SCHEMA_NAME NOT IN (" MYSQL_OWN ")"

/* How a probe's answer is written: the client escapes what would break a line. */
#define MYSQL_PROBE_COUNT  "CAST(count(*) AS CHAR)"
#define MYSQL_PROBE_OBJECT "CAST(o AS CHAR)"

#endif
