package servers

import (
	"strings"
	"testing"
	"time"
)

// TestProxies has proxies lose what was not saved, or not brought back, and be told of it.
func TestProxies(t *testing.T) {
	now := time.Unix(1000, 0)
	p := New("proxysqls.kubedb.com", false)
	ask := func(pod, statement string) string {
		answer, _ := p.Answer(now, pod, statement)
		return answer
	}
	for _, pod := range []string{"my-db-0", "my-db-1"} {
		p.Start(now, pod, "2.7.3")
	}
	const rule = "REPLACE INTO mysql_query_rules (rule_id, active, match_pattern, apply) VALUES (7, 1, 'x\ty', 1)"
	for _, statement := range []string{rule, "LOAD MYSQL QUERY RULES TO RUNTIME", "SAVE MYSQL QUERY RULES TO DISK"} {
		if answer := ask("my-db-0", statement); answer != "" {
			t.Fatalf("%s: %s", statement, answer)
		}
	}
	if rules := ask("my-db-0", "SELECT rule_id, match_pattern, log FROM runtime_mysql_query_rules WHERE rule_id = 7"); rules != "7\tx\\ty\tNULL\n" {
		t.Errorf("printed %q", rules)
	}
	_, changed := p.Answer(now, "my-db-0", "PROXYSQL PAUSE")
	if changed == nil || changed.What != "PROXYSQL PAUSE" || changed.Primary || !Well(changed.Others["my-db-1"]) {
		t.Errorf("paused: %+v", changed)
	}
	if moment := p.Stop(now, "my-db-1"); Well(moment.Others["my-db-0"]) {
		t.Errorf("a paused proxy does its part: %v", moment.Others)
	}
	p.Start(now, "my-db-1", "3.0.1")
	if broken := strings.Join(p.Broken(), "\n"); broken != "my-db-0 is left PAUSED" {
		t.Errorf("broken: %s", broken)
	}
	if moment := p.Stop(now, "my-db-0"); !Well(moment.Others["my-db-1"]) {
		t.Errorf("stopped: %+v", moment)
	}
	p.Start(now, "my-db-0", "3.0.1")
	if version := ask("my-db-0", "SELECT @@version"); version != "3.0.1\n" {
		t.Errorf("version %q", version)
	}
	if broken := p.Broken(); len(broken) != 2 || !strings.Contains(broken[0], "the rules of my-db-0 were:") {
		t.Errorf("a rule is gone: %q", broken)
	}
	for _, statement := range []string{rule, "LOAD MYSQL QUERY RULES TO RUNTIME"} {
		ask("my-db-0", statement)
	}
	p.Stop(now, "my-db-0")
	if broken := p.Broken(); len(broken) != 1 || !strings.HasPrefix(broken[0], "my-db-0 ends, of whose configuration") {
		t.Errorf("a rule was not saved: %q", broken)
	}
	if ask("my-db-1", "SELECT nonsense"); len(p.Unknown()) != 1 || ask("my-db-0", "SELECT 1") != refused {
		t.Errorf("unknown: %q", p.Unknown())
	}
}
