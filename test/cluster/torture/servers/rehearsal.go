package servers

import (
	"slices"
	"strings"
	"time"
)

// RehearsalLabel is the value of app.kubernetes.io/component of a pod in which
// a major upgrade is rehearsed.
const RehearsalLabel = "upgrade-rehearsal"

// rehearsal is such a pod: no server, but the script of a major upgrade does its
// work there, or the new server is asked what it thinks of the configuration.
type rehearsal struct {
	common
	written, copied bool
	job             string
	ends            time.Time
	broken          []string
}

// NewRehearsal makes the model of one pod.
func NewRehearsal() Model { return &rehearsal{} }

// Rehearses tells whether a model is of such a pod.
func Rehearses(m Model) bool {
	_, is := m.(*rehearsal)
	return is
}

func (r *rehearsal) Start(time.Time, string, string) {}

func (r *rehearsal) Stop(now time.Time, pod string) Moment {
	return Moment{At: now, What: "end of the rehearsal", Pod: pod}
}

func (r *rehearsal) Answer(_ time.Time, _, statement string) (string, *Moment) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.strange(statement)
	return "", nil
}

// Run answers for the script, and takes the schema.
func (r *rehearsal) Run(now time.Time, _ string, command []string) *Ran {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(command) > 4 && command[3] == "schema" {
		r.written = true
		return &Ran{}
	}
	if len(command) == 5 && command[3] == "dbupgrade" && strings.Contains(command[4], "--validate-config") {
		return &Ran{} // it takes the configuration
	}
	if len(command) < 7 || command[3] != "dbupgrade" {
		r.strange(strings.Join(command, " "))
		return &Ran{Code: 127}
	}
	switch command[4] {
	case "copy", "upgrade":
		if !r.written || command[4] == "upgrade" && !r.copied {
			r.broken = append(r.broken, command[4]+" of a rehearsal before its time")
		}
		if r.job != command[4] {
			r.job, r.ends = command[4], now.Add(jobTime)
		}
	case "missed":
		return &Ran{Out: "missed\t[0, \"\"]\n"}
	case "state":
	default:
		r.strange(strings.Join(command[4:], " "))
		return &Ran{Out: "error\t\"no such command\"\n", Code: 1}
	}
	ran := &Ran{Out: r.state(now)}
	if now.Before(r.ends) {
		ran.Wait, ran.Then = r.ends.Sub(now), []string{"sh", "-c", "EVAL", "dbupgrade", "state", command[5], command[6]}
	}
	return ran
}

func (r *rehearsal) state(now time.Time) string {
	state := jobDone
	if now.Before(r.ends) {
		state = jobRunning
	}
	r.copied = r.copied || r.job == "copy" && state == jobDone
	return "binaries\t15\ndata\t15\nnew\tabsent\nserver\tdown\njob\t" + r.job + "\njob_state\t" + state + "\njob_lost\tno\njob_says\t\"\"\njob_error\t\"\"\n"
}

func (r *rehearsal) Broken() []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return slices.Clone(r.broken)
}

func (r *rehearsal) Roles(time.Time) map[string]string { return nil }
