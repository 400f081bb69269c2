package servers

import (
	"testing"
	"time"
)

// The lead is handed over by the coordinators, and taken where the source is gone; nothing
// that was committed is lost.
func TestSemisync(t *testing.T) {
	c := &clock{time.Unix(1000, 0)}
	s := New("mysqls.kubedb.com/SemiSync", true)
	for _, pod := range []string{"db-0", "db-1", "db-2"} {
		s.Start(c.Time, pod, "9.7.4")
		c.wait(time.Second)
	}
	if said(s, c, "db-0", "online") != "3" || said(s, c, "db-1", "state") != replicating || said(s, c, "db-0", "state") != running {
		t.Fatalf("%s acknowledge, a replica is %s", said(s, c, "db-0", "online"), said(s, c, "db-1", "state"))
	}
	transfer := []string{"bash", "-c", "...", "coordinator", "POST", "/transfer", `{"transferee": 3}`}
	ran := s.Run(c.Time, "db-0", transfer)
	if ran.Changed == nil || !ran.Changed.Primary || ran.Changed.What != "transfer" || !Well(ran.Changed.Others["db-1"]) {
		t.Errorf("a transfer is ordered: %+v", ran)
	}
	committed := said(s, c, "db-0", "position")
	if roles := s.Roles(c.wait(time.Second)); roles["db-2"] != "primary" || said(s, c, "db-0", "role") != "SECONDARY" {
		t.Errorf("after the transfer: %v", roles)
	}
	if answer, _ := s.Answer(c.Time, "db-2", "SELECT GTID_SUBSET('"+committed+"',@@GLOBAL.gtid_executed)"); answer != "1\n" {
		t.Errorf("db-2 lacks something of %s", committed)
	}
	c.wait(time.Second)
	committed = said(s, c, "db-2", "position")
	if moment := s.Stop(c.Time, "db-2"); !moment.Primary || moment.Others["db-0"] != replicating {
		t.Errorf("the source stops: %+v", moment)
	}
	if said(s, c, "db-1", "state") != connecting || len(s.Roles(c.Time)) != 2 {
		t.Errorf("without a source a replica is %s", said(s, c, "db-1", "state"))
	}
	if roles := s.Roles(c.wait(lostAfter)); roles["db-0"] != "primary" {
		t.Errorf("nobody takes the lead: %v", roles)
	}
	if answer, _ := s.Answer(c.Time, "db-0", "SELECT GTID_SUBSET('"+committed+"',@@GLOBAL.gtid_executed)"); answer != "1\n" {
		t.Errorf("db-0 lacks something of %s", committed)
	}
	s.Stop(c.Time, "db-1")
	before := said(s, c, "db-0", "position")
	if c.wait(time.Second); said(s, c, "db-0", "position") != before {
		t.Error("commits that nobody acknowledges")
	}
}

// A source that is back in time leads on.
func TestSemisyncSourceBack(t *testing.T) {
	c := &clock{time.Unix(1000, 0)}
	s := newSemisync()
	s.Start(c.Time, "db-0", "9.7.4")
	s.Start(c.Time, "db-1", "9.7.4")
	s.Stop(c.wait(time.Second), "db-0")
	s.Start(c.wait(time.Second), "db-0", "9.7.5")
	if roles := s.Roles(c.wait(lostAfter)); roles["db-0"] != "primary" || roles["db-1"] != "standby" {
		t.Errorf("roles %v", roles)
	}
	if s.Run(c.Time, "db-0", []string{"sh"}) != nil || len(s.Unknown()) != 0 {
		t.Error("any command is the coordinator's")
	}
}
