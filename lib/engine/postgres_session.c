/*
 * How psql is talked with. It runs as superuser in databases whose users may mean no
 * good.
 */
#include "engine/postgres_session.h"

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
