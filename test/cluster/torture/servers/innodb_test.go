package servers

import (
	"strings"
	"testing"
	"time"
)

// by is what a client says that goes by way of a router.
func by(m Model, c *clock, router string) string {
	ran := m.Run(c.Time, "db-1", []string{"sh", "-c", `exec mysql -h "$1" -P 6446 -u root`, "sh", router})
	return ran.Out + ran.Err
}

// TestRouters has routers start, follow the primary with a delay, and stop.
func TestRouters(t *testing.T) {
	c := &clock{time.Unix(1000, 0)}
	m := New("mysqls.kubedb.com/InnoDBCluster", true)
	m.Start(c.Time, "db-router-0", "9.7.4")
	if c.wait(time.Hour); m.Ready(c.Time, "db-router-0") || m.Run(c.Time, "db-0", []string{"sh"}) != nil {
		t.Error("a router is ready that has nobody to ask")
	}
	for _, pod := range []string{"db-0", "db-1", "db-2", "db-router-1"} {
		m.Start(c.Time, pod, "9.7.4")
		m.Ready(c.wait(time.Second), pod)
	}
	if m.Ready(c.wait(bootstrapTime), "db-0"); by(m, c, "db-router-0") != id("db-0")+"\t1\n" || !m.Ready(c.Time, "db-router-0") || len(m.Roles(c.Time)) != 3 {
		t.Errorf("it leads to %s", by(m, c, "db-router-0"))
	}
	_, moment := m.Answer(c.Time, "db-0", "SET GLOBAL super_read_only=ON; STOP GROUP_REPLICATION")
	if moment == nil || by(m, c, "db-router-0") != id("db-0")+"\t0\n" {
		t.Errorf("while nobody leads: %s", by(m, c, "db-router-0"))
	}
	m.Roles(c.wait(electAfter))
	if moment := m.Stop(c.Time, "db-0"); moment.Others["db-router-1"] != astray || moment.Others["db-1"] != online || !moment.Primary {
		t.Errorf("the old primary stops before the routers know the new one: %+v", moment)
	}
	if text := by(m, c, "db-router-0"); !strings.HasPrefix(text, "ERROR 2003") {
		t.Errorf("to a server that is gone: %s", text)
	}
	c.wait(refreshTime)
	if moment := m.Stop(c.Time, "db-router-0"); moment.Others["db-router-1"] != running || moment.Others["db-0"] != down || moment.Primary {
		t.Errorf("a router stops: %+v", moment)
	}
	if moment := m.Stop(c.Time, "db-router-1"); moment.Others["db-router-0"] != down {
		t.Errorf("another stops: %+v", moment)
	}
	m.Start(c.Time, "db-router-0", "9.7.5")
	if text := by(m, c, "db-router-0"); m.Ready(c.Time, "db-router-0") || !strings.HasPrefix(text, "ERROR 2003") {
		t.Errorf("one that has just begun: %s", text)
	}
	if text := by(m, c, "198.18.3.4"); !strings.HasPrefix(text, "ERROR 2003") {
		t.Errorf("nobody has such an address: %s", text)
	}
}
