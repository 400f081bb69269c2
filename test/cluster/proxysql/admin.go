// Package proxysql stands in for ProxySQL, of which there is no package to be
// had: its admin interface, with the three layers of its configuration in
// SQLite, as in the original; a cluster whose members take newer configuration
// from each other; and a proxy for MySQL's protocol that can be paused.
//
// What matters to a client that upgrades it is kept as in ProxySQL: what is
// loaded to runtime is lost with the process unless it was saved to disk, users
// are at runtime twice and with hashed passwords, inactive rules and users are
// not there at all, and members of different versions take nothing from each other.
package proxysql

import (
	"context"
	"crypto/sha1"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"
)

func init() {
	sqlite.MustRegisterDeterministicScalarFunction("mysql_native_password", 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		text, ok := args[0].(string)
		if !ok || text == "" || strings.HasPrefix(text, "*") {
			return args[0], nil
		}
		return nativePassword(text), nil
	})
}

// nativePassword hashes a password as MySQL's mysql_native_password does.
func nativePassword(text string) string {
	once := sha1.Sum([]byte(text))
	twice := sha1.Sum(once[:])
	return fmt.Sprintf("*%X", twice[:])
}

// Admin is the configuration and what is known of the proxy. All statements go
// through one connection: the tables in memory belong to it.
type Admin struct {
	Version string // as the server reports it

	mu    sync.Mutex
	db    *sql.DB
	conn  *sql.Conn
	proxy *Proxy
}

// inMemory is where SQLite writes no file.
const inMemory = ":memory:"

// Open makes the tables. On the first start in a folder they are filled from the
// configuration file, later from what was saved to disk there. Without a folder all
// is forgotten in the end, as the disk of a pod that has no volume.
func Open(ctx context.Context, version, folder, config string) (*Admin, error) {
	file, missing := inMemory, os.ErrNotExist
	if folder != "" {
		file = filepath.Join(folder, "proxysql.db")
		_, missing = os.Stat(file)
	}
	db, err := sql.Open("sqlite", inMemory)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	a := &Admin{Version: version, db: db, conn: conn}
	if err := a.exec("ATTACH DATABASE "+quote(file)+" AS disk", "ATTACH DATABASE "+quote(inMemory)+" AS stats", schema()); err != nil {
		return nil, err
	}
	return a, a.fill(missing != nil, config)
}

// Close ends it. What was saved stays where there is a folder.
func (a *Admin) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.proxy != nil {
		_ = a.proxy.Pause() // unless it is paused anyway
	}
	return errors.Join(a.conn.Close(), a.db.Close())
}

// fill brings the configuration to memory, disk and runtime.
func (a *Admin) fill(first bool, config string) error {
	var list []string
	for name, value := range defaults {
		list = append(list, fmt.Sprintf("INSERT INTO global_variables VALUES (%s, %s)", quote(name), quote(value)))
	}
	if first {
		groups, err := parseConfig(config)
		if err != nil {
			return err
		}
		list = append(list, statements(groups)...)
		for _, m := range modules {
			list = append(list, m.copies(memoryLayer, diskLayer)...)
		}
	} else {
		for _, m := range modules {
			list = append(list, m.copies(diskLayer, memoryLayer)...)
		}
	}
	list = append(list, "REPLACE INTO global_variables VALUES ('admin-version', "+quote(a.Version)+")")
	if err := a.exec(list...); err != nil {
		return err
	}
	for _, m := range modules {
		if err := a.load(m, time.Now().Unix()); err != nil {
			return err
		}
	}
	return nil
}

func (a *Admin) exec(statements ...string) error {
	for _, statement := range statements {
		if _, err := a.conn.ExecContext(context.Background(), statement); err != nil {
			return fmt.Errorf("%s: %w", strings.SplitN(statement, "(", 2)[0], err)
		}
	}
	return nil
}

// load brings a module to runtime and counts that.
func (a *Admin) load(m *module, epoch int64) error {
	if err := a.exec(m.copies(memoryLayer, runtimeLayer)...); err != nil || m.name == "" {
		return err
	}
	sum, err := a.checksum(m)
	if err != nil {
		return err
	}
	names := []string{m.name}
	if m.name == "mysql_servers" {
		names = append(names, "mysql_servers_v2")
	}
	for _, name := range names {
		if err := a.exec(fmt.Sprintf("INSERT INTO runtime_checksums_values VALUES (%s, 1, %d, %s) ON CONFLICT (name) DO UPDATE SET "+
			"version = version + 1, epoch = excluded.epoch, checksum = excluded.checksum", quote(name), epoch, quote(sum))); err != nil {
			return err
		}
	}
	return nil
}

// checksum sums a module's rows at runtime; that of no rows is zero.
func (a *Admin) checksum(m *module) (string, error) {
	var lines []string
	for _, table := range m.tables {
		got, err := a.query("SELECT * FROM " + runtimeLayer + table + " WHERE " + or(m.where, "1"))
		if err != nil {
			return "", err
		}
		for _, row := range got.rows {
			lines = append(lines, fmt.Sprint(table, row))
		}
	}
	if len(lines) == 0 {
		return "0x0000000000000000", nil
	}
	slices.Sort(lines)
	hash := fnv.New64a()
	fmt.Fprint(hash, lines)
	return fmt.Sprintf("0x%016X", hash.Sum64()), nil
}

// answer is what a statement returns; without names it returns no rows. A value
// is a string, or nil.
type answer struct {
	names    []string
	rows     [][]any
	affected uint64
}

// query asks SQLite.
func (a *Admin) query(statement string) (*answer, error) {
	rows, err := a.conn.QueryContext(context.Background(), statement)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	got := &answer{}
	if got.names, err = rows.Columns(); err != nil {
		return nil, err
	}
	for rows.Next() {
		values := make([]any, len(got.names))
		targets := make([]any, len(values))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		for i, value := range values {
			if value != nil {
				values[i] = fmt.Sprint(value)
			}
		}
		got.rows = append(got.rows, values)
	}
	return got, rows.Err()
}

// Query does one statement or command of the admin interface.
func (a *Admin) Query(text string) (*answer, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	command := strings.TrimRight(strings.TrimSpace(text), "; ")
	upper := strings.ToUpper(strings.Join(strings.Fields(command), " "))
	if m, from, to := parse(upper); m != nil {
		if to == runtimeLayer {
			return &answer{}, a.load(m, time.Now().Unix())
		}
		return &answer{}, a.exec(m.copies(from, to)...)
	}
	switch first, rest, _ := strings.Cut(upper, " "); first {
	case "PROXYSQL":
		return &answer{}, a.control(rest)
	case "SET", "USE", "COMMIT", "BEGIN":
		return &answer{}, nil // clients say that without being asked
	case "SHOW":
		return nil, fmt.Errorf("%s is not known to this stand-in for ProxySQL", command)
	case "SELECT":
		if fixed, ok := map[string]string{"@@VERSION": a.Version, "VERSION()": a.Version,
			"@@VERSION_COMMENT LIMIT 1": "a stand-in for ProxySQL's admin interface", "@@MAX_ALLOWED_PACKET": "67108864"}[rest]; ok {
			return &answer{names: []string{command[len("select "):]}, rows: [][]any{{fixed}}}, nil
		}
		if err := a.observe(); err != nil {
			return nil, err
		}
		return a.query(command)
	}
	result, err := a.conn.ExecContext(context.Background(), command)
	if err != nil {
		return nil, err
	}
	n, _ := result.RowsAffected()
	return &answer{affected: uint64(n)}, nil
}

// marks are what MySQL's client writes in the place of what would end a value.
var marks = strings.NewReplacer("\\", `\\`, "\t", `\t`, "\n", `\n`, "\x00", `\0`)

// Print does one statement, and says what MySQL's client prints then with --batch and
// without names of columns.
func (a *Admin) Print(text string) string {
	got, err := a.Query(text)
	if err != nil {
		return fmt.Sprintf("ERROR 1045 (28000) at line 1: ProxySQL Admin Error: %v\n", err)
	}
	var out strings.Builder
	for _, row := range got.rows {
		for i, value := range row {
			if i > 0 {
				out.WriteByte('\t')
			}
			if value == nil {
				value = "NULL"
			}
			out.WriteString(marks.Replace(fmt.Sprint(value)))
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// control does what follows PROXYSQL in a command.
func (a *Admin) control(command string) error {
	switch {
	case a.proxy == nil:
		return fmt.Errorf("the proxy is not started")
	case command == "PAUSE":
		return a.proxy.Pause()
	case command == "RESUME":
		return a.proxy.Resume()
	}
	return fmt.Errorf("PROXYSQL %s is not known to this stand-in for ProxySQL", command)
}

// observe writes down what the proxy is doing now.
func (a *Admin) observe() error {
	if a.proxy == nil {
		return nil
	}
	seen := a.proxy.observe()
	list := []string{"DELETE FROM stats.stats_mysql_global", "DELETE FROM stats.stats_mysql_processlist", "DELETE FROM stats.stats_mysql_connection_pool"}
	for name, value := range map[string]int{"Client_Connections_connected": len(seen.sessions), "Client_Connections_created": seen.created,
		"Questions": seen.questions, "mysql_listener_paused": seen.paused} {
		list = append(list, fmt.Sprintf("INSERT INTO stats.stats_mysql_global VALUES (%s, '%d')", quote(name), value))
	}
	for _, s := range seen.sessions {
		list = append(list, fmt.Sprintf("INSERT INTO stats.stats_mysql_processlist (ThreadID, SessionID, user, cli_host, srv_host, command, time_ms) "+
			"VALUES (0, %d, %s, %s, %s, %s, 0)", s.id, quote(s.user), quote(s.client), quote(s.server), quote(s.command)))
	}
	list = append(list, "INSERT INTO stats.stats_mysql_connection_pool SELECT s.hostgroup_id, s.hostname, s.port, s.status, "+
		"(SELECT count(*) FROM stats.stats_mysql_processlist p WHERE p.srv_host = s.hostname), 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM runtime_mysql_servers s")
	return a.exec(list...)
}

// variable returns a variable's value at runtime.
func (a *Admin) variable(name string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	got, err := a.query("SELECT variable_value FROM runtime_global_variables WHERE variable_name = " + quote(name))
	if err != nil || len(got.rows) == 0 {
		return ""
	}
	return fmt.Sprint(got.rows[0][0])
}
