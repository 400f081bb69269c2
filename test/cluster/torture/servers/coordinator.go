package servers

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// requests are those that coordinators answer.
var requests = map[string]func(p *postgres, now time.Time, pod string, body request) (status int, text string, changed *Moment){
	"GET /current-primary": (*postgres).currentPrimary,
	transferCall:           (*postgres).orderTransfer,
	"GET /get":             (*postgres).get,
	"POST /set":            (*postgres).set,
}

// transferCall is the request for another member to lead.
const transferCall = "POST /transfer"

// request is the body of one, whichever it is.
type request struct {
	Transferee int    `json:"transferee"`
	Key        string `json:"key"`
	Value      string `json:"value"`
}

// Run answers for the coordinators.
func (p *postgres) Run(now time.Time, pod string, command []string) *Ran {
	defer p.at(now)()
	if len(command) > 6 && command[3] == "dbupgrade" {
		return p.script(now, pod, command[4:])
	}
	call, body, ok := called(command)
	if !ok {
		return nil
	}
	if !p.clustered || follows(pod) {
		return &Ran{Err: "bash: connect: Connection refused\n", Code: 7}
	}
	answer := requests[call]
	if answer == nil {
		p.strange(call)
		return &Ran{Out: reply(400, "bad request")}
	}
	status, text, changed := answer(p, now, pod, body)
	return &Ran{Out: reply(status, text), Changed: changed}
}

// called is the request to a coordinator that a command is: bash -c SCRIPT coordinator
// METHOD PATH BODY.
func called(command []string) (call string, body request, ok bool) {
	if len(command) != 7 || command[3] != "coordinator" {
		return "", body, false
	}
	call = command[4] + " " + command[5]
	if command[6] != "" && json.Unmarshal([]byte(command[6]), &body) != nil {
		call += " with " + command[6]
	}
	return call, body, true
}

func reply(status int, text string) string {
	return fmt.Sprintf("HTTP/1.0 %d -\r\nContent-Type: text/plain\r\n\r\n%s", status, text)
}

// ordinal is a pod's number; a member's id is one more.
func ordinal(pod string) int {
	n, _ := strconv.Atoi(pod[strings.LastIndexByte(pod, '-')+1:])
	return n
}

func (p *postgres) currentPrimary(time.Time, string, request) (int, string, *Moment) {
	if p.lost.IsZero() || p.keys[statusKey] == statusPause {
		return 200, strconv.Itoa(ordinal(p.lead) + 1), nil
	}
	return 200, "0", nil
}

// orderTransfer has the lead go on a little later.
func (p *postgres) orderTransfer(now time.Time, _ string, body request) (int, string, *Moment) {
	if p.keys[statusKey] != statusResume {
		return 409, "paused", nil
	}
	changed := p.moment(now, "transfer", p.lead)
	for pod, m := range p.members {
		if ordinal(pod)+1 == body.Transferee && pod != p.lead && !m.follows {
			p.next, p.moves = pod, now.Add(transferTime)
			return 200, "leader role is transferring to the requested node", &changed
		}
	}
	return 200, "leader role is transferring to the requested node", nil
}

func (p *postgres) get(_ time.Time, _ string, body request) (int, string, *Moment) {
	if value, ok := p.keys[body.Key]; ok {
		return 200, value, nil
	}
	return 404, "key not found", nil
}

// set also watches: while the lead's data are converted nobody may take it, and
// all members are done before anybody may.
func (p *postgres) set(now time.Time, pod string, body request) (int, string, *Moment) {
	lead := p.members[p.lead]
	if body.Value != statusPause && (!lead.running || lead.data != lead.major()) {
		p.wrong("failover is %s while %s cannot serve", body.Value, p.lead)
	}
	for name, m := range p.members {
		if body.Value == statusResume && m.data != lead.data {
			p.wrong("failover is %s before %s is done", body.Value, name)
		}
	}
	if !p.lost.IsZero() {
		p.lost = now.Add(lostAfter)
	}
	changed := Moment{At: now, What: "failover " + body.Value, Pod: pod}
	p.keys[body.Key] = body.Value
	return 200, "proposed key saved. " + body.Key + ":" + body.Value, &changed
}
