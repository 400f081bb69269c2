// Package judge decides whether anything happened to a database that must not.
// It goes by the history that an observer has from the API server itself: every
// state of every object, in the order of their resourceVersions, which are
// revisions of one store and thus one order for all of them.
package judge

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"testcluster/torture/proxy"
	"testcluster/torture/servers"
)

// Object is an object as JSON has it.
type Object = map[string]any

// Event is a change of an object that the observer was told of.
type Event struct {
	Version  int64
	At       time.Time // when the observer heard of it
	Resource string    // mysqls, petsets, pods, persistentvolumeclaims, leases
	Name     string
	Object   Object // nil: it is gone
}

// Change is a pod's server or group that changed, as the pods' node saw it.
type Change struct {
	Version int64 // of the pod's event that made it; 0: it came by a statement
	servers.Moment
}

// Run is one invocation of the client.
type Run struct {
	PID      int
	Command  string
	Exit     int // -1: killed
	Ended    time.Time
	Requests []*proxy.Request
}

// History is all that is known of what happened to one database.
type History struct {
	Database, Set string // resources: mysqls, petsets
	Name          string // of the database
	Members       int
	Images        map[string]string // by version: the database's image
	Routers       map[string]string // by version: the image of routers before it
	Events        []Event
	Changes       []Change
	Runs          []*Run
	Major         bool     // the first member's data are converted, and it goes first
	NewSet        bool     // a second set's members take over from the first's, or back
	Broken        []string // what the servers' model says must not have been done
}

// field walks down an object; nil where there is nothing.
func field(value any, path ...string) any {
	for _, key := range path {
		object, ok := value.(Object)
		if !ok {
			return nil
		}
		value = object[key]
	}
	return value
}

func text(value any, path ...string) string {
	s, _ := field(value, path...).(string)
	return s
}

func list(value any, path ...string) []any {
	l, _ := field(value, path...).([]any)
	return l
}

// images are those of a pod's containers, by name.
func images(spec any) map[string]string {
	found := map[string]string{}
	for _, kind := range []string{"initContainers", "containers"} {
		for _, container := range list(spec, kind) {
			found[text(container, "name")] = text(container, "image")
		}
	}
	return found
}

// condition returns one of an object's conditions, nil without it.
func condition(object any, kind string) Object {
	for _, c := range list(object, "status", "conditions") {
		if text(c, "type") == kind {
			return c.(Object)
		}
	}
	return nil
}

func isTrue(object any, kind string) bool { return text(condition(object, kind), "status") == "True" }

func serves(pod Object) bool { return isTrue(pod, "Ready") && !deleting(pod) }

func deleting(object Object) bool { return field(object, "metadata", "deletionTimestamp") != nil }

// journal tells whether a lease carries one.
func journal(lease Object) bool {
	return text(lease, "metadata", "annotations", "kubectl-dbupgrade/journal") != ""
}

func holder(lease Object) string { return text(lease, "spec", "holderIdentity") }

// holds tells whether a holder's identity, user@host/pid/random, is a process.
func holds(identity string, pid int) bool {
	return strings.Contains(identity, "/"+strconv.Itoa(pid)+"/")
}

// State is what there was at one moment.
type State struct {
	Database, Lease Object
	Set             Object            // of the members, which is called as the database
	Sets            map[string]Object // all
	Pods            map[string]Object
	Claims          map[string]Object // of volumes
	Rehearsal       Object            // the pod in which a major upgrade is rehearsed
}

// newState is a state without anything.
func newState() *State {
	return &State{Sets: map[string]Object{}, Pods: map[string]Object{}, Claims: map[string]Object{}}
}

// rehearses tells whether a pod is none of the members'.
func rehearses(name string) bool { return strings.HasSuffix(name, "-upgrade-rehearsal") }

func (s *State) apply(h *History, e *Event) {
	switch e.Resource {
	case h.Database:
		s.Database = e.Object
	case h.Set:
		if e.Name == h.Name {
			s.Set = e.Object
		}
		if s.Sets[e.Name] = e.Object; e.Object == nil {
			delete(s.Sets, e.Name)
		}
	case "leases":
		s.Lease = e.Object
	case "persistentvolumeclaims":
		if s.Claims[e.Name] = e.Object; e.Object == nil {
			delete(s.Claims, e.Name)
		}
	case "pods":
		if rehearses(e.Name) {
			s.Rehearsal = e.Object
		} else if e.Object == nil {
			delete(s.Pods, e.Name)
		} else {
			s.Pods[e.Name] = e.Object
		}
	}
}

// setOf is the name of the set that a pod is of.
func setOf(pod string) string { return pod[:max(0, strings.LastIndexByte(pod, '-'))] }

// places is how many members a set is to have: none if it is gone, and -1 if it
// does not say.
func (s *State) places(set string) int {
	if s.Sets[set] == nil {
		return 0
	}
	switch n := field(s.Sets[set], "spec", "replicas").(type) {
	case int64:
		return int(n)
	case float64:
		return int(n)
	}
	return -1
}

// wanted tells whether a pod's set has a place for it.
func (s *State) wanted(pod string) bool {
	set := setOf(pod)
	number, err := strconv.Atoi(strings.TrimPrefix(pod, set+"-"))
	places := s.places(set)
	return err != nil || places < 0 || number < places
}

// outdated tells whether a pod lacks the images that its set has.
func (s *State) outdated(name string) bool {
	want := images(field(s.Sets[setOf(name)], "spec", "template", "spec"))
	for container, image := range images(s.Pods[name]["spec"]) {
		if want[container] != image {
			return true
		}
	}
	return false
}

// image is what a pod has of a version: the server's image, or the router's.
func (h *History) image(pod, version string) string {
	if servers.Routes(pod) {
		return h.Routers[version]
	}
	return h.Images[version]
}

// goal is the version whose image the members' set has, "" without one.
func (s *State) goal(h *History) string {
	have := values(images(field(s.Set, "spec", "template", "spec")))
	for version, image := range h.Images {
		if slices.Contains(have, image) {
			return version
		}
	}
	return ""
}

// forward tells whether the set is to have another version than the database.
func (s *State) forward(h *History) bool { return s.goal(h) != text(s.Database, "spec", "version") }

// members is how many pods of a set there are.
func (s *State) members(set string) (n int) {
	for name := range s.Pods {
		if setOf(name) == set {
			n++
		}
	}
	return n
}

// othersOutdated are the outdated pods of a set, but for one.
func (s *State) othersOutdated(set, name string) (names []string) {
	for other := range s.Pods {
		if other != name && setOf(other) == set && s.outdated(other) {
			names = append(names, other)
		}
	}
	slices.Sort(names)
	return names
}

// sort brings the events in the order in which they happened.
func (h *History) sort() {
	slices.SortStableFunc(h.Events, func(a, b Event) int { return int(a.Version - b.Version) })
}

// before is the state just before a version, or before a time as far as the
// observer knew it then.
func (h *History) before(version int64, at time.Time) *State {
	s := newState()
	for i := range h.Events {
		e := &h.Events[i]
		if version > 0 && e.Version < version || version == 0 && e.At.Before(at) {
			s.apply(h, e)
		}
	}
	return s
}

// String shows the history to a person who looks for what went wrong.
func (h *History) String() string {
	type line struct {
		at   time.Time
		text string
	}
	var lines []line
	s := newState()
	for i := range h.Events {
		e := &h.Events[i]
		s.apply(h, e)
		lines = append(lines, line{e.At, fmt.Sprintf("rv %d %s/%s %s", e.Version, e.Resource, e.Name, describe(e))})
	}
	for _, c := range h.Changes {
		lines = append(lines, line{c.At, fmt.Sprintf("server %s: %s, primary %t, others %v", c.Pod, c.What, c.Primary, c.Others)})
	}
	for _, r := range h.Runs {
		for _, q := range r.Requests {
			if q.Changing || q.Fault != proxy.None {
				lines = append(lines, line{q.At, fmt.Sprintf("  pid %d sent %s", r.PID, q)})
			}
		}
		lines = append(lines, line{r.Ended, fmt.Sprintf("  pid %d ended: %d", r.PID, r.Exit)})
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Compare(b.at) })
	var out strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&out, "%s %s\n", l.at.Format("15:04:05.000"), l.text)
	}
	return out.String()
}

// describe says in short what an object is like.
func describe(e *Event) string {
	o := e.Object
	if o == nil {
		return "gone"
	}
	switch e.Resource {
	case "leases":
		return fmt.Sprintf("held by %q, step %q, journal %t", holder(o), text(o, "metadata", "annotations", "kubectl-dbupgrade/step"), journal(o))
	case "pods":
		return fmt.Sprintf("%s ready %t deleting %t role %s image %v", text(o, "metadata", "uid"), isTrue(o, "Ready"), deleting(o),
			text(o, "metadata", "labels", "kubedb.com/role"), compact(images(o["spec"])))
	}
	if e.Resource == "persistentvolumeclaims" {
		return fmt.Sprintf("%s deleting %t", text(o, "metadata", "uid"), deleting(o))
	}
	if template := field(o, "spec", "template", "spec"); template != nil {
		return fmt.Sprintf("replicas %v, images %v, generation %v", field(o, "spec", "replicas"), compact(images(template)), field(o, "metadata", "generation"))
	}
	return fmt.Sprintf("version %s, phase %s, Paused %q", text(o, "spec", "version"), text(o, "status", "phase"), text(condition(o, "Paused"), "message"))
}

func compact(value any) string {
	out, _ := json.Marshal(value)
	return string(out)
}
