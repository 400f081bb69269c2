-- The metadata of an InnoDB cluster, as far as a router reads and writes them: the
-- tables and views of metadata version 2.0.0, without those of replica sets.
CREATE SCHEMA IF NOT EXISTS mysql_innodb_cluster_metadata;
CREATE TABLE IF NOT EXISTS mysql_innodb_cluster_metadata.clusters (
    cluster_id CHAR(36) CHARACTER SET ascii PRIMARY KEY,
    cluster_name VARCHAR(63) NOT NULL,
    attributes JSON,
    router_options JSON
);
CREATE TABLE IF NOT EXISTS mysql_innodb_cluster_metadata.instances (
    instance_id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
    cluster_id CHAR(36) CHARACTER SET ascii NOT NULL,
    address VARCHAR(265) NOT NULL,
    mysql_server_uuid CHAR(36) CHARACTER SET ascii NOT NULL UNIQUE,
    instance_name VARCHAR(265) NOT NULL,
    addresses JSON NOT NULL,
    attributes JSON
);
CREATE TABLE IF NOT EXISTS mysql_innodb_cluster_metadata.routers (
    router_id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
    router_name VARCHAR(265) NOT NULL,
    product_name VARCHAR(128) NOT NULL,
    address VARCHAR(256) CHARACTER SET ascii,
    version VARCHAR(12),
    last_check_in TIMESTAMP NULL,
    attributes JSON,
    cluster_id CHAR(36) CHARACTER SET ascii,
    options JSON,
    UNIQUE (address, router_name)
);
CREATE OR REPLACE VIEW mysql_innodb_cluster_metadata.schema_version (major, minor, patch) AS SELECT 2, 0, 0;
CREATE OR REPLACE VIEW mysql_innodb_cluster_metadata.v2_clusters AS
    SELECT cluster_id, cluster_name, 'gr' AS cluster_type, 'pm' AS primary_mode,
        attributes->>'$.group_replication_group_name' AS group_name, router_options
    FROM mysql_innodb_cluster_metadata.clusters;
CREATE OR REPLACE VIEW mysql_innodb_cluster_metadata.v2_gr_clusters AS
    SELECT * FROM mysql_innodb_cluster_metadata.v2_clusters;
CREATE OR REPLACE VIEW mysql_innodb_cluster_metadata.v2_instances AS
    SELECT instance_id, cluster_id, instance_name AS label, mysql_server_uuid, address,
        addresses->>'$.mysqlClassic' AS endpoint, addresses->>'$.mysqlX' AS xendpoint, attributes
    FROM mysql_innodb_cluster_metadata.instances;
CREATE OR REPLACE VIEW mysql_innodb_cluster_metadata.v2_this_instance AS
    SELECT i.cluster_id, i.instance_id, c.cluster_name, c.cluster_type
    FROM mysql_innodb_cluster_metadata.v2_instances i JOIN mysql_innodb_cluster_metadata.v2_clusters c USING (cluster_id)
    WHERE i.mysql_server_uuid = (SELECT CAST(variable_value AS CHAR CHARACTER SET ascii)
        FROM performance_schema.global_variables WHERE variable_name = 'server_uuid');
CREATE OR REPLACE VIEW mysql_innodb_cluster_metadata.v2_router_rest_accounts AS
    SELECT cluster_id, '' AS user, '' AS authentication_method, '' AS authentication_string, '' AS privileges
    FROM mysql_innodb_cluster_metadata.clusters WHERE FALSE;
CREATE OR REPLACE VIEW mysql_innodb_cluster_metadata.v2_routers AS
    SELECT router_id, cluster_id, router_name, product_name, address, version, last_check_in, attributes, options
    FROM mysql_innodb_cluster_metadata.routers;
