/*
 * The server that a remote replica of MySQL follows. Where it is and by which account is
 * kept in mysql.slave_master_info, which only 5.7 has in a file unless it is told
 * otherwise. Its password goes from one client to another within the pod. --loose: other
 * clients than MySQL's of 8.0 and later know no such option, and warn.
 *
 * Of what the replica says only the connection's error is printed: an applier's would
 * show the statement that failed.
 */
#include "engine/mysql_source.h"

#include "engine/mysql_kin.h"

#define SOURCE_CONNECTION \
    "performance_schema.replication_connection_status WHERE CHANNEL_NAME=''"
#define SOURCE_APPLIER \
    "performance_schema.replication_applier_status_by_worker WHERE CHANNEL_NAME=''"

static const char *const source_argv[] = {
    "sh", "-c",
    "own() { MYSQL_PWD=\"$MYSQL_ROOT_PASSWORD\" mysql -h 127.0.0.1"
    " -u \"${MYSQL_ROOT_USERNAME:-root}\" -N -B --connect-timeout=5 \"$@\"; }\n"
    "own -e \"SELECT 'says',COALESCE((SELECT LAST_ERROR_MESSAGE FROM " SOURCE_CONNECTION
    " AND SERVICE_STATE<>'ON' AND LAST_ERROR_NUMBER<>0),(SELECT"
    " CONCAT('error ',MAX(LAST_ERROR_NUMBER),' while it applies') FROM " SOURCE_APPLIER
    " AND LAST_ERROR_NUMBER<>0 HAVING MAX(LAST_ERROR_NUMBER)>0),'')\" || exit 1\n"
    "own --raw -e \"SELECT CONCAT_WS(CHAR(10),Host,Port,User_name,User_password)"
    " FROM mysql.slave_master_info WHERE Channel_name=''\" | {\n"
    "IFS= read -r host && IFS= read -r port && IFS= read -r user"
    " && IFS= read -r MYSQL_PWD || exit 0\n"
    "export MYSQL_PWD\n"
    "printf 'address\\t%s:%s\\n' \"$host\" \"$port\"\n"
    "mysql -h \"$host\" -P \"$port\" -u \"$user\" -N -B --connect-timeout=5"
    " --loose-get-server-public-key -e \"SELECT 'version',VERSION() UNION ALL SELECT"
    " 'position',REPLACE(@@GLOBAL.gtid_executed,CHAR(10),'')\" 2>&1\n"
    "exit 0; }\n",
    NULL
};

const struct engine_source mysql_source = {
    .argv = source_argv,
    .lacks_sql = "SELECT REPLACE(GTID_SUBTRACT('%s',@@GLOBAL.gtid_executed),CHAR(10),'')",
};
