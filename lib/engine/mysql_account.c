#include "engine/mysql_account.h"

#include <stddef.h>

#define MY_NEW_PASSWORD                                                          \
    "ALTER USER USER() IDENTIFIED BY the password of the auth Secret, in mysql " \
    "--connect-expired-password, then ALTER USER USER() PASSWORD EXPIRE NEVER"
#define MY_NO_LIMITS                                                     \
    "ALTER USER ... WITH MAX_QUERIES_PER_HOUR 0 MAX_UPDATES_PER_HOUR 0 " \
    "MAX_CONNECTIONS_PER_HOUR 0 MAX_USER_CONNECTIONS 0, as another administrator"

/* Numbers are MySQL's (reference manual, "Server Error Message Reference"); 4151 is
 * MariaDB's. A server that starts may have other accounts than later. */
const struct engine_obstacle mysql_obstacles[] = {
    { "ERROR 1862 ", "its password has expired", MY_NEW_PASSWORD },
    { "ERROR 1820 ", "its password has expired", MY_NEW_PASSWORD },
    { "ERROR 3118 ", "it is locked",
      "ALTER USER ... ACCOUNT UNLOCK, as another "
      "administrator" },
    { "ERROR 4151 ", "it is locked",
      "ALTER USER ... ACCOUNT UNLOCK, as another "
      "administrator" },
    { "ERROR 1226 ", "it has used up a limit that was set for it", MY_NO_LIMITS },
    { "ERROR 1184 ", "init_connect fails for it",
      "SET GLOBAL init_connect = '', or GRANT CONNECTION_ADMIN" },
    { "ERROR 1153 ", "max_allowed_packet is too small for a query",
      "SET GLOBAL max_allowed_packet = 67108864" },
    { "ERROR 1203 ", "it has no connection left", MY_NO_LIMITS, true },
    { "ERROR 1040 ", "the server has no connection left",
      "raise max_connections, or end connections", true },
    { "ERROR 3032 ", "the server is in offline mode", "SET GLOBAL offline_mode = OFF",
      true },
    { "ERROR 1045 ", "its password is another one",
      "make the account's password and that of the auth Secret equal", true },
    { 0 },
};
