package judge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"testcluster/torture/proxy"
	"testcluster/torture/servers"
)

// leaseTime is how long a lease lasts that nobody renews; slack is by how much
// the observer may hear of something later than it happened.
const (
	leaseTime = 15 * time.Second
	slack     = 2 * time.Second
)

// Rules are all that must never be broken, whatever is done to the client.
var Rules = []struct {
	Name  string
	Check func(h *History, broken func(format string, args ...any))
}{
	{"one member down at a time", oneDown},
	{"primary last, each member once", primaryLast},
	{"read replicas behind the members", followersLast},
	{"routers before the members, and back behind them", routersFirst},
	{"a member retires behind those that take over", retired},
	{"two sets only under the pause, and none with pods goes", setsInOrder},
	{"no claim of a member goes", claimsKept},
	{"version only after all members", versionLast},
	{"no change without the lock", locked},
	{"no image or pod without the pause", paused},
	{"no pause without a journal", journaled},
	{"no lock taken from the living", takenOver},
	{"exit status tells the truth", truthful},
	{"no rehearsal but before all", rehearsedFirst},
	{"nothing is done to data or lead at the wrong time", timely},
}

// Judge returns what was broken: a line each. The first state is taken for good.
func Judge(h *History) (violations []string) {
	h.sort()
	for _, rule := range Rules {
		rule.Check(h, func(format string, args ...any) {
			violations = append(violations, rule.Name+": "+fmt.Sprintf(format, args...))
		})
	}
	return violations
}

// walk goes through all states: each event with the state before and after it.
func (h *History) walk(look func(e *Event, before, after *State)) {
	after := newState()
	for i := range h.Events {
		before := *after
		before.Pods, before.Sets, before.Claims = maps.Clone(after.Pods), maps.Clone(after.Sets), maps.Clone(after.Claims)
		after.apply(h, &h.Events[i])
		look(&h.Events[i], &before, after)
	}
}

func oneDown(h *History, broken func(string, ...any)) {
	whole := false // the database comes up first
	h.walk(func(e *Event, _, s *State) {
		up := 0
		for _, pod := range s.Pods {
			if serves(pod) {
				up++
			}
		}
		whole = whole || up == h.Members
		least := h.Members - 1
		if h.NewSet { // no member is ever away: others are there first
			least = h.Members
		}
		if e.Resource == "pods" && whole && up < least {
			broken("rv %d: only %d of %d pods are ready", e.Version, up, h.Members)
		}
	})
	for _, c := range h.Changes {
		s := h.before(c.Version, c.At)
		for name, state := range c.Others {
			// On the way back routers may be what does not work.
			if back := servers.Routes(name) && !servers.Routes(c.Pod) && !s.forward(h); s.wanted(name) && !servers.Well(state) && !back {
				broken("%s %s while %s is %s", c.Pod, c.What, name, state)
			}
		}
	}
}

func primaryLast(h *History, broken func(string, ...any)) {
	for _, c := range h.Changes {
		s := h.before(c.Version, c.At)
		if others := s.othersOutdated(h.Name, c.Pod); c.Primary && len(others) > 0 && !h.Major {
			broken("%s, the primary: %s while these have other images than the set: %v", c.Pod, c.What, others)
		}
		if c.What == "stop" && s.Pods[c.Pod] != nil && s.wanted(c.Pod) && !s.outdated(c.Pod) {
			broken("%s was restarted, which had the images of the set already", c.Pod)
		}
	}
}

// followersLast: those that only follow the members are restarted behind them.
func followersLast(h *History, broken func(string, ...any)) {
	for _, c := range h.Changes {
		if c.What != "stop" || setOf(c.Pod) == h.Name || servers.Routes(c.Pod) {
			continue
		}
		if members := h.before(c.Version, c.At).othersOutdated(h.Name, c.Pod); len(members) > 0 {
			broken("%s: %s while these members have other images than their set: %v", c.Pod, c.What, members)
		}
	}
}

// retired: a member for which its set has no place any more goes when the others
// do their part and are as many as the database has. One that leads is the last.
func retired(h *History, broken func(string, ...any)) {
	for _, c := range h.Changes {
		s := h.before(c.Version, c.At)
		if c.What != "stop" || s.wanted(c.Pod) {
			continue
		}
		well := 0
		for name, state := range c.Others {
			if s.wanted(name) && servers.Well(state) {
				well++
			}
		}
		if well < h.Members {
			broken("%s went while %d others of %d do their part", c.Pod, well, h.Members)
		}
		if left := s.places(setOf(c.Pod)); c.Primary && left > 0 {
			broken("%s, the primary, went while its set has %d others", c.Pod, left)
		}
	}
}

func setsInOrder(h *History, broken func(string, ...any)) {
	h.walk(func(e *Event, before, s *State) {
		if h.NewSet && e.Resource != "pods" && len(s.Sets) > 1 && !isTrue(s.Database, "Paused") {
			broken("rv %d: %d sets while the operator is not paused", e.Version, len(s.Sets))
		}
		if e.Resource != h.Set || e.Object != nil {
			return
		}
		for name := range before.Pods {
			if setOf(name) == e.Name {
				broken("rv %d: set %s was deleted while it had pod %s", e.Version, e.Name, name)
			}
		}
	})
}

// claimsKept: nobody asks for the end of a claim for whose pod there is a place.
func claimsKept(h *History, broken func(string, ...any)) {
	h.walk(func(e *Event, before, s *State) {
		if claim := before.Claims[e.Name]; e.Resource != "persistentvolumeclaims" || claim == nil || deleting(claim) {
			return
		}
		_, pod, _ := strings.Cut(e.Name, "-")
		if (e.Object == nil || deleting(e.Object)) && s.wanted(pod) && s.Sets[setOf(pod)] != nil {
			broken("rv %d: claim %s is deleted, and its set has a place for %s", e.Version, e.Name, pod)
		}
	})
}

// timely passes on what the model of the servers saw.
func timely(h *History, broken func(string, ...any)) {
	for _, text := range h.Broken {
		broken("%s", text)
	}
}

func versionLast(h *History, broken func(string, ...any)) {
	h.walk(func(e *Event, before, after *State) {
		was, is := text(before.Database, "spec", "version"), text(after.Database, "spec", "version")
		if was == "" || is == "" || was == is {
			return
		}
		ready := 0
		for name, pod := range after.Pods {
			switch {
			case !slices.Contains(values(images(pod["spec"])), h.image(name, is)):
				broken("rv %d: version %s while %s has no %s", e.Version, is, name, h.image(name, is))
			case after.outdated(name):
				broken("rv %d: version %s while %s has other images than the set", e.Version, is, name)
			case serves(pod):
				ready++
			}
		}
		if ready != h.Members {
			broken("rv %d: version %s while %d of %d members are ready", e.Version, is, ready, h.Members)
		}
	})
}

func values(m map[string]string) (list []string) {
	for _, value := range m {
		list = append(list, value)
	}
	return list
}

// Mutation is a change that a run made, and the version at which it took effect.
type mutation struct {
	run *Run
	*proxy.Request
	version int64
}

// mutations are the runs' changes of a database, its set and its pods.
func (h *History) mutations() (list []mutation) {
	taken := map[int64]bool{}
	for _, run := range h.Runs {
		for _, r := range run.Requests {
			if !r.Changing || !r.Applied() || !slices.Contains([]string{h.Database, h.Set, "pods"}, r.Resource) {
				continue
			}
			if rehearses(r.Name) || r.Resource == "pods" && r.Method == "POST" && r.Sub == "" {
				continue // before there is anything to be locked
			}
			m := mutation{run, r, r.Version}
			if r.Sub == "eviction" || r.Method == "DELETE" {
				m.version = h.went(r, taken)
			}
			list = append(list, m)
		}
	}
	return list
}

// went finds the event by which a deletion took effect: the first of its object
// that nobody else is taken for. 0 if there is none. A pod has some time to end.
func (h *History) went(r *proxy.Request, taken map[int64]bool) int64 {
	uids := map[string]bool{}
	for i := range h.Events {
		e := &h.Events[i]
		if e.Resource != r.Resource || e.Name != r.Name || (e.Object == nil) == (r.Resource == "pods") || e.Object != nil && !deleting(e.Object) {
			continue
		}
		uid := text(e.Object, "metadata", "uid")
		if !uids[uid] && !taken[e.Version] && e.At.After(r.At.Add(-slack)) {
			taken[e.Version] = true
			return e.Version
		}
		uids[uid] = true
	}
	return 0
}

func locked(h *History, broken func(string, ...any)) {
	for _, m := range h.mutations() {
		s := h.before(m.version, m.At)
		if !holds(holder(s.Lease), m.run.PID) {
			broken("pid %d: %s while the lease is held by %q", m.run.PID, m.Request, holder(s.Lease))
			continue
		}
		if age := m.At.Sub(h.renewed(m)); age > leaseTime {
			broken("pid %d: %s, %s after its last renewal", m.run.PID, m.Request, age)
		}
	}
	for _, c := range h.Changes {
		if s := h.before(0, c.At); c.What != "stop" && holder(s.Lease) == "" {
			broken("%s %s while nobody holds the lease", c.Pod, c.What)
		}
	}
}

// renewed is when the holder's lease was last written before a change.
func (h *History) renewed(m mutation) (at time.Time) {
	for i := range h.Events {
		e := &h.Events[i]
		if e.Resource == "leases" && e.Object != nil && holds(holder(e.Object), m.run.PID) && (m.version == 0 && e.At.Before(m.At) || e.Version < m.version) {
			at = e.At
		}
	}
	return at
}

func paused(h *History, broken func(string, ...any)) {
	for _, m := range h.mutations() {
		if m.Resource == h.Database {
			continue
		}
		if s := h.before(m.version, m.At); !isTrue(s.Database, "Paused") {
			broken("pid %d: %s while the operator is not paused", m.run.PID, m.Request)
		}
	}
	for _, c := range h.Changes {
		if s := h.before(c.Version, c.At); !isTrue(s.Database, "Paused") {
			broken("%s %s while the operator is not paused", c.Pod, c.What)
		}
	}
}

func rehearsedFirst(h *History, broken func(string, ...any)) {
	h.walk(func(e *Event, before, s *State) {
		if before.Rehearsal == nil && s.Rehearsal != nil && (isTrue(s.Database, "Paused") || journal(s.Lease)) {
			broken("rv %d: a rehearsal in the midst of an upgrade", e.Version)
		}
	})
}

func journaled(h *History, broken func(string, ...any)) {
	h.walk(func(e *Event, _, s *State) {
		if isTrue(s.Database, "Paused") && !journal(s.Lease) && (e.Resource == h.Database || e.Resource == "leases") {
			broken("rv %d, %s: paused, and no lease with a journal", e.Version, e.Resource)
		}
	})
}

func takenOver(h *History, broken func(string, ...any)) {
	var last time.Time // of the lease's events
	h.walk(func(e *Event, before, after *State) {
		if e.Resource != "leases" {
			return
		}
		was, is := holder(before.Lease), holder(after.Lease)
		if was != "" && is != "" && was != is && e.At.Sub(last) < leaseTime-slack {
			broken("rv %d: %s took the lease %s after %s wrote it last", e.Version, is, e.At.Sub(last), was)
		}
		if was != "" && after.Lease == nil && !h.deleted(was, e) {
			broken("rv %d: the lease of %s was deleted by another", e.Version, was)
		}
		last = e.At
	})
}

// deleted tells whether a holder deleted its lease itself.
func (h *History) deleted(identity string, e *Event) bool {
	for _, run := range h.Runs {
		for _, r := range run.Requests {
			if r.Method == "DELETE" && r.Resource == "leases" && r.Name == e.Name && r.Applied() && holds(identity, run.PID) {
				return true
			}
		}
	}
	return false
}

// untouched are the exit statuses that promise that this run changed nothing.
var untouched = []int{1, 2, 3, 6}

func truthful(h *History, broken func(string, ...any)) {
	for _, m := range h.mutations() {
		if slices.Contains(untouched, m.run.Exit) {
			broken("pid %d ended with %d, and did %s", m.run.PID, m.run.Exit, m.Request)
		}
	}
	for _, run := range h.Runs {
		if run.Exit >= 0 && h.keeps(run) {
			broken("pid %d ended by itself with %d, and holds the lease still", run.PID, run.Exit)
		}
	}
}

// keeps tells whether the last that a run wrote to the lease left it the holder.
func (h *History) keeps(run *Run) bool {
	var last *proxy.Request
	for _, r := range run.Requests {
		if r.Resource == "leases" && r.Changing && r.Applied() {
			last = r
		}
	}
	if last == nil || last.Method == "DELETE" {
		return false
	}
	return slices.ContainsFunc(h.Events, func(e Event) bool {
		return e.Version == last.Version && e.Resource == "leases" && holds(holder(e.Object), run.PID)
	})
}
