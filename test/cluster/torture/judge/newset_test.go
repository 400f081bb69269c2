package judge

import (
	"slices"
	"strings"
	"testing"

	"testcluster/torture/servers"
)

// places has a set have so many members, and its images be of a version.
func (s *story) places(name, version string, replicas int64) {
	s.event("petsets", name, Object{"spec": Object{"replicas": replicas, "template": Object{"spec": spec(version)}}})
}

// joined makes a second set, whose members join one after another.
func (s *story) joined(members int64) {
	s.NewSet = true
	s.mine("POST", "petsets", "", "", func() { s.places("db-1", "2", 0) })
	for i := range members {
		s.mine("PATCH", "petsets", "db-1", "", func() { s.places("db-1", "2", i+1) })
		s.pod("db-1-"+string(rune('0'+i)), "2", false)
		s.lease(me, true)
		s.pod("db-1-"+string(rune('0'+i)), "2", true)
	}
}

// retire takes a set's last place away, and the pod that had it; states are those
// of other members that are not ONLINE.
func (s *story) retire(pod, version string, primary bool, states map[string]string) {
	others, there := map[string]string{}, Last(&s.History).Pods
	for _, e := range s.Events {
		if e.Resource == "pods" && there[e.Name] != nil {
			others[e.Name] = "ONLINE"
		} else if e.Resource == "pods" {
			others[e.Name] = "DOWN"
		}
	}
	for name, state := range states {
		others[name] = state
	}
	delete(others, pod)
	s.mine("PATCH", "petsets", setOf(pod), "", func() { s.places(setOf(pod), version, int64(pod[len(pod)-1]-'0')) })
	s.goes(pod, version)
	s.Changes = append(s.Changes, Change{s.version, servers.Moment{At: s.at, What: "stop", Pod: pod, Primary: primary, Others: others}})
	s.lease(me, true)
	s.event("pods", pod, nil)
}

func (s *story) goes(pod, version string) {
	s.event("pods", pod, Object{"metadata": Object{"uid": pod + version, "deletionTimestamp": "now"}, "spec": spec(version)})
}

// claimGoes has somebody delete a claim.
func (s *story) claimGoes(name string) {
	s.event("persistentvolumeclaims", name, Object{})
	s.event("persistentvolumeclaims", name, Object{"metadata": Object{"deletionTimestamp": "now"}})
	s.event("persistentvolumeclaims", name, nil)
}

// takenOver goes on to where the old set has no members.
func (s *story) takenOver() {
	s.joined(3)
	for _, pod := range []string{"db-2", "db-1", "db-0"} {
		s.retire(pod, "1", pod == "db-0", nil)
	}
}

func (s *story) removes(set string) {
	s.mine("DELETE", "petsets", set, "", func() { s.event("petsets", set, nil) })
}

func TestNewSet(t *testing.T) {
	for name, test := range map[string]struct {
		rule string // that is broken; "" when all is well
		tell func(s *story)
	}{
		"as it should be": {"", func(s *story) {
			s.takenOver()
			s.removes("db")
			s.upgraded()
			s.finish()
		}},
		"and back": {"", func(s *story) {
			s.joined(3)
			s.retire("db-2", "1", false, nil)
			s.mine("PATCH", "petsets", "db", "", func() { s.places("db", "1", 3) })
			s.pod("db-2", "1", true)
			for _, pod := range []string{"db-1-2", "db-1-1", "db-1-0"} {
				s.retire(pod, "2", false, nil)
			}
			s.removes("db-1")
			s.mine("PATCH", "mysqls", "db", "status", func() { s.database("1", false) })
		}},
		"an old member goes while two of the new have joined": {"a member retires", func(s *story) {
			s.joined(2)
			s.retire("db-2", "1", false, map[string]string{"db-0": "RECOVERING", "db-1": "RECOVERING"})
		}},
		"one goes while another joins": {"one member down", func(s *story) {
			s.joined(3)
			s.retire("db-2", "1", false, map[string]string{"db-1-2": "RECOVERING"})
		}},
		"the primary goes before others of its set": {"a member retires", func(s *story) {
			s.joined(3)
			s.retire("db-2", "1", true, nil)
		}},
		"a member is away that has a place": {"one member down", func(s *story) {
			s.NewSet = true
			s.evict("db-2", false, "ONLINE")
		}},
		"the claims of members that are gone": {"", func(s *story) {
			s.event("persistentvolumeclaims", "data-db-2", Object{})
			s.takenOver()
			s.claimGoes("data-db-2")
			s.removes("db")
			s.claimGoes("data-db-1")
		}},
		"the claim of a member":         {"no claim of a member", func(s *story) { s.joined(3); s.claimGoes("data-db-1-1") }},
		"a set goes with its pods":      {"two sets only under the pause", func(s *story) { s.joined(3); s.removes("db") }},
		"a set goes that nobody locked": {"no change without the lock", func(s *story) { s.takenOver(); s.lease(0, true); s.removes("db") }},
		"two sets without the pause":    {"two sets only under the pause", func(s *story) { s.joined(1); s.database("1", false) }},
		"the version before the old members are gone": {"version only after", func(s *story) {
			s.joined(3)
			s.upgraded()
		}},
	} {
		s := newStory()
		s.places("db", "1", 3)
		test.tell(s)
		violations := Judge(&s.History)
		found := slices.ContainsFunc(violations, func(v string) bool { return strings.HasPrefix(v, test.rule) })
		if test.rule == "" && len(violations) > 0 || test.rule != "" && !found {
			t.Errorf("%s: want %q, have %v\n%s", name, test.rule, violations, &s.History)
		}
	}
}
