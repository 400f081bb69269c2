package servers

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Times of a router.
const (
	bootstrapTime = 500 * time.Millisecond // until it has its configuration, if there is a primary
	refreshTime   = 300 * time.Millisecond // until it leads to another primary
)

// astray is the state of a router that leads nobody to the primary.
const astray = "ASTRAY"

// innodb models an InnoDB cluster: a group, and routers by which clients come to
// it. A router knows nothing when it starts, and learns late of another primary.
type innodb struct {
	*mysql
	routers map[string]*router // by pod
}

type router struct {
	running bool
	leads   string    // the member that clients reach; "": it has no configuration yet
	turns   time.Time // when it leads to the primary; zero: it does, or there is none
}

func newInnodb() *innodb { return &innodb{mysql: newMySQL(true), routers: map[string]*router{}} }

// Routes tells whether a pod has a router.
func Routes(pod string) bool { return strings.Contains(pod, "-router-") }

// at has a call begin, at a time; what it returns ends the call.
func (i *innodb) at(now time.Time) func() {
	end := i.mysql.at(now)
	for _, r := range i.routers {
		r.follow(now, i.primary)
	}
	return end
}

// follow makes up for the time since the last call.
func (r *router) follow(now time.Time, primary string) {
	switch {
	case !r.running || primary == "" || r.leads == primary:
		r.turns = time.Time{}
	case due(r.turns, now):
		r.leads, r.turns = primary, time.Time{}
	case r.turns.IsZero() && r.leads == "":
		r.turns = now.Add(bootstrapTime)
	case r.turns.IsZero():
		r.turns = now.Add(refreshTime)
	}
}

func (i *innodb) Start(now time.Time, pod, version string) {
	if !Routes(pod) {
		i.mysql.Start(now, pod, version)
		return
	}
	defer i.at(now)()
	i.routers[pod] = &router{running: true}
}

// Stop also tells how the routers are, before they notice.
func (i *innodb) Stop(now time.Time, pod string) Moment {
	states := i.states(now)
	delete(states, pod)
	var moment Moment
	if Routes(pod) {
		defer i.at(now)()
		moment = i.kin.moment(now, "stop", pod)
		i.routers[pod] = &router{}
	} else {
		moment = i.mysql.Stop(now, pod)
	}
	maps.Copy(moment.Others, states)
	return moment
}

// states are the routers'.
func (i *innodb) states(now time.Time) map[string]string {
	defer i.at(now)()
	states := map[string]string{}
	for pod, r := range i.routers {
		switch {
		case !r.running:
			states[pod] = down
		case r.leads == "" || r.leads != i.primary:
			states[pod] = astray
		default:
			states[pod] = running
		}
	}
	return states
}

// Ready is a router that has its configuration: it listens, wherever it leads to.
func (i *innodb) Ready(now time.Time, pod string) bool {
	defer i.at(now)()
	r := i.routers[pod]
	return r == nil || r.leads != ""
}

// Run runs a client that is told to go by way of a router.
func (i *innodb) Run(now time.Time, _ string, command []string) *Ran {
	port := slices.IndexFunc(command, func(word string) bool { return strings.Contains(word, " -P 6446 ") })
	if port < 0 {
		return nil
	}
	defer i.at(now)()
	r := i.routers[command[len(command)-1]]
	if r == nil || !r.running || i.serving(r.leads) == nil {
		return &Ran{Err: "ERROR 2003 (HY000): Can't connect to MySQL server on '" + command[len(command)-1] + ":6446' (111)\n", Code: 1}
	}
	if r.leads == i.primary {
		return &Ran{Out: id(r.leads) + "\t1\n"}
	}
	return &Ran{Out: id(r.leads) + "\t0\n"}
}
