package servers

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Times of the model.
const (
	lostAfter    = 3 * time.Second        // another takes the lead from one that is gone; 15 s with real ones
	transferTime = 300 * time.Millisecond // from the order until the lead goes on
	serverStarts = 300 * time.Millisecond
	copyTime     = time.Second            // of a standby's data
	probeTime    = time.Second            // a server that is down so long is not ready
	streamsAfter = 500 * time.Millisecond // from a standby's start, or a change of the primary
)

// Member states: a server without a primary above it, and standbys.
const (
	running   = "RUNNING"
	streaming = "STREAMING"
	waiting   = "WAITING" // a standby of a major version that the lead has left, or of a lead that is held down
)

// What coordinators may do.
const (
	statusKey    = "Coordinator/Status"
	statusResume = "Resume"
	statusPause  = "Pause"
)

// postgres models a standalone Postgres, or a primary with its standbys and
// their coordinators. Who leads is kept: a leader whose pod comes back in time
// leads on.
type postgres struct {
	common
	clustered bool
	members   map[string]*instance // by pod
	lead      string               // the pod that leads
	lost      time.Time            // when another takes the lead; zero: its holder is well
	next      string               // who leads after the transfer ...
	moves     time.Time            // ... that is then
	keys      map[string]string    // shared by the coordinators
	broken    []string             // what must not have been done
}

// instance is a pod's server.
type instance struct {
	follows   bool // it is a read replica
	version   string
	running   bool // its containers
	up        bool
	started   time.Time
	starts    time.Time // when its coordinator starts it; zero: that is not due
	standby   bool
	streaming bool
	streams   time.Time // when it does
	log       int64     // the end of what it has written or replayed
	down      time.Time // since when its server is
	volume
}

func newPostgres(clustered bool) *postgres {
	return &postgres{clustered: clustered, members: map[string]*instance{}, keys: map[string]string{statusKey: statusResume}}
}

// at has a call begin, at a time; what it returns ends the call.
func (p *postgres) at(now time.Time) func() {
	p.mutex.Lock()
	p.pass(now)
	return p.mutex.Unlock
}

func (p *postgres) Start(now time.Time, pod, version string) {
	defer p.at(now)()
	m := p.members[pod]
	if m == nil {
		m = &instance{follows: follows(pod), log: 0x3000060, volume: volume{role: roleAbsent, fresh: freshAbsent}}
		p.members[pod] = m
	}
	m.version, m.running, m.down, m.started = version, true, now, time.Time{}
	if m.data == 0 && !m.made {
		m.data, m.made = m.major(), true
	}
	if p.lead == "" && !m.follows {
		p.lead = pod
	}
	p.takeRole(m)
	if m.canServe() {
		p.serve(now, pod)
	}
}

// follows tells whether a pod is a read replica, which has no coordinator and
// never leads: the provisioner names their sets so.
func follows(pod string) bool { return strings.Contains(pod, "-rr-") }

// takeRole has a container run its server: the coordinators order it unless they
// are paused, and without them the container does it by itself.
func (p *postgres) takeRole(m *instance) {
	if m.role == roleAbsent && (!p.clustered || m.follows || p.keys[statusKey] != statusPause) {
		m.role = rolePresent
	}
}

// canServe tells whether its server can run.
func (m *instance) canServe() bool {
	return m.running && m.role == rolePresent && m.data == m.major() && m.jobState != jobRunning
}

func (p *postgres) Stop(now time.Time, pod string) Moment {
	defer p.at(now)()
	moment := p.moment(now, "stop", pod)
	if m := p.members[pod]; m != nil && m.running {
		p.shut(now, pod)
		m.running, m.starts, m.copied, m.role = false, time.Time{}, time.Time{}, roleAbsent
		if m.jobState == jobRunning {
			m.jobState = jobLost
		}
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
	case m.standby && m.running && p.leftBehind(m):
		return waiting
	case !m.up:
		return down
	case !m.standby:
		return running
	case m.streaming:
		return streaming
	}
	return recovering
}

// leftBehind tells whether a standby cannot follow, and is not meant to yet.
func (p *postgres) leftBehind(m *instance) bool {
	lead := p.members[p.lead]
	return lead != nil && m.up && (lead.data != m.data || !lead.up && lead.kept)
}

// serve starts a pod's server in the role that it has.
func (p *postgres) serve(now time.Time, pod string) {
	m := p.members[pod]
	m.up, m.started, m.starts, m.standby, m.clean = true, now, time.Time{}, pod != p.lead, false
	if m.oldData && !m.marked {
		p.wrong("the new server of %s runs before it is marked as started", pod)
	}
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
func (p *postgres) shut(now time.Time, pod string) {
	m := p.members[pod]
	if m.up {
		m.down = now
	}
	if m.up && !m.standby {
		m.clean, m.checkpoint = true, m.log
		m.log += 0x70
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
			if p.members[p.lead].kept {
				p.wrong("%s took the lead in the midst of a major upgrade", pod)
			}
			p.leads(now, pod)
		}
	}
	if due(p.moves, now) {
		p.transfer(now)
	}
	for _, pod := range p.pods() {
		m := p.members[pod]
		p.pursue(now, m)
		switch {
		case due(m.starts, now) && m.canServe():
			p.serve(now, pod)
		case m.running && !m.up && m.starts.IsZero():
			p.tend(now, m)
		}
		if due(m.streams, now) && p.primary() != nil && p.primary().data == m.data {
			m.streams, m.streaming, m.log = time.Time{}, true, p.primary().log
		}
	}
	p.writes(now, p.commit)
}

// tend brings a server that is down to where it can start.
func (p *postgres) tend(now time.Time, m *instance) {
	p.takeRole(m)
	if m.role == rolePresent && m.data == 0 && p.primary() != nil {
		if m.copied.IsZero() {
			m.copied = now.Add(copyTime)
		} else if due(m.copied, now) {
			m.copied, m.data = time.Time{}, p.primary().data
		}
	}
	if m.canServe() {
		m.starts = now.Add(serverStarts)
	}
}

func (p *postgres) wrong(format string, args ...any) {
	p.broken = append(p.broken, fmt.Sprintf(format, args...))
}

// Broken is what was done to the data or the lead at the wrong time.
func (p *postgres) Broken() []string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return slices.Clone(p.broken)
}

// Ready is what a probe finds: a server that has been down for a while is not.
func (p *postgres) Ready(now time.Time, pod string) bool {
	defer p.at(now)()
	m := p.members[pod]
	return m != nil && (m.up || now.Sub(m.down) < probeTime && !m.started.IsZero() && m.started.Before(m.down))
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
	p.shut(now, old)
	p.members[old].starts = now.Add(serverStarts)
	p.leads(now, p.next)
}

// successor is the standby that has most of the log, "" without one.
func (p *postgres) successor() (best string) {
	for _, pod := range p.pods() {
		if m := p.members[pod]; m.up && m.standby && !m.follows && (best == "" || m.log > p.members[best].log) {
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

func (p *postgres) pods() []string { return slices.Sorted(maps.Keys(p.members)) }

func (p *postgres) Roles(now time.Time) map[string]string {
	defer p.at(now)()
	roles := map[string]string{}
	for pod, m := range p.members {
		switch {
		case !p.clustered || !m.up || m.follows:
		case !m.standby:
			roles[pod] = "primary"
		case m.streaming:
			roles[pod] = "standby"
		}
	}
	return roles
}

func (p *postgres) Refuses(now time.Time, pod string, since time.Time) string {
	defer p.at(now)()
	switch m := p.members[pod]; {
	case m == nil || !m.up:
		return "psql: error: connection to server at \"127.0.0.1\", port 5432 failed: Connection refused\n"
	case since.Before(m.started):
		return "FATAL:  terminating connection due to administrator command\nconnection to server was lost\n"
	}
	return ""
}
