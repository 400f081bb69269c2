package servers

import (
	"strings"
	"testing"
	"time"
)

// A node that goes comes back with what it missed; all see the same view.
func TestGalera(t *testing.T) {
	now := time.Unix(1000, 0)
	g := newGalera()
	ask := func(pod, statement string) string {
		answer, _ := g.Answer(now, pod, statement)
		return answer
	}
	for _, pod := range []string{"px-0", "px-1", "px-2"} {
		g.Start(now, pod, "8.4.3")
	}
	now = now.Add(time.Second)
	if self := ask("px-2", "SELECT 'version',"); !strings.Contains(self, "state\tSYNCED\nrole\tPEER\n") || !strings.Contains(self, "online\t3\nview\t"+source+"/3\n") {
		t.Fatalf("px-2 says %q", self)
	}
	moment := g.Stop(now, "px-0")
	if moment.Primary || !Well(moment.Others["px-1"]) || !Well(moment.Others["px-2"]) {
		t.Fatalf("as px-0 stops: %+v", moment)
	}
	now = now.Add(10 * time.Second)
	_, position, _ := strings.Cut(ask("px-1", "SELECT 'version',"), "position\t")
	question := "SELECT COALESCE(SUBSTRING_INDEX(w.p,...'" + strings.TrimSpace(position) + "' AS p) w"
	g.Start(now, "px-0", "8.4.5")
	if self := ask("px-0", "SELECT 'version',"); !strings.Contains(self, "state\t"+joining) {
		t.Fatalf("px-0 says %q", self)
	}
	if ask("px-0", question) != "0\n" {
		t.Fatal("px-0 has what it missed at once")
	}
	now = now.Add(time.Second)
	if ask("px-0", question) != "1\n" {
		t.Fatal("px-0 lacks what it missed")
	}
	if roles := g.Roles(now); len(roles) != 3 {
		t.Fatalf("roles: %v", roles)
	}
	if ask("px-0", "DROP TABLE x"); len(g.Unknown()) != 1 {
		t.Fatal("a statement that is not known is not told")
	}
}
