package provisioner

import (
	"encoding/json"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
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
