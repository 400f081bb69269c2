// Package servers models database servers: what those in the pods of one
// database print when they are asked, and what becomes of them when pods come
// and go. It stands in for real servers where a test needs thousands of
// restarts; what real ones do is proven with real ones elsewhere.
//
// A model has no clock and no threads of its own: time is handed in, and what
// has become due since is made up for in each call.
package servers

import "time"

// Model is the servers of one database. Its methods may be called by several
// goroutines at a time.
type Model interface {
	// Start has a pod's server run with a version.
	Start(now time.Time, pod, version string)
	// Stop ends a pod's server and tells how things stood at that moment.
	Stop(now time.Time, pod string) Moment
	// Answer is what the server in a pod prints for one statement. Whether it
	// changed the group is told by the moment, which is nil if not.
	Answer(now time.Time, pod, statement string) (string, *Moment)
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

// New makes the model for a kind of database, named as the label
// app.kubernetes.io/name has it; nil if there is none.
func New(name string, clustered bool) Model {
	if name == "mysqls.kubedb.com" {
		return newMySQL(clustered)
	}
	return nil
}
