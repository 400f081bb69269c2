package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestVersions has images turn out to hold other versions than today's.
func TestVersions(t *testing.T) {
	cache := t.TempDir()
	env := append(os.Environ(), "CACHE="+cache, "TESTCLUSTER_CACHE="+cache)
	run := func(program string, args ...string) string {
		cmd := exec.Command(program, args...)
		cmd.Env, cmd.Stderr = env, os.Stderr
		text, err := cmd.Output()
		if err != nil {
			t.Fatal(program, err)
		}
		return strings.TrimSpace(string(text))
	}
	for name, version := range map[string]string{"mysql-group": "9.8.10", "postgres-major": "17.99", "postgres-old": "15.3", "proxysql-new": "3.0.9"} {
		image := run("../images/build", "--path", name)
		if err := os.MkdirAll(image, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(image, "version"), []byte(version+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := `POSTGRES_OLD=15.3
POSTGRES_R2=15.3-r2
POSTGRES_LOWER=14.99
POSTGRES_MAJOR=17.99
POSTGRES_MAJOR_CRASH=17.99-crash
POSTGRES_MAJOR_LIAR=17.100
POSTGRES_MAJOR_NOIMAGE=17.99-noimage
POSTGRES_DEPRECATED=17.99-deprecated
POSTGRES_ALPINE=17.99-alpine
POSTGRES_TIMESCALE=timescaledb-17.99
PROXYSQL_NEW=3.0.9-debian
PROXYSQL_LIAR=3.0.10-debian
PROXYSQL_NOIMAGE=3.0.9-debian-noimage
MYSQL_GROUP=9.8.10
MYSQL_GROUP_R2=9.8.10-r2
MYSQL_LIAR=9.8.11
MYSQL_NOIMAGE=9.8.10-noimage
MYSQL_DEPRECATED=9.8.10-deprecated
MYSQL_LOWER=8.0.36
MYSQL_ABOVE=9.9.0`
	if have := run("../cluster", "versions"); have != want {
		t.Errorf("want\n%s\nhave\n%s", want, have)
	}
}
