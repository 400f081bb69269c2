package provisioner

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// TestConfiguration looks where a database's server finds its user's files.
func TestConfiguration(t *testing.T) {
	for name, test := range map[string]struct{ kind, spec, secret, folder string }{
		"none":                {"MySQL", `{}`, "", ""},
		"today's field":       {"MySQL", `{"configuration": {"secretName": "a"}}`, "a", "/etc/mysql/conf.d"},
		"the older field":     {"MySQL", `{"configSecret": {"name": "b"}}`, "b", "/etc/mysql/conf.d"},
		"both":                {"MySQL", `{"configuration": {"secretName": "a"}, "configSecret": {"name": "b"}}`, "a", "/etc/mysql/conf.d"},
		"a ProxySQL has its":  {"ProxySQL", `{"configSecret": {"name": "b"}}`, "db-config", "/etc/custom-config"},
		"of a Postgres":       {"Postgres", `{"configSecret": {"name": "b"}}`, "b", "/etc/config"},
		"a Galera takes none": {"PerconaXtraDB", `{"configSecret": {"name": "b"}}`, "", ""},
	} {
		db := &Database{}
		if err := json.Unmarshal([]byte(test.spec), &db.Spec); err != nil {
			t.Fatal(err)
		}
		db.Name = "db"
		e := engines[slices.IndexFunc(engines, func(e *engine) bool { return e.kind == test.kind })]
		pod := build{db: db, e: e, v: &Version{}}.pod()
		var secret, folder string
		for _, volume := range pod.Volumes {
			if volume.Secret == nil {
				continue
			}
			secret = volume.Secret.SecretName
			mounts := pod.Containers[0].VolumeMounts
			folder = mounts[slices.IndexFunc(mounts, func(m corev1.VolumeMount) bool { return m.Name == volume.Name })].MountPath
		}
		if secret != test.secret || folder != test.folder {
			t.Errorf("%s: have secret %q in %q", name, secret, folder)
		}
	}
}

// TestFurtherSets looks at the read replicas and the arbiter of a Postgres: none
// is a member, and every pod has its set's budget alone.
func TestFurtherSets(t *testing.T) {
	db := &Database{}
	spec := `{"replicas": 2, "storage": {}, "arbiter": {}, "readReplicas": [{"name": "a", "replicas": 3}, {"name": "b", "storageType": "Ephemeral"}]}`
	if err := json.Unmarshal([]byte(spec), &db.Spec); err != nil {
		t.Fatal(err)
	}
	db.Name = "db"
	e := engines[slices.IndexFunc(engines, func(e *engine) bool { return e.kind == "Postgres" })]
	b := build{db: db, e: e, v: &Version{}}
	var have []string
	for _, set := range append(b.further(), b.statefulSet()) {
		pod := set.Spec.Template
		has := labels.Set(pod.Labels)
		if !labels.SelectorFromSet(set.Spec.Selector.MatchLabels).Matches(has) {
			t.Errorf("%s does not select its pods", set.Name)
		}
		text := set.Name
		for _, c := range pod.Spec.Containers {
			text += " " + c.Name
			for _, v := range c.Env {
				if v.Name == "READ_REPLICA" || v.Name == "CLUSTERED" {
					text += " " + v.Name + "=" + v.Value
				}
			}
		}
		for _, object := range b.dependents(credentials{}, credentials{}) {
			switch object := object.(type) {
			case *policyv1.PodDisruptionBudget:
				if labels.SelectorFromSet(object.Spec.Selector.MatchLabels).Matches(has) {
					text += " budget " + object.Name + " " + object.Spec.MaxUnavailable.String()
				}
			case *corev1.Service:
				if labels.SelectorFromSet(object.Spec.Selector).Matches(has) {
					text += " service " + object.Name
				}
			}
		}
		if *set.Spec.Replicas > 1 && len(set.Spec.VolumeClaimTemplates) == 0 {
			text += " no claim"
		}
		have = append(have, text)
	}
	want := []string{
		"db-rr-a postgres CLUSTERED=false READ_REPLICA=true service db-pods budget db-rr-a 1 service db-rr",
		"db-rr-b postgres CLUSTERED=false READ_REPLICA=true service db-pods budget db-rr-b 1 service db-rr",
		"db-arbiter pg-coordinator CLUSTERED=true service db-pods",
		"db postgres CLUSTERED=true pg-coordinator CLUSTERED=true service db-pods budget db 1",
	}
	if !slices.Equal(have, want) {
		t.Errorf("have %q\nwant %q", have, want)
	}
	db.Spec.Replicas = new(int32)
	*db.Spec.Replicas = 3
	if sets := b.further(); len(sets) != 2 {
		t.Errorf("of three members: %d sets besides, want no arbiter", len(sets))
	}
}

// TestProxyConfig looks what a ProxySQL starts with.
func TestProxyConfig(t *testing.T) {
	db := &Database{}
	if err := json.Unmarshal([]byte(`{"replicas": 2, "backend": {"name": "my"},
		"initConfig": {"mysqlQueryRules": [{"rule_id": 1, "match_pattern": "^SELECT \"a\""}, {"apply": 1}]}}`), &db.Spec); err != nil {
		t.Fatal(err)
	}
	db.Name, db.Namespace = "px", "ns"
	e := engines[slices.IndexFunc(engines, func(e *engine) bool { return e.kind == "ProxySQL" })]
	text := string(build{db: db, e: e, v: &Version{}}.proxyConfig(credentials{"cluster", "a"}, credentials{"root", "b"}).Data["proxysql.cnf"])
	for _, want := range []string{
		`admin_credentials="admin:admin;cluster:a"`,
		`mysql_users=( { username="root" password="b" default_hostgroup=0 active=1 } )`,
		`mysql_query_rules=( { match_pattern="^SELECT \"a\"" rule_id="1" }, { apply="1" } )`,
		`{ hostname="px-1.px-pods.ns.svc" port=6032 weight=1 }`,
		`address="my.ns.svc"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}
