package servers

import (
	"strings"
	"testing"
	"time"
)

// A new server that is asked about the configuration takes it.
func TestRehearsedConfiguration(t *testing.T) {
	r := NewRehearsal()
	ran := r.Run(time.Unix(1000, 0), "my-db-upgrade-rehearsal", []string{"sh", "-c", "...", "dbupgrade", "--log-error=stderr --validate-config"})
	if ran == nil || ran.Code != 0 || ran.Out != "" || len(r.Unknown()) != 0 {
		t.Errorf("%+v, unknown %v", ran, r.Unknown())
	}
	if ran := r.Run(time.Unix(1000, 0), "my-db-upgrade-rehearsal", []string{"sh", "-c", "...", "dbupgrade", "state"}); ran.Code == 0 || len(r.Unknown()) != 1 {
		t.Errorf("%+v, unknown %v", ran, r.Unknown())
	}
}

func TestRehearsal(t *testing.T) {
	r, now := NewRehearsal(), time.Now()
	told := func(command string) string {
		return r.Run(now, "p", []string{"sh", "-c", "EVAL", "dbupgrade", command, "15", "17"}).Out
	}
	if r.Run(now, "p", []string{"sh", "-c", "head", "schema", "7", "/var/pv/schema"}).Code != 0 {
		t.Error("no schema")
	}
	for _, job := range []string{"copy", "upgrade"} {
		if out := told(job); !strings.Contains(out, "job\t"+job+"\njob_state\trunning\n") {
			t.Errorf("%s: %q", job, out)
		}
		now = now.Add(jobTime)
		if out := told("state"); !strings.Contains(out, "job\t"+job+"\njob_state\tdone\n") {
			t.Errorf("%s: %q", job, out)
		}
	}
	if told("missed") != "missed\t[0, \"\"]\n" || len(r.Broken()) != 0 || len(r.Unknown()) != 0 {
		t.Errorf("%q, %q", r.Broken(), r.Unknown())
	}
	early := NewRehearsal()
	early.Run(now, "p", []string{"sh", "-c", "EVAL", "dbupgrade", "upgrade", "15", "17"})
	early.Run(now, "p", []string{"sh", "-c", "EVAL", "dbupgrade", "swap", "15", "17"})
	if len(early.Broken()) != 1 || len(early.Unknown()) != 1 {
		t.Errorf("%q, %q", early.Broken(), early.Unknown())
	}
}
