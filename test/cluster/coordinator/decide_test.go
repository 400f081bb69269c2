package coordinator

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	coordination "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestDecide goes through what a member of a Postgres cluster may find.
func TestDecide(t *testing.T) {
	for name, test := range map[string]struct {
		found situation
		want  todo
	}{
		"the leader's server is down":        {situation{leads: true, status: resume}, todo{server: asPrimary}},
		"it is starting":                     {situation{leads: true, status: resume, role: true}, todo{}},
		"it is up":                           {situation{leads: true, status: resume, role: true, up: true}, todo{label: "primary"}},
		"it is a standby still":              {situation{leads: true, status: resume, role: true, up: true, standby: true}, todo{server: promoted}},
		"a transfer stops it":                {situation{leads: true, status: resume, role: true, up: true, next: "pg-1"}, todo{server: stopped}},
		"then another leads":                 {situation{leads: true, status: resume, next: "pg-1"}, todo{handOver: true}},
		"paused, down":                       {situation{leads: true, status: pause}, todo{}},
		"paused, up":                         {situation{leads: true, status: pause, role: true, up: true}, todo{}},
		"paused, promoted by hand":           {situation{leads: true, status: pause, role: true, up: true, standby: true}, todo{}},
		"paused, with a transfer noted":      {situation{leads: true, status: pause, next: "pg-1"}, todo{}},
		"not transferable, down":             {situation{leads: true, status: stay}, todo{server: asPrimary}},
		"not transferable, up":               {situation{leads: true, status: stay, role: true, up: true}, todo{label: "primary"}},
		"not transferable, a transfer noted": {situation{leads: true, status: stay, role: true, up: true, next: "pg-1"}, todo{label: "primary"}},
		"not transferable, down, a transfer": {situation{leads: true, status: stay, next: "pg-1"}, todo{server: asPrimary}},

		"a standby that is down":            {situation{status: resume}, todo{label: "standby", server: asStandby}},
		"one that is starting":              {situation{status: resume, role: true}, todo{label: "standby"}},
		"one that is up":                    {situation{status: resume, role: true, up: true, standby: true}, todo{label: "standby"}},
		"the leader is lost":                {situation{status: resume, lost: true, role: true, up: true, standby: true}, todo{label: "standby", run: true}},
		"lost, and we are down":             {situation{status: resume, lost: true, role: true}, todo{label: "standby"}},
		"lost, but paused":                  {situation{status: pause, lost: true, role: true, up: true, standby: true}, todo{label: "standby"}},
		"lost, but not transferable":        {situation{status: stay, lost: true, role: true, up: true, standby: true}, todo{label: "standby"}},
		"a primary that another succeeded":  {situation{status: resume, role: true, up: true}, todo{label: "standby", server: stopped}},
		"the same, paused":                  {situation{status: pause, role: true, up: true}, todo{label: "standby"}},
		"the same, not transferable":        {situation{status: stay, role: true, up: true}, todo{label: "standby", server: stopped}},
		"a paused standby that is down":     {situation{status: pause}, todo{label: "standby"}},
		"not transferable, a standby down":  {situation{status: stay}, todo{label: "standby", server: asStandby}},
		"a transfer is the leader's matter": {situation{status: resume, role: true, up: true, standby: true, next: "pg-1"}, todo{label: "standby"}},
	} {
		if have := test.found.decide(); have != test.want {
			t.Errorf("%s: want %+v, have %+v", name, test.want, have)
		}
	}
}

// TestTransferable says when the lead may be given to another member.
func TestTransferable(t *testing.T) {
	for status, want := range map[string]bool{"": true, resume: true, pause: false, stay: false, "gibberish": false} {
		lease := &coordination.Lease{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{}}}
		if status != "" {
			set(lease, statusKey, status)
		}
		if err := transferable(lease); (err == nil) != want {
			t.Errorf("%s: %v", status, err)
		}
	}
}

// TestUnknown has a coordinator that knows of no status.
func TestUnknown(t *testing.T) {
	lease := &coordination.Lease{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{}}}
	set(lease, "other", "1")
	if told(lease, statusKey) != resume || told(lease, "other") != "1" {
		t.Errorf("%q, %q", told(lease, statusKey), told(lease, "other"))
	}
	lease.Annotations[faultNote] = faultUnknown
	if told(lease, statusKey) != "" || told(lease, "other") != "1" {
		t.Errorf("with the fault: %q, %q", told(lease, statusKey), told(lease, "other"))
	}
}

// TestFailed has an error become a status: of a conflict that of one.
func TestFailed(t *testing.T) {
	for status, err := range map[int]error{
		http.StatusConflict:            errPaused,
		http.StatusInternalServerError: errors.New("no API server"),
	} {
		w := httptest.NewRecorder()
		if failed(w, err); w.Code != status {
			t.Errorf("%v: %d", err, w.Code)
		}
	}
}
