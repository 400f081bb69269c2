package servers

import (
	"strings"
	"testing"
	"time"
)

// clock is a time that only passes when it is told to.
type clock struct{ time.Time }

func (c *clock) wait(d time.Duration) time.Time { c.Time = c.Add(d); return c.Time }

func group(t *testing.T, versions ...string) (*mysql, *clock) {
	t.Helper()
	c := &clock{time.Unix(1000, 0)}
	g := newMySQL(true)
	for i, version := range versions {
		g.Start(c.Time, "db-"+string(rune('0'+i)), version)
		c.wait(time.Second)
	}
	if g.Roles(c.Time)["db-0"] != "primary" {
		t.Fatalf("the first member does not lead: %v", g.Roles(c.Time))
	}
	return g, c
}

// said returns one value of what a member says of itself.
func said(g Model, c *clock, pod, key string) string {
	answer, _ := g.Answer(c.Time, pod, "SELECT 'version',CAST(VERSION() AS CHAR) UNION ALL ...")
	for line := range strings.Lines(answer) {
		if name, value, _ := strings.Cut(strings.TrimSpace(line), "\t"); name == key {
			return value
		}
	}
	return ""
}

func TestElection(t *testing.T) {
	g, c := group(t, "9.7.4", "9.7.5", "9.7.4")
	moment := g.Stop(c.Time, "db-0")
	if !moment.Primary || moment.Others["db-1"] != online || moment.Others["db-2"] != online {
		t.Errorf("the primary stopped: %+v", moment)
	}
	if leads := g.Roles(c.Time); len(leads) != 0 {
		t.Errorf("somebody leads at once: %v", leads)
	}
	c.wait(time.Second)
	if roles := g.Roles(c.Time); roles["db-2"] != "primary" || roles["db-1"] != "standby" {
		t.Errorf("not the lowest version leads: %v", roles)
	}
	g.Start(c.Time, "db-0", "9.7.5")
	if state := said(g, c, "db-0", "state"); state != recovering {
		t.Errorf("a member that starts is %s", state)
	}
	moment = g.Stop(c.Time, "db-1")
	if moment.Primary || moment.Others["db-0"] != recovering {
		t.Errorf("a secondary stopped while another joins: %+v", moment)
	}
	c.wait(time.Second)
	if state, online := said(g, c, "db-0", "state"), said(g, c, "db-0", "online"); state != "ONLINE" || online != "2" {
		t.Errorf("it has had time to join, and is %s of %s", state, online)
	}
}

func TestHandOver(t *testing.T) {
	g, c := group(t, "9.7.4", "9.7.4", "9.7.4")
	answer, moment := g.Answer(c.Time, "db-0", "SELECT group_replication_set_as_primary('"+id("db-2")+"')")
	if strings.HasPrefix(answer, "ERROR") || moment == nil || !moment.Primary || g.Roles(c.Time)["db-2"] != "primary" {
		t.Errorf("%s%+v %v", answer, moment, g.Roles(c.Time))
	}
	g, c = group(t, "9.7.4", "9.7.5", "9.7.5")
	answer, moment = g.Answer(c.Time, "db-0", "SELECT group_replication_set_as_primary('"+id("db-2")+"')")
	if !strings.HasPrefix(answer, "ERROR 3910") || moment != nil {
		t.Errorf("in a group of mixed versions: %s", answer)
	}
	_, moment = g.Answer(c.Time, "db-0", "SET GLOBAL super_read_only=ON; STOP GROUP_REPLICATION")
	c.wait(time.Second)
	if state := said(g, c, "db-0", "state"); moment == nil || state != offline || g.Roles(c.Time)["db-1"] != "primary" {
		t.Errorf("left: %+v, %s, %v", moment, state, g.Roles(c.Time))
	}
	if moment := g.Stop(c.Time, "db-0"); !moment.Primary {
		t.Errorf("it left for its restart, and counts as the primary: %+v", moment)
	}
}

func TestRejoin(t *testing.T) {
	g, c := group(t, "9.7.4", "9.7.4", "9.7.4")
	g.Answer(c.Time, "db-0", "SET GLOBAL super_read_only=ON; STOP GROUP_REPLICATION")
	for range 25 {
		c.wait(time.Second)
		g.Roles(c.Time)
	}
	if state := said(g, c, "db-0", "state"); state != online {
		t.Errorf("nobody restarted it, and it is %s", state)
	}
}

func TestPosition(t *testing.T) {
	g, c := group(t, "9.7.4", "9.7.4")
	position := said(g, c, "db-0", "position")
	ask := "SELECT GTID_SUBSET('" + position + "',@@GLOBAL.gtid_executed)"
	if answer, _ := g.Answer(c.Time, "db-1", ask); answer != "0\n" {
		t.Errorf("the secondary is not behind: %s", answer)
	}
	c.wait(time.Second)
	if answer, _ := g.Answer(c.Time, "db-1", ask); answer != "1\n" {
		t.Errorf("the secondary does not catch up: %s", answer)
	}
}

// TestAllLead has a member of a group of primaries leave it and come back.
func TestAllLead(t *testing.T) {
	c := &clock{time.Unix(1000, 0)}
	m := New("mysqls.kubedb.com/GroupReplication/Multi-Primary", true)
	for _, pod := range []string{"db-0", "db-1", "db-2"} {
		m.Start(c.Time, pod, "9.7.4")
		c.wait(time.Second)
	}
	if roles := m.Roles(c.Time); roles["db-0"] != "primary" || roles["db-2"] != "primary" {
		t.Errorf("roles %v", roles)
	}
	_, moment := m.Answer(c.Time, "db-0", "SET GLOBAL super_read_only=ON; STOP GROUP_REPLICATION")
	if moment == nil || moment.Primary || said(m, c, "db-0", "state") != offline || said(m, c, "db-1", "role") != "PEER" {
		t.Errorf("%+v, %s", moment, said(m, c, "db-1", "role"))
	}
	c.wait(2 * time.Second)
	position := said(m, c, "db-1", "position") + "," + said(m, c, "db-2", "position")
	ask := "SELECT GTID_SUBSET('" + position + "',@@GLOBAL.gtid_executed)"
	m.Stop(c.Time, "db-0")
	m.Start(c.wait(5*time.Second), "db-0", "9.7.5")
	if answer, _ := m.Answer(c.Time, "db-0", ask); answer != "0\n" {
		t.Errorf("it has what it missed at once: %s", answer)
	}
	c.wait(time.Second)
	if answer, _ := m.Answer(c.Time, "db-0", ask); answer != "1\n" || said(m, c, "db-0", "role") != "PEER" {
		t.Errorf("it does not come back: %s, %s", answer, said(m, c, "db-0", "role"))
	}
}

func TestStandalone(t *testing.T) {
	c := &clock{time.Unix(1000, 0)}
	m := New("mysqls.kubedb.com", false)
	m.Start(c.Time, "db-0", "9.7.4")
	if said(m, c, "db-0", "state") != "RUNNING" || said(m, c, "db-0", "writable") != "1" || len(m.Roles(c.Time)) != 0 {
		t.Error("not a server of its own")
	}
	if answer, _ := m.Answer(c.Time, "db-0", "SELECT 'mark-1'"); answer != "mark-1\n" {
		t.Errorf("the mark: %s", answer)
	}
	if answer, _ := m.Answer(c.Time, "db-0", "DROP TABLE t"); !strings.HasPrefix(answer, "ERROR 1064") || len(m.Unknown()) != 1 {
		t.Errorf("what it does not know: %s", answer)
	}
	m.Stop(c.Time, "db-0")
	if answer, _ := m.Answer(c.Time, "db-0", "SELECT VERSION()"); !strings.HasPrefix(answer, "ERROR 2003") {
		t.Errorf("stopped: %s", answer)
	}
}

// TestNewSet has the members of a second set take over from those of the first.
func TestNewSet(t *testing.T) {
	g, c := group(t, "9.7.4", "9.7.4", "9.7.4")
	for _, pod := range []string{"db-1-0", "db-1-1", "db-1-2"} {
		g.Start(c.Time, pod, "9.7.4")
		if state := said(g, c, pod, "state"); state != recovering {
			t.Errorf("%s begins as %s", pod, state)
		}
		c.wait(time.Second)
	}
	if online := said(g, c, "db-1-2", "online"); online != "6" || id("db-0") == id("db-1-0") {
		t.Errorf("%s members are online, the first of each set is %s", online, id("db-0"))
	}
	g.Answer(c.Time, "db-0", "SELECT group_replication_set_as_primary('"+id("db-1-0")+"')")
	for i, pod := range []string{"db-2", "db-1", "db-0"} {
		moment := g.Stop(c.Time, pod)
		if online := said(g, c, "db-1-0", "members"); moment.Primary || online != string(rune('5'-i)) {
			t.Errorf("%s went: %+v, %s members are left", pod, moment, online)
		}
	}
	if answer, _ := g.Answer(c.Time, "db-1-2", "SELECT @@GLOBAL.server_id"); answer != "3\n" {
		t.Errorf("server_id %s", answer)
	}
	if answer, _ := g.Answer(c.Time, "db-1-2", "SELECT 'copies',..."); answer != "copies\t0\ncomplete\t1\n" {
		t.Errorf("what it can give: %s", answer)
	}
}
