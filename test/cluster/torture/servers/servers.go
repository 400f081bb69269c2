// Package servers models database servers: what those in the pods of one
// database print when they are asked, and what becomes of them when pods come
// and go. It stands in for real servers where a test needs thousands of
// restarts; what real ones do is proven with real ones elsewhere.
//
// A model has no clock and no threads of its own: time is handed in, and what
// has become due since is made up for in each call.
package servers

import (
	"strings"
	"time"
)

// Model is the servers of one database. Its methods may be called by several
// goroutines at a time.
type Model interface {
	// Start has a pod's server run with a version.
	Start(now time.Time, pod, version string)
	// Stop ends a pod's server and tells how things stood at that moment.
	Stop(now time.Time, pod string) Moment
	// Refuses is what the server's client, connected since a time, says before it
	// ends because the server is not there or another process now; "" if all is well.
	Refuses(now time.Time, pod string, since time.Time) string
	// Answer is what the server in a pod prints for one statement. Whether it
	// changed the group is told by the moment, which is nil if not.
	Answer(now time.Time, pod, statement string) (string, *Moment)
	// Run runs a command in a pod, with pods' names in the place of their addresses.
	// nil: the command is the server's client, which reads statements.
	Run(now time.Time, pod string, command []string) *Ran
	// Ready tells whether a pod whose containers run is ready.
	Ready(now time.Time, pod string) bool
	// Broken is what was done to the servers that must never be done: a line each.
	Broken() []string
	// Roles is each running pod's role as its label has it, where roles exist.
	Roles(now time.Time) map[string]string
	// Unknown returns the statements that the model has no answer for.
	Unknown() []string
}

// Moment is a change of a group at one pod's server, and how it stood then.
type Moment struct {
	At      time.Time
	What    string // "stop", or the way that a primary handed over
	Pod     string
	Primary bool              // it led the group, or had until it left it for this change
	Others  map[string]string // states of the other members
}

// Ran is how a command ended.
type Ran struct {
	Out, Err string
	Code     int
	Changed  *Moment       // nil: it changed nothing
	Wait     time.Duration // after so long it ends, with what the command Then prints
	Then     []string
}

// Well tells whether a member in a state does its part.
func Well(state string) bool {
	return state == online || state == synced || state == running || state == streaming || state == waiting || state == replicating
}

// States of a member where the engine has no words for them.
const down = "DOWN"

// echo is the text that a statement selects.
func echo(statement string) string {
	_, text, _ := strings.Cut(statement, "'")
	text, _, _ = strings.Cut(text, "'")
	return text + "\n"
}

// New makes the model for a kind of database, named as the label
// app.kubernetes.io/name has it, with the modes of its topology behind it, if any, as
// in a path; nil if there is none.
func New(name string, clustered bool) Model {
	switch name {
	case "mysqls.kubedb.com", "mysqls.kubedb.com/GroupReplication":
		return newMySQL(clustered)
	case "mysqls.kubedb.com/GroupReplication/Multi-Primary":
		m := newMySQL(clustered)
		m.all = true
		return m
	case "mysqls.kubedb.com/InnoDBCluster":
		return newInnodb()
	case "mysqls.kubedb.com/RemoteReplica":
		return newRemote()
	case "mysqls.kubedb.com/SemiSync":
		return newSemisync()
	case "perconaxtradbs.kubedb.com":
		return newGalera()
	case "proxysqls.kubedb.com":
		return newProxies()
	case "postgreses.kubedb.com":
		return newPostgres(clustered)
	}
	return nil
}
