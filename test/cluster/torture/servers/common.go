package servers

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// common is what every model has, and what it says where nothing is special
// about its servers.
type common struct {
	mutex   sync.Mutex
	write   time.Time // of the next transaction
	unknown []string
}

func (c *common) Unknown() []string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return slices.Clone(c.unknown)
}

// Refuses is for clients that go with their server, which those in a pod that
// ends do anyway.
func (c *common) Refuses(time.Time, string, time.Time) string { return "" }

// Ready is every server that runs.
func (c *common) Ready(time.Time, string) bool { return true }

// Broken is nothing: what must not happen to a group the judge sees by itself.
func (c *common) Broken() []string { return nil }

// Run knows of no command but the client.
func (c *common) Run(time.Time, string, []string) *Ran { return nil }

// strange notes a statement that the model has no answer for.
func (c *common) strange(statement string) { c.unknown = append(c.unknown, statement) }

// writes commits what somebody wrote since the last call.
func (c *common) writes(now time.Time, commit func()) {
	if c.write.IsZero() {
		c.write = now
	}
	for ; !c.write.After(now); c.write = c.write.Add(writeEvery) {
		commit()
	}
}

// known is how a statement begins, and what answers it.
type known[F any] struct {
	begins string
	answer F
}

// find finds what answers a statement, if anything does.
func find[F any](table []known[F], statement string) (answer F, ok bool) {
	for _, row := range table {
		if strings.HasPrefix(statement, row.begins) {
			return row.answer, true
		}
	}
	return answer, false
}

// kin is what MySQL and Galera share: members each with a state, and a number
// that tells how far its data go.
type kin struct {
	common
	members map[string]*member // by pod
}

type member struct {
	version  string
	running  bool
	state    string
	join     time.Time // when it is where it belongs; zero: it joins nothing
	rejoin   time.Time // when its coordinator has it join again
	executed int64     // its transactions are source:1-executed
}

func newKin() kin { return kin{members: map[string]*member{}} }

// pods are all that there were, in order.
func (k *kin) pods() []string { return slices.Sorted(maps.Keys(k.members)) }

// runs has a pod's server run with a version. A new one has the data that all begin with.
func (k *kin) runs(pod, version string) *member {
	m := k.members[pod]
	if m == nil {
		m = &member{executed: 100}
		k.members[pod] = m
	}
	m.version, m.running = version, true
	return m
}

// serving is a pod's server if it runs, nil if not.
func (k *kin) serving(pod string) *member {
	if m := k.members[pod]; m != nil && m.running {
		return m
	}
	return nil
}

// moment is how things stand when a pod's server changes.
func (k *kin) moment(now time.Time, what, pod string) Moment {
	moment := Moment{At: now, What: what, Pod: pod, Others: map[string]string{}}
	for name, m := range k.members {
		if name == pod {
			continue
		}
		moment.Others[name] = m.state
		if !m.running {
			moment.Others[name] = down
		}
	}
	return moment
}

// count counts members that run in one of some states, or in any.
func (k *kin) count(states ...string) (n int) {
	for _, m := range k.members {
		if m.running && (len(states) == 0 || slices.Contains(states, m.state)) {
			n++
		}
	}
	return n
}

// measures is how much a member has.
func (m *member) measures() string {
	return fmt.Sprintf("bytes\t%d\ntables\t20\nrows\t%d\nschemas\t3\n", 10<<30, 1000000+m.executed)
}

// reached tells whether a member has all of the sets of transactions that a statement names first.
func (m *member) reached(statement string) string {
	_, sets, _ := strings.Cut(statement, "'")
	sets, _, _ = strings.Cut(sets, "'")
	for _, set := range strings.Split(sets, ",") { // of several members
		wanted, _ := strconv.ParseInt(strings.TrimPrefix(set, source+":1-"), 10, 64)
		if m.executed < wanted {
			return "0\n"
		}
	}
	return "1\n"
}

// What a client of MySQL says before it ends, and to what is no statement.
const (
	refused = "ERROR 2003 (HY000): Can't connect to MySQL server on '127.0.0.1:3306' (111)\n"
	invalid = "ERROR 1064 (42000) at line 1: You have an error in your SQL syntax\n"
)
