package servers

import (
	"fmt"
	"time"
)

// States of a replica.
const (
	replicating = "REPLICATING"
	connecting  = "CONNECTING"
)

// semisync models a MySQL source whose commits wait for one of its replicas, and
// their coordinators. Who leads is kept: a source whose pod comes back in time leads on.
type semisync struct {
	kin
	lead  string    // the pod that leads
	lost  time.Time // when another takes the lead; zero: its holder is well
	next  string    // who leads after the transfer ...
	moves time.Time // ... that is then
}

func newSemisync() *semisync { return &semisync{kin: newKin()} }

// at has a call begin, at a time; what it returns ends the call.
func (s *semisync) at(now time.Time) func() {
	s.mutex.Lock()
	s.pass(now)
	return s.mutex.Unlock
}

func (s *semisync) Start(now time.Time, pod, version string) {
	defer s.at(now)()
	m := s.runs(pod, version)
	if s.lead == "" || s.lead == pod {
		s.leads(now, pod)
		return
	}
	m.state, m.join = connecting, now.Add(joinAfter)
}

func (s *semisync) Stop(now time.Time, pod string) Moment {
	defer s.at(now)()
	moment := s.moment(now, "stop", pod)
	if m := s.serving(pod); m != nil {
		m.running, m.join = false, time.Time{}
		if pod == s.lead {
			s.acknowledge()
			s.lost = now.Add(lostAfter)
		}
	}
	return moment
}

// moment also tells whether the member led.
func (s *semisync) moment(now time.Time, what, pod string) Moment {
	moment := s.kin.moment(now, what, pod)
	moment.Primary = pod == s.lead
	return moment
}

// leads has a member be the source; all others follow it from now on.
func (s *semisync) leads(now time.Time, pod string) {
	s.lead, s.lost, s.next, s.moves = pod, time.Time{}, "", time.Time{}
	for name, m := range s.members {
		m.state, m.join = running, time.Time{}
		if name != pod {
			m.state, m.join = connecting, now.Add(joinAfter)
		}
	}
}

// acknowledge has the replicas have all that the source committed.
func (s *semisync) acknowledge() {
	for _, m := range s.members {
		if m.running && m.state == replicating {
			m.executed = s.members[s.lead].executed
		}
	}
}

// pass makes up for the time since the last call.
func (s *semisync) pass(now time.Time) {
	if due(s.moves, now) {
		s.transfer(now)
	}
	if due(s.lost, now) {
		if pod := s.successor(); pod != "" {
			s.leads(now, pod)
		}
	}
	for _, m := range s.members {
		if m.running && due(m.join, now) && s.serving(s.lead) != nil {
			m.join, m.state, m.executed = time.Time{}, replicating, s.members[s.lead].executed
		}
	}
	s.writes(now, s.commit)
}

// commit is one transaction; without a replica that acknowledges it there is none. The
// replicas apply one later than they acknowledge.
func (s *semisync) commit() {
	if s.serving(s.lead) != nil && s.count(replicating) > 0 {
		s.acknowledge()
		s.members[s.lead].executed++
	}
}

// transfer gives the lead on, if the successor can take it.
func (s *semisync) transfer(now time.Time) {
	next := s.serving(s.next)
	if next == nil || next.state != replicating || s.serving(s.lead) == nil {
		s.next, s.moves = "", time.Time{}
		return
	}
	s.acknowledge()
	s.leads(now, s.next)
}

// successor is the replica that has most, "" without one that runs.
func (s *semisync) successor() (best string) {
	for _, pod := range s.pods() {
		if m := s.serving(pod); m != nil && pod != s.lead && (best == "" || m.executed > s.members[best].executed) {
			best = pod
		}
	}
	return best
}

func (s *semisync) Roles(now time.Time) map[string]string {
	defer s.at(now)()
	roles := map[string]string{}
	for pod, m := range s.members {
		switch {
		case m.running && m.state == replicating:
			roles[pod] = "standby"
		case m.running && pod == s.lead:
			roles[pod] = "primary"
		}
	}
	return roles
}

// Run answers for the coordinators.
func (s *semisync) Run(now time.Time, _ string, command []string) *Ran {
	defer s.at(now)()
	call, body, ok := called(command)
	switch {
	case !ok:
		return nil
	case call != transferCall:
		s.strange(call)
		return &Ran{Out: reply(400, "bad request")}
	}
	changed := s.moment(now, "transfer", s.lead)
	for _, pod := range s.pods() {
		if ordinal(pod)+1 == body.Transferee && pod != s.lead {
			s.next, s.moves = pod, now.Add(transferTime)
		}
	}
	return &Ran{Out: reply(200, "leader role is transferring to the requested node"), Changed: &changed}
}

// What the client asks, by how a statement begins.
var semisyncStatements = []known[func(s *semisync, pod, statement string) string]{
	{"SELECT VERSION()", func(s *semisync, pod, _ string) string { return s.members[pod].version + "\n" }},
	{"SELECT @@datadir", func(*semisync, string, string) string { return "" }},
	{"SELECT 'version',", (*semisync).self},
	{"SELECT 'bytes',", func(s *semisync, pod, _ string) string { return s.members[pod].measures() }},
	{"SELECT GTID_SUBSET('", func(s *semisync, pod, statement string) string { return s.members[pod].reached(statement) }},
	{"SELECT 'skips',", nobody},
	{"SELECT 'member',", nobody},
	{"SELECT 'statistics',", nobody},
	{"SELECT 'channel',", nobody},
	{"SELECT 'applier',", nobody},
	{"SELECT '", func(_ *semisync, _, statement string) string { return echo(statement) }},
}

// nobody is for what only people read.
func nobody(*semisync, string, string) string { return "" }

func (s *semisync) Answer(now time.Time, pod, statement string) (string, *Moment) {
	defer s.at(now)()
	if s.serving(pod) == nil {
		return refused, nil
	}
	if answer, ok := find(semisyncStatements, statement); ok {
		return answer(s, pod, statement), nil
	}
	s.strange(statement)
	return invalid, nil
}

// self is what a member says of itself: rows of key and value.
func (s *semisync) self(pod, _ string) string {
	m := s.members[pod]
	state, role, leads, queue, acknowledging := m.state, "SECONDARY", 0, 0, 0
	switch {
	case pod == s.lead:
		role, leads, acknowledging = "PRIMARY", 1, 1+s.count(replicating)
	case m.state != replicating:
		queue = 7
	case s.serving(s.lead) == nil:
		state = connecting
	}
	return fmt.Sprintf("version\t%s\nid\t%s\nstate\t%s\nrole\t%s\nwritable\t%d\nqueue\t%d\nmembers\t%d\nonline\t%d\nposition\t%s:1-%d\n",
		m.version, id(pod), state, role, leads, queue, leads, acknowledging, source, m.executed)
}
