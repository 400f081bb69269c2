package proxysql

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/server"
)

const config = `
# what a pod starts with
datadir="/var/lib/proxysql"
admin_variables= { admin_credentials="admin:admin;cluster:secret" cluster_username="cluster" cluster_password="secret" cluster_check_interval_ms=20 }
mysql_servers=( { address="127.0.0.1" port=1 hostgroup=0 }, { address="127.0.0.2", port=1, hostgroup=1 } )
mysql_users=( { username="root" password="it's \"so\"" default_hostgroup=0 active=1 }, { username="gone" password="x" active=0 } )
mysql_query_rules=( { rule_id=1 active=1 match_pattern="^SELECT .*" destination_hostgroup=1 apply=1 }, { rule_id=2 active=0 match_pattern="never" apply=1 } )
`

func open(t *testing.T, version, folder, config string) *Admin {
	t.Helper()
	a, err := Open(t.Context(), version, folder, config)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// ask does statements and returns the last one's rows, each as one text.
func ask(t *testing.T, a *Admin, statements ...string) []string {
	t.Helper()
	var rows []string
	for _, statement := range statements {
		got, err := a.Query(statement)
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		rows = nil
		for _, row := range got.rows {
			rows = append(rows, strings.Trim(fmt.Sprint(row), "[]"))
		}
	}
	return rows
}

func expect(t *testing.T, have []string, want ...string) {
	t.Helper()
	if len(have)+len(want) > 0 && !reflect.DeepEqual(have, want) {
		t.Errorf("have %q, want %q", have, want)
	}
}

func TestRuntimeHasWhatIsActive(t *testing.T) {
	a := open(t, "2.7.3", t.TempDir(), config)
	expect(t, ask(t, a, "SELECT @@version"), "2.7.3")
	expect(t, ask(t, a, "SELECT hostgroup_id, hostname FROM runtime_mysql_servers ORDER BY 1"), "0 127.0.0.1", "1 127.0.0.2")
	expect(t, ask(t, a, "SELECT rule_id, match_pattern FROM runtime_mysql_query_rules"), "1 ^SELECT .*")
	expect(t, ask(t, a, "SELECT username, password, backend, frontend FROM runtime_mysql_users ORDER BY 3"),
		"root "+nativePassword(`it's "so"`)+" 0 1", "root "+nativePassword(`it's "so"`)+" 1 0")
	expect(t, ask(t, a, "SELECT DISTINCT version FROM runtime_checksums_values"), "1")
	expect(t, ask(t, a, "SELECT checksum FROM runtime_checksums_values WHERE name = 'proxysql_servers'"), "0x0000000000000000")
}

func TestNativePassword(t *testing.T) {
	// As MySQL's manual has it for PASSWORD('mypass').
	if have := nativePassword("mypass"); have != "*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4" {
		t.Error(have)
	}
}

func TestOnlyWhatIsSavedSurvives(t *testing.T) {
	folder := t.TempDir()
	a := open(t, "2.7.3", folder, config)
	ask(t, a, "INSERT INTO mysql_query_rules (rule_id, active, match_pattern, apply) VALUES (3, 1, 'saved', 1)",
		"LOAD MYSQL QUERY RULES TO RUNTIME", "SAVE MYSQL QUERY RULES TO DISK",
		"INSERT INTO mysql_query_rules (rule_id, active, match_pattern, apply) VALUES (4, 1, 'unsaved', 1)", "load mysql query rules to run;")
	expect(t, ask(t, a, "SELECT rule_id FROM runtime_mysql_query_rules"), "1", "3", "4")
	expect(t, ask(t, a, "SELECT version FROM runtime_checksums_values WHERE name = 'mysql_query_rules'"), "3")
	expect(t, ask(t, a, "SELECT rule_id FROM runtime_mysql_query_rules EXCEPT SELECT rule_id FROM disk.mysql_query_rules"), "4")
	a.conn.Close()

	b := open(t, "2.7.3", folder, "mysql_servers=()")
	expect(t, ask(t, b, "SELECT rule_id FROM runtime_mysql_query_rules"), "1", "3")
	expect(t, ask(t, b, "SELECT count(*) FROM runtime_mysql_servers"), "2")
}

func TestRuntimeToDisk(t *testing.T) {
	a := open(t, "2.7.3", t.TempDir(), config)
	ask(t, a, "UPDATE mysql_users SET max_connections = 7 WHERE username = 'root'", "LOAD MYSQL USERS TO RUNTIME", "DELETE FROM mysql_users",
		"SAVE MYSQL USERS FROM RUNTIME", "SAVE MYSQL USERS TO DISK")
	expect(t, ask(t, a, "SELECT username, max_connections, backend, frontend FROM disk.mysql_users"), "root 7 1 1")
}

func TestVariablesGoByKind(t *testing.T) {
	a := open(t, "2.7.3", t.TempDir(), config)
	ask(t, a, "UPDATE global_variables SET variable_value = '9' WHERE variable_name IN ('mysql-threads', 'admin-cluster_check_interval_ms')",
		"LOAD MYSQL VARIABLES TO RUNTIME")
	expect(t, ask(t, a, "SELECT variable_value FROM runtime_global_variables WHERE variable_name IN ('mysql-threads', 'admin-cluster_check_interval_ms') ORDER BY variable_name"),
		"20", "9")
}

func TestErrors(t *testing.T) {
	a := open(t, "2.7.3", t.TempDir(), config)
	for _, statement := range []string{"PROXYSQL PAUSE", "PROXYSQL DANCE", "SELECT * FROM nothing", "LOAD NOTHING TO RUNTIME"} {
		if _, err := a.Query(statement); err == nil {
			t.Errorf("%s did not fail", statement)
		}
	}
	for _, text := range []string{`a`, `a={`, `a={b`, `a=(b)`, `a=`} {
		if _, err := parseConfig(text); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

// member starts a member of a cluster whose name is not this machine's.
func member(t *testing.T, version string) (*Admin, string) {
	t.Helper()
	a := open(t, version, t.TempDir(), config)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go a.Serve(t.Context(), listener)
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return a, port
}

func follow(t *testing.T, a *Admin, ports ...string) {
	t.Helper()
	for _, port := range ports {
		ask(t, a, "INSERT INTO proxysql_servers (hostname, port) VALUES ('127.0.0.1', "+port+")")
	}
	ask(t, a, "LOAD PROXYSQL SERVERS TO RUNTIME")
	go a.Cluster(t.Context())
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("not: %s", what)
}

func TestClusterTakesWhatIsNewer(t *testing.T) {
	a, port := member(t, "2.7.3")
	same, _ := member(t, "2.7.3")
	other, _ := member(t, "3.0.1")
	ask(t, a, "DELETE FROM mysql_query_rules", "INSERT INTO mysql_query_rules (rule_id, active, match_pattern, apply) VALUES (9, 1, 'new', 1)",
		"LOAD MYSQL QUERY RULES TO RUNTIME")
	ask(t, same, "DELETE FROM mysql_users", "INSERT INTO mysql_users (username, password) VALUES ('mine', 'x')", "LOAD MYSQL USERS TO RUNTIME")
	follow(t, same, port)
	follow(t, other, port)
	rules := "SELECT rule_id FROM runtime_mysql_query_rules"
	eventually(t, "the rules came", func() bool { return reflect.DeepEqual(ask(t, same, rules), []string{"9"}) })
	expect(t, ask(t, same, "SELECT rule_id FROM disk.mysql_query_rules"), "9")
	time.Sleep(200 * time.Millisecond) // many rounds
	expect(t, ask(t, other, rules), "1")
	expect(t, ask(t, other, "SELECT count(*) FROM stats.stats_proxysql_servers_checksums"), "0")
	// What the peer loaded only at its start is never taken.
	expect(t, ask(t, same, "SELECT DISTINCT username FROM runtime_mysql_users"), "mine")
	if differs := ask(t, same, "SELECT diff_check FROM stats.stats_proxysql_servers_checksums WHERE name = 'mysql_users'"); len(differs) != 1 || differs[0] == "0" {
		t.Error("the difference is not told:", differs)
	}
}

// database is a MySQL server that knows transactions and nothing else.
type database struct {
	server.EmptyHandler
	open bool
}

func (d *database) HandleQuery(text string) (*mysql.Result, error) {
	switch text {
	case "START TRANSACTION":
		d.open = true
	case "COMMIT":
		d.open = false
	}
	result := mysql.NewResultReserveResultset(0)
	if d.open {
		result.Status |= mysql.SERVER_STATUS_IN_TRANS
	}
	return result, nil
}

func TestPauseLetsTransactionsEnd(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				c, err := newServer("8.0.11").NewConn(conn, "app", "pw", &database{})
				for err == nil && !c.Closed() {
					err = c.HandleCommand()
				}
			}()
		}
	}()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	a := open(t, "2.7.3", t.TempDir(), `mysql_servers=({address="127.0.0.1" port=`+port+` hostgroup=0}) mysql_users=({username="app" password="pw"})`)
	p, err := a.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("mysql", "app:pw@tcp("+p.address+")/")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	connect := func() *sql.Conn {
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	idle, working := connect(), connect()
	ctx := context.Background()
	if _, err := idle.ExecContext(ctx, "DO 1"); err != nil {
		t.Fatal(err)
	}
	tx, err := working.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	connected := "SELECT Variable_Value FROM stats.stats_mysql_global WHERE Variable_Name = 'Client_Connections_connected'"
	expect(t, ask(t, a, connected), "2")
	ask(t, a, "PROXYSQL PAUSE")
	eventually(t, "the idle client is gone", func() bool { return ask(t, a, connected)[0] == "1" })
	if _, err := db.Conn(ctx); err == nil {
		t.Error("a new client was let in")
	}
	if _, err := idle.ExecContext(ctx, "DO 1"); err == nil {
		t.Error("the idle client still works")
	}
	if err := tx.Commit(); err != nil {
		t.Error("a transaction was cut off:", err)
	}
	eventually(t, "the other one is gone", func() bool { return ask(t, a, connected)[0] == "0" })
	expect(t, ask(t, a, "SELECT Variable_Value FROM stats.stats_mysql_global WHERE Variable_Name = 'mysql_listener_paused'"), "1")
	if _, err := a.Query("PROXYSQL PAUSE"); err == nil {
		t.Error("it was paused twice")
	}
	ask(t, a, "PROXYSQL RESUME")
	back, err := db.Conn(ctx)
	if err != nil {
		t.Fatal("after the pause: ", err)
	}
	back.Close()
}

func TestMonitorShuns(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	a := open(t, "2.7.3", t.TempDir(), `mysql_servers=({address="127.0.0.1" port=`+port+` hostgroup=0})`)
	go a.Monitor(t.Context(), 10*time.Millisecond)
	status := "SELECT status FROM runtime_mysql_servers"
	expect(t, ask(t, a, status), "ONLINE")
	listener.Close()
	eventually(t, "the server is shunned", func() bool { return ask(t, a, status)[0] == "SHUNNED" })
}
