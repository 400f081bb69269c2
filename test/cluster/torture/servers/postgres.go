package servers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Times of the model.
const (
	lostAfter    = 3 * time.Second        // another takes the lead from one that is gone; 15 s with real ones
	transferTime = 300 * time.Millisecond // from the order until the lead goes on
	serverStarts = 300 * time.Millisecond
	streamsAfter = 500 * time.Millisecond // from a standby's start, or a change of the primary
)

// Member states: a server without a primary above it, and standbys.
const (
	running   = "RUNNING"
	streaming = "STREAMING"
)

// What coordinators may do.
const (
	statusKey    = "Coordinator/Status"
	statusResume = "Resume"
)

// postgres models a standalone Postgres, or a primary with its standbys and
// their coordinators. Who leads is kept: a leader whose pod comes back in time
// leads on.
type postgres struct {
	clustered bool

	mutex   sync.Mutex
	members map[string]*instance // by pod
	lead    string               // the pod that leads
	lost    time.Time            // when another takes the lead; zero: its holder is well
	next    string               // who leads after the transfer ...
	moves   time.Time            // ... that is then
	keys    map[string]string    // shared by the coordinators
	write   time.Time            // of the next transaction
	unknown []string
}

// instance is a pod's server.
type instance struct {
	version   string
	running   bool // its containers
	up        bool
	started   time.Time
	starts    time.Time // when its coordinator starts it; zero: that is not due
	standby   bool
	streaming bool
	streams   time.Time // when it does
	log       int64     // the end of what it has written or replayed
}

func newPostgres(clustered bool) *postgres {
	return &postgres{clustered: clustered, members: map[string]*instance{}, keys: map[string]string{statusKey: statusResume}}
}

func (p *postgres) Start(now time.Time, pod, version string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.pass(now)
	m := p.members[pod]
	if m == nil {
		m = &instance{log: 0x3000060}
		p.members[pod] = m
	}
	m.version, m.running = version, true
	if p.lead == "" {
		p.lead = pod
	}
	p.serve(now, pod)
}

func (p *postgres) Stop(now time.Time, pod string) Moment {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.pass(now)
	moment := p.moment(now, "stop", pod)
	if m := p.members[pod]; m != nil && m.running {
		p.shut(pod)
		m.running, m.starts = false, time.Time{}
		if pod == p.lead {
			p.lost = now.Add(lostAfter)
		}
	}
	return moment
}

func (p *postgres) moment(now time.Time, what, pod string) Moment {
	moment := Moment{At: now, What: what, Pod: pod, Primary: p.lead == pod, Others: map[string]string{}}
	for name := range p.members {
		if name != pod {
			moment.Others[name] = p.state(name)
		}
	}
	return moment
}

func (p *postgres) state(pod string) string {
	switch m := p.members[pod]; {
	case !m.up:
		return down
	case !m.standby:
		return running
	case m.streaming:
		return streaming
	}
	return recovering
}

// serve starts a pod's server in the role that it has.
func (p *postgres) serve(now time.Time, pod string) {
	m := p.members[pod]
	m.up, m.started, m.starts, m.standby = true, now, time.Time{}, pod != p.lead
	if m.standby {
		m.streams = now.Add(streamsAfter)
	} else {
		p.lost = time.Time{}
		p.follow(now)
	}
}

// follow has all standbys find the primary.
func (p *postgres) follow(now time.Time) {
	for _, m := range p.members {
		if m.up && m.standby && !m.streaming {
			m.streams = now.Add(streamsAfter)
		}
	}
}

// shut stops a pod's server cleanly: a primary waits until all that stream have
// all of its log.
func (p *postgres) shut(pod string) {
	m := p.members[pod]
	if m.up && !m.standby {
		for _, other := range p.members {
			if other.streaming {
				other.log, other.streaming, other.streams = m.log, false, time.Time{}
			}
		}
	}
	m.up, m.streaming, m.streams = false, false, time.Time{}
}

// leads has another member lead.
func (p *postgres) leads(now time.Time, pod string) {
	p.lead, p.lost, p.next, p.moves = pod, time.Time{}, "", time.Time{}
	m := p.members[pod]
	m.standby, m.streaming, m.streams = false, false, time.Time{}
	p.follow(now)
}

// primary is the server that takes writes, nil if none does.
func (p *postgres) primary() *instance {
	if m := p.members[p.lead]; m != nil && m.up && !m.standby {
		return m
	}
	return nil
}

// pass makes up for the time since the last call.
func (p *postgres) pass(now time.Time) {
	if due(p.lost, now) && p.keys[statusKey] == statusResume {
		if pod := p.successor(); pod != "" {
			p.leads(now, pod)
		}
	}
	if due(p.moves, now) {
		p.transfer(now)
	}
	for _, pod := range p.pods() {
		m := p.members[pod]
		if due(m.starts, now) {
			p.serve(now, pod)
		}
		if due(m.streams, now) && p.primary() != nil {
			m.streams, m.streaming, m.log = time.Time{}, true, p.primary().log
		}
	}
	if p.write.IsZero() {
		p.write = now
	}
	for ; !p.write.After(now); p.write = p.write.Add(writeEvery) {
		p.commit()
	}
}

func due(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }

// transfer gives the lead on, if the successor can take it; the old primary
// becomes a standby.
func (p *postgres) transfer(now time.Time) {
	old, next := p.lead, p.members[p.next]
	if next == nil || !next.up || !next.standby || p.primary() == nil {
		p.next, p.moves = "", time.Time{}
		return
	}
	p.shut(old)
	p.members[old].starts = now.Add(serverStarts)
	p.leads(now, p.next)
}

// successor is the standby that has most of the log, "" without one.
func (p *postgres) successor() (best string) {
	for _, pod := range p.pods() {
		if m := p.members[pod]; m.up && m.standby && (best == "" || m.log > p.members[best].log) {
			best = pod
		}
	}
	return best
}

// commit is one transaction; the standbys are one behind.
func (p *postgres) commit() {
	primary := p.primary()
	if primary == nil {
		return
	}
	for _, m := range p.members {
		if m.streaming {
			m.log = primary.log
		}
	}
	primary.log += 0x58
}

func (p *postgres) pods() (pods []string) {
	for pod := range p.members {
		pods = append(pods, pod)
	}
	slices.Sort(pods)
	return pods
}

func (p *postgres) Roles(now time.Time) map[string]string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.pass(now)
	roles := map[string]string{}
	for pod, m := range p.members {
		switch {
		case !p.clustered || !m.up:
		case m.standby:
			roles[pod] = "standby"
		default:
			roles[pod] = "primary"
		}
	}
	return roles
}

func (p *postgres) Unknown() []string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return slices.Clone(p.unknown)
}

func (p *postgres) Refuses(now time.Time, pod string, since time.Time) string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.pass(now)
	switch m := p.members[pod]; {
	case m == nil || !m.up:
		return "psql: error: connection to server at \"127.0.0.1\", port 5432 failed: Connection refused\n"
	case since.Before(m.started):
		return "FATAL:  terminating connection due to administrator command\nconnection to server was lost\n"
	}
	return ""
}

// What the client asks, by how a statement begins.
var postgresStatements = []struct {
	begins string
	answer func(m *instance, statement string) string
}{
	{"SELECT split_part(current_setting('server_version')", (*instance).says},
	{"SELECT 'version',", (*instance).self},
	{"SELECT 'bytes',", (*instance).measures},
	{"SELECT (CASE WHEN pg_is_in_recovery()", (*instance).reached},
	{"SELECT pg_database_size(", (*instance).databases},
	{"WITH probe(o) AS (", (*instance).nothing}, // what is asked before an upgrade finds nothing
	{"CHECKPOINT", (*instance).nothing},
	{"SELECT application_name,", (*instance).nothing},
	{"SELECT status,", (*instance).nothing},
	{"SELECT slot_name,", (*instance).nothing},
	{"SELECT timeline_id,", (*instance).nothing},
	{"SELECT 'kubectl-dbupgrade-", func(_ *instance, statement string) string { return echo(statement) }},
}

func (p *postgres) Answer(now time.Time, pod, statement string) (string, *Moment) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.pass(now)
	if strings.HasPrefix(statement, "\\connect ") { // a line of its own; all databases are one here
		_, statement, _ = strings.Cut(statement, "\n")
	}
	for _, s := range postgresStatements {
		if m := p.members[pod]; m != nil && strings.HasPrefix(statement, s.begins) {
			return s.answer(m, statement), nil
		}
	}
	p.unknown = append(p.unknown, statement)
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

func (m *instance) databases(string) string { return "9000000\tapp\n7000000\tpostgres\n" }

func (m *instance) measures(string) string {
	return fmt.Sprintf("bytes\t%d\ndatabases\t4\n", 10<<30+m.log)
}

func (m *instance) reached(statement string) string {
	_, position, _ := strings.Cut(statement, ">= '")
	position, _, _ = strings.Cut(position, "'")
	high, low, _ := strings.Cut(position, "/")
	upper, _ := strconv.ParseInt(high, 16, 64)
	lower, _ := strconv.ParseInt(low, 16, 64)
	if m.log >= upper<<32+lower {
		return "1\n"
	}
	return "0\n"
}

// lsn writes a position in the log as Postgres does.
func lsn(position int64) string { return fmt.Sprintf("%X/%X", position>>32, position&0xffffffff) }
