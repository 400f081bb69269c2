package servers

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"testcluster/proxysql"
)

// paused is the state of a proxy that takes no clients.
const paused = "PAUSED"

// proxyFile is the configuration that each pod starts with, as it would be in a secret.
const proxyFile = `
mysql_servers=( { address="behind" port=3306 hostgroup=0 } )
mysql_users=( { username="root" password="secret" default_hostgroup=0 active=1 } )
mysql_query_rules=( { rule_id=1 active=1 match_pattern="^SELECT" destination_hostgroup=0 apply=1 } )
proxysql_servers=( { hostname="my-db-0" port=6032 }, { hostname="my-db-1" port=6032 }, { hostname="my-db-2" port=6032 } )
`

// proxies models a ProxySQL: proxies whose configuration is in the tables of the
// stand-in, which forgets it with its pod. They take none from each other, as is so
// when their versions differ; a client has to bring it to where it was.
type proxies struct {
	common
	running map[string]*proxysql.Admin // by pod
	had     map[string]string          // the configuration of a pod that ended, when it first did
	broken  []string
}

func newProxies() *proxies {
	return &proxies{running: map[string]*proxysql.Admin{}, had: map[string]string{}}
}

func (p *proxies) Start(_ time.Time, pod, version string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	admin, err := proxysql.Open(context.Background(), version, "", proxyFile)
	if err == nil {
		_, err = admin.StartAlone()
	}
	if err != nil {
		p.broken = append(p.broken, fmt.Sprintf("%s does not start: %v", pod, err))
		return
	}
	p.running[pod] = admin
}

func (p *proxies) Stop(now time.Time, pod string) Moment {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	moment := p.moment(now, "stop", pod)
	admin := p.running[pod]
	if admin == nil {
		return moment
	}
	delete(p.running, pod)
	has, saved := admin.Print(effective("runtime_")), admin.Print(effective("disk."))
	if has != saved {
		p.broken = append(p.broken, fmt.Sprintf("%s ends, of whose configuration this is at runtime:\n%sand this on its disk:\n%s", pod, has, saved))
	}
	if _, ended := p.had[pod]; !ended {
		p.had[pod] = has
	}
	_ = admin.Close() // a table in memory that is gone either way
	return moment
}

// effective asks for all rules that are not switched off, on a layer.
func effective(layer string) string {
	return "SELECT rule_id, match_pattern, destination_hostgroup, apply FROM " + layer + "mysql_query_rules WHERE active = 1 ORDER BY rule_id"
}

func (p *proxies) moment(now time.Time, what, pod string) Moment {
	moment := Moment{At: now, What: what, Pod: pod, Others: map[string]string{}}
	for name := range p.had {
		moment.Others[name] = down
	}
	for name, admin := range p.running {
		moment.Others[name] = proxyState(admin)
	}
	delete(moment.Others, pod)
	return moment
}

func proxyState(admin *proxysql.Admin) string {
	if admin.Print("SELECT Variable_Value FROM stats.stats_mysql_global WHERE Variable_Name = 'mysql_listener_paused'") == "1\n" {
		return paused
	}
	return running
}

// Answer has the stand-in answer. What is no question changes something.
func (p *proxies) Answer(now time.Time, pod, statement string) (string, *Moment) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	admin := p.running[pod]
	if admin == nil {
		return refused, nil
	}
	if strings.HasPrefix(statement, "SELECT ") {
		out := admin.Print(statement)
		if strings.HasPrefix(out, "ERROR ") {
			p.strange(statement + ": " + out)
		}
		return out, nil
	}
	words := strings.Fields(statement)
	moment := p.moment(now, strings.Join(words[:min(2, len(words))], " "), pod)
	return admin.Print(statement), &moment
}

// Roles are none: proxies have no such labels.
func (p *proxies) Roles(time.Time) map[string]string { return nil }

// Broken is what was lost with a pod, which proxies do not have what they had, and
// which take no clients.
func (p *proxies) Broken() []string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	broken := slices.Clone(p.broken)
	for _, pod := range slices.Sorted(maps.Keys(p.running)) {
		admin := p.running[pod]
		if state := proxyState(admin); state != running {
			broken = append(broken, fmt.Sprintf("%s is left %s", pod, state))
		}
		had, ended := p.had[pod]
		for _, layer := range []string{"runtime_", "disk."} {
			if has := admin.Print(effective(layer)); ended && has != had {
				broken = append(broken, fmt.Sprintf("the rules of %s were:\n%sand these are left in %smysql_query_rules:\n%s", pod, had, layer, has))
			}
		}
	}
	return broken
}
