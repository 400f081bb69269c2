package servers

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Node states as Galera calls them, in capitals.
const (
	synced  = "SYNCED"
	joining = "JOINING: RECEIVING STATE TRANSFER"
)

// galera models a Galera cluster, or a single server. All nodes take writes and
// none leads; one that comes back gets what it missed.
type galera struct {
	kin
	view int // changes with the nodes
}

func newGalera() *galera { return &galera{kin: newKin()} }

// at has a call begin, at a time; what it returns ends the call.
func (g *galera) at(now time.Time) func() {
	g.mutex.Lock()
	g.pass(now)
	return g.mutex.Unlock
}

func (g *galera) Start(now time.Time, pod, version string) {
	defer g.at(now)()
	g.view++
	m := g.runs(pod, version)
	m.state, m.join = joining, now.Add(joinAfter)
	if g.count(synced) == 0 {
		m.state, m.join = synced, time.Time{}
	}
}

func (g *galera) Stop(now time.Time, pod string) Moment {
	defer g.at(now)()
	moment := g.moment(now, "stop", pod)
	if m := g.serving(pod); m != nil {
		g.view++
		m.running, m.join = false, time.Time{}
	}
	return moment
}

// last is how far the data go of the node that has most.
func (g *galera) last() (n int64) {
	for _, m := range g.members {
		if m.running && m.state == synced {
			n = max(n, m.executed)
		}
	}
	return n
}

// pass makes up for the time since the last call.
func (g *galera) pass(now time.Time) {
	for _, m := range g.members {
		if !m.join.IsZero() && !now.Before(m.join) {
			m.join, m.state, m.executed = time.Time{}, synced, max(m.executed, g.last())
		}
	}
	g.writes(now, func() {
		next := g.last() + 1
		for _, m := range g.members {
			if m.running && m.state == synced {
				m.executed = next
			}
		}
	})
}

func (g *galera) Roles(now time.Time) map[string]string {
	defer g.at(now)()
	roles := map[string]string{}
	for pod, m := range g.members {
		if m.running && m.state == synced {
			roles[pod] = "primary"
		}
	}
	return roles
}

// Run knows of the command that says of which history a node's data are.
func (g *galera) Run(_ time.Time, _ string, command []string) *Ran {
	if len(command) > 0 && command[0] == "sed" {
		return &Ran{Out: source + "\n"}
	}
	return nil
}

// What the client asks, by how a statement begins.
var galeraStatements = []known[func(g *galera, m *member, statement string) string]{
	{"SELECT VERSION()", func(_ *galera, m *member, _ string) string { return m.version + "\n" }},
	{"SELECT @@datadir", func(*galera, *member, string) string { return "" }},
	{"SELECT 'version',", (*galera).self},
	{"SELECT 'bytes',", func(_ *galera, m *member, _ string) string { return m.measures() }},
	{"SELECT 'history',", (*galera).kept},
	{"SELECT 'skips',", func(*galera, *member, string) string { return "" }}, // no channels
	{"SELECT COALESCE(SUBSTRING_INDEX(w.p,", (*galera).reached},
	{"WITH probe(o) AS (", func(*galera, *member, string) string { return "" }}, // no objects found
	{"SHOW GLOBAL ", func(*galera, *member, string) string { return "" }},
	{"SELECT '", func(_ *galera, _ *member, statement string) string { return echo(statement) }},
}

func (g *galera) Answer(now time.Time, pod, statement string) (string, *Moment) {
	defer g.at(now)()
	m := g.serving(pod)
	if m == nil {
		return refused, nil
	}
	if answer, ok := find(galeraStatements, statement); ok {
		return answer(g, m, statement), nil
	}
	g.strange(statement)
	return invalid, nil
}

// self is what a node says of itself: rows of key and value.
func (g *galera) self(m *member, _ string) string {
	queue, n := 0, g.count()
	if m.state == joining {
		queue = 7
	}
	return fmt.Sprintf("version\t%s\nid\t-\nstate\t%s\nrole\tPEER\nwritable\t1\nqueue\t%d\nmembers\t%d\nonline\t%d\nview\t%s/%d\nposition\t%s:%d\n",
		m.version, m.state, queue, n, n, source, g.view, source, m.executed)
}

// kept is what a node keeps of late transactions, of 1000 bytes each.
func (g *galera) kept(m *member, _ string) string {
	return fmt.Sprintf("history\t%s\nlast\t%d\nkept_from\t1\nbytes\t%d\nheld_ns\t0\nroom\t128M\ndonor\t\n", source, m.executed, m.executed*1000)
}

func (g *galera) reached(m *member, statement string) string {
	_, position, _ := strings.Cut(statement, source+":")
	position, _, _ = strings.Cut(position, "'")
	wanted, err := strconv.ParseInt(position, 10, 64)
	if err == nil && m.executed >= wanted {
		return "1\n"
	}
	return "0\n"
}
