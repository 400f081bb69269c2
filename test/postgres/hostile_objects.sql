-- Every kind of object of a database with the same odd name, which is in :odd.
SET search_path = pg_catalog;
CREATE SCHEMA :"odd" AUTHORIZATION :"odd";
COMMENT ON SCHEMA :"odd" IS :'odd';
CREATE SCHEMA s;
CREATE EXTENSION pg_stat_statements SCHEMA :"odd" VERSION '1.9';
CREATE EXTENSION hstore SCHEMA :"odd";
CREATE EXTENSION postgres_fdw SCHEMA :"odd";
COMMENT ON EXTENSION hstore IS :'odd';
CREATE COLLATION :"odd".:"odd" (PROVIDER = icu, LOCALE = 'de');
CREATE TYPE :"odd".:"odd" AS ENUM (:'odd', 'b');
CREATE DOMAIN :"odd".d AS text COLLATE :"odd".:"odd" CONSTRAINT :"odd" CHECK (VALUE <> :'odd');
CREATE TABLE :"odd".t(
	:"odd" text COLLATE :"odd".:"odd" DEFAULT :'odd',
	e :"odd".:"odd" DEFAULT :'odd',
	d :"odd".d,
	n int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME :"odd".:"odd_index"),
	CONSTRAINT :"odd" CHECK (:"odd" <> ''),
	CONSTRAINT k PRIMARY KEY (n)
) TABLESPACE :"odd";
INSERT INTO :"odd".t(:"odd") SELECT :'odd' || g FROM generate_series(1, 50) g;
ALTER TABLE :"odd".t RENAME CONSTRAINT k TO "error	no";
CREATE TABLE :"odd".part(:"odd" text COLLATE :"odd".:"odd") PARTITION BY LIST (:"odd");
CREATE TABLE s.:"odd_db" PARTITION OF :"odd".part FOR VALUES IN (:'odd');
INSERT INTO :"odd".part VALUES (:'odd');
CREATE INDEX :"odd_db" ON :"odd".part(:"odd");
COMMENT ON TABLE :"odd".t IS :'odd';
COMMENT ON COLUMN :"odd".t.:"odd" IS :'odd';
CREATE INDEX x ON :"odd".t(:"odd", d) TABLESPACE :"odd";
ALTER INDEX :"odd".x RENAME TO "-j";
CREATE INDEX "job_state	done" ON :"odd".t(d);
CREATE STATISTICS :"odd".:"odd" ON :"odd", d FROM :"odd".t;
CREATE VIEW s.:"odd" AS SELECT * FROM :"odd".t WHERE :"odd" <> :'odd';
CREATE MATERIALIZED VIEW s.m AS SELECT * FROM s.:"odd";
CREATE RULE :"odd" AS ON DELETE TO s.:"odd" DO INSTEAD NOTHING;
CREATE FUNCTION s.:"odd"(:"odd" text) RETURNS text LANGUAGE sql IMMUTABLE AS :'odd_body';
CREATE FUNCTION s.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER :"odd" BEFORE INSERT ON :"odd".t FOR EACH ROW EXECUTE FUNCTION s.f();
CREATE OPERATOR s.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq);
CREATE AGGREGATE s.:"odd"(int) (SFUNC = int4pl, STYPE = int);
CREATE CONVERSION s.:"odd" FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TEXT SEARCH DICTIONARY s.:"odd" (TEMPLATE = simple);
CREATE TEXT SEARCH CONFIGURATION s.:"odd" (COPY = pg_catalog.simple);
ALTER TABLE :"odd".t ENABLE ROW LEVEL SECURITY;
CREATE POLICY :"odd" ON :"odd".t USING (:"odd" <> :'odd');
CREATE SERVER :"odd" FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host :'odd');
CREATE USER MAPPING FOR :"odd" SERVER :"odd" OPTIONS (password :'odd');
CREATE FOREIGN TABLE s.ft(a text OPTIONS (column_name :'odd')) SERVER :"odd" OPTIONS (table_name :'odd');
CREATE PUBLICATION :"odd" FOR TABLE :"odd".t;
CREATE SUBSCRIPTION :"odd" CONNECTION 'host=192.0.2.1 dbname=x' PUBLICATION :"odd"
	WITH (connect = false, enabled = false, create_slot = false, slot_name = NONE);
CREATE FUNCTION s.e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER :"odd" ON ddl_command_end EXECUTE FUNCTION s.e();
COMMENT ON EVENT TRIGGER :"odd" IS :'odd';
SELECT lo_from_bytea(0, convert_to(:'odd', 'utf8'));
GRANT SELECT ON :"odd".t TO bob, :"odd";
