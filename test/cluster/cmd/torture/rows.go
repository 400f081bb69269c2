package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"testcluster/torture/proxy"
)

const databaseName = "my-db"

var (
	pods   = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	claims = schema.GroupVersionResource{Version: "v1", Resource: "persistentvolumeclaims"}
	leases = schema.GroupVersionResource{Group: "coordination.k8s.io", Version: "v1", Resource: "leases"}
)

// kind is a kind of database and the versions that there are of it here.
type kind struct {
	name, word              string // MySQL, and how the command line has it
	database, set, versions schema.GroupVersionResource
	catalogue               []*unstructured.Unstructured
	images, routers         map[string]string // of the server and of routers before it, by version
	imageOf                 string            // what the catalogue calls the server: db, proxysql
	plain                   bool              // members have no roles
	before                  []object          // what there is in a namespace before a database
}

// kinds of databases. A new one needs an entry here, a model of its servers
// (package servers), and rows.
var kinds = []*kind{
	newKind(kind{name: "MySQL", word: "mysql"}, "mysqls", map[string]any{
		"standalone": []any{">= 9.7.4, < 9.8.0"}, "groupReplication": []any{">= 9.7.4, < 9.8.0"}}, "9.7.4", "9.7.4-r2", "9.7.5"),
	newKind(kind{name: "Postgres", word: "postgres"}, "postgreses", []any{">= 15.18"}, "15.18", "15.20", "17.12"),
	newKind(kind{name: "PerconaXtraDB", word: "perconaxtradb"}, "perconaxtradbs", []any{">= 8.4.3"}, "8.4.3", "8.4.5"),
	newKind(kind{name: "ProxySQL", word: "proxysql", imageOf: "proxysql", plain: true, before: backend}, "proxysqls", []any{">= 2.7.3"}, "2.7.3", "3.0.1"),
}

// object is one to make, and where.
type object struct {
	schema.GroupVersionResource
	content map[string]any
}

// A ProxySQL is before a MySQL that is in a namespace of its own, in front of all ProxySQLs.
const backendNamespace, backendName = "behind", "backend"

var backend = []object{
	{schema.GroupVersionResource{Version: "v1", Resource: "secrets"}, map[string]any{"apiVersion": "v1", "kind": "Secret",
		"metadata":   map[string]any{"name": backendName + "-auth"},
		"stringData": map[string]any{"username": "root", "password": "secret"}}},
	{schema.GroupVersionResource{Group: "appcatalog.appscode.com", Version: "v1alpha1", Resource: "appbindings"}, map[string]any{
		"apiVersion": "appcatalog.appscode.com/v1alpha1", "kind": "AppBinding", "metadata": map[string]any{"name": backendName},
		"spec": map[string]any{"type": "kubedb.com/mysql", "appRef": map[string]any{
			"apiGroup": "kubedb.com", "kind": "MySQL", "name": databaseName, "namespace": backendNamespace}}}},
}

// newKind fills in what follows from the names of a kind, of its resource and of
// its versions.
func newKind(k kind, resource string, allowed any, names ...string) *kind {
	k.images, k.routers = map[string]string{}, map[string]string{}
	k.imageOf = cmp.Or(k.imageOf, "db")
	k.database = schema.GroupVersionResource{Group: "kubedb.com", Version: "v1", Resource: resource}
	k.set = schema.GroupVersionResource{Group: "apps.k8s.appscode.com", Version: "v1", Resource: "petsets"}
	k.versions = schema.GroupVersionResource{Group: "catalog.kubedb.com", Version: "v1alpha1", Resource: k.word + "versions"}
	for _, name := range names {
		k.images[name], k.routers[name] = "fake/"+k.word+":"+name, "fake/router:"+name
		version, _, _ := strings.Cut(name, "-")
		k.catalogue = append(k.catalogue, &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "catalog.kubedb.com/v1alpha1", "kind": k.name + "Version", "metadata": map[string]any{"name": name},
			"spec": map[string]any{
				"version": version, k.imageOf: map[string]any{"image": k.images[name]}, "distribution": "Official",
				"initContainer": map[string]any{"image": "fake/init:" + name}, "coordinator": map[string]any{"image": "fake/coordinator:" + name},
				"router": map[string]any{"image": k.routers[name]}, "routerInitContainer": map[string]any{"image": "fake/router-init:" + name},
				"exporter": map[string]any{"image": "fake/exporter:1"}, "podSecurityPolicies": map[string]any{"databasePolicyName": "none"},
				"updateConstraints": map[string]any{"allowlist": allowed},
			}}})
	}
	return &k
}

// row is one thing to torture: a command on a kind of database. A table of
// steps that is added to the program joins by a row.
type row struct {
	name     string
	kind     *kind
	members  int // and routers, and those that follow
	from, to string
	major    bool           // the first member's data are converted
	spec     map[string]any // of the database, besides version and storage
	before   []object       // what there is before it, besides what its kind has
	said     []string       // what each member's server is told before
	flags    []string       // of an upgrade, besides what all have
	// For abort: at which request of the upgrade before it that is stopped. Its
	// end state is that before the upgrade.
	middle func() func(*proxy.Request) bool
}

var standbys = map[string]any{"replicas": int64(3), "standbyMode": "Hot"}

var replicas = map[string]any{"replicas": int64(2), "standbyMode": "Hot", "readReplicas": []any{map[string]any{"name": "reports", "replicas": int64(1)}}}
var nodes = map[string]any{"replicas": int64(3)}

var group = map[string]any{"replicas": int64(3), "topology": map[string]any{"mode": "GroupReplication"}}

// A configuration, which the new server is asked about first.
var configured = map[string]any{"configuration": map[string]any{"secretName": "settings"}}
var settings = []object{{schema.GroupVersionResource{Version: "v1", Resource: "secrets"}, map[string]any{"apiVersion": "v1", "kind": "Secret",
	"metadata": map[string]any{"name": "settings"}, "stringData": map[string]any{"my.cnf": "[mysqld]\nmax_connections=150\n"}}}}

var acknowledged = map[string]any{"replicas": int64(3), "topology": map[string]any{"mode": "SemiSync"}}

var routed = map[string]any{"replicas": int64(3), "topology": map[string]any{"mode": "InnoDBCluster",
	"innoDBCluster": map[string]any{"mode": "Single-Primary", "router": map[string]any{"replicas": int64(2)}}}}

// A replica's source is elsewhere; an AppBinding tells where.
var elsewhere = map[string]any{"replicas": int64(1), "topology": map[string]any{"mode": "RemoteReplica",
	"remoteReplica": map[string]any{"sourceRef": map[string]any{"name": "elsewhere"}}}}
var binding = []object{{schema.GroupVersionResource{Group: "appcatalog.appscode.com", Version: "v1alpha1", Resource: "appbindings"}, map[string]any{
	"apiVersion": "appcatalog.appscode.com/v1alpha1", "kind": "AppBinding", "metadata": map[string]any{"name": "elsewhere"},
	"spec": map[string]any{"type": "kubedb.com/mysql", "secret": map[string]any{"name": "elsewhere-auth"},
		"clientConfig": map[string]any{"service": map[string]any{"name": "elsewhere", "port": int64(3306), "scheme": "tcp"}}}}},
	{schema.GroupVersionResource{Version: "v1", Resource: "secrets"}, map[string]any{"apiVersion": "v1", "kind": "Secret",
		"metadata": map[string]any{"name": "elsewhere-auth"}, "stringData": map[string]any{"username": "replica", "password": "pass"}}}}

var proxied = map[string]any{"replicas": int64(3), "backend": map[string]any{"name": backendName}}
var one = map[string]any{"replicas": int64(1), "backend": map[string]any{"name": backendName}}

var unsaved = []string{"REPLACE INTO mysql_query_rules (rule_id, active, match_pattern, apply) VALUES (7, 1, 'it''s a \"rule\"', 1)",
	"LOAD MYSQL QUERY RULES TO RUNTIME"}
var saved = append(slices.Clone(unsaved), "SAVE MYSQL QUERY RULES TO DISK")
var save = []string{"--save-runtime-config"}

var newSet = []string{"--strategy", "new-set"}

// Of members that have data.
var storage = map[string]any{"accessModes": []any{"ReadWriteOnce"}, "resources": map[string]any{"requests": map[string]any{"storage": "1Gi"}}}

var allLead = map[string]any{"replicas": int64(3),
	"topology": map[string]any{"mode": "GroupReplication", "group": map[string]any{"mode": "Multi-Primary"}}}

var rows = []*row{
	{name: "mysql-standalone", kind: kinds[0], members: 1, from: "9.7.4", to: "9.7.5"},
	// The primary leaves the group, because versions differ.
	{name: "mysql-group", kind: kinds[0], members: 3, from: "9.7.4", to: "9.7.5", spec: group},
	// Another member is made primary first.
	{name: "mysql-group-same", kind: kinds[0], members: 3, from: "9.7.4", to: "9.7.4-r2", spec: group},
	// Each member leaves the group.
	{name: "mysql-multi", kind: kinds[0], members: 3, from: "9.7.4", to: "9.7.5", spec: allLead},
	// The coordinators are asked to give the lead on.
	{name: "mysql-semisync", kind: kinds[0], members: 3, from: "9.7.4", to: "9.7.5", spec: acknowledged},
	// Routers are before the members.
	{name: "mysql-innodb", kind: kinds[0], members: 5, from: "9.7.4", to: "9.7.5", spec: routed},
	// A server elsewhere is asked how far it is.
	{name: "mysql-remote", kind: kinds[0], members: 1, from: "9.7.4", to: "9.7.5", spec: elsewhere, before: binding},
	// The new server is asked about the configuration.
	{name: "mysql-configured", kind: kinds[0], members: 1, from: "9.7.4", to: "9.7.5", spec: configured, before: settings},
	// A second set's members join, take the lead, and those of the first go: in a group of one version, ...
	{name: "mysql-newset", kind: kinds[0], members: 3, from: "9.7.4", to: "9.7.4-r2", spec: group, flags: newSet},
	// ... and of two.
	{name: "mysql-newset-higher", kind: kinds[0], members: 3, from: "9.7.4", to: "9.7.5", spec: group, flags: newSet},
	{name: "abort-mysql-standalone", kind: kinds[0], members: 1, from: "9.7.4", to: "9.7.5", middle: beforeVersion},
	// All members are upgraded.
	{name: "abort-mysql-group-late", kind: kinds[0], members: 3, from: "9.7.4", to: "9.7.5", spec: group, middle: beforeVersion},
	// The first member is verified, and the second about to be restarted.
	{name: "abort-mysql-group-early", kind: kinds[0], members: 3, from: "9.7.4", to: "9.7.5", spec: group, middle: nthEviction(2)},
	{name: "abort-mysql-semisync-early", kind: kinds[0], members: 3, from: "9.7.4", to: "9.7.5", spec: acknowledged, middle: nthEviction(2)},
	{name: "abort-mysql-semisync-late", kind: kinds[0], members: 3, from: "9.7.4", to: "9.7.5", spec: acknowledged, middle: beforeVersion},
	// The second router is about to be restarted, ...
	{name: "abort-mysql-innodb-early", kind: kinds[0], members: 5, from: "9.7.4", to: "9.7.5", spec: routed, middle: nthEviction(2)},
	// ... or the second member, ...
	{name: "abort-mysql-innodb", kind: kinds[0], members: 5, from: "9.7.4", to: "9.7.5", spec: routed, middle: nthEviction(4)},
	// ... or all is new.
	{name: "abort-mysql-innodb-late", kind: kinds[0], members: 5, from: "9.7.4", to: "9.7.5", spec: routed, middle: beforeVersion},
	{name: "abort-mysql-remote", kind: kinds[0], members: 1, from: "9.7.4", to: "9.7.5", spec: elsewhere, before: binding, middle: beforeVersion},
	// The second member of the new set is about to be made, ...
	{name: "abort-mysql-newset-early", kind: kinds[0], members: 3, from: "9.7.4", to: "9.7.5", spec: group, flags: newSet, middle: nthScale(2)},
	// ... and one of the old is gone.
	{name: "abort-mysql-newset", kind: kinds[0], members: 3, from: "9.7.4", to: "9.7.4-r2", spec: group, flags: newSet, middle: nthScale(5)},
	// No node leads.
	{name: "galera", kind: kinds[2], members: 3, from: "8.4.3", to: "8.4.5", spec: nodes},
	{name: "abort-galera", kind: kinds[2], members: 3, from: "8.4.3", to: "8.4.5", spec: nodes, middle: nthEviction(2)},
	// Their configuration has more in it than the file that a pod starts with: on their disks, ...
	{name: "proxysql", kind: kinds[3], members: 3, from: "2.7.3", to: "3.0.1", spec: proxied, said: saved},
	// ... or only at runtime.
	{name: "proxysql-unsaved", kind: kinds[3], members: 3, from: "2.7.3", to: "3.0.1", spec: proxied, said: unsaved, flags: save},
	{name: "proxysql-one", kind: kinds[3], members: 1, from: "2.7.3", to: "3.0.1", spec: one},
	{name: "abort-proxysql", kind: kinds[3], members: 3, from: "2.7.3", to: "3.0.1", spec: proxied, said: saved, middle: nthEviction(2)},
	{name: "abort-proxysql-unsaved", kind: kinds[3], members: 3, from: "2.7.3", to: "3.0.1", spec: proxied, said: unsaved, flags: save, middle: beforeVersion},
	{name: "postgres-standalone", kind: kinds[1], members: 1, from: "15.18", to: "15.20"},
	// The coordinators are asked to give the lead on.
	{name: "postgres-ha", kind: kinds[1], members: 3, from: "15.18", to: "15.20", spec: standbys},
	{name: "abort-postgres-standalone", kind: kinds[1], members: 1, from: "15.18", to: "15.20", middle: beforeVersion},
	{name: "abort-postgres-ha-late", kind: kinds[1], members: 3, from: "15.18", to: "15.20", spec: standbys, middle: beforeVersion},
	{name: "abort-postgres-ha-early", kind: kinds[1], members: 3, from: "15.18", to: "15.20", spec: standbys, middle: nthEviction(2)},
	// A member of another set, behind the others.
	{name: "postgres-replicas", kind: kinds[1], members: 3, from: "15.18", to: "15.20", spec: replicas},
	{name: "abort-postgres-replicas", kind: kinds[1], members: 3, from: "15.18", to: "15.20", spec: replicas, middle: beforeVersion},
	{name: "postgres-major-standalone", kind: kinds[1], members: 1, from: "15.20", to: "17.12", major: true},
	{name: "postgres-major-ha", kind: kinds[1], members: 3, from: "15.20", to: "17.12", major: true, spec: standbys},
	{name: "postgres-major-replicas", kind: kinds[1], members: 3, from: "15.20", to: "17.12", major: true, spec: replicas},
	// The old server is shut down.
	{name: "abort-major-standalone", kind: kinds[1], members: 1, from: "15.20", to: "17.12", major: true, middle: nthEviction(1)},
	{name: "abort-major-ha", kind: kinds[1], members: 3, from: "15.20", to: "17.12", major: true, spec: standbys, middle: nthEviction(1)},
	// The data are converted and in their place.
	{name: "abort-major-swapped", kind: kinds[1], members: 3, from: "15.20", to: "17.12", major: true, spec: standbys, middle: swap},
}

// nthEviction is the request that restarts the n-th member.
func nthEviction(n int) func() func(*proxy.Request) bool {
	return func() func(*proxy.Request) bool {
		seen := 0
		return func(r *proxy.Request) bool {
			if r.Sub == "eviction" {
				seen++
			}
			return r.Sub == "eviction" && seen == n
		}
	}
}

// nthScale is the request that changes for the n-th time how many members a set has.
func nthScale(n int) func() func(*proxy.Request) bool {
	return func() func(*proxy.Request) bool {
		seen := 0
		return func(r *proxy.Request) bool {
			scales := r.Method == "PATCH" && r.Resource == "petsets" && strings.Contains(r.Detail, `"/spec/replicas"`)
			if scales {
				seen++
			}
			return scales && seen == n
		}
	}
}

// swap is the request that brings the new data to their place. It is finished before the
// program stops.
func swap() func(*proxy.Request) bool {
	return func(r *proxy.Request) bool { return strings.Contains(r.Path, "command=swap&") }
}

// beforeVersion is the request that sets the database's version, after all
// members are verified.
func beforeVersion() func(*proxy.Request) bool {
	return func(r *proxy.Request) bool {
		return r.Method == "PATCH" && r.Name == databaseName && r.Sub == "" && r.Resource != "leases" && strings.Contains(r.Detail, `"version"`)
	}
}

// command is the words of the row's command, and wanted the exit status of it
// when all goes well.
func (r *row) command(namespace string) (args []string, wanted int) {
	if r.middle == nil {
		return r.upgrade(namespace), 0
	}
	return []string{"abort", r.kind.word, databaseName, "-n", namespace, "--yes"}, 5
}

func (r *row) upgrade(namespace string) []string {
	return append([]string{r.kind.word, databaseName, "--to", r.to, "-n", namespace, "--yes"}, r.flags...)
}

// object is the row's database.
func (r *row) object(namespace string) *unstructured.Unstructured {
	spec := map[string]any{"version": r.from, "deletionPolicy": "WipeOut"}
	if r.kind.database.Resource != "proxysqls" {
		spec["storageType"], spec["storage"] = "Durable", storage
	}
	for key, value := range r.spec {
		spec[key] = value
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": r.kind.database.GroupVersion().String(), "kind": r.kind.name,
		"metadata": map[string]any{"name": databaseName, "namespace": namespace}, "spec": spec}}
}

// repeat is the command that tortures one point again.
func repeat(r *row, fault proxy.Fault, n int) string {
	return fmt.Sprintf("make torture TORTURE=\"--rows=%s --faults=%s --points=%d\"", r.name, fault, n)
}
