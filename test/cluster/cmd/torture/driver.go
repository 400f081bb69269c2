package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"testcluster/torture/judge"
	"testcluster/torture/proxy"
)

// A run that takes longer than this hangs. It is long because the controller of
// disruption budgets goes by the names of pods: when it was too busy to see that
// a pod was gone before the next one of that name came, it allows no eviction for
// two minutes, and each member may meet that.
const runLimit = 10 * time.Minute

// driver goes through rows, faults and points.
type driver struct {
	*cluster
	begin      time.Time
	mutex      sync.Mutex
	references map[string]*reference // by row
	serial     atomic.Int32
	played     []scene
}

// reference is what the undisturbed run of a row was like.
type reference struct {
	requests int
	end      []string
}

// database is one database that a row is tried on, in a namespace of its own.
type database struct {
	*record
	row    *row
	folder string
	output strings.Builder // of all runs
}

// make makes a row's database in a new namespace and waits until it is Ready.
func (d *driver) make(ctx context.Context, r *row) (*database, error) {
	return d.makeIn(ctx, r, fmt.Sprintf("t-%d", d.serial.Add(1)))
}

// makeBackend makes the database that is behind all ProxySQLs, if there are any.
func (d *driver) makeBackend(ctx context.Context, wanted []*row) error {
	if !slices.ContainsFunc(wanted, func(r *row) bool { return r.kind.before != nil }) {
		return nil
	}
	_, err := d.makeIn(ctx, rows[0], backendNamespace)
	return err
}

func (d *driver) makeIn(ctx context.Context, r *row, namespace string) (*database, error) {
	db := &database{record: d.observer.open(namespace, r.kind), row: r, folder: d.path(namespace)}
	db.history.Members, db.history.Major, db.history.NewSet = r.members, r.major, slices.Contains(r.flags, "new-set")
	if err := os.Mkdir(db.folder, 0o700); err != nil {
		return nil, err
	}
	_, err := d.typed.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	for _, before := range slices.Concat(r.kind.before, r.before) {
		if err := d.create(ctx, before.GroupVersionResource, namespace, &unstructured.Unstructured{Object: before.content}); err != nil {
			return nil, err
		}
	}
	if err := d.create(ctx, r.kind.database, namespace, r.object(namespace)); err != nil {
		return nil, err
	}
	for end := time.Now().Add(3 * time.Minute); !db.ready(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) || ctx.Err() != nil {
			return nil, fmt.Errorf("%s in %s does not come up:\n%s", r.name, namespace, db.copy())
		}
	}
	return db, d.say(db)
}

func (d *driver) create(ctx context.Context, what schema.GroupVersionResource, namespace string, content *unstructured.Unstructured) error {
	_, err := d.objects.Resource(what).Namespace(namespace).Create(ctx, content.DeepCopy(), metav1.CreateOptions{})
	return err
}

// say tells each member's server what the row wants it to be told.
func (d *driver) say(db *database) error {
	for i := range db.row.members {
		for _, statement := range db.row.said {
			pod := fmt.Sprintf("%s-%d", databaseName, i)
			if answer, _ := d.node.Model(db.namespace, databaseName).Answer(time.Now(), pod, statement); answer != "" {
				return fmt.Errorf("%s: %s: %s", pod, statement, answer)
			}
		}
	}
	return nil
}

// ready tells whether the operator calls it Ready and each member has its role.
func (db *database) ready() bool {
	return judge.Settled(db.state(), db.row.members, db.row.members > 1 && !db.row.kind.plain)
}

// leave deletes the database, in the background, and forgets it.
func (d *driver) leave(db *database) {
	d.note(d.node.Model(db.namespace, databaseName))
	d.observer.close(db.record)
	_ = d.typed.CoreV1().Namespaces().Delete(context.Background(), db.namespace, metav1.DeleteOptions{})
	_ = os.RemoveAll(db.folder)
}

// run runs the program behind a proxy until it ends.
func (d *driver) invoke(ctx context.Context, db *database, args []string, options proxy.Options) (*judge.Run, *proxy.Proxy, error) {
	cmd := exec.Command(*program, args...)
	started := make(chan struct{})
	options.Signal = func(f proxy.Fault) {
		<-started
		if f == proxy.StopBefore {
			_ = cmd.Process.Signal(os.Interrupt)
			return
		}
		_ = cmd.Process.Kill()
	}
	p, err := proxy.Start(d.upstream, d.transport, d.serving, options)
	if err != nil {
		return nil, nil, err
	}
	defer p.Close()
	kubeconfig := filepath.Join(db.folder, fmt.Sprintf("kubeconfig-%d", time.Now().UnixNano()))
	if err := os.WriteFile(kubeconfig, []byte(d.kubeconfig(p.URL)), 0o600); err != nil {
		return nil, nil, err
	}
	var output bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = db.folder, &output, &output
	cmd.Env = []string{"KUBECONFIG=" + kubeconfig, "PATH=" + os.Getenv("PATH"), "HOME=" + db.folder}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	close(started)
	hung := time.AfterFunc(runLimit, func() { _ = cmd.Process.Kill() })
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait()
	stop()
	run := &judge.Run{PID: cmd.Process.Pid, Command: strings.Join(args, " "), Exit: cmd.ProcessState.ExitCode(), Ended: time.Now(), Requests: p.Requests()}
	db.mutex.Lock()
	fmt.Fprintf(&db.output, "$ kubectl dbupgrade %s   (pid %d)\n%s[exit status %d]\n", run.Command, run.PID, output.String(), run.Exit)
	db.mutex.Unlock()
	db.ran(run)
	if !hung.Stop() {
		return run, p, fmt.Errorf("pid %d did not end within %s", run.PID, runLimit)
	}
	return run, p, ctx.Err()
}

func (d *driver) kubeconfig(server string) string {
	return fmt.Sprintf(`apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "%s", certificate-authority: %s}}]
users: [{name: u, user: {token: none}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
current-context: c
`, server, d.authority)
}

// errNotMet says that a run ended before the request that was to be disturbed.
var errNotMet = errors.New("the run has fewer requests")

// try runs a row's command with one fault, and again where that stopped it, and
// looks at what was seen and at the end.
func (d *driver) try(ctx context.Context, db *database, fault proxy.Fault, n int) error {
	args, wanted := db.row.command(db.namespace)
	first, p, err := d.invoke(ctx, db, args, proxy.Options{Fault: fault, At: proxy.Nth(n)})
	if err != nil {
		return err
	}
	if fault != proxy.None && !p.Met() {
		return errNotMet
	}
	if first.Exit != wanted {
		if err := d.again(ctx, db, args, wanted); err != nil {
			return err
		}
	}
	return d.ends(ctx, db)
}

// again runs the command undisturbed. An abort whose first run did all but say
// so finds nothing to walk back: then only the end state counts.
func (d *driver) again(ctx context.Context, db *database, args []string, wanted int) error {
	state, err := d.current(ctx, db.record) // what is observed may be late
	if err != nil {
		return err
	}
	second, _, err := d.invoke(ctx, db, args, proxy.Options{})
	if err == nil && second.Exit != wanted && (judge.HasLease(state) || db.row.middle == nil) {
		err = fmt.Errorf("the second run ended with %d, not %d", second.Exit, wanted)
	}
	return err
}

// ends compares the end with the undisturbed one and has the history judged.
func (d *driver) ends(ctx context.Context, db *database) error {
	reference := d.reference(db.row)
	var differs []string
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		state, err := d.current(ctx, db.record)
		if err != nil {
			return err
		}
		differs = judge.Difference(judge.End(state, db.namespace), reference.end)
		if len(differs) == 0 || time.Now().After(end) {
			break
		}
	}
	if model := d.node.Model(db.namespace, databaseName); model != nil {
		db.mutex.Lock()
		db.history.Broken = model.Broken()
		for _, rehearsal := range d.node.Rehearsals(db.namespace) {
			db.history.Broken = append(append(db.history.Broken, rehearsal.Broken()...), rehearsal.Unknown()...)
		}
		db.mutex.Unlock()
	}
	var wrong []string
	if len(differs) > 0 {
		wrong = append(wrong, "the end differs from the undisturbed run's:\n"+strings.Join(differs, "\n"))
	}
	wrong = append(wrong, judge.Judge(db.copy())...)
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "\n"))
	}
	return nil
}

// prepare makes a row's database and brings it to where its command begins. An
// abort's end is to be as it was before the upgrade.
func (d *driver) prepare(ctx context.Context, r *row) (*database, error) {
	db, err := d.make(ctx, r)
	if err != nil || r.middle == nil {
		return db, err
	}
	if err := d.refer(ctx, db, 0); err != nil {
		return db, err
	}
	run, p, err := d.invoke(ctx, db, r.upgrade(db.namespace), proxy.Options{Fault: proxy.StopBefore, At: r.middle()})
	if err == nil && (!p.Met() || run.Exit != 130) {
		err = fmt.Errorf("the upgrade before was to be interrupted, and ended with %d", run.Exit)
	}
	return db, err
}

// refer has the end of a row be as its database is now, unless it is known.
func (d *driver) refer(ctx context.Context, db *database, requests int) error {
	state, err := d.current(ctx, db.record)
	if err != nil {
		return err
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.references[db.row.name] == nil {
		d.references[db.row.name] = &reference{end: judge.End(state, db.namespace)}
	}
	if requests > 0 {
		d.references[db.row.name].requests = requests
	}
	return nil
}

// reference is what is known of a row, nil if nothing.
func (d *driver) reference(r *row) *reference {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.references[r.name]
}

// undisturbed runs a row's command without a fault, for what it is like.
func (d *driver) undisturbed(ctx context.Context, r *row) error {
	db, err := d.prepare(ctx, r)
	if db != nil {
		defer d.leave(db)
	}
	if err != nil {
		return d.shown(db, err)
	}
	args, wanted := r.command(db.namespace)
	run, _, err := d.invoke(ctx, db, args, proxy.Options{})
	if err == nil && run.Exit != wanted {
		err = fmt.Errorf("undisturbed, it ended with %d, not %d", run.Exit, wanted)
	}
	if err == nil {
		time.Sleep(time.Second) // the labels of roles
		err = d.refer(ctx, db, len(run.Requests))
	}
	if err == nil {
		err = d.ends(ctx, db)
	}
	return d.shown(db, err)
}

// shown adds to an error all that is known of its database.
func (d *driver) shown(db *database, err error) error {
	if err == nil || errors.Is(err, errNotMet) || db == nil {
		return err
	}
	db.mutex.Lock()
	output := db.output.String()
	db.mutex.Unlock()
	return fmt.Errorf("%w\n-- output --\n%s-- what was observed --\n%s", err, output, db.copy())
}

// shuffle brings points in an order that the seed decides.
func shuffle(points []*point) {
	rand.New(rand.NewPCG(*seed, 0)).Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
}
