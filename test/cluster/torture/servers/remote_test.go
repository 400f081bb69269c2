package servers

import (
	"strings"
	"testing"
	"time"
)

var askSource = []string{"sh", "-c", "own -e 'SELECT Host FROM mysql.slave_master_info'"}

// asks has the replica's pod ask its source, and then whether the replica has that.
func asks(m Model, c *clock) (lacks string) {
	_, position, _ := strings.Cut(m.Run(c.Time, "db-0", askSource).Out, "position\t")
	position = strings.TrimSpace(position)
	lacks, _ = m.Answer(c.Time, "db-0", "SELECT REPLACE(GTID_SUBTRACT('"+position+"',@@GLOBAL.gtid_executed),CHAR(10),'')")
	c.wait(time.Second)
	m.Answer(c.Time, "db-0", "SELECT GTID_SUBSET('"+source+":1-7,"+position+"',@@GLOBAL.gtid_executed)")
	return lacks
}

func replica() (Model, *clock) {
	c := &clock{time.Unix(1000, 0)}
	m := New("mysqls.kubedb.com/RemoteReplica", false)
	m.Start(c.Time, "db-0", "9.7.4")
	return m, c
}

// TestRemote has a replica lag, and go and come back with somebody looking.
func TestRemote(t *testing.T) {
	m, c := replica()
	c.wait(time.Second)
	if lacks := asks(m, c); said(m, c, "db-0", "state") != replicating || !strings.HasPrefix(lacks, source+":") {
		t.Errorf("%s, it lacks %q", said(m, c, "db-0", "state"), lacks)
	}
	m.Stop(c.Time, "db-0")
	if ran := m.Run(c.Time, "db-0", askSource); ran.Code == 0 || m.Run(c.Time, "db-0", []string{"sh"}) != nil {
		t.Errorf("its client: %+v", ran)
	}
	m.Start(c.wait(time.Second), "db-0", "9.7.5")
	if said(m, c, "db-0", "state") != connecting || said(m, c, "db-0", "members") != "0" {
		t.Errorf("it comes back %s", said(m, c, "db-0", "state"))
	}
	asks(m, c)
	if broken := m.Broken(); len(broken) != 0 || len(m.Roles(c.Time)) != 0 || len(m.Unknown()) != 0 {
		t.Errorf("%v", broken)
	}
}

// TestRemoteUnseen has nobody look.
func TestRemoteUnseen(t *testing.T) {
	m, c := replica()
	m.Stop(c.wait(time.Second), "db-0")
	m.Start(c.wait(time.Second), "db-0", "9.7.5")
	if broken := strings.Join(m.Broken(), "; "); broken != "db-0 was stopped, and nobody asked its source; db-0 is left, and nobody asked its source" {
		t.Errorf("%s", broken)
	}
	m, c = replica()
	asks(m, c)
	m.Stop(c.Time, "db-0")
	m.Start(c.Time, "db-0", "9.7.5")
	m.Run(c.Time, "db-0", askSource)
	for range 2 {
		if broken := m.Broken(); len(broken) != 1 || broken[0] != "db-0 is left, and nobody saw that it had all of its source" {
			t.Errorf("%v", broken)
		}
	}
}
