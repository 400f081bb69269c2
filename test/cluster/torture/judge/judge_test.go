package judge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"testcluster/torture/proxy"
	"testcluster/torture/servers"
)

// story builds a history as the observer would have it: versions and times go
// up by one and by a second from event to event.
type story struct {
	History
	version int64
	at      time.Time
	run     *Run
}

const (
	me    = 4711
	other = 4712
)

// newStory begins with a group of three that runs version 1, and a run that
// has the lock and the pause.
func newStory() *story {
	s := &story{at: time.Unix(1000, 0), run: &Run{PID: me, Ended: time.Unix(5000, 0)}}
	s.Database, s.Set, s.Name, s.Members = "mysqls", "petsets", "db", 3
	s.Images = map[string]string{"1": "my:1", "2": "my:2"}
	s.Runs = []*Run{s.run}
	s.set("1")
	for _, name := range []string{"db-0", "db-1", "db-2"} {
		s.pod(name, "1", true)
	}
	s.database("1", false)
	s.lease(me, true)
	s.mine("PATCH", "mysqls", "db", "status", func() { s.database("1", true) })
	return s
}

func (s *story) event(resource, name string, object Object) {
	s.version, s.at = s.version+1, s.at.Add(time.Second)
	s.Events = append(s.Events, Event{s.version, s.at, resource, name, object})
}

// mine has an event be a change of the run.
func (s *story) mine(method, resource, name, sub string, event func()) {
	r := &proxy.Request{N: len(s.run.Requests) + 1, At: s.at.Add(500 * time.Millisecond), Method: method,
		Target: proxy.Target{Namespace: "ns", Resource: resource, Name: name, Sub: sub}, Status: 200, Changing: true}
	event()
	if method != "DELETE" && sub != "eviction" {
		r.Version = s.version
	}
	s.run.Requests = append(s.run.Requests, r)
}

func conditionsOf(kind string, holds bool) []any {
	status := "False"
	if holds {
		status = "True"
	}
	return []any{Object{"type": kind, "status": status}}
}

func spec(version string) Object {
	return Object{"containers": []any{Object{"name": "mysql", "image": "my:" + version}}}
}

func (s *story) set(version string) { s.setOf("db", version) }

func (s *story) setOf(name, version string) {
	s.event("petsets", name, Object{"spec": Object{"template": Object{"spec": spec(version)}}})
}

// follower adds a read replica in a set of its own, and sets all images.
func (s *story) follower() {
	s.Members = 4
	s.setOf("db-rr-a", "1")
	s.pod("db-rr-a-0", "1", true)
	s.images()
	s.mine("PATCH", "petsets", "db-rr-a", "", func() { s.setOf("db-rr-a", "2") })
}

func (s *story) pod(name, version string, ready bool) {
	s.event("pods", name, Object{"metadata": Object{"uid": name + version}, "spec": spec(version),
		"status": Object{"conditions": conditionsOf("Ready", ready)}})
}

func (s *story) database(version string, paused bool) {
	s.event("mysqls", "db", Object{"spec": Object{"version": version}, "status": Object{"conditions": conditionsOf("Paused", paused)}})
}

func (s *story) lease(pid int, withJournal bool) {
	text, holder := "", ""
	if withJournal {
		text = "{}"
	}
	if pid != 0 {
		holder = "root@host/" + map[int]string{me: "4711", other: "4712"}[pid] + "/ab"
	}
	s.event("leases", "l", Object{"metadata": Object{"annotations": Object{"kubectl-dbupgrade/journal": text}}, "spec": Object{"holderIdentity": holder}})
}

// rehearsal is the pod of one, made and deleted.
func (s *story) rehearsal() {
	s.mine("POST", "pods", "", "", func() { s.event("pods", "db-upgrade-rehearsal", Object{"metadata": Object{"uid": "r"}}) })
	s.mine("DELETE", "pods", "db-upgrade-rehearsal", "", func() { s.event("pods", "db-upgrade-rehearsal", nil) })
}

// evict is a member's restart, up to where its pod is gone.
func (s *story) evict(name string, primary bool, others string) {
	s.mine("POST", "pods", name, "eviction", func() {
		s.event("pods", name, Object{"metadata": Object{"uid": name + "1", "deletionTimestamp": "now"}, "spec": spec("1")})
	})
	s.Changes = append(s.Changes, Change{s.version, servers.Moment{At: s.at, What: "stop", Pod: name, Primary: primary,
		Others: map[string]string{"other": others}}})
	s.event("pods", name, nil)
}

func (s *story) restart(name string, primary bool) {
	s.evict(name, primary, "ONLINE")
	s.pod(name, "2", false)
	s.lease(me, true)
	s.pod(name, "2", true)
}

func (s *story) images() { s.mine("PATCH", "petsets", "db", "", func() { s.set("2") }) }

func (s *story) upgraded() { s.mine("PATCH", "mysqls", "db", "", func() { s.database("2", true) }) }

// finish resumes the operator and lets the lock go.
func (s *story) finish() {
	s.mine("PATCH", "mysqls", "db", "status", func() { s.database("2", false) })
	s.mine("DELETE", "leases", "l", "", func() { s.event("leases", "l", nil) })
}

func TestJudge(t *testing.T) {
	for name, test := range map[string]struct {
		rule string // that is broken; "" when all is well
		tell func(s *story)
	}{
		"an upgrade as it should be": {"", func(s *story) {
			s.images()
			s.restart("db-2", false)
			s.restart("db-1", false)
			s.restart("db-0", true)
			s.upgraded()
			s.finish()
		}},
		"two pods gone": {"one member down at a time", func(s *story) {
			s.images()
			s.evict("db-2", false, "ONLINE")
			s.evict("db-1", false, "ONLINE")
		}},
		"the next one while a server still joins": {"one member down at a time", func(s *story) {
			s.images()
			s.restart("db-2", false)
			s.evict("db-1", false, "RECOVERING")
		}},
		"the primary first": {"primary last", func(s *story) { s.images(); s.restart("db-0", true) }},
		"the primary second": {"primary last", func(s *story) {
			s.images()
			s.restart("db-2", false)
			s.restart("db-0", true)
		}},
		"a hand-over too early": {"primary last", func(s *story) {
			s.images()
			s.restart("db-2", false)
			s.Changes = append(s.Changes, Change{0, servers.Moment{At: s.at.Add(time.Second), What: "leave-group", Pod: "db-0", Primary: true}})
		}},
		"a member twice": {"primary last, each member once", func(s *story) {
			s.images()
			s.restart("db-2", false)
			s.event("pods", "db-2", s.Events[len(s.Events)-1].Object)
			s.Changes = append(s.Changes, Change{s.version + 1, servers.Moment{What: "stop", Pod: "db-2"}})
			s.event("pods", "db-2", nil)
		}},
		"a read replica behind the members": {"", func(s *story) {
			s.follower()
			for _, name := range []string{"db-2", "db-1", "db-0", "db-rr-a-0"} {
				s.restart(name, name == "db-0")
			}
		}},
		"a read replica before a member": {"read replicas behind", func(s *story) {
			s.follower()
			s.restart("db-2", false)
			s.restart("db-rr-a-0", false)
		}},
		"the version before a read replica": {"version only after", func(s *story) {
			s.follower()
			for _, name := range []string{"db-2", "db-1", "db-0"} {
				s.restart(name, name == "db-0")
			}
			s.upgraded()
		}},
		"the version before the last member": {"version only after", func(s *story) {
			s.images()
			s.restart("db-2", false)
			s.upgraded()
		}},
		"the version while the last member starts": {"version only after", func(s *story) {
			s.images()
			s.restart("db-2", false)
			s.restart("db-1", false)
			s.evict("db-0", true, "ONLINE")
			s.pod("db-0", "2", false)
			s.upgraded()
		}},
		"a rehearsal before all is begun": {"", func(s *story) {
			s.database("1", false)
			s.lease(0, false)
			s.rehearsal()
		}},
		"a rehearsal in the midst":        {"no rehearsal but before all", func(s *story) { s.images(); s.rehearsal() }},
		"images without the lock":         {"no change without the lock", func(s *story) { s.lease(0, true); s.images() }},
		"images under another's lock":     {"no change without the lock", func(s *story) { s.at = s.at.Add(time.Minute); s.lease(other, true); s.images() }},
		"an eviction without the lock":    {"no change without the lock", func(s *story) { s.images(); s.lease(0, true); s.evict("db-2", false, "ONLINE") }},
		"images on a lock that ran out":   {"no change without the lock", func(s *story) { s.at = s.at.Add(time.Minute); s.images() }},
		"a hand-over without the lock":    {"no change without the lock", func(s *story) { s.lease(0, true); s.handOver() }},
		"images without the pause":        {"no image or pod without", func(s *story) { s.database("1", false); s.images() }},
		"an eviction without the pause":   {"no image or pod without", func(s *story) { s.images(); s.database("1", false); s.evict("db-2", false, "ONLINE") }},
		"a pause without a lease":         {"no pause without a journal", func(s *story) { s.event("leases", "l", nil) }},
		"a pause without a journal":       {"no pause without a journal", func(s *story) { s.lease(me, false) }},
		"a lock taken from the living":    {"no lock taken from the living", func(s *story) { s.lease(other, true) }},
		"a lock deleted by another":       {"no lock taken from the living", func(s *story) { s.database("1", false); s.event("leases", "l", nil) }},
		"a lock taken when it ran out":    {"", func(s *story) { s.at = s.at.Add(20 * time.Second); s.lease(other, true) }},
		"a lock taken that was let go":    {"", func(s *story) { s.lease(0, true); s.lease(other, true) }},
		"data at the wrong time":          {"nothing is done to data", func(s *story) { s.Broken = []string{"the old data are deleted"} }},
		"nothing changed, it says":        {"exit status", func(s *story) { s.images(); s.lease(0, true); s.run.Exit = 1 }},
		"ended, and the lock still held":  {"exit status", func(s *story) { s.images(); s.renew(me); s.run.Exit = 4 }},
		"ended, and the lock let go":      {"", func(s *story) { s.images(); s.renew(0); s.run.Exit = 4 }},
		"killed, and the lock still held": {"", func(s *story) { s.images(); s.renew(me); s.run.Exit = -1 }},
	} {
		s := newStory()
		test.tell(s)
		violations := Judge(&s.History)
		found := slices.ContainsFunc(violations, func(v string) bool { return strings.HasPrefix(v, test.rule) })
		if test.rule == "" && len(violations) > 0 || test.rule != "" && !found {
			t.Errorf("%s: want %q, have %v\n%s", name, test.rule, violations, &s.History)
		}
	}
}

func (s *story) renew(holder int) {
	s.mine("PATCH", "leases", "l", "", func() { s.lease(holder, true) })
}

func (s *story) handOver() {
	s.Changes = append(s.Changes, Change{0, servers.Moment{At: s.at.Add(time.Second), What: "set-as-primary", Pod: "db-0", Primary: true}})
}

// TestEnd has an end state differ in one field at a time.
func TestEnd(t *testing.T) {
	make := func(change func(s *story)) []string {
		s := newStory()
		s.Events[len(s.Events)-1].Object["metadata"] = Object{"uid": "some-uid"}
		if change != nil {
			change(s)
		}
		return End(Last(&s.History), "ns")
	}
	want := make(nil)
	if d := Difference(make(func(s *story) { s.pod("db-0", "1", true) }), want); len(d) != 0 {
		t.Errorf("nothing but a version differs: %v", d)
	}
	for name, change := range map[string]func(s *story){
		"an image of a pod": func(s *story) { s.pod("db-0", "2", true) },
		"a pod not ready":   func(s *story) { s.pod("db-0", "1", false) },
		"a pod less":        func(s *story) { s.event("pods", "db-0", nil) },
		"the set's images":  func(s *story) { s.set("2") },
		"the pause": func(s *story) {
			s.Events[len(s.Events)-1].Object["status"] = Object{"conditions": conditionsOf("Paused", false)}
		},
		"a rehearsal's pod": func(s *story) {
			s.event("pods", "db-upgrade-rehearsal", Object{"metadata": Object{"uid": "r"}})
		},
		"the lease": func(s *story) { s.event("leases", "l", nil) },
		"an annotation left": func(s *story) {
			s.Events[len(s.Events)-1].Object["metadata"].(Object)["annotations"] = Object{"a": "b"}
		},
	} {
		if d := Difference(make(change), want); len(d) == 0 {
			t.Errorf("%s: no difference", name)
		}
	}
}
