package judge

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"testcluster/torture/servers"
)

// End is an end state as lines that can be compared with another run's: without
// what differs from database to database, and with every other field.
func End(s *State, namespace string) []string {
	uid := text(s.Database, "metadata", "uid")
	same := strings.NewReplacer(uid, "UID", namespace, "NAMESPACE")
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, same.Replace(fmt.Sprintf(format, args...))) }

	say("database.metadata %s", metadata(s.Database))
	say("database.spec %s", compact(s.Database["spec"]))
	say("database.phase %s", text(s.Database, "status", "phase"))
	for _, line := range conditions(s.Database) {
		say("database.condition %s", line)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Sets)) {
		set := s.Sets[name]
		say("set %s metadata %s", name, metadata(set))
		for key, value := range asObject(set["spec"]) {
			say("set %s spec.%s %s", name, key, compact(value))
		}
		for _, key := range []string{"replicas", "readyReplicas", "updatedReplicas"} {
			say("set %s status.%s %v", name, key, field(set, "status", key))
		}
	}
	primaries := 0
	for _, name := range slices.Sorted(maps.Keys(s.Pods)) {
		pod := s.Pods[name]
		if text(pod, "metadata", "labels", "kubedb.com/role") == "primary" {
			primaries++
		}
		current := text(pod, "metadata", "labels", "controller-revision-hash") == text(s.Sets[setOf(name)], "status", "updateRevision")
		say("pod %s %s images %s serves %t of the set's revision %t", name, metadata(pod), compact(images(pod["spec"])), serves(pod), current)
	}
	say("primaries %d", primaries)
	for _, name := range slices.Sorted(maps.Keys(s.Claims)) {
		say("claim %s deleting %t", name, deleting(s.Claims[name]))
	}
	say("lease %s", compact(s.Lease))
	if s.Rehearsal != nil && !deleting(s.Rehearsal) {
		say("the rehearsal's pod")
	}
	return lines
}

// metadata is the labels, annotations and finalizers of an object, but for
// those that name a member's role or a revision.
func metadata(object Object) string {
	labels := map[string]any{}
	for key, value := range asObject(field(object, "metadata", "labels")) {
		if key != "kubedb.com/role" && key != "controller-revision-hash" {
			labels[key] = value
		}
	}
	return compact([]any{labels, field(object, "metadata", "annotations"), field(object, "metadata", "finalizers")})
}

func asObject(value any) Object {
	object, _ := value.(Object)
	return object
}

func conditions(object Object) (lines []string) {
	for _, c := range list(object, "status", "conditions") {
		lines = append(lines, fmt.Sprintf("%s=%s %s: %s", text(c, "type"), text(c, "status"), text(c, "reason"), text(c, "message")))
	}
	slices.Sort(lines)
	return lines
}

// Difference returns the lines that only one of two end states has.
func Difference(have, want []string) (lines []string) {
	for _, line := range want {
		if !slices.Contains(have, line) {
			lines = append(lines, "- "+line)
		}
	}
	for _, line := range have {
		if !slices.Contains(want, line) {
			lines = append(lines, "+ "+line)
		}
	}
	return lines
}

// Decode reads an object's text.
func Decode(body []byte) (Object, error) {
	var object Object
	err := json.Unmarshal(body, &object)
	return object, err
}

// Last is the state at the end of a history.
func Last(h *History) *State {
	h.sort()
	s := newState()
	for i := range h.Events {
		s.apply(h, &h.Events[i])
	}
	return s
}

// Settled tells whether a database is Ready with so many members, each of which
// has its role if members have one.
func Settled(s *State, members int, roles bool) bool {
	if s.Database == nil || s.Set == nil || text(s.Database, "status", "phase") != "Ready" || len(s.Pods) != members {
		return false
	}
	for name, pod := range s.Pods {
		if !serves(pod) || roles && !servers.Routes(name) && text(pod, "metadata", "labels", "kubedb.com/role") == "" {
			return false
		}
	}
	return true
}

// HasLease tells whether there is a lease.
func HasLease(s *State) bool { return s.Lease != nil }
