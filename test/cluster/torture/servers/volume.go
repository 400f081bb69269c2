package servers

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// jobTime is how long each job of a major upgrade takes, jobWait how long a
// command waits for its end.
const (
	jobTime = 800 * time.Millisecond
	jobWait = 2 * time.Second
)

// What a container is to do with its server.
const (
	roleAbsent  = "absent"
	rolePresent = "present"
	roleHeld    = "held"
)

// States of a job, and of the new cluster.
const (
	jobRunning = "running"
	jobDone    = "done"
	jobLost    = "lost"

	freshAbsent   = "absent"
	freshPartial  = "partial"
	freshUpgraded = "upgraded"
)

// volume is a member's data, and what is left there by a major upgrade.
type volume struct {
	data          int  // the major version of the data in their place, 0: none
	made          bool // there have been any
	oldData       bool // beside the new ones
	kept          bool // the old server's programs
	marked        bool // the new server may have written
	analyzed      bool
	fresh         string // the new cluster
	clean         bool   // the old server was shut down ...
	checkpoint    int64  // ... and this is the end of its log
	role          string
	job, jobState string
	ends          time.Time // the job
	copied        time.Time // a standby's data
}

// major is the first number of its server's version.
func (m *instance) major() int {
	n, _, _ := strings.Cut(m.version, ".")
	major, _ := strconv.Atoi(n)
	return major
}

// order is one call of the script of a major upgrade.
type order struct {
	*instance
	p        *postgres
	now      time.Time
	pod      string
	from, to int
}

// orders are the script's commands; a text is why one is refused.
var orders = map[string]struct {
	run     func(o *order) (refused string)
	changes bool
	tells   bool          // the state, after it
	waits   time.Duration // before that, while a job runs
}{
	"state":      {run: (*order).silent, tells: true},
	"keep":       {(*order).keep, true, true, jobWait},
	"stop":       {(*order).stop, true, true, jobWait},
	"upgrade":    {(*order).upgrade, true, true, jobWait},
	"analyze":    {(*order).analyze, true, true, jobWait},
	"hold":       {run: (*order).hold, changes: true, tells: true},
	"release":    {run: (*order).release, changes: true, tells: true},
	"swap":       {run: (*order).swap, changes: true, tells: true},
	"unswap":     {run: (*order).unswap, changes: true, tells: true},
	"started":    {run: (*order).mark, changes: true, tells: true},
	"rebuild":    {run: (*order).rebuild, changes: true},
	"tidy":       {run: (*order).tidy, changes: true, tells: true},
	"delete":     {run: (*order).remove, changes: true},
	"layout":     {run: (*order).silent},
	"complete":   {run: (*order).silent},
	"schema":     {run: (*order).silent},
	"extensions": {run: (*order).silent},
	"collations": {run: (*order).silent},
	"settings":   {run: (*order).silent},
}

// script runs a command: COMMAND FROM TO [ARG...].
func (p *postgres) script(now time.Time, pod string, args []string) *Ran {
	m, row := p.members[pod], orders[args[0]]
	from, _ := strconv.Atoi(args[1])
	to, _ := strconv.Atoi(args[2])
	if m == nil || row.run == nil {
		p.strange(strings.Join(args, " "))
		return &Ran{Out: "error\t\"no such command\"\n", Code: 1}
	}
	o, ran := &order{m, p, now, pod, from, to}, &Ran{}
	if refused := row.run(o); refused != "" {
		ran = &Ran{Out: "error\t" + strconv.Quote(refused) + "\n", Code: 1}
	} else if row.tells {
		ran.Out = o.state()
		if args[0] == "state" && len(args) > 3 {
			seconds, _ := strconv.Atoi(args[3])
			row.waits = time.Duration(seconds) * time.Second
		}
		if row.waits > 0 && m.jobState == jobRunning {
			ran.Wait = min(row.waits, m.ends.Sub(now))
			ran.Then = []string{"sh", "-c", "EVAL", "dbupgrade", "state", args[1], args[2]}
		}
	}
	if row.changes {
		ran.Changed = &Moment{At: now, What: "script " + args[0], Pod: pod}
	}
	return ran
}

func (o *order) swapped() bool { return o.data == o.to && o.fresh == freshAbsent }

func (o *order) begun() bool { return o.marked || o.swapped() && !o.oldData }

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

func (o *order) state() string {
	fresh, server, cluster, state, why := o.fresh, "down", "in production", o.jobState, ""
	if o.data == o.to {
		fresh = freshUpgraded
	}
	if o.up {
		server = "up"
	}
	if o.clean {
		cluster = "shut down"
	}
	if state == jobLost {
		state, why = "failed", "it was killed before it was done"
	}
	data := ""
	if o.data > 0 {
		data = strconv.Itoa(o.data)
	}
	var out strings.Builder
	for _, row := range [][2]string{
		{"binaries", strconv.Itoa(o.major())}, {"data", data}, {"kept", yes(o.kept)}, {"new", fresh},
		{"swapped", yes(o.swapped())}, {"started", yes(o.begun())}, {"analyzed", yes(o.analyzed)}, {"server", server},
		{"cluster", cluster}, {"checkpoint", lsn(o.checkpoint)}, {"role", o.role}, {"linked", "no"},
		{"free", strconv.FormatInt(100<<30, 10)}, {"job", o.job}, {"job_state", state},
		{"job_lost", yes(o.jobState == jobLost)}, {"job_says", strconv.Quote(o.job)}, {"job_error", strconv.Quote(why)},
	} {
		fmt.Fprintf(&out, "%s\t%s\n", row[0], row[1])
	}
	return out.String()
}

// work starts a job, unless it is done or runs.
func (o *order) work(name string, done bool) string {
	switch {
	case done:
		return ""
	case o.jobState == jobRunning && o.job != name:
		return "the job \"" + o.job + "\" still runs"
	case o.jobState != jobRunning:
		o.job, o.jobState, o.ends = name, jobRunning, o.now.Add(jobTime)
	}
	return ""
}

func (o *order) keep() string {
	if !o.kept && (o.major() != o.from || !o.up) {
		return "the old server is down"
	}
	return o.work("keep", o.kept)
}

func (o *order) stop() string {
	if o.up && o.p.clustered && o.p.keys[statusKey] != statusPause {
		o.p.wrong("the server of %s is stopped while failover may happen", o.pod)
	}
	if o.up && !o.p.clustered && o.role != roleHeld {
		o.p.wrong("the server of %s is stopped while it is started again", o.pod)
	}
	return o.work("stop", !o.up)
}

func (o *order) upgrade() string {
	done := o.data == o.to || o.fresh == freshUpgraded
	if !done && (!o.kept || o.major() != o.to || o.up) {
		return "it is not time for pg_upgrade"
	}
	if !done {
		o.fresh = freshPartial
	}
	return o.work("upgrade", done)
}

func (o *order) analyze() string {
	if !o.up {
		return "the server is down"
	}
	return o.work("analyze", o.analyzed)
}

// pursue brings a job to its end when its time has come.
func (p *postgres) pursue(now time.Time, m *instance) {
	if m.jobState != jobRunning || now.Before(m.ends) {
		return
	}
	m.jobState = jobDone
	switch m.job {
	case "keep":
		m.kept = true
	case "upgrade":
		m.fresh = freshUpgraded
	case "analyze":
		m.analyzed = true
	case "stop":
		for pod, other := range p.members {
			if other == m && m.up {
				p.shut(now, pod)
			}
		}
		if m.role == rolePresent {
			m.role = roleAbsent
		}
	}
}

func (o *order) hold() string {
	if o.role == rolePresent {
		o.role = roleHeld
	}
	return ""
}

func (o *order) release() string {
	if o.role == roleHeld {
		o.role = rolePresent
	}
	return ""
}

func (o *order) swap() string {
	if o.swapped() {
		return ""
	}
	if o.fresh != freshUpgraded || o.up {
		return "the new cluster is not upgraded"
	}
	o.data, o.fresh, o.oldData = o.to, freshAbsent, true
	return ""
}

func (o *order) unswap() string {
	if o.begun() {
		o.p.wrong("the old data of %s are put back after the new server wrote", o.pod)
		return "the new server has been started"
	}
	if o.up {
		return "a server runs"
	}
	if o.swapped() {
		o.data, o.fresh, o.oldData = o.from, freshUpgraded, false
	}
	return ""
}

func (o *order) mark() string {
	if !o.swapped() {
		return "the new cluster is not in its place"
	}
	o.marked = true
	return ""
}

// rebuild clears a standby's data; it copies the primary's then.
func (o *order) rebuild() string {
	if o.data != o.from {
		return ""
	}
	if primary := o.p.primary(); primary == nil || primary.major() != o.to {
		o.p.wrong("the data of %s are cleared, and there is no primary to copy", o.pod)
	}
	if o.up || o.kept {
		return "a server runs, or this is no standby's volume"
	}
	o.data = 0
	return ""
}

func (o *order) tidy() string {
	if o.data != o.from {
		return "the data are the new ones"
	}
	o.kept, o.fresh, o.job, o.jobState = false, freshAbsent, "", ""
	return ""
}

// remove deletes the old data, which nobody asks for here.
func (o *order) remove() string {
	o.p.wrong("the old data of %s are deleted", o.pod)
	return ""
}

func (o *order) silent() string { return "" }
