package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestVersions has an image turn out to hold another version than today's.
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
	image := run("../images/build", "--path", "mysql-group")
	if err := os.MkdirAll(image, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(image, "version"), []byte("9.8.10\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := `MYSQL_GROUP=9.8.10
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
