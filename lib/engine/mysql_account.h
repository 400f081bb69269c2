#ifndef LIB_ENGINE_MYSQL_ACCOUNT_H
#define LIB_ENGINE_MYSQL_ACCOUNT_H

#include "engine/obstacle.h"

/*
 * The account by which a MySQL, or a database that is made from it, is asked.
 */

/* What keeps it from being let in; ends with a NULL row. */
extern const struct engine_obstacle mysql_obstacles[];

/* Columns that MariaDB's view has, too. A run asks thousands of questions, by up to some
 * connections at a time, and what runs beside the server is the same account. */
/* clang-format off */
#define MYSQL_ACCOUNT_LIMIT(column, words)                                           \
    "IF(" column ">0,CONCAT('" words " '," column "),NULL)"
#define MYSQL_ACCOUNT_NAMED                                                          \
    "CONCAT_WS(', ',"                                                                \
    MYSQL_ACCOUNT_LIMIT("max_questions", "MAX_QUERIES_PER_HOUR") ","                 \
    MYSQL_ACCOUNT_LIMIT("max_updates", "MAX_UPDATES_PER_HOUR") ","                   \
    MYSQL_ACCOUNT_LIMIT("max_connections", "MAX_CONNECTIONS_PER_HOUR") ","           \
    MYSQL_ACCOUNT_LIMIT("max_user_connections", "MAX_USER_CONNECTIONS") ")"
#define MYSQL_ACCOUNT_LIMITS                                                         \
    "SELECT CONCAT(User,'@',Host,' '," MYSQL_ACCOUNT_NAMED ") AS o FROM"             \
    " mysql.user WHERE CONCAT(User,'@',Host)=CURRENT_USER()"                         \
    " AND (max_questions>0 OR max_updates>0 OR max_connections>0"                    \
    " OR (max_user_connections>0 AND max_user_connections<20))"
/* clang-format on */

#define MYSQL_ACCOUNT_PROBE                                                        \
    .flags = PROBE_ERROR,                                                          \
    .text = "the account that the program uses has limits, which the run exceeds", \
    .hint = "ALTER USER ... WITH MAX_QUERIES_PER_HOUR 0 MAX_UPDATES_PER_HOUR 0 "   \
            "MAX_CONNECTIONS_PER_HOUR 0 MAX_USER_CONNECTIONS 0",                   \
    .sql = MYSQL_ACCOUNT_LIMITS

/* MySQL's alone. */
#define MYSQL_ACCOUNT_LIFETIME \
    "COALESCE(password_lifetime,@@GLOBAL.default_password_lifetime)"
#define MYSQL_ACCOUNT_EXPIRES                                                 \
    "SELECT CONCAT(User,'@',Host) AS o FROM mysql.user"                       \
    " WHERE CONCAT(User,'@',Host)=CURRENT_USER() AND " MYSQL_ACCOUNT_LIFETIME \
    ">0 AND password_last_changed+INTERVAL " MYSQL_ACCOUNT_LIFETIME           \
    " DAY<NOW()+INTERVAL 1 DAY"

#endif
