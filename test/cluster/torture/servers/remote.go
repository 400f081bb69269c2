package servers

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// remote models replicas of a server that is in no pod here and that is written to
// all the time. Its own rules: no replica goes, and none is left, of which nobody saw
// that it had all that its source had.
type remote struct {
	kin
	far    int64 // the source's transactions
	seen   map[string]*sighting
	broken []string
}

// sighting is what somebody saw of a replica since it started.
type sighting struct {
	first bool
	asked int64 // so far was its source when its own pod's client asked last; 0: nobody did
	has   bool  // it was seen to have all of that
}

func newRemote() *remote { return &remote{kin: newKin(), far: 100, seen: map[string]*sighting{}} }

// at has a call begin, at a time; what it returns ends the call.
func (r *remote) at(now time.Time) func() {
	r.mutex.Lock()
	r.writes(now, r.commit)
	for _, m := range r.members {
		if m.running && due(m.join, now) {
			m.join, m.state, m.executed = time.Time{}, replicating, r.far-1
		}
	}
	return r.mutex.Unlock
}

// commit is one transaction at the source; its replicas are one behind.
func (r *remote) commit() {
	for _, m := range r.members {
		if m.running && m.state == replicating {
			m.executed = r.far
		}
	}
	r.far++
}

func (r *remote) Start(now time.Time, pod, version string) {
	defer r.at(now)()
	first := r.members[pod] == nil
	r.seen[pod] = &sighting{first: first}
	m := r.runs(pod, version)
	m.state, m.join = connecting, now.Add(joinAfter)
	if first { // nobody calls a database Ready before it replicates
		m.state, m.join = replicating, time.Time{}
	}
}

func (r *remote) Stop(now time.Time, pod string) Moment {
	defer r.at(now)()
	moment := r.moment(now, "stop", pod)
	if m := r.serving(pod); m != nil {
		r.check(pod, "was stopped")
		m.running, m.join, m.state = false, time.Time{}, down
	}
	return moment
}

// check notes what nobody saw of a replica.
func (r *remote) check(pod, what string) {
	switch s := r.seen[pod]; {
	case s.asked == 0:
		r.broken = append(r.broken, fmt.Sprintf("%s %s, and nobody asked its source", pod, what))
	case !s.has && !s.first:
		r.broken = append(r.broken, fmt.Sprintf("%s %s, and nobody saw that it had all of its source", pod, what))
	}
}

// Broken is what was wrong at each stop, and of the replicas that run.
func (r *remote) Broken() []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	stopped := len(r.broken)
	for _, pod := range slices.Sorted(maps.Keys(r.seen)) {
		if m := r.serving(pod); m != nil && !r.seen[pod].first {
			r.check(pod, "is left")
		}
	}
	broken := slices.Clone(r.broken)
	r.broken = r.broken[:stopped]
	return broken
}

// Roles are none: no member leads.
func (r *remote) Roles(time.Time) map[string]string { return nil }

// Run has a replica's own pod ask its source.
func (r *remote) Run(now time.Time, pod string, command []string) *Ran {
	if len(command) < 3 || !strings.Contains(command[2], "mysql.slave_master_info") {
		return nil
	}
	defer r.at(now)()
	if r.serving(pod) == nil {
		return &Ran{Err: refused, Code: 1}
	}
	r.seen[pod].asked = r.far
	return &Ran{Out: fmt.Sprintf("says\t\naddress\tsource.elsewhere:3306\nversion\t9.7.4\nposition\t%s:1-%d\n", source, r.far)}
}

// What the client asks, by how a statement begins.
var remoteStatements = []known[func(r *remote, pod, statement string) string]{
	{"SELECT VERSION()", func(r *remote, pod, _ string) string { return r.members[pod].version + "\n" }},
	{"SELECT @@datadir", func(*remote, string, string) string { return "" }},
	{"SELECT 'version',", (*remote).self},
	{"SELECT 'bytes',", func(r *remote, pod, _ string) string { return r.members[pod].measures() }},
	{"SELECT GTID_SUBSET('", (*remote).reached},
	{"SELECT REPLACE(GTID_SUBTRACT('", (*remote).lacks},
	{"SELECT 'member',", func(*remote, string, string) string { return "" }},
	{"SELECT 'statistics',", func(*remote, string, string) string { return "" }},
	{"SELECT 'channel',", func(*remote, string, string) string { return "" }},
	{"SELECT 'applier',", func(*remote, string, string) string { return "" }},
	{"SELECT '", func(_ *remote, _, statement string) string { return echo(statement) }},
}

func (r *remote) Answer(now time.Time, pod, statement string) (string, *Moment) {
	defer r.at(now)()
	if r.serving(pod) == nil {
		return refused, nil
	}
	if answer, ok := find(remoteStatements, statement); ok {
		return answer(r, pod, statement), nil
	}
	r.strange(statement)
	return invalid, nil
}

// reached also notes that somebody saw it.
func (r *remote) reached(pod, statement string) string {
	answer := r.members[pod].reached(statement)
	asked := r.seen[pod].asked
	if answer == "1\n" && asked > 0 && strings.Contains(statement, fmt.Sprintf("%s:1-%d'", source, asked)) {
		r.seen[pod].has = true
	}
	return answer
}

// lacks is what a replica lacks of a set of transactions.
func (r *remote) lacks(pod, statement string) string {
	_, set, _ := strings.Cut(statement, source+":1-")
	set, _, _ = strings.Cut(set, "'")
	wanted, _ := strconv.ParseInt(set, 10, 64)
	if has := r.members[pod].executed; has < wanted {
		return fmt.Sprintf("%s:%d-%d\n", source, has+1, wanted)
	}
	return "\n"
}

// self is what a member says of itself: rows of key and value.
func (r *remote) self(pod, _ string) string {
	m := r.members[pod]
	queue := 0
	if m.state != replicating {
		queue = 7
	}
	return fmt.Sprintf("version\t%s\nid\t%s\nstate\t%s\nrole\tSECONDARY\nwritable\t0\nqueue\t%d\nmembers\t0\nonline\t0\nposition\t%s:1-%d\n",
		m.version, id(pod), m.state, queue, source, m.executed)
}
