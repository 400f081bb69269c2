package coordinator

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// container is a folder in which scripts of a Postgres container run as in one:
// with its volumes below the folder, and programs that only note their calls.
type container struct {
	*testing.T
	dir string
}

// newContainer lays down the scripts, and a Postgres of some major version.
func newContainer(t *testing.T, major string) container {
	t.Helper()
	c := container{t, t.TempDir()}
	for name, text := range map[string]string{
		"postgres": `[ "$1" != --version ] || { echo "postgres (PostgreSQL) ` + major + `.1"; exit; }
			[ "$(cat "$PGDATA/PG_VERSION")" = ` + major + ` ] || { echo "FATAL: incompatible data" >&2; exit 1; }
			echo $$ >"$PGDATA/postmaster.pid"
			echo served >>` + c.path("calls") + `
			trap 'rm "$PGDATA/postmaster.pid"; exit 0' TERM # a shell cannot trap the INT that it was started without
			while :; do sleep 0.05; done`,
		"initdb":        `echo initdb >>` + c.path("calls") + `; mkdir -p "$PGDATA"; echo ` + major + ` >"$PGDATA/PG_VERSION"; touch "$PGDATA/postgresql.conf"`,
		"pg_basebackup": `echo copied >>` + c.path("calls") + `; mkdir -p "$PGDATA"; echo ` + major + ` >"$PGDATA/PG_VERSION"; touch "$PGDATA/postgresql.conf"`,
		"pg_rewind":     `echo rewound >>` + c.path("calls"),
		"psql":          `echo t`,
	} {
		c.write("bin/"+name, "#!/bin/sh\n"+text+"\n")
	}
	for _, name := range []string{"scripts/run.sh", "role_scripts/common.sh", "role_scripts/primary/run.sh", "role_scripts/standby/run.sh"} {
		text, err := scripts.ReadFile("scripts/postgres/" + name)
		if err != nil {
			t.Fatal(err)
		}
		c.write(name, strings.NewReplacer("/run_scripts", c.path("run_scripts"), "/role_scripts", c.path("role_scripts")).Replace(string(text)))
	}
	if err := os.MkdirAll(c.path("run_scripts/tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c container) path(name string) string { return filepath.Join(c.dir, name) }

func (c container) write(name, text string) {
	c.Helper()
	err := os.MkdirAll(filepath.Dir(c.path(name)), 0o755)
	if err == nil {
		err = os.WriteFile(c.path(name), []byte(text), 0o755)
	}
	if err != nil {
		c.Fatal(err)
	}
}

// data makes a data folder of some major version, with something in it.
func (c container) data(major string) {
	c.Helper()
	c.write("pv/data/PG_VERSION", major+"\n")
	c.write("pv/data/postgresql.conf", "")
	c.write("pv/data/base", "precious")
}

// start starts the container's main program, or another script; the test ends it.
func (c container) start(script, major string, env ...string) *exec.Cmd {
	c.Helper()
	cmd := exec.Command("sh", c.path(script))
	cmd.Env = append(append(os.Environ(), "PATH="+c.path("bin")+":"+os.Getenv("PATH"), "PGDATA="+c.path("pv/data"), "MAJOR_PG_VERSION="+major,
		"POSTGRES_USER=u", "POSTGRES_PASSWORD=p", "SHARED_BUFFERS=1", "STANDBY=hot", "STREAMING=asynchronous", "PRIMARY_HOST=h", "POD_NAME=p"), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	})
	return cmd
}

// role gives the container a role, and takes it away without one.
func (c container) role(role string) {
	c.Helper()
	err := os.RemoveAll(c.path("run_scripts/role"))
	if err == nil && role != "" {
		err = os.CopyFS(c.path("run_scripts/role"), os.DirFS(c.path("role_scripts/"+role)))
	}
	if err != nil {
		c.Fatal(err)
	}
}

func (c container) rename(from, to string) {
	c.Helper()
	if err := os.Rename(c.path(from), c.path(to)); err != nil {
		c.Fatal(err)
	}
}

func (c container) read(name string) string {
	text, _ := os.ReadFile(c.path(name))
	return string(text)
}

func (c container) eventually(what string, holds func() bool) {
	c.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			c.Fatalf("in vain: %s; calls %q", what, c.read("calls"))
		}
	}
}

func (c container) running() bool { return exists(c.path("pv/data/postmaster.pid")) }

// stop ends the server, as another than its container's main program does.
func (c container) stop() {
	c.Helper()
	if out, err := exec.Command("sh", "-c", `kill "$(cat "$0")"`, c.path("pv/data/postmaster.pid")).CombinedOutput(); err != nil {
		c.Fatal(string(out), err)
	}
	c.eventually("the server to end", func() bool { return !c.running() })
}

// TestHold takes a single server's role aside, and lets others work on the data.
func TestHold(t *testing.T) {
	c := newContainer(t, "15")
	c.data("15")
	c.role("primary")
	c.start("scripts/run.sh", "15", "CLUSTERED=false")
	c.eventually("the server to run", c.running)
	c.rename("run_scripts/role", "run_scripts/role.held")
	time.Sleep(1200 * time.Millisecond)
	if !c.running() {
		t.Fatal("it ended when its role was moved aside")
	}
	c.stop()
	c.write("pv/data/postmaster.pid", "another's\n")
	time.Sleep(2500 * time.Millisecond)
	if c.read("pv/data/postmaster.pid") != "another's\n" || c.read("calls") != "served\n" || !exists(c.path("run_scripts/role.held/run.sh")) {
		t.Fatalf("while held: calls %q, pid %q", c.read("calls"), c.read("pv/data/postmaster.pid"))
	}
	os.Remove(c.path("pv/data/postmaster.pid"))
	c.rename("run_scripts/role.held", "run_scripts/role")
	c.eventually("the server to run again", c.running)
	if c.read("pv/data/base") != "precious" || strings.Contains(c.read("calls"), "initdb") {
		t.Errorf("data %q, calls %q", c.read("pv/data/base"), c.read("calls"))
	}
	c.stop()
	c.eventually("the loop to start it, as it has its role", c.running)
}

// TestRoleOfCluster checks that the role goes with the server of a cluster.
func TestRoleOfCluster(t *testing.T) {
	c := newContainer(t, "15")
	c.data("15")
	c.role("primary")
	c.start("scripts/run.sh", "15", "CLUSTERED=true")
	c.eventually("the server to run", c.running)
	c.stop()
	c.eventually("the role to go", func() bool { return !exists(c.path("run_scripts/role")) })
	time.Sleep(1500 * time.Millisecond)
	if c.read("calls") != "served\n" {
		t.Errorf("calls %q", c.read("calls"))
	}
}

// TestOtherMajor runs the roles' scripts on data of another major version, and
// with another server than MAJOR_PG_VERSION says.
func TestOtherMajor(t *testing.T) {
	for name, test := range map[string]struct {
		script, data, told, calls string
		survives                  bool
	}{
		"a primary refuses":          {"primary", "15", "17", "", true},
		"a primary is misinformed":   {"primary", "17", "15", "", true},
		"a standby copies anew":      {"standby", "15", "17", "copied\nserved\n", false},
		"a standby is misinformed":   {"standby", "15", "15", "", true},
		"a primary serves its own":   {"primary", "17", "17", "served\n", true},
		"a standby that was primary": {"standby", "17", "17", "rewound\nserved\n", true},
		"a primary without data":     {"primary", "", "17", "initdb\nserved\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newContainer(t, "17")
			if test.data != "" {
				c.data(test.data)
			}
			cmd := c.start("role_scripts/"+test.script+"/run.sh", test.told, "CLUSTERED=true")
			if strings.HasSuffix(test.calls, "served\n") {
				c.eventually("the server to run", func() bool { return c.read("calls") == test.calls })
			} else if err := cmd.Wait(); err == nil {
				t.Error("the script did not fail")
			}
			if have := c.read("calls"); have != test.calls || (c.read("pv/data/base") == "precious") != test.survives {
				t.Errorf("calls %q, data %q", have, c.read("pv/data/base"))
			}
		})
	}
}
