package coordinator

// situation is all that a member of a Postgres cluster goes by in one round.
type situation struct {
	leads       bool   // the lease is ours
	status      string // the shared status: resume, pause or stay
	lost        bool   // the lease's holder has given no sign of life for too long
	next        string // another member, which is to lead next; "" when none is
	role        bool   // our server's container has a role to run
	up, standby bool   // our server
	silent      bool   // it has not answered for too long
}

// todo is what follows. A leader that neither hands over nor stops its server
// renews the lease besides, unless it is paused or its server is silent.
type todo struct {
	label    string // of our pod; "" leaves it
	server   change // of our server
	handOver bool   // the lease goes to the successor
	run      bool   // for the lead, if no other member is a better primary
}

// change is what becomes of our server.
type change string

const (
	asPrimary change = "primary" // it is started as this
	asStandby change = "standby"
	promoted  change = "promoted"
	stopped   change = "stopped"
)

// decide says what is to be done. Under a pause nothing is started, stopped or
// handed over. A server that runs after the lead is taken from it is stopped;
// one that does not run is started in the role that it has.
func (s situation) decide() todo {
	if s.leads {
		return s.lead()
	}
	t := todo{label: "standby"}
	switch {
	case s.status == pause:
	case s.up && s.standby:
		t.run = s.lost && s.status == resume
	case s.up:
		t.server = stopped
	case !s.role:
		t.server = asStandby
	}
	return t
}

// lead is the leader's part. The successor leads only when our server is down:
// a fast shutdown waits until every connected standby has all of the log.
func (s situation) lead() todo {
	switch {
	case s.status == pause:
		return todo{}
	case s.next != "" && s.status == resume && s.role:
		return todo{server: stopped}
	case s.next != "" && s.status == resume:
		return todo{handOver: true}
	case !s.role:
		return todo{server: asPrimary}
	case s.up && s.standby:
		return todo{server: promoted}
	case s.up:
		return todo{label: "primary"}
	}
	return todo{}
}
