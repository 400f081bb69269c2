package judge

import (
	"slices"
	"strings"
	"testing"

	"testcluster/torture/servers"
)

// routed is a story of a group with two routers before it; another version is wanted.
func routed() *story {
	s := newStory()
	s.Members, s.Routers = 5, map[string]string{"1": "router:1", "2": "router:2"}
	s.routers("1")
	for _, name := range []string{"db-router-0", "db-router-1"} {
		s.router(name, "1", true)
	}
	s.wants("2")
	return s
}

func routerSpec(version string) Object {
	return Object{"containers": []any{Object{"name": "mysql-router", "image": "router:" + version}}}
}

// routers has their set have a version.
func (s *story) routers(version string) {
	s.event("petsets", "db-router", Object{"spec": Object{"template": Object{"spec": routerSpec(version)}}})
}

func (s *story) router(name, version string, ready bool) {
	s.event("pods", name, Object{"metadata": Object{"uid": name + version}, "spec": routerSpec(version),
		"status": Object{"conditions": conditionsOf("Ready", ready)}})
}

// wants has the run set the images of both sets.
func (s *story) wants(version string) {
	s.mine("PATCH", "petsets", "db", "", func() { s.set(version) })
	s.mine("PATCH", "petsets", "db-router", "", func() { s.routers(version) })
}

// leaves has the run evict a pod while others are in these states.
func (s *story) leaves(name string, others map[string]string) {
	was := Last(&s.History).Pods[name]
	s.mine("POST", "pods", name, "eviction", func() {
		s.event("pods", name, Object{"metadata": Object{"uid": text(was, "metadata", "uid"), "deletionTimestamp": "now"}, "spec": was["spec"]})
	})
	s.Changes = append(s.Changes, Change{s.version, servers.Moment{At: s.at, What: "stop", Pod: name, Others: others}})
	s.event("pods", name, nil)
}

// renews has the run restart pods one after another.
func (s *story) renews(version string, names ...string) {
	for _, name := range names {
		s.leaves(name, nil)
		s.lease(me, true)
		if servers.Routes(name) {
			s.router(name, version, true)
		} else {
			s.pod(name, version, true)
		}
	}
}

// resumed has the operator go on with a version.
func (s *story) resumed(version string) {
	s.mine("PATCH", "mysqls", "db", "status", func() { s.database(version, false) })
}

func TestRouters(t *testing.T) {
	for name, test := range map[string]struct {
		rule string // that is broken; "" when all is well
		tell func(s *story)
	}{
		"as it should be": {"", func(s *story) {
			s.renews("2", "db-router-0", "db-router-1", "db-2", "db-1", "db-0")
			s.upgraded()
			s.finish()
		}},
		"back from all": {"", func(s *story) {
			s.renews("2", "db-router-0", "db-router-1", "db-2", "db-1", "db-0")
			s.wants("1")
			s.renews("1", "db-2", "db-1", "db-0", "db-router-0", "db-router-1")
			s.resumed("1")
		}},
		"back from one router": {"", func(s *story) {
			s.renews("2", "db-router-0")
			s.wants("1")
			s.renews("1", "db-router-0")
			s.resumed("1")
		}},
		"a member before the second router": {"routers before", func(s *story) { s.renews("2", "db-router-0", "db-2") }},
		"a member before the routers' set": {"routers before", func(s *story) {
			s.routers("1")
			s.renews("2", "db-2")
		}},
		"a router behind a member": {"routers before", func(s *story) {
			s.renews("2", "db-router-0", "db-router-1", "db-2")
			s.router("db-router-0", "1", true)
			s.renews("2", "db-router-0")
		}},
		"back, and a router before the members": {"routers before", func(s *story) {
			s.renews("2", "db-router-0", "db-router-1", "db-2")
			s.wants("1")
			s.renews("1", "db-router-0")
		}},
		"back, and a router stays new": {"routers before", func(s *story) {
			s.renews("2", "db-router-0", "db-router-1")
			s.wants("1")
			s.renews("1", "db-router-0")
			s.resumed("1")
		}},
		"two routers gone": {"one member down", func(s *story) {
			s.leaves("db-router-0", nil)
			s.leaves("db-router-1", nil)
		}},
		"the next router while one leads nowhere": {"one member down", func(s *story) {
			s.renews("2", "db-router-0")
			s.leaves("db-router-1", map[string]string{"db-router-0": "ASTRAY"})
		}},
		"a member while a router leads nowhere": {"one member down", func(s *story) {
			s.renews("2", "db-router-0", "db-router-1")
			s.leaves("db-2", map[string]string{"db-router-0": "ASTRAY"})
		}},
		"back, and a router leads nowhere": {"", func(s *story) {
			s.renews("2", "db-router-0", "db-router-1", "db-2")
			s.wants("1")
			s.leaves("db-2", map[string]string{"db-router-0": "ASTRAY"})
		}},
		"the version while a router is old": {"version only after", func(s *story) {
			s.renews("2", "db-router-0", "db-router-1", "db-2", "db-1", "db-0")
			s.routers("1")
			s.router("db-router-1", "1", true)
			s.upgraded()
		}},
		"a router twice": {"primary last, each member once", func(s *story) { s.renews("2", "db-router-0", "db-router-0") }},
	} {
		s := routed()
		test.tell(s)
		violations := Judge(&s.History)
		found := slices.ContainsFunc(violations, func(v string) bool { return strings.HasPrefix(v, test.rule) })
		if test.rule == "" && len(violations) > 0 || test.rule != "" && !found {
			t.Errorf("%s: want %q, have %v\n%s", name, test.rule, violations, &s.History)
		}
	}
}

// TestSettledRouters: they have no roles.
func TestSettledRouters(t *testing.T) {
	s := Last(&routed().History)
	s.Database["status"] = Object{"phase": "Ready"}
	if Settled(s, 5, true) {
		t.Error("members without roles")
	}
	for name, pod := range s.Pods {
		if !servers.Routes(name) {
			pod["metadata"].(Object)["labels"] = Object{"kubedb.com/role": "standby"}
		}
	}
	if !Settled(s, 5, true) || Settled(s, 4, true) {
		t.Error("routers need no roles")
	}
}
