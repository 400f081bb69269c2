package servers

import (
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
	"time"
)

// Times of the model: short, but long enough that a client meets what lies
// between.
const (
	writeEvery  = 100 * time.Millisecond // somebody writes all the time
	electAfter  = 300 * time.Millisecond
	joinAfter   = 700 * time.Millisecond
	rejoinAfter = 20 * time.Second // the coordinator starts replication again
)

// source is the UUID that the group's transactions carry.
const source = "aaaaaaaa-1111-2222-3333-444444444444"

// Member states as MySQL calls them.
const (
	offline    = "OFFLINE"
	recovering = "RECOVERING"
	online     = "ONLINE"
)

// mysql models a standalone MySQL, or a group with one primary. When the
// primary goes the online member of the lowest version is elected. Where all are
// primaries, the one called so here is just the member that somebody writes to,
// and another is at once when it goes.
type mysql struct {
	kin
	clustered bool
	all       bool      // are primaries
	primary   string    // the pod that leads; "" while none does
	left      string    // the primary that left the group last, by a statement
	elect     time.Time // when the next election is; zero: none is due
}

func newMySQL(clustered bool) *mysql {
	return &mysql{kin: newKin(), clustered: clustered}
}

// id is a member's server_uuid. Two sets may have members of the same number.
func id(pod string) string {
	set := pod[:max(0, strings.LastIndexByte(pod, '-'))]
	return fmt.Sprintf("%08x-0000-0000-0000-%012d", crc32.ChecksumIEEE([]byte(set)), ordinal(pod))
}

// at has a call begin, at a time; what it returns ends the call.
func (g *mysql) at(now time.Time) func() {
	g.mutex.Lock()
	g.pass(now)
	return g.mutex.Unlock
}

func (g *mysql) Start(now time.Time, pod, version string) {
	defer g.at(now)()
	g.runs(pod, version)
	g.joins(now, pod)
}

func (g *mysql) Stop(now time.Time, pod string) Moment {
	defer g.at(now)()
	moment := g.moment(now, "stop", pod)
	if m := g.serving(pod); m != nil {
		g.leave(now, pod)
		m.running, m.rejoin = false, time.Time{}
	}
	if g.left == pod {
		g.left = ""
	}
	return moment
}

// moment also tells whether the member led.
func (g *mysql) moment(now time.Time, what, pod string) Moment {
	moment := g.kin.moment(now, what, pod)
	moment.Primary = !g.all && (g.primary == pod || g.left == pod)
	return moment
}

// joins has a member join its group, or make one where there is none.
func (g *mysql) joins(now time.Time, pod string) {
	m := g.members[pod]
	m.rejoin = time.Time{}
	if g.left == pod {
		g.left = ""
	}
	if !g.clustered || g.count(online) == 0 && g.elect.IsZero() {
		m.state, m.join, g.primary = online, time.Time{}, pod
		return
	}
	m.state, m.join = recovering, now.Add(joinAfter)
}

// leave takes a member out of its group, on its way down or not. What it
// committed the others have, and only need to apply.
func (g *mysql) leave(now time.Time, pod string) {
	m := g.members[pod]
	m.state, m.join = offline, time.Time{}
	if g.primary != pod {
		return
	}
	for _, other := range g.members {
		if other.running && other.state == online {
			other.executed = m.executed
		}
	}
	g.primary = ""
	if g.all {
		g.primary = g.elected()
	} else if g.clustered {
		g.elect = now.Add(electAfter)
	}
}

// pass makes up for the time since the last call.
func (g *mysql) pass(now time.Time) {
	if !g.elect.IsZero() && !now.Before(g.elect) {
		g.elect = time.Time{}
		g.primary = g.elected()
	}
	for _, pod := range g.pods() {
		m := g.members[pod]
		if !m.join.IsZero() && !now.Before(m.join) && g.primary != "" {
			m.join, m.state, m.executed = time.Time{}, online, g.members[g.primary].executed
		}
		if !m.rejoin.IsZero() && !now.Before(m.rejoin) {
			g.joins(now, pod)
		}
	}
	g.writes(now, g.commit)
}

// commit is one transaction; the secondaries are one behind.
func (g *mysql) commit() {
	if g.primary == "" {
		return
	}
	for pod, m := range g.members {
		if pod != g.primary && m.running && m.state == online {
			m.executed = g.members[g.primary].executed
		}
	}
	g.members[g.primary].executed++
}

// elected is the online member of the lowest version, "" without one.
func (g *mysql) elected() (best string) {
	for _, pod := range g.pods() {
		m := g.members[pod]
		if m.running && m.state == online && (best == "" || older(m.version, g.members[best].version)) {
			best = pod
		}
	}
	return best
}

// older compares versions by their numbers.
func older(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if m != n {
			return m < n
		}
	}
	return false
}

func (g *mysql) Roles(now time.Time) map[string]string {
	defer g.at(now)()
	roles := map[string]string{}
	for pod, m := range g.members {
		switch {
		case !g.clustered || !m.running || m.state != online || g.primary == "":
		case pod == g.primary || g.all:
			roles[pod] = "primary"
		default:
			roles[pod] = "standby"
		}
	}
	return roles
}

// What the client asks, by how a statement begins.
var statements = []known[func(g *mysql, now time.Time, pod, statement string) (string, *Moment)]{
	{"SELECT VERSION()", (*mysql).version},
	{"SELECT @@datadir", (*mysql).nothing}, // where the pod's spec lets expect it
	{"SELECT 'version',", (*mysql).self},
	{"SELECT 'bytes',", (*mysql).measures},
	{"SELECT GTID_SUBSET('", (*mysql).reached},
	{"SELECT group_replication_set_as_primary('", (*mysql).setAsPrimary},
	{"SET GLOBAL super_read_only=ON; STOP GROUP_REPLICATION", (*mysql).leaveGroup},
	{"SELECT 'copies',", (*mysql).donor},
	{"SELECT 'skips',", (*mysql).nothing}, // no channels
	{"SELECT @@GLOBAL.server_id", (*mysql).number},
	{"SELECT 'member',", (*mysql).nothing},
	{"SELECT 'statistics',", (*mysql).nothing},
	{"SELECT 'channel',", (*mysql).nothing},
	{"SELECT 'applier',", (*mysql).nothing},
	{"SELECT DISTINCT CONCAT('--plugin-load-add=',", (*mysql).nothing}, // no plugins
	{"SELECT '", (*mysql).echo},
}

func (g *mysql) Answer(now time.Time, pod, statement string) (string, *Moment) {
	defer g.at(now)()
	if g.serving(pod) == nil {
		return refused, nil
	}
	if answer, ok := find(statements, statement); ok {
		return answer(g, now, pod, statement)
	}
	g.strange(statement)
	return invalid, nil
}

func (g *mysql) version(_ time.Time, pod, _ string) (string, *Moment) {
	return g.members[pod].version + "\n", nil
}

// donor is what a member can give to one that joins: its logs are complete.
func (g *mysql) donor(time.Time, string, string) (string, *Moment) {
	return "copies\t0\ncomplete\t1\n", nil
}

// number is a member's server_id, as KubeDB counts them in each set.
func (g *mysql) number(_ time.Time, pod, _ string) (string, *Moment) {
	return fmt.Sprintf("%d\n", ordinal(pod)+1), nil
}

func (g *mysql) echo(_ time.Time, _, statement string) (string, *Moment) {
	return echo(statement), nil
}

// nothing is for what only people read.
func (g *mysql) nothing(time.Time, string, string) (string, *Moment) { return "", nil }

// self is what a member says of itself: rows of key and value.
func (g *mysql) self(_ time.Time, pod, _ string) (string, *Moment) {
	m := g.members[pod]
	state, role, writable, queue, members, present := "RUNNING", "", 1, 0, 1, 1
	if g.clustered {
		state, members, present = m.state, g.count(online, recovering), g.count(online)
		switch {
		case m.state == offline:
			members, present, writable = 1, 0, 0
		case g.all:
			role = "PEER"
		case pod == g.primary:
			role = "PRIMARY"
		default:
			role, writable = "SECONDARY", 0
		}
		if m.state == recovering {
			queue = 7
		}
	}
	return fmt.Sprintf("version\t%s\nid\t%s\nstate\t%s\nrole\t%s\nwritable\t%d\nqueue\t%d\nmembers\t%d\nonline\t%d\nposition\t%s:1-%d\n",
		m.version, id(pod), state, role, writable, queue, members, present, source, m.executed), nil
}

func (g *mysql) measures(_ time.Time, pod, _ string) (string, *Moment) {
	return g.members[pod].measures(), nil
}

func (g *mysql) reached(_ time.Time, pod, statement string) (string, *Moment) {
	return g.members[pod].reached(statement), nil
}

// setAsPrimary is refused while the group has members of several versions.
func (g *mysql) setAsPrimary(now time.Time, pod, statement string) (string, *Moment) {
	moment := g.moment(now, "set-as-primary", pod)
	for _, name := range g.pods() {
		if m := g.members[name]; m.running && m.version != g.members[pod].version {
			return "ERROR 3910 (HY000) at line 1: The function 'group_replication_set_as_primary' failed. " +
				"Error processing configuration start message: The appointed primary member has a version greater than another.\n", nil
		}
	}
	for _, name := range g.pods() {
		m := g.members[name]
		if strings.Contains(statement, id(name)) && m.running && m.state == online {
			if g.primary != "" {
				m.executed = g.members[g.primary].executed
			}
			g.primary = name
			return "Primary server switched to: " + id(name) + "\n", &moment
		}
	}
	return "ERROR 3910 (HY000) at line 1: The requested uuid is not a member of the group.\n", nil
}

func (g *mysql) leaveGroup(now time.Time, pod, _ string) (string, *Moment) {
	moment := g.moment(now, "leave-group", pod)
	if g.primary == pod && !g.all {
		g.left = pod
	}
	g.leave(now, pod)
	g.members[pod].rejoin = now.Add(rejoinAfter)
	return "", &moment
}
