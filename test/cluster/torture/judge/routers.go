package judge

import (
	"slices"

	"testcluster/torture/servers"
)

// routersFirst: they are restarted while all members are old, and a member when all
// of them are new. On the way back they go behind the members, and when the operator
// is no longer paused they are of the database's version.
func routersFirst(h *History, broken func(string, ...any)) {
	for _, c := range h.Changes {
		s := h.before(c.Version, c.At)
		old := s.othersOutdated(h.Name, c.Pod)
		switch router := servers.Routes(c.Pod); {
		case c.What != "stop" || !s.routed():
		case router && !s.forward(h) && len(old) > 0:
			broken("%s, a router, went back before these members: %v", c.Pod, old)
		case router && s.forward(h) && len(old) < s.members(h.Name):
			broken("%s, a router, went while only these members are old: %v", c.Pod, old)
		case !router && s.forward(h):
			for _, other := range s.routersWithout(h.Routers[s.goal(h)]) {
				broken("%s, a member, went before the router %s", c.Pod, other)
			}
		}
	}
	h.walk(func(e *Event, before, s *State) {
		if e.Resource == h.Database && isTrue(before.Database, "Paused") && !isTrue(s.Database, "Paused") {
			for _, router := range s.routersWithout(h.Routers[text(s.Database, "spec", "version")]) {
				broken("rv %d: the operator goes on, and %s is not of the database's version", e.Version, router)
			}
		}
	})
}

// routed tells whether there are routers, or places for them.
func (s *State) routed() bool {
	for set := range s.Sets {
		if servers.Routes(set + "-0") {
			return true
		}
	}
	return false
}

// routersWithout are the routers' pods that do not have an image.
func (s *State) routersWithout(image string) (names []string) {
	for name, pod := range s.Pods {
		if servers.Routes(name) && !slices.Contains(values(images(pod["spec"])), image) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
