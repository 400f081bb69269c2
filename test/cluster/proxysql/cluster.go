package proxysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// otherVersion is how long a peer of another version is let alone.
const otherVersion = 5 * time.Second

// state is a row of runtime_checksums_values.
type state struct {
	version, epoch int64
	checksum       string
}

// Cluster looks at the other members again and again and takes from them what
// is newer, by ProxySQL's rules: never from one of another version, never
// anything that was loaded only at its start; at once if we have only what was loaded at
// ours, otherwise after a few differences and if it is younger than ours.
func (a *Admin) Cluster(ctx context.Context) {
	c := &cluster{admin: a, differs: map[string]int{}, alone: map[string]time.Time{}}
	for ctx.Err() == nil {
		interval, err := strconv.Atoi(a.variable("admin-cluster_check_interval_ms"))
		if err != nil || interval < 10 {
			interval = 1000
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(interval) * time.Millisecond):
			c.round(ctx)
		}
	}
}

type cluster struct {
	admin   *Admin
	differs map[string]int       // how often a module differed, by peer and module
	alone   map[string]time.Time // peers of another version: until when
}

func (c *cluster) round(ctx context.Context) {
	user := strings.Split(c.admin.variable("admin-cluster_username"), ";")[0]
	password := strings.Split(c.admin.variable("admin-cluster_password"), ";")[0]
	peers, err := c.admin.Query("SELECT hostname, port FROM runtime_proxysql_servers")
	if err != nil || user == "" {
		return
	}
	for _, row := range peers.rows {
		host, port := fmt.Sprint(row[0]), fmt.Sprint(row[1])
		address := net.JoinHostPort(host, port)
		if self(host) || time.Now().Before(c.alone[address]) {
			continue
		}
		if err := c.look(ctx, host, port, user, password); err != nil && ctx.Err() == nil {
			log.Printf("peer %s: %v", address, err)
		}
	}
}

// self tells whether a name is this pod's.
func self(host string) bool {
	name, err := os.Hostname()
	return err == nil && strings.Split(host, ".")[0] == name
}

// look compares a peer's checksums with ours.
func (c *cluster) look(ctx context.Context, host, port, user, password string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	config := mysql.NewConfig()
	config.Net, config.Addr, config.User, config.Passwd = "tcp", net.JoinHostPort(host, port), user, password
	db, err := sql.Open("mysql", config.FormatDSN())
	if err != nil {
		return err
	}
	defer db.Close()
	var version string
	if err := db.QueryRowContext(ctx, "SELECT @@version").Scan(&version); err != nil {
		return err
	}
	if version != c.admin.Version {
		log.Printf("different version with peer %s: %s, ours is %s", config.Addr, version, c.admin.Version)
		c.alone[config.Addr] = time.Now().Add(otherVersion)
		return nil
	}
	theirs, err := remote(ctx, db)
	if err != nil {
		return err
	}
	for _, m := range modules {
		if !m.synced {
			continue
		}
		if err := c.compare(ctx, db, m, host, port, theirs[m.name]); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// remote reads a peer's checksums.
func remote(ctx context.Context, db *sql.DB) (map[string]state, error) {
	rows, err := db.QueryContext(ctx, "SELECT name, version, epoch, checksum FROM runtime_checksums_values")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]state{}
	for rows.Next() {
		var name string
		var s state
		if err := rows.Scan(&name, &s.version, &s.epoch, &s.checksum); err != nil {
			return nil, err
		}
		found[name] = s
	}
	return found, rows.Err()
}

// compare notes a module's difference from a peer and, where the rules say so,
// takes the peer's.
func (c *cluster) compare(ctx context.Context, db *sql.DB, m *module, host, port string, theirs state) error {
	ours, err := c.admin.state(m)
	if err != nil {
		return err
	}
	key := host + " " + m.name
	if theirs.checksum == ours.checksum {
		c.differs[key] = 0
	} else {
		c.differs[key]++
	}
	limit, err := strconv.Atoi(c.admin.variable("admin-cluster_" + m.name + "_diffs_before_sync"))
	if err != nil {
		limit = 3
	}
	now := time.Now().Unix()
	if _, err := c.admin.Query(fmt.Sprintf("REPLACE INTO stats.stats_proxysql_servers_checksums VALUES (%s, %s, %s, %d, %d, %s, %d, %d, %d)",
		quote(host), port, quote(m.name), theirs.version, theirs.epoch, quote(theirs.checksum), now, now, c.differs[key])); err != nil {
		return err
	}
	newer := ours.version == 1 || c.differs[key] >= limit && theirs.epoch > ours.epoch
	if c.differs[key] == 0 || limit == 0 || theirs.version <= 1 || !newer {
		return nil
	}
	log.Printf("taking %s from peer %s", m.name, host)
	c.differs[key] = 0
	return c.admin.take(ctx, db, m, theirs.epoch)
}

// state returns a module's own checksum.
func (a *Admin) state(m *module) (s state, err error) {
	got, err := a.Query("SELECT version, epoch, checksum FROM runtime_checksums_values WHERE name = " + quote(m.name))
	if err != nil || len(got.rows) != 1 {
		return s, fmt.Errorf("no checksum: %v", err)
	}
	s.version, _ = strconv.ParseInt(fmt.Sprint(got.rows[0][0]), 10, 64)
	s.epoch, _ = strconv.ParseInt(fmt.Sprint(got.rows[0][1]), 10, 64)
	s.checksum = fmt.Sprint(got.rows[0][2])
	return s, nil
}

// take replaces a module by a peer's.
func (a *Admin) take(ctx context.Context, db *sql.DB, m *module, epoch int64) error {
	var list []string
	for _, table := range m.tables {
		list = append(list, "DELETE FROM "+memoryLayer+table)
		from := "runtime_" + table
		if table == "mysql_users" { // there, passwords are hashed, with which the proxy cannot log in
			from = "mysql_users WHERE username IN (SELECT username FROM runtime_mysql_users)"
		}
		inserts, err := fetch(ctx, db, table, from)
		if err != nil {
			return err
		}
		list = append(list, inserts...)
	}
	save := a.variable(m.saveFlag) == "true"
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.exec(append(append([]string{"BEGIN"}, list...), "COMMIT")...); err != nil {
		return errors.Join(err, a.exec("ROLLBACK"))
	}
	if err := a.load(m, epoch); err != nil || !save {
		return err
	}
	return a.exec(m.copies(memoryLayer, diskLayer)...)
}

// fetch turns a peer's rows into statements for memory.
func fetch(ctx context.Context, db *sql.DB, table, from string) (list []string, err error) {
	rows, err := db.QueryContext(ctx, "SELECT * FROM "+from)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		values := make([]sql.NullString, len(names))
		targets := make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		literals := make([]string, len(names))
		for i, value := range values {
			literals[i] = "NULL"
			if value.Valid {
				literals[i] = quote(value.String)
			}
		}
		list = append(list, "INSERT INTO "+memoryLayer+table+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(literals, ", ")+")")
	}
	return list, rows.Err()
}
