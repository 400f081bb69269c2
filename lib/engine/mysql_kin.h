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

/* The way to a client: nothing that lies in the container, or was given to it, is to
 * command it. Whoever has the server write files may have it write into its own home;
 * --no-defaults does not shut out .mylogin.cnf, which is read from where
 * MYSQL_TEST_LOGIN_FILE says. The password is in the container's environment, never in an
 * argument. */
#define MYSQL_ALONE                                                              \
    "export HOME=/dev/null/none MYSQL_TEST_LOGIN_FILE=/dev/null/none LC_ALL=C; " \
    "unset MYSQL_HOST MYSQL_TCP_PORT MYSQL_UNIX_PORT MYSQL_GROUP_SUFFIX "        \
    "MYSQL_HOME MYSQL_PS1 MYSQL_HISTFILE MYSQL_DEBUG MARIADB_HOST "              \
    "MARIADB_TCP_PORT MARIADB_UNIX_PORT MARIADB_HOME MARIADB_PLUGIN_DIR "        \
    "MARIADB_TLS_DISABLE_PEER_VERIFICATION LIBMYSQL_PLUGINS "                    \
    "LIBMYSQL_PLUGIN_DIR LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN PAGER EDITOR; "

/* Only options that MySQL's and MariaDB's clients both know: images of old versions come
 * with either. In --binary-mode a client that reads its input knows no commands of its
 * own but charset and delimiter. No server may have a file of the container. With
 * --batch, and without --raw, a client escapes what would end a line or a value. */
#define MYSQL_CLIENT                                                        \
    "mysql --no-defaults --default-character-set=utf8mb4 --local-infile=0 " \
    "--binary-mode -N -B --connect-timeout=5 "

/* As the container's own user of the server. */
#define MYSQL_OWN_USER "--user=\"${MYSQL_ROOT_USERNAME:-root}\" "

/*
 * What a conversation's statements are read by, and what limits their answers: whatever
 * the server's defaults, its files or its init_connect say. It is one statement, so that
 * no conversation begins without any part of it; a client that loses its server and
 * connects again says it again. No quotes, since modes change what they mean, and none of
 * the values is cut to what a server takes. Variables are named where a server has them:
 * MariaDB passes over comments for MySQL 5.7 and 8, MySQL over those for MariaDB.
 *
 * time_zone: InnoDB tells when a transaction began in the system's. lock_wait_timeout: no
 * order waits longer for its answer. tx_isolation and tx_read_only are not named where
 * transaction_isolation and transaction_read_only are missing: nothing that is asked
 * takes more than one statement. MYSQL_READS is what one statement needs.
 */
#define MYSQL_READS                                                            \
    "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci,SESSION sql_mode=0"          \
    ",SESSION sql_select_limit=18446744073709551615,SESSION sql_big_selects=1" \
    "/*!50708 ,SESSION max_execution_time=0 */"                                \
    "/*M!100101 ,SESSION max_statement_time=0 */"
#define MYSQL_PINS                                                                 \
    MYSQL_READS                                                                    \
    ",SESSION autocommit=1,SESSION completion_type=0,SESSION time_zone=SYSTEM"     \
    ",SESSION lc_time_names=en_US,SESSION lc_messages=en_US"                       \
    ",SESSION sql_safe_updates=0"                                                  \
    ",SESSION sql_auto_is_null=0,SESSION group_concat_max_len=1048576"             \
    ",SESSION div_precision_increment=4,SESSION lock_wait_timeout=300"             \
    ",SESSION innodb_lock_wait_timeout=50,SESSION wait_timeout=28800"              \
    "/*!50720 ,SESSION transaction_isolation=2,SESSION transaction_read_only=1 */" \
    "/*!80000 ,SESSION information_schema_stats_expiry=0 */"                       \
    "/*!80030 ,SESSION show_gipk_in_create_table_and_information_schema=1 */"      \
    "/*M!110101 ,SESSION transaction_isolation=2,SESSION transaction_read_only=1 */"

/* A conversation. Errors go where the answers go, so that they stay in order; the copy of
 * stderr keeps its pipe open, because containerd closes the stdin of an exec as soon as
 * either of its outputs ends. `pins`: MYSQL_PINS and more. */
#define MYSQL_SESSION(pins)                                             \
    MYSQL_ALONE "MYSQL_PWD=\"$MYSQL_ROOT_PASSWORD\" exec " MYSQL_CLIENT \
                "-h 127.0.0.1 " MYSQL_OWN_USER "--unbuffered --force "  \
                "--init-command='" pins "' 3>&2 2>&1"

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

/* Where InnoDB has its files; its redo log and undo tablespaces may be elsewhere. */
#define MYSQL_DIRECTORIES_SQL                                                    \
    "SELECT @@datadir UNION ALL SELECT @@innodb_data_home_dir UNION ALL SELECT " \
    "@@innodb_log_group_home_dir UNION ALL SELECT @@innodb_undo_directory"

#endif
