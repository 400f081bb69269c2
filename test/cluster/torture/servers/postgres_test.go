package servers

import (
	"strings"
	"testing"
	"time"
)

func cluster(t *testing.T) (*postgres, *clock) {
	t.Helper()
	c := &clock{time.Unix(1000, 0)}
	p := newPostgres(true)
	for _, pod := range []string{"db-0", "db-1", "db-2"} {
		p.Start(c.Time, pod, "17.9")
		c.wait(time.Second)
	}
	if r := p.Roles(c.Time); r["db-0"] != "primary" || r["db-1"] != "standby" || said(p, c, "db-2", "state") != streaming {
		t.Fatalf("not a primary with standbys: %v", r)
	}
	return p, c
}

func asked(p *postgres, c *clock, method, path, body string) *Ran {
	return p.Run(c.Time, "db-1", []string{"bash", "-c", "SCRIPT", "coordinator", method, path, body})
}

func TestTransfer(t *testing.T) {
	p, c := cluster(t)
	ran := asked(p, c, "POST", "/transfer", `{"transferee": 3}`)
	if !strings.HasPrefix(ran.Out, "HTTP/1.0 200 ") || ran.Changed == nil || !ran.Changed.Primary || ran.Changed.Pod != "db-0" {
		t.Fatalf("%+v", ran)
	}
	if p.Roles(c.Time)["db-0"] != "primary" {
		t.Error("it is given on at once")
	}
	c.wait(transferTime)
	if r := p.Roles(c.Time); r["db-2"] != "primary" || r["db-0"] != "" || p.Refuses(c.Time, "db-0", c.Time) == "" {
		t.Errorf("the old primary is not restarted: %v", r)
	}
	if moment := p.Stop(c.Time, "db-1"); moment.Others["db-0"] != down || Well(moment.Others["db-0"]) {
		t.Errorf("a standby stopped meanwhile: %+v", moment)
	}
	p.Start(c.Time, "db-1", "17.10")
	c.wait(serverStarts)
	if state := said(p, c, "db-0", "state"); state != recovering || p.Refuses(c.Time, "db-0", c.Time) != "" {
		t.Errorf("the old primary starts as %s", state)
	}
	if p.Refuses(c.Time, "db-0", c.Time.Add(-time.Second)) == "" || p.Refuses(c.Time, "db-2", c.Time.Add(-time.Second)) != "" {
		t.Error("clients of a server that was restarted, or of one that was not")
	}
	c.wait(streamsAfter)
	if said(p, c, "db-0", "state") != streaming || said(p, c, "db-2", "writable") != "1" || said(p, c, "db-1", "version") != "17.10" {
		t.Error("they do not follow the new primary")
	}
	if got := asked(p, c, "GET", "/current-primary", "").Out; !strings.HasSuffix(got, "\r\n\r\n3") {
		t.Errorf("who leads: %q", got)
	}
}

func TestFailover(t *testing.T) {
	p, c := cluster(t)
	p.Stop(c.Time, "db-0")
	c.wait(time.Second)
	p.Start(c.Time, "db-0", "17.10")
	if r := p.Roles(c.Time); r["db-0"] != "primary" {
		t.Errorf("it came back in time, and does not lead: %v", r)
	}
	p.Stop(c.Time, "db-0")
	if got := asked(p, c, "GET", "/current-primary", "").Out; !strings.HasSuffix(got, "\r\n\r\n0") {
		t.Errorf("who leads: %q", got)
	}
	c.wait(lostAfter)
	if r := p.Roles(c.Time); r["db-1"] != "primary" {
		t.Errorf("nobody takes over: %v", r)
	}
	p.Start(c.Time, "db-0", "17.10")
	if r := p.Roles(c.wait(streamsAfter)); r["db-0"] != "standby" {
		t.Errorf("it came back too late: %v", r)
	}
}

func TestStatus(t *testing.T) {
	p, c := cluster(t)
	asked(p, c, "POST", "/set", `{"key": "Coordinator/Status", "value": "Pause"}`)
	if got := asked(p, c, "GET", "/get", `{"key": "Coordinator/Status"}`).Out; !strings.HasSuffix(got, "\r\n\r\nPause") {
		t.Errorf("the status: %q", got)
	}
	if got := asked(p, c, "POST", "/transfer", `{"transferee": 3}`); !strings.HasPrefix(got.Out, "HTTP/1.0 409") || got.Changed != nil {
		t.Errorf("a transfer while paused: %+v", got)
	}
	p.Stop(c.Time, "db-0")
	c.wait(10 * lostAfter)
	if r := p.Roles(c.Time); len(r) != 0 {
		t.Errorf("a failover while paused: %v", r)
	}
	if got := asked(p, c, "GET", "/get", `{"key": "x"}`).Out; !strings.HasPrefix(got, "HTTP/1.0 404") {
		t.Errorf("a key that is not set: %q", got)
	}
	if asked(p, c, "PUT", "/get", ""); len(p.Unknown()) != 1 {
		t.Errorf("what it does not know: %v", p.Unknown())
	}
}

func TestLog(t *testing.T) {
	p, c := cluster(t)
	position := said(p, c, "db-0", "position")
	ask := "SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END >= '" + position + "'::pg_lsn)::int"
	if answer, _ := p.Answer(c.Time, "db-1", ask); answer != "0\n" {
		t.Errorf("the standby is not behind %s: %s", position, answer)
	}
	c.wait(time.Second)
	if answer, _ := p.Answer(c.Time, "db-1", ask); answer != "1\n" {
		t.Errorf("the standby does not catch up: %s", answer)
	}
}

// TestReadReplica has a server that follows and, whatever happens, does not lead.
func TestReadReplica(t *testing.T) {
	p, c := cluster(t)
	p.Start(c.Time, "db-rr-a-2", "17.9")
	p.Start(c.wait(streamsAfter), "db-rr-a-1", "17.9")
	c.wait(streamsAfter)
	if r := p.Roles(c.Time); said(p, c, "db-rr-a-2", "state") != streaming || r["db-rr-a-2"] != "" {
		t.Errorf("it does not follow: %v", r)
	}
	if ran := p.Run(c.Time, "db-rr-a-2", []string{"bash", "-c", "SCRIPT", "coordinator", "GET", "/current-primary", ""}); ran.Code != 7 {
		t.Errorf("it has a coordinator: %+v", ran)
	}
	p.Stop(c.Time, "db-2")
	asked(p, c, "POST", "/transfer", `{"transferee": 3}`)
	c.wait(transferTime)
	p.Stop(c.Time, "db-1")
	p.Stop(c.Time, "db-0")
	c.wait(10 * lostAfter)
	if r := p.Roles(c.Time); len(r) != 0 {
		t.Errorf("it leads: %v", r)
	}
	p.Start(c.Time, "db-0", "17.9")
	c.wait(streamsAfter)
	if said(p, c, "db-rr-a-1", "state") != streaming {
		t.Error("it does not find the primary again")
	}
}

func TestPostgresStandalone(t *testing.T) {
	c := &clock{time.Unix(1000, 0)}
	m := New("postgreses.kubedb.com", false)
	m.Start(c.Time, "db-0", "17.9")
	if said(m, c, "db-0", "state") != running || said(m, c, "db-0", "writable") != "1" || len(m.Roles(c.Time)) != 0 {
		t.Error("not a server of its own")
	}
	if ran := m.Run(c.Time, "db-0", []string{"bash", "-c", "SCRIPT", "coordinator", "GET", "/current-primary", ""}); ran.Code != 7 {
		t.Errorf("it has a coordinator: %+v", ran)
	}
	if m.Run(c.Time, "db-0", []string{"sh", "-c", "psql"}) != nil {
		t.Error("its client is no client")
	}
	m.Stop(c.Time, "db-0")
	if m.Refuses(c.Time, "db-0", c.Time) == "" {
		t.Error("it is stopped, and there")
	}
}
