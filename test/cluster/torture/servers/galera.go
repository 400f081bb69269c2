package servers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
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
	mutex   sync.Mutex
	nodes   map[string]*member
	view    int // changes with the nodes
	write   time.Time
	unknown []string
}

func newGalera() *galera { return &galera{nodes: map[string]*member{}} }

func (g *galera) Start(now time.Time, pod, version string) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.pass(now)
	m := g.nodes[pod]
	if m == nil {
		m = &member{executed: 100}
		g.nodes[pod] = m
	}
	g.view++
	m.version, m.running, m.state, m.join = version, true, joining, now.Add(joinAfter)
	if g.count(synced) == 0 {
		m.state, m.join = synced, time.Time{}
	}
}

func (g *galera) Stop(now time.Time, pod string) Moment {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.pass(now)
	moment := Moment{At: now, What: "stop", Pod: pod, Others: map[string]string{}}
	for name, m := range g.nodes {
		if name == pod {
			continue
		}
		moment.Others[name] = m.state
		if !m.running {
			moment.Others[name] = down
		}
	}
	if m := g.nodes[pod]; m != nil && m.running {
		g.view++
		m.running, m.join = false, time.Time{}
	}
	return moment
}

// count counts nodes that run in a state; "" counts all that run.
func (g *galera) count(state string) (n int) {
	for _, m := range g.nodes {
		if m.running && (state == "" || m.state == state) {
			n++
		}
	}
	return n
}

// last is how far the data go of the node that has most.
func (g *galera) last() (n int64) {
	for _, m := range g.nodes {
		if m.running && m.state == synced {
			n = max(n, m.executed)
		}
	}
	return n
}

// pass makes up for the time since the last call.
func (g *galera) pass(now time.Time) {
	for _, m := range g.nodes {
		if !m.join.IsZero() && !now.Before(m.join) {
			m.join, m.state, m.executed = time.Time{}, synced, max(m.executed, g.last())
		}
	}
	if g.write.IsZero() {
		g.write = now
	}
	for ; !g.write.After(now); g.write = g.write.Add(writeEvery) {
		for next := g.last() + 1; next > 1; next = 0 {
			for _, m := range g.nodes {
				if m.running && m.state == synced {
					m.executed = next
				}
			}
		}
	}
}

func (g *galera) Roles(now time.Time) map[string]string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.pass(now)
	roles := map[string]string{}
	for pod, m := range g.nodes {
		if m.running && m.state == synced {
			roles[pod] = "primary"
		}
	}
	return roles
}

func (g *galera) Unknown() []string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return slices.Clone(g.unknown)
}

// Refuses is for clients that go with their server.
func (g *galera) Refuses(time.Time, string, time.Time) string { return "" }

// Ready is every server that runs.
func (g *galera) Ready(time.Time, string) bool { return true }

// Broken is nothing: what must not happen to a cluster the judge sees by itself.
func (g *galera) Broken() []string { return nil }

// Run knows of the command that says of which history a node's data are.
func (g *galera) Run(_ time.Time, _ string, command []string) *Ran {
	if len(command) > 0 && command[0] == "sed" {
		return &Ran{Out: source + "\n"}
	}
	return nil
}

// What the client asks, by how a statement begins.
var galeraStatements = []struct {
	begins string
	answer func(g *galera, m *member, statement string) string
}{
	{"SELECT VERSION()", func(_ *galera, m *member, _ string) string { return m.version + "\n" }},
	{"SELECT 'version',", (*galera).self},
	{"SELECT 'bytes',", (*galera).measures},
	{"SELECT 'history',", (*galera).kept},
	{"SELECT COALESCE(SUBSTRING_INDEX(w.p,", (*galera).reached},
	{"WITH probe(o) AS (", func(*galera, *member, string) string { return "" }}, // no objects found
	{"SHOW GLOBAL ", func(*galera, *member, string) string { return "" }},
	{"SELECT '", func(_ *galera, _ *member, statement string) string { return echo(statement) }},
}

func (g *galera) Answer(now time.Time, pod, statement string) (string, *Moment) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.pass(now)
	m := g.nodes[pod]
	if m == nil || !m.running {
		return "ERROR 2003 (HY000): Can't connect to MySQL server on '127.0.0.1:3306' (111)\n", nil
	}
	for _, s := range galeraStatements {
		if strings.HasPrefix(statement, s.begins) {
			return s.answer(g, m, statement), nil
		}
	}
	g.unknown = append(g.unknown, statement)
	return "ERROR 1064 (42000) at line 1: You have an error in your SQL syntax\n", nil
}

// self is what a node says of itself: rows of key and value.
func (g *galera) self(m *member, _ string) string {
	queue, n := 0, g.count("")
	if m.state == joining {
		queue = 7
	}
	return fmt.Sprintf("version\t%s\nid\t-\nstate\t%s\nrole\tPEER\nwritable\t1\nqueue\t%d\nmembers\t%d\nonline\t%d\nview\t%s/%d\nposition\t%s:%d\n",
		m.version, m.state, queue, n, n, source, g.view, source, m.executed)
}

func (g *galera) measures(m *member, _ string) string {
	return fmt.Sprintf("bytes\t%d\ntables\t20\nrows\t%d\nschemas\t3\n", 10<<30, 1000000+m.executed)
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
