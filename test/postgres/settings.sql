-- Settings of a database and of the superuser that change how statements are run or answered, or end a
-- session: whatever its owner can set, and more.
SET client_min_messages = error;
SET ROLE bob;
SELECT format('ALTER DATABASE app SET %I = %L', name, CASE vartype
	WHEN 'bool' THEN (boot_val <> 'on')::text
	WHEN 'enum' THEN (SELECT v FROM unnest(enumvals) v WHERE v <> boot_val ORDER BY v DESC LIMIT 1)
	WHEN 'string' THEN 'public'
	ELSE CASE boot_val WHEN min_val THEN max_val ELSE min_val END END)
FROM pg_settings WHERE context = 'user' AND name NOT LIKE 'transaction\_%' AND name NOT LIKE 'debug\_print\_%' \gexec
ALTER DATABASE app SET search_path = public, pg_catalog;
ALTER DATABASE app SET statement_timeout = 1;
ALTER DATABASE app SET lock_timeout = 1;
ALTER DATABASE app SET idle_in_transaction_session_timeout = 1;
ALTER DATABASE app SET idle_session_timeout = 1;
ALTER DATABASE app SET transaction_timeout = 1;
ALTER DATABASE app SET client_encoding = LATIN1;
ALTER DATABASE app SET "DateStyle" = 'SQL, DMY';
ALTER DATABASE app SET timezone_abbreviations = 'Australia';
RESET ROLE;
ALTER ROLE postgres SET role = bob;
ALTER ROLE postgres SET search_path = public, pg_catalog;
ALTER ROLE postgres SET session_preload_libraries = '/tmp/evil';
ALTER ROLE postgres SET statement_timeout = 1;
ALTER ROLE postgres SET row_security = off;
ALTER ROLE postgres SET client_encoding = LATIN1;
ALTER ROLE postgres SET default_transaction_read_only = on;
ALTER ROLE postgres SET default_transaction_isolation = serializable;
ALTER ROLE postgres SET standard_conforming_strings = off;
