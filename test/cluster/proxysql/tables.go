package proxysql

import (
	"fmt"
	"strings"
)

// The columns of ProxySQL's own tables, as its documentation has them.
var columns = map[string]string{
	"mysql_servers": `hostgroup_id INT CHECK (hostgroup_id >= 0) NOT NULL DEFAULT 0, hostname VARCHAR NOT NULL, port INT NOT NULL DEFAULT 3306,
		gtid_port INT NOT NULL DEFAULT 0, status VARCHAR CHECK (UPPER(status) IN ('ONLINE','SHUNNED','OFFLINE_SOFT','OFFLINE_HARD')) NOT NULL DEFAULT 'ONLINE',
		weight INT NOT NULL DEFAULT 1, compression INT NOT NULL DEFAULT 0, max_connections INT NOT NULL DEFAULT 1000, max_replication_lag INT NOT NULL DEFAULT 0,
		use_ssl INT NOT NULL DEFAULT 0, max_latency_ms INT NOT NULL DEFAULT 0, comment VARCHAR NOT NULL DEFAULT '', PRIMARY KEY (hostgroup_id, hostname, port)`,
	"mysql_replication_hostgroups": `writer_hostgroup INT NOT NULL PRIMARY KEY, reader_hostgroup INT NOT NULL, check_type VARCHAR NOT NULL DEFAULT 'read_only', comment VARCHAR NOT NULL DEFAULT ''`,
	"mysql_group_replication_hostgroups": `writer_hostgroup INT NOT NULL PRIMARY KEY, backup_writer_hostgroup INT NOT NULL, reader_hostgroup INT NOT NULL, offline_hostgroup INT NOT NULL,
		active INT NOT NULL DEFAULT 1, max_writers INT NOT NULL DEFAULT 1, writer_is_also_reader INT NOT NULL DEFAULT 0, max_transactions_behind INT NOT NULL DEFAULT 0, comment VARCHAR`,
	"mysql_galera_hostgroups": `writer_hostgroup INT NOT NULL PRIMARY KEY, backup_writer_hostgroup INT NOT NULL, reader_hostgroup INT NOT NULL, offline_hostgroup INT NOT NULL,
		active INT NOT NULL DEFAULT 1, max_writers INT NOT NULL DEFAULT 1, writer_is_also_reader INT NOT NULL DEFAULT 0, max_transactions_behind INT NOT NULL DEFAULT 0, comment VARCHAR`,
	"mysql_users": `username VARCHAR NOT NULL, password VARCHAR, active INT NOT NULL DEFAULT 1, use_ssl INT NOT NULL DEFAULT 0, default_hostgroup INT NOT NULL DEFAULT 0,
		default_schema VARCHAR, schema_locked INT NOT NULL DEFAULT 0, transaction_persistent INT NOT NULL DEFAULT 1, fast_forward INT NOT NULL DEFAULT 0,
		backend INT NOT NULL DEFAULT 1, frontend INT NOT NULL DEFAULT 1, max_connections INT NOT NULL DEFAULT 10000, attributes VARCHAR NOT NULL DEFAULT '',
		comment VARCHAR NOT NULL DEFAULT '', PRIMARY KEY (username, backend), UNIQUE (username, frontend)`,
	"mysql_query_rules": `rule_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, active INT NOT NULL DEFAULT 0, username VARCHAR, schemaname VARCHAR, flagIN INT NOT NULL DEFAULT 0,
		client_addr VARCHAR, proxy_addr VARCHAR, proxy_port INT, digest VARCHAR, match_digest VARCHAR, match_pattern VARCHAR, negate_match_pattern INT NOT NULL DEFAULT 0,
		re_modifiers VARCHAR DEFAULT 'CASELESS', flagOUT INT, replace_pattern VARCHAR, destination_hostgroup INT DEFAULT NULL, cache_ttl INT, cache_empty_result INT DEFAULT NULL,
		cache_timeout INT, reconnect INT DEFAULT NULL, timeout INT, retries INT, delay INT, next_query_flagIN INT, mirror_flagOUT INT, mirror_hostgroup INT, error_msg VARCHAR,
		OK_msg VARCHAR, sticky_conn INT, multiplex INT, gtid_from_hostgroup INT, log INT, apply INT NOT NULL DEFAULT 0, attributes VARCHAR NOT NULL DEFAULT '', comment VARCHAR`,
	"proxysql_servers": `hostname VARCHAR NOT NULL, port INT NOT NULL DEFAULT 6032, weight INT NOT NULL DEFAULT 0, comment VARCHAR NOT NULL DEFAULT '', PRIMARY KEY (hostname, port)`,
	"scheduler": `id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, active INT NOT NULL DEFAULT 1, interval_ms INTEGER NOT NULL, filename VARCHAR NOT NULL,
		arg1 VARCHAR, arg2 VARCHAR, arg3 VARCHAR, arg4 VARCHAR, arg5 VARCHAR, comment VARCHAR NOT NULL DEFAULT ''`,
	"global_variables": `variable_name VARCHAR NOT NULL PRIMARY KEY, variable_value VARCHAR NOT NULL`,
}

const stats = `
CREATE TABLE runtime_checksums_values (name VARCHAR NOT NULL PRIMARY KEY, version INT NOT NULL, epoch INT NOT NULL, checksum VARCHAR NOT NULL);
CREATE TABLE stats.stats_mysql_global (Variable_Name VARCHAR NOT NULL PRIMARY KEY, Variable_Value VARCHAR NOT NULL);
CREATE TABLE stats.stats_mysql_connection_pool (hostgroup INT, srv_host VARCHAR, srv_port INT, status VARCHAR, ConnUsed INT, ConnFree INT, ConnOK INT, ConnERR INT,
	MaxConnUsed INT, Queries INT, Queries_GTID_sync INT, Bytes_data_sent INT, Bytes_data_recv INT, Latency_us INT);
CREATE TABLE stats.stats_mysql_processlist (ThreadID INT NOT NULL, SessionID INTEGER PRIMARY KEY, user VARCHAR, db VARCHAR, cli_host VARCHAR, cli_port INT, hostgroup INT,
	l_srv_host VARCHAR, l_srv_port INT, srv_host VARCHAR, srv_port INT, command VARCHAR, time_ms INT NOT NULL, info VARCHAR, status_flags INT, extended_info VARCHAR);
CREATE TABLE stats.stats_proxysql_servers_checksums (hostname VARCHAR NOT NULL, port INT NOT NULL DEFAULT 6032, name VARCHAR NOT NULL, version INT NOT NULL, epoch INT NOT NULL,
	checksum VARCHAR NOT NULL, changed_at INT NOT NULL, updated_at INT NOT NULL, diff_check INT NOT NULL, PRIMARY KEY (hostname, port, name));`

// module is what one LOAD or SAVE goes for.
type module struct {
	words    string // in commands: "MYSQL SERVERS"
	name     string // among the checksums; "" has none
	tables   []string
	where    string // rows of the tables that are its own
	runtime  string // rows that are loaded to runtime
	synced   bool   // peers of a cluster take it from each other
	saveFlag string // the variable that says whether what came from a peer goes to disk
}

var modules = []*module{
	{words: "MYSQL SERVERS", name: "mysql_servers", synced: true, saveFlag: "admin-cluster_mysql_servers_save_to_disk", runtime: "1",
		tables: []string{"mysql_servers", "mysql_replication_hostgroups", "mysql_group_replication_hostgroups", "mysql_galera_hostgroups"}},
	{words: "MYSQL USERS", name: "mysql_users", synced: true, saveFlag: "admin-cluster_mysql_users_save_to_disk", runtime: "active = 1",
		tables: []string{"mysql_users"}},
	{words: "MYSQL QUERY RULES", name: "mysql_query_rules", synced: true, saveFlag: "admin-cluster_mysql_query_rules_save_to_disk", runtime: "active = 1",
		tables: []string{"mysql_query_rules"}},
	{words: "PROXYSQL SERVERS", name: "proxysql_servers", synced: true, saveFlag: "admin-cluster_proxysql_servers_save_to_disk", runtime: "1",
		tables: []string{"proxysql_servers"}},
	{words: "MYSQL VARIABLES", name: "mysql_variables", where: "variable_name LIKE 'mysql-%'", runtime: "1", tables: []string{"global_variables"}},
	{words: "ADMIN VARIABLES", name: "admin_variables", where: "variable_name LIKE 'admin-%'", runtime: "1", tables: []string{"global_variables"}},
	{words: "SCHEDULER", runtime: "1", tables: []string{"scheduler"}},
}

// defaults are the variables that this stand-in knows of.
var defaults = map[string]string{
	"admin-admin_credentials": "admin:admin", "admin-mysql_ifaces": "0.0.0.0:6032", "admin-cluster_username": "", "admin-cluster_password": "",
	"admin-cluster_check_interval_ms": "1000", "admin-cluster_mysql_servers_diffs_before_sync": "3", "admin-cluster_mysql_users_diffs_before_sync": "3",
	"admin-cluster_mysql_query_rules_diffs_before_sync": "3", "admin-cluster_proxysql_servers_diffs_before_sync": "3",
	"admin-cluster_mysql_servers_save_to_disk": "true", "admin-cluster_mysql_users_save_to_disk": "true",
	"admin-cluster_mysql_query_rules_save_to_disk": "true", "admin-cluster_proxysql_servers_save_to_disk": "true",
	"mysql-interfaces": "0.0.0.0:6033", "mysql-monitor_username": "monitor", "mysql-monitor_password": "monitor", "mysql-wait_timeout": "28800000",
	"mysql-max_connections": "2048", "mysql-default_query_timeout": "36000000", "mysql-threads": "4", "mysql-server_version": "8.0.11",
}

// schema returns the statements that make all tables. Those at runtime have
// no keys: a user is there twice, for clients and for servers.
func schema() string {
	text := stats
	for table, columns := range columns {
		text += fmt.Sprintf("\nCREATE TABLE %s (%s);\nCREATE TABLE IF NOT EXISTS disk.%s (%s);\nCREATE TABLE runtime_%s AS SELECT * FROM %s WHERE 0;",
			table, columns, table, columns, table, table)
	}
	return text
}

// copies returns the statements that copy a module from one layer to another;
// the layers are prefixes of tables' names: "main.", "disk.", "main.runtime_".
func (m *module) copies(from, to string) (list []string) {
	own := or(m.where, "1")
	for _, table := range m.tables {
		rows := "SELECT * FROM " + from + table + " WHERE " + own
		if to == runtimeLayer {
			rows += " AND " + m.runtime
		}
		list = append(list, "DELETE FROM "+to+table+" WHERE "+own)
		switch {
		case table != "mysql_users" || from != runtimeLayer && to != runtimeLayer:
			list = append(list, "INSERT INTO "+to+table+" "+rows)
		case to == runtimeLayer:
			list = append(list, "INSERT INTO "+to+table+" "+asUser(rows, "mysql_native_password(password)", "0", "1"),
				"INSERT INTO "+to+table+" "+asUser(rows, "mysql_native_password(password)", "1", "0"))
		default:
			list = append(list, "INSERT INTO "+to+table+" "+asUser(rows+" AND frontend = 1", "password", "1", "1"))
		}
	}
	return list
}

// asUser selects users' rows with another password and other ends.
func asUser(rows, password, backend, frontend string) string {
	return "SELECT username, " + password + ", active, use_ssl, default_hostgroup, default_schema, schema_locked, transaction_persistent, fast_forward, " +
		backend + ", " + frontend + ", max_connections, attributes, comment FROM (" + rows + ")"
}

const (
	memoryLayer  = "main."
	diskLayer    = "disk."
	runtimeLayer = "main.runtime_"
)

// directions are the ends of LOAD and SAVE commands.
var directions = map[string][2]string{
	"LOAD TO RUNTIME": {memoryLayer, runtimeLayer}, "LOAD TO RUN": {memoryLayer, runtimeLayer}, "LOAD FROM MEMORY": {memoryLayer, runtimeLayer},
	"SAVE TO MEMORY": {runtimeLayer, memoryLayer}, "SAVE FROM RUNTIME": {runtimeLayer, memoryLayer}, "SAVE TO MEM": {runtimeLayer, memoryLayer},
	"SAVE TO DISK": {memoryLayer, diskLayer}, "SAVE FROM MEMORY": {memoryLayer, diskLayer},
	"LOAD TO MEMORY": {diskLayer, memoryLayer}, "LOAD FROM DISK": {diskLayer, memoryLayer},
}

// parse finds out what a LOAD or SAVE command is to copy; nil if it is none.
func parse(command string) (m *module, from, to string) {
	words := strings.Fields(strings.ToUpper(command))
	if len(words) < 4 {
		return nil, "", ""
	}
	last := len(words) - 2
	layers, ok := directions[words[0]+" "+strings.Join(words[last:], " ")]
	for _, m := range modules {
		if ok && m.words == strings.Join(words[1:last], " ") {
			return m, layers[0], layers[1]
		}
	}
	return nil, "", ""
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
