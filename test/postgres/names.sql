-- A database in which all is called the same. psql -v n=NAME -v e=ENCODING -v rows=ROWS
\set ON_ERROR_STOP on
SET client_min_messages = error;
CREATE DATABASE :"n" TEMPLATE template0 ENCODING :'e' LOCALE 'C';
SELECT '"dbname=''' || replace(replace(replace(:'n', '\', '\\'), '''', '\'''), '"', '""') || '''"' AS there \gset
\connect -reuse-previous=on :there
SET client_min_messages = error;
CREATE ROLE :"n";
CREATE SCHEMA :"n";
SET search_path = :"n";
CREATE TABLE :"n"(:"n" int);
INSERT INTO :"n" SELECT generate_series(1, :rows);
CREATE SEQUENCE :"e";
CREATE INDEX :"rows" ON :"n"(:"n");
CREATE TABLE kinds(a regproc);
ALTER TABLE kinds RENAME a TO :"n";
CREATE COLLATION :"n" FROM "C";
CREATE PUBLICATION :"n";
CREATE TYPE kind AS ENUM ('a');
ALTER TYPE kind RENAME TO :"n_type";
CREATE CONVERSION :"n" FOR 'LATIN1' TO 'UTF8' FROM pg_catalog.iso8859_1_to_utf8;
