package servers

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// What the client asks, by how a statement begins.
var postgresStatements = []known[func(m *instance, statement string) string]{
	{"SELECT split_part(current_setting('server_version')", (*instance).says},
	{"SELECT count(set_config(", (*instance).nothing},
	{"SELECT current_setting('data_directory')", (*instance).nothing},
	{"SELECT 'pinned',", func(*instance, string) string { return "pinned\t\n" }},
	{"SET statement_timeout = ", (*instance).nothing},
	{"SELECT 'version',", (*instance).self},
	{"SELECT 'bytes',", (*instance).measures},
	{"SELECT (CASE WHEN pg_is_in_recovery()", (*instance).reached},
	{"SELECT pg_database_size(", (*instance).databases},
	{"WITH r AS (SELECT relkind,", (*instance).contents},
	{"WITH probe(o) AS (", (*instance).nothing}, // what is asked before an upgrade finds nothing
	{"SELECT (pg_last_wal_replay_lsn() > '", (*instance).replayed},
	{"SELECT encode(decode(replace((pg_tablespace_location(", (*instance).nothing},
	{"CHECKPOINT", (*instance).nothing},
	{"SELECT 'sender',", (*instance).nothing},
	{"SELECT 'receiver',", (*instance).nothing},
	{"SELECT 'slot',", (*instance).nothing},
	{"SELECT timeline_id,", (*instance).nothing},
	{"SELECT 'kubectl-dbupgrade-", func(_ *instance, statement string) string { return echo(statement) }},
}

func (p *postgres) Answer(now time.Time, pod, statement string) (string, *Moment) {
	defer p.at(now)()
	if _, behind, ok := strings.Cut(statement, "\n\\connect "); ok { // all databases are one here
		_, statement, _ = strings.Cut(behind, "\n")
	}
	if answer, ok := find(postgresStatements, statement); ok && p.members[pod] != nil {
		return answer(p.members[pod], statement), nil
	}
	p.strange(statement)
	return "ERROR:  syntax error at or near \"" + statement + "\"\n", nil
}

func (m *instance) says(string) string { return m.version + "\n" }

// nothing is for what has no answer, or one that only people read.
func (m *instance) nothing(string) string { return "" }

// self is what a member says of itself: rows of key and value.
func (m *instance) self(string) string {
	state, role, writable := running, "PRIMARY", 1
	if m.standby {
		state, role, writable = recovering, "SECONDARY", 0
	}
	if m.streaming {
		state = streaming
	}
	return fmt.Sprintf("version\t%s\nid\t7312345678901234567\nstate\t%s\nrole\t%s\nwritable\t%d\nqueue\t0\nmembers\t0\nonline\t0\nposition\t%s\n",
		m.version, state, role, writable, lsn(m.log))
}

// databases has names in hex: app and postgres.
func (m *instance) databases(string) string {
	return "9000000\t16384\t617070\n7000000\t5\t706f737467726573\n"
}

func (m *instance) measures(string) string {
	return fmt.Sprintf("bytes\t%d\ndatabases\t4\n", 10<<30+m.log)
}

// contents is what is in each database. Estimates go with the statistics of a major version.
func (m *instance) contents(string) string { return "tables\t12\nsequences\t3\n" }

func (m *instance) reached(statement string) string { return m.beyond(statement, ">= '", m.log) }

func (m *instance) replayed(statement string) string { return m.beyond(statement, "> '", m.log-1) }

// beyond tells whether a place in the log is at least the one after some words.
func (m *instance) beyond(statement, after string, place int64) string {
	_, position, _ := strings.Cut(statement, after)
	position, _, _ = strings.Cut(position, "'")
	high, low, _ := strings.Cut(position, "/")
	upper, _ := strconv.ParseInt(high, 16, 64)
	lower, _ := strconv.ParseInt(low, 16, 64)
	if place >= upper<<32+lower {
		return "1\n"
	}
	return "0\n"
}

// lsn writes a position in the log as Postgres does.
func lsn(position int64) string { return fmt.Sprintf("%X/%X", position>>32, position&0xffffffff) }
