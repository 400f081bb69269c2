/*
 * The server that a remote replica of MySQL follows. Where it is, by which account and by
 * what TLS is kept in mysql.slave_master_info, which only 5.7 has in a file unless it is
 * told otherwise. Its password goes from one client to another within the pod, and no
 * way that the replica itself would not take: where the channel has TLS, so has the
 * client, with the same certificates; a server's key is asked for only where the channel
 * does, and never beside TLS. MariaDB's client goes on without TLS where it need not
 * verify, so that it always does.
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

/* One value a line, each line read into a variable; a value that has more than one line
 * moves the end. Relative paths are of the data directory. What 5.7 has no column for is
 * empty. */
#define SOURCE_VARIABLES                                                       \
    "folder host port user MYSQL_PWD tls verify ca capath cert key cipher crl" \
    " crlpath versions public asks suites end"
/* clang-format off */
#define SOURCE_TEXT(column)         ",COALESCE(" column ",'')"
#define SOURCE_SINCE(version, column) ",CONCAT(''/*!" version " " SOURCE_TEXT(column) " */)"
#define SOURCE_VALUES                                                              \
    "SELECT CONCAT_WS(CHAR(10),@@GLOBAL.datadir"                                   \
    SOURCE_TEXT("Host") SOURCE_TEXT("Port")                                        \
    SOURCE_TEXT("User_name") SOURCE_TEXT("User_password")                          \
    SOURCE_TEXT("Enabled_ssl") SOURCE_TEXT("Ssl_verify_server_cert")               \
    SOURCE_TEXT("Ssl_ca") SOURCE_TEXT("Ssl_capath")                                \
    SOURCE_TEXT("Ssl_cert") SOURCE_TEXT("Ssl_key") SOURCE_TEXT("Ssl_cipher")       \
    SOURCE_TEXT("Ssl_crl") SOURCE_TEXT("Ssl_crlpath") SOURCE_TEXT("Tls_version")   \
    SOURCE_SINCE("80011", "Public_key_path") SOURCE_SINCE("80011", "Get_public_key") \
    SOURCE_SINCE("80019", "Tls_ciphersuites")                                      \
    ",'end') FROM mysql.slave_master_info WHERE Channel_name=''"
/* clang-format on */

/* What its logs do not have any more, and for how long they keep what is new. */
#define SOURCE_KEEPS                                                       \
    " UNION ALL SELECT 'purged',REPLACE(@@GLOBAL.gtid_purged,CHAR(10),'')" \
    "/*!80001  UNION ALL SELECT 'age_s',CAST("                             \
    "@@GLOBAL.binlog_expire_logs_seconds AS CHAR) */"

static const char *const source_argv[] = {
    "sh", "-c",
    MYSQL_ALONE
    "own() { MYSQL_PWD=\"$MYSQL_ROOT_PASSWORD\" " MYSQL_CLIENT
    "-h 127.0.0.1 " MYSQL_OWN_USER "--init-command='" MYSQL_READS "' \"$@\"; }\n"
    "own -e \"SELECT 'says',COALESCE((SELECT LAST_ERROR_MESSAGE FROM " SOURCE_CONNECTION
    " AND SERVICE_STATE<>'ON' AND LAST_ERROR_NUMBER<>0),(SELECT"
    " CONCAT('error ',MAX(LAST_ERROR_NUMBER),' while it applies') FROM " SOURCE_APPLIER
    " AND LAST_ERROR_NUMBER<>0 HAVING MAX(LAST_ERROR_NUMBER)>0),'')\" || exit 1\n"
    "own --raw -e \"" SOURCE_VALUES "\" | {\n"
    "for name in " SOURCE_VARIABLES "; do IFS= read -r \"$name\" || exit 0; done\n"
    "[ \"$end\" = end ] && ! IFS= read -r end || exit 0\n"
    "cd \"$folder\" 2>/dev/null || :\n"
    "export MYSQL_PWD\n"
    "printf 'address\\t%s:%s\\n' \"$host\" \"$port\"\n"
    "set -- --host=\"$host\" --port=\"$port\" --user=\"$user\"\n"
    "case \"$tls $(mysql --no-defaults --version)\" in\n"
    "0*) [ -z \"$public\" ] || set -- \"$@\" --server-public-key-path=\"$public\"\n"
    "[ \"$asks\" != 1 ] || set -- \"$@\" --get-server-public-key ;;\n"
    "*MariaDB*) set -- \"$@\" --ssl --ssl-verify-server-cert ;;\n"
    "*) mode=REQUIRED\n"
    "[ -z \"$ca$capath\" ] || mode=VERIFY_CA\n"
    "[ \"$verify\" = 0 ] || mode=VERIFY_IDENTITY\n"
    "set -- \"$@\" --ssl-mode=$mode\n"
    "[ -z \"$versions\" ] || set -- \"$@\" --tls-version=\"$versions\"\n"
    "[ -z \"$suites\" ] || set -- \"$@\" --tls-ciphersuites=\"$suites\" ;;\n"
    "esac\n"
    "[ \"$tls\" = 0 ] || for name in ca capath cert key cipher crl crlpath; do\n"
    "eval \"value=\\$$name\"\n"
    "[ -z \"$value\" ] || set -- \"$@\" --ssl-$name=\"$value\"\n"
    "done\n" MYSQL_CLIENT "\"$@\" --init-command='" MYSQL_READS
    "' -e \"SELECT 'version',VERSION() UNION ALL SELECT"
    " 'position',REPLACE(@@GLOBAL.gtid_executed,CHAR(10),'')" SOURCE_KEEPS "\" 2>&1\n"
    "exit 0; }\n",
    NULL
};

const struct engine_source mysql_source = {
    .argv = source_argv,
    .lacks_sql = "SELECT REPLACE(GTID_SUBTRACT('%s',@@GLOBAL.gtid_executed),CHAR(10),'')",
};
