package servers

import (
	"strings"
	"testing"
	"time"
)

// live lets time pass, in small steps.
func live(p *postgres, c *clock, d time.Duration) {
	for end := c.Add(d); c.Before(end); {
		p.Ready(c.wait(100*time.Millisecond), "db-0")
	}
}

// ordered runs a command of the script, and the job that it starts to its end.
func ordered(p *postgres, c *clock, pod, command string) *Ran {
	ran := p.Run(c.Time, pod, []string{"sh", "-c", "EVAL", "dbupgrade", command, "17", "18"})
	live(p, c, 2*time.Second)
	return ran
}

// has tells whether the state of a volume has rows.
func has(t *testing.T, p *postgres, c *clock, pod string, rows ...string) {
	t.Helper()
	state := ordered(p, c, pod, "state").Out
	for _, row := range rows {
		if !strings.Contains("\n"+state, "\n"+strings.Replace(row, " ", "\t", 1)+"\n") {
			t.Errorf("not %q:\n%s", row, state)
		}
	}
}

func failover(p *postgres, c *clock, status string) {
	asked(p, c, "POST", "/set", `{"key": "Coordinator/Status", "value": "`+status+`"}`)
}

// converted is a cluster whose first member is about to start with version 18.
func converted(t *testing.T) (*postgres, *clock) {
	t.Helper()
	p, c := cluster(t)
	has(t, p, c, "db-0", "binaries 17", "data 17", "server up", "kept no", "new absent", "role present")
	ordered(p, c, "db-0", "keep")
	failover(p, c, "Pause")
	ordered(p, c, "db-0", "stop")
	has(t, p, c, "db-0", "kept yes", "server down", "cluster shut down", "role absent")
	if moment := p.Stop(c.Time, "db-0"); moment.Others["db-1"] != waiting {
		t.Errorf("the others do not wait: %+v", moment)
	}
	p.Start(c.Time, "db-0", "18.1")
	has(t, p, c, "db-0", "binaries 18", "data 17", "server down")
	if live(p, c, time.Second); p.Ready(c.Time, "db-0") {
		t.Error("it is ready without a server")
	}
	ordered(p, c, "db-0", "upgrade")
	has(t, p, c, "db-0", "new upgraded", "job upgrade", "job_state done", "swapped no")
	ordered(p, c, "db-0", "swap")
	has(t, p, c, "db-0", "data 18", "swapped yes", "started no", "server down")
	return p, c
}

func TestMajor(t *testing.T) {
	p, c := converted(t)
	ordered(p, c, "db-0", "started")
	failover(p, c, "NonTransferableResume")
	live(p, c, time.Second)
	has(t, p, c, "db-0", "server up", "started yes")
	if said(p, c, "db-0", "version") != "18.1" || said(p, c, "db-1", "state") != recovering {
		t.Error("the new server does not run, or an old standby follows it")
	}
	for _, pod := range []string{"db-1", "db-2"} {
		if moment := p.Stop(c.Time, pod); !Well(moment.Others["db-0"]) || !Well(moment.Others["db-1"]) && pod != "db-1" {
			t.Errorf("a standby's turn: %+v", moment)
		}
		p.Start(c.Time, pod, "18.1")
		has(t, p, c, pod, "data 17", "server down")
		ordered(p, c, pod, "rebuild")
		live(p, c, 2*time.Second)
		if state := said(p, c, pod, "state"); state != streaming {
			t.Errorf("%s is %s", pod, state)
		}
	}
	failover(p, c, "Resume")
	if len(p.Broken()) > 0 || len(p.Unknown()) > 0 {
		t.Errorf("%v %v", p.Broken(), p.Unknown())
	}
}

func TestMajorBack(t *testing.T) {
	p, c := converted(t)
	p.Stop(c.Time, "db-0")
	p.Start(c.Time, "db-0", "17.9")
	ordered(p, c, "db-0", "unswap")
	failover(p, c, "NonTransferableResume")
	ordered(p, c, "db-0", "tidy")
	has(t, p, c, "db-0", "data 17", "server up", "kept no", "new absent")
	failover(p, c, "Resume")
	if r := p.Roles(c.Time); r["db-0"] != "primary" || len(p.Broken()) > 0 {
		t.Errorf("%v %v", r, p.Broken())
	}
}

// TestMajorWrong does each thing that is forbidden.
func TestMajorWrong(t *testing.T) {
	for want, wrong := range map[string]func(p *postgres, c *clock){
		"is stopped while failover may happen": func(p *postgres, c *clock) {
			failover(p, c, "NonTransferableResume")
			ordered(p, c, "db-1", "stop")
		},
		"runs before it is marked": func(p *postgres, c *clock) { failover(p, c, "NonTransferableResume") },
		"is Resume before":         func(p *postgres, c *clock) { failover(p, c, "Resume") },
		"no primary to copy":       func(p *postgres, c *clock) { ordered(p, c, "db-1", "rebuild") },
		"are deleted":              func(p *postgres, c *clock) { ordered(p, c, "db-0", "delete") },
		"put back after": func(p *postgres, c *clock) {
			ordered(p, c, "db-0", "started")
			ordered(p, c, "db-0", "unswap")
		},
		"while db-0 cannot serve": func(p *postgres, c *clock) {
			ordered(p, c, "db-0", "unswap")
			failover(p, c, "NonTransferableResume")
		},
		"in the midst of": func(p *postgres, c *clock) {
			p.Stop(c.Time, "db-0")
			p.keys[statusKey] = statusResume
			live(p, c, time.Minute)
		},
	} {
		p, c := converted(t)
		wrong(p, c)
		live(p, c, 2*time.Second)
		if broken := strings.Join(p.Broken(), "\n"); !strings.Contains(broken, want) {
			t.Errorf("%s: %q", want, broken)
		}
	}
}

// TestJobLost has a container end in the midst of a job.
func TestJobLost(t *testing.T) {
	p, c := cluster(t)
	p.Run(c.Time, "db-0", []string{"sh", "-c", "EVAL", "dbupgrade", "keep", "17", "18"})
	p.Stop(c.Time, "db-0")
	p.Start(c.Time, "db-0", "17.9")
	has(t, p, c, "db-0", "job keep", "job_state failed", "job_lost yes", "kept no")
}

// A command that starts a job ends when the job does, or after two seconds.
func TestJobsAreWaitedFor(t *testing.T) {
	p, c := cluster(t)
	run := func(args ...string) *Ran {
		return p.Run(c.Time, "db-0", append([]string{"sh", "-c", "EVAL", "dbupgrade", args[0], "17", "18"}, args[1:]...))
	}
	if ran := run("state", "2"); ran.Wait != 0 {
		t.Errorf("no job runs: %v", ran)
	}
	ran := run("keep")
	if ran.Wait != jobTime || run("state").Wait != 0 {
		t.Errorf("it waits for %v", ran.Wait)
	}
	c.wait(300 * time.Millisecond)
	if ran := run("state", "2"); ran.Wait != jobTime-300*time.Millisecond {
		t.Errorf("then for %v", ran.Wait)
	}
	c.wait(jobTime)
	if ran := p.Run(c.Time, "db-0", ran.Then); !strings.Contains(ran.Out, "job_state\tdone\n") {
		t.Errorf("it says %q", ran.Out)
	}
}
