// torture interrupts kubectl-dbupgrade everywhere. It starts a control plane
// with a fake node (package fakenode), and for each row of a table (a kind of
// database, a command) runs the command once undisturbed and then again and
// again, each time on a new database and with one fault at one request (package
// proxy). Then the command is run a second time, undisturbed. The end state must
// be the undisturbed one's, and an observer with a watch of its own must not
// have seen anything that is forbidden (package judge).
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"

	"testcluster/torture/proxy"
)

var (
	program  = flag.String("program", "kubectl-dbupgrade", "the program to torture")
	rowNames = flag.String("rows", "", "rows and cases to run: patterns like abort-*, with commas; all without")
	faults   = flag.String("faults", "", "faults to try, with commas; all without")
	points   = flag.String("points", "", "numbers of the requests to disturb, with commas; all without")
	every    = flag.Int("every", 1, "try only every so many-th point")
	offset   = flag.Int("offset", -1, "begin with this of them; -1: the seed decides")
	seed     = flag.Uint64("seed", uint64(time.Now().Unix()), "of the order of the points")
	parallel = flag.Int("parallel", 8*runtime.NumCPU(), "databases that are tortured at a time")
	limit    = flag.Duration("limit", 0, "begin no point when points have been tried for so long; 0: no limit")
	keep     = flag.Bool("keep", false, "leave the control plane's logs")
	tap      = flag.Bool("tap", false, "print each point as a test, in TAP")
)

func main() {
	runtime.LockOSThread() // what is started here ends with this thread
	flag.Parse()
	klog.SetLogger(logr.Discard()) // client-go has its say about connections that were cut
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ok, err := torture(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

func torture(ctx context.Context) (bool, error) {
	dir, err := os.MkdirTemp("", "torture-")
	if err != nil {
		return false, err
	}
	if !*keep {
		defer os.RemoveAll(dir)
	}
	if err := takeProgram(dir); err != nil {
		return false, err
	}
	if *offset < 0 {
		*offset = int(*seed % uint64(*every))
	}
	begin := time.Now()
	c, err := startCluster(ctx, dir)
	if err != nil {
		return false, err
	}
	defer c.stop()
	fmt.Printf("%s  control plane and fake node are up; seed %d, %d at a time\n", since(begin), *seed, *parallel)
	d := &driver{cluster: c, begin: begin, references: map[string]*reference{}}
	ok := d.run(ctx)
	if unknown := c.unknown(); len(unknown) > 0 {
		fmt.Printf("statements that the model of the servers has no answer for:\n%s\n", strings.Join(unknown, "\n"))
	}
	return ok, ctx.Err()
}

// takeProgram has the program be a copy, so that it stays the same to the end.
func takeProgram(dir string) error {
	content, err := os.ReadFile(*program)
	if err != nil {
		return err
	}
	*program = filepath.Join(dir, "kubectl-dbupgrade")
	return os.WriteFile(*program, content, 0o755)
}

// selected tells whether a name matches one of a comma-separated list of patterns.
func selected(list, name string) bool {
	return list == "" || slices.ContainsFunc(strings.Split(list, ","), func(pattern string) bool {
		ok, _ := path.Match(pattern, name)
		return ok
	})
}

// wantedFaults are the faults of --faults.
func wantedFaults() (list []proxy.Fault) {
	for _, f := range proxy.Faults {
		if *faults == "" || slices.Contains(strings.Split(*faults, ","), string(f)) {
			list = append(list, f)
		}
	}
	return list
}

// wantedPoints are the requests of --points, or the first n.
func wantedPoints(n int) (list []int) {
	for _, word := range strings.Split(*points, ",") {
		if number, err := strconv.Atoi(word); err == nil {
			list = append(list, number)
		}
	}
	for i := 1; i <= n && *points == ""; i++ {
		list = append(list, i)
	}
	return list
}

func since(begin time.Time) string { return fmt.Sprintf("%6.1f s", time.Since(begin).Seconds()) }

// longest is the length of the longest of some texts.
func longest(texts []string) int {
	return len(slices.MaxFunc(append(texts, ""), func(a, b string) int { return cmp.Compare(len(a), len(b)) }))
}
