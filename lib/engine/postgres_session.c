/*
 * How psql is talked with. It runs as superuser in databases whose users may mean no
 * good.
 */
#include "engine/postgres_session.h"

#include <stddef.h>

/*
 * Settings that the connection begins with. They outrank what ALTER ROLE and ALTER
 * DATABASE set, and are in force before any statement: what is loaded and run at its
 * start, and what could end it, or read the pins' own statements in another way.
 * statement_timeout ends what outlives everybody's patience (engine.limit_sql says how
 * long that is).
 */
#define PG_ALWAYS                                                         \
    "-c lc_messages=C -c search_path=pg_catalog,pg_temp -c role=none"     \
    " -c session_preload_libraries= -c local_preload_libraries="          \
    " -c statement_timeout=600000 -c lock_timeout=15000"                  \
    " -c idle_in_transaction_session_timeout=0 -c row_security=off"       \
    " -c standard_conforming_strings=on -c exit_on_error=off -c geqo=off" \
    " -c client_min_messages=error"                                       \
    " -c default_transaction_isolation=read\\\\ committed"
/* Which not every version has. */
#define PG_NEWER                                           \
    " restrict_nonsystem_relation_kind=view,foreign-table" \
    " idle_session_timeout=0 transaction_timeout=0 event_triggers=off"
/* The same, as pg_settings shows them. */
#define PG_BEGUN_WITH                                                               \
    "('lc_messages', 'C'), ('search_path', 'pg_catalog,pg_temp'),"                  \
    " ('session_preload_libraries', ''), ('local_preload_libraries', ''),"          \
    " ('lock_timeout', '15000'), ('idle_in_transaction_session_timeout', '0'),"     \
    " ('row_security', 'off'), ('standard_conforming_strings', 'on'),"              \
    " ('exit_on_error', 'off'), ('geqo', 'off'), ('client_min_messages', 'error')," \
    " ('default_transaction_isolation', 'read committed'),"                         \
    " ('restrict_nonsystem_relation_kind', 'view,foreign-table'),"                  \
    " ('idle_session_timeout', '0'), ('transaction_timeout', '0'),"                 \
    " ('event_triggers', 'off'), ('client_encoding', 'SQL_ASCII')"

/*
 * By the local socket, which KubeDB's configuration trusts in all its modes of client
 * authentication; else by the network with the container's own password. Of the
 * container's environment and files nothing else counts. The password comes by a pipe,
 * since a command line can be read by others. Settings that a server does not know are
 * left out: the ones that it says itself it does not.
 */
static const char postgres_client[] =
    "exec env -i PATH=\"$PATH\" ${LD_LIBRARY_PATH:+LD_LIBRARY_PATH=\"$LD_LIBRARY_PATH\"}"
    " HOME=/nonexistent LC_ALL=C"
    " PGUSER=\"${POSTGRES_USER:-postgres}\" PGDATABASE=postgres PGCONNECT_TIMEOUT=5"
    " PGAPPNAME=kubectl-dbupgrade PGCLIENTENCODING=SQL_ASCII PGGSSENCMODE=disable"
    " PGPASSFILE=/nonexistent/pgpass PGSERVICEFILE=/nonexistent/service"
    " PGSYSCONFDIR=/nonexistent PSQLRC=/nonexistent/psqlrc sh -c \"$1\" 4<<END\n"
    "${POSTGRES_PASSWORD}.\n"
    "END\n";

/* The copy of stderr keeps its pipe open, because containerd closes the stdin of an exec
 * as soon as either of its outputs ends. */
static const char postgres_client_clean[] =
    "p=$(cat <&4)\n"
    "exec 4<&-\n"
    "export PGPASSWORD=\"${p%.}\" PGOPTIONS=\n"
    "reach() {\n"
    "  left=\"" PG_NEWER "\"\n"
    "  while :; do\n"
    "    PGOPTIONS=\"" PG_ALWAYS "\"\n"
    "    for o in $left; do PGOPTIONS=\"$PGOPTIONS -c $o\"; done\n"
    "    said=$(psql -wXAtqc 'SELECT 1' 2>&1 </dev/null) && return\n"
    "    kept=\n"
    "    for o in $left; do\n"
    "      case $said in\n"
    "      *\"FATAL:  unrecognized configuration parameter \\\"${o%%=*}\\\"\"*) ;;\n"
    "      *) kept=\"$kept $o\" ;;\n"
    "      esac\n"
    "    done\n"
    "    [ \"$kept\" != \"$left\" ] || return\n"
    "    left=$kept\n"
    "  done\n"
    "}\n"
    "reach || { export PGHOST=127.0.0.1; reach; }\n"
    "exec psql -wXAtq -F \"$(printf '\\t')\" -P pager=off 3>&2 2>&1\n";

const char *const postgres_session_argv[] = {
    "sh", "-c", postgres_client, "sh", postgres_client_clean, NULL,
};

/* What statements set themselves: they change how those are run, or what they print. */
#define PG_SET                                                                           \
    "('timezone_abbreviations', 'Default'), ('default_transaction_read_only', 'on'), "   \
    "('default_transaction_deferrable',"                                                 \
    " 'off'), ('DateStyle', 'ISO, MDY'), ('IntervalStyle', 'postgres'), ('TimeZone',"    \
    " 'GMT'), ('bytea_output', 'hex'), ('extra_float_digits', '0'),"                     \
    " ('backslash_quote', 'safe_encoding'), ('array_nulls', 'on'),"                      \
    " ('transform_null_equals', 'off'), ('quote_all_identifiers', 'off'), ('jit', "      \
    "'off'),"                                                                            \
    " ('max_parallel_workers_per_gather', '0'), ('session_replication_role', 'origin')," \
    " ('zero_damaged_pages', 'off'), ('ignore_checksum_failure', 'off')"

/* Settings that somebody made for a role or a database, and that any user could: all but
 * those of what the server logs. */
#define PG_MADE                                                                     \
    " s.context = 'user' AND s.source IN ('global', 'database', 'user', 'database " \
    "user')"                                                                        \
    " AND left(s.name, 4) <> 'log_' AND s.name <> 'statement_timeout'"

/* Sets them, and what was made otherwise back to what the server is built with; then
 * prints "pinned" and what is not as it has to be, in hex. */
const char postgres_pins[] =
    "SELECT count(set_config(name, value, false)) FROM (SELECT s.name,"
    " COALESCE(p.value, s.boot_val, '') AS value FROM pg_settings s LEFT JOIN"
    " (VALUES " PG_SET ") p(name, value) ON p.name = s.name WHERE s.context IN ('user',"
    " 'superuser') AND (p.name IS NOT NULL OR" PG_MADE ") ORDER BY 1 OFFSET 0) wanted"
    " HAVING count(*) < 0;\n"
    "SELECT 'pinned', " PG_HEX(
        "COALESCE(string_agg(wrong, ', '), '')") " FROM ("
                                                 "SELECT s.name || '=' || s.setting FROM "
                                                 "pg_settings s JOIN "
                                                 "(VALUES " PG_BEGUN_WITH ", " PG_SET
                                                 ") p(name, value) ON p.name = s.name "
                                                 "WHERE s.setting <> p.value"
                                                 " UNION ALL SELECT s.name || '=' || "
                                                 "s.setting FROM pg_settings s "
                                                 "WHERE" PG_MADE
                                                 " UNION ALL SELECT s.name || '=' || "
                                                 "s.setting FROM pg_settings s WHERE"
                                                 " s.name = 'statement_timeout' AND "
                                                 "s.setting = '0'"
                                                 " UNION ALL SELECT 'role=' || "
                                                 "current_user::text WHERE current_user "
                                                 "<> session_user"
                                                 " UNION ALL SELECT 'database=' || "
                                                 "current_database()::text"
                                                 " FROM (SELECT %s::bigint) w(oid) WHERE "
                                                 "w.oid <> 0 AND NOT EXISTS (SELECT FROM"
                                                 " pg_database d WHERE d.oid = w.oid AND "
                                                 "datname = current_database())) "
                                                 "found(wrong)";

/*
 * The server builds the connection string. In that, a value is in single quotes, with
 * single quotes and backslashes escaped (manual, "Connection Strings"; so pg_dump has it,
 * too); psql's \connect puts a variable's value in as it is and then takes double quotes
 * away, in which a doubled one is one. A database that is gone is none that can be
 * entered; pins tell another one of that name.
 */
const char postgres_enter[] =
    "SELECT COALESCE((SELECT '\"dbname=''' || replace(replace(replace(datname::text,"
    " '\\', '\\\\'), '''', '\\'''), '\"', '\"\"') || '''\"' FROM pg_database d,"
    " (SELECT %s::bigint) w(oid) WHERE d.oid = w.oid OR w.oid = 0 AND datname ="
    " 'postgres'), '\"dbname=''(it is gone)''\"') AS dbupgrade_to \\gset\n"
    "\\connect -reuse-previous=on :dbupgrade_to";

/*
 * Whoever plans a query evaluates what indexes, statistics and constraints of its tables
 * say in constants: functions of the table's owner, as the superuser. COPY of a table
 * plans nothing, and refuses what became a view or a foreign table meanwhile. It writes
 * one column, of a type whose output is cheap and the system's, and says how many rows;
 * all of them where only columns with defaults are left, some of which might be computed.
 * Materialized views cannot be copied so before 18: tables_sql has only those that belong
 * to superusers.
 */
const char postgres_count[] =
    "\\set QUIET off\n"
    "SELECT CASE relkind WHEN 'r' THEN 'COPY ' || quote_ident(nspname) || '.' ||"
    " quote_ident(relname) || COALESCE((SELECT ' (' || quote_ident(attname) || ')' FROM"
    " pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND NOT"
    " atthasdef ORDER BY atttypid >= 16384, attlen < 0, attnum LIMIT 1),"
    " '') || ' TO ''/dev/null''' ELSE 'SELECT count(*) FROM ' || quote_ident(nspname) ||"
    " '.' || quote_ident(relname) END FROM (SELECT %s::bigint) w(oid) JOIN pg_class c ON"
    " c.oid = w.oid JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('r',"
    " 'm') \\gexec\n"
    "\\set QUIET on\n";
