package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"testcluster/torture/judge"
	"testcluster/torture/proxy"
)

// scene is a case with several runs, each tried once.
type scene struct {
	name    string
	play    func(ctx context.Context, d *driver, db *database) error
	verdict string
}

var scenes = []scene{
	{name: "two-at-once", play: twoAtOnce},
	{name: "second-while-first-lives", play: secondWhileFirstLives(0)},
	{name: "take-over", play: takeOver(0)},
	{name: "clock-3h-slow-alive", play: secondWhileFirstLives(-3 * time.Hour)},
	{name: "clock-3h-fast-alive", play: secondWhileFirstLives(3 * time.Hour)},
	{name: "clock-3h-slow-dead", play: takeOver(-3 * time.Hour)},
	{name: "clock-3h-fast-dead", play: takeOver(3 * time.Hour)},
}

// cases plays all scenes on a MySQL group, at the same time.
func (d *driver) cases(ctx context.Context) bool {
	r := rows[1]
	ok := true
	var all sync.WaitGroup
	var mutex sync.Mutex
	for _, s := range scenes {
		if !selected(*rowNames, s.name) {
			continue
		}
		all.Go(func() {
			err := d.scene(ctx, r, &s)
			mutex.Lock()
			defer mutex.Unlock()
			s.verdict = "ok"
			if err != nil {
				ok, s.verdict = false, "FAILED"
				fmt.Printf("FAIL %s\nagain: make torture TORTURE=--rows=%s\n%v\n\n", s.name, s.name, err)
			}
			d.played = append(d.played, s)
		})
	}
	all.Wait()
	return ok
}

func (d *driver) scene(ctx context.Context, r *row, s *scene) error {
	if d.reference(r) == nil {
		if err := d.undisturbed(ctx, r); err != nil {
			return err
		}
	}
	db, err := d.prepare(ctx, r)
	if db != nil {
		defer d.leave(db)
	}
	if err == nil {
		err = s.play(ctx, d, db)
	}
	if err == nil {
		err = d.ends(ctx, db)
	}
	return d.shown(db, err)
}

// both runs the row's command twice at the same time; the second begins when
// the first has sent a request.
func (d *driver) both(ctx context.Context, db *database, first, second proxy.Options, when func(*proxy.Request) bool) (a, b *judge.Run, err error) {
	args := db.row.upgrade(db.namespace)
	begin := make(chan struct{})
	var once sync.Once
	at := first.At
	first.At = func(r *proxy.Request) bool {
		if when(r) {
			once.Do(func() { close(begin) })
		}
		return at != nil && at(r)
	}
	if first.Fault == proxy.None {
		first.Fault, at = watchOnly, nil
	}
	var all sync.WaitGroup
	var errs [2]error
	all.Go(func() { a, _, errs[0] = d.invoke(ctx, db, args, first); once.Do(func() { close(begin) }) })
	all.Go(func() { <-begin; b, _, errs[1] = d.invoke(ctx, db, args, second) })
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return a, b, err
		}
	}
	return a, b, nil
}

// watchOnly is a fault that no request meets: the proxy only asks.
const watchOnly proxy.Fault = "watch-only"

func twoAtOnce(ctx context.Context, d *driver, db *database) error {
	a, b, err := d.both(ctx, db, proxy.Options{}, proxy.Options{}, proxy.Nth(1))
	if err != nil {
		return err
	}
	if !(a.Exit == 0 && (b.Exit == 6 || b.Exit == 0)) && !(b.Exit == 0 && a.Exit == 6) {
		return fmt.Errorf("they ended with %d and %d", a.Exit, b.Exit)
	}
	return nil
}

// secondWhileFirstLives: the second comes when the first restarts a member, and
// must go away and say whose lock it is.
func secondWhileFirstLives(skew time.Duration) func(context.Context, *driver, *database) error {
	return func(ctx context.Context, d *driver, db *database) error {
		a, b, err := d.both(ctx, db, proxy.Options{Skew: skew}, proxy.Options{}, nthEviction(1)())
		if err != nil {
			return err
		}
		if a.Exit != 0 || b.Exit != 6 {
			return fmt.Errorf("they ended with %d and %d, not 0 and 6", a.Exit, b.Exit)
		}
		if !strings.Contains(db.output.String(), fmt.Sprintf("/%d/", a.PID)) {
			return fmt.Errorf("the second does not name the first, pid %d", a.PID)
		}
		return nil
	}
}

// takeOver: the first dies in the middle, and the second, which comes at once,
// goes on after the lease has run out.
func takeOver(skew time.Duration) func(context.Context, *driver, *database) error {
	return func(ctx context.Context, d *driver, db *database) error {
		eviction := nthEviction(2)()
		a, b, err := d.both(ctx, db, proxy.Options{Skew: skew, Fault: proxy.KillAfter, At: eviction}, proxy.Options{},
			func(*proxy.Request) bool { return false })
		if err != nil {
			return err
		}
		if a.Exit != -1 || b.Exit != 0 {
			return fmt.Errorf("they ended with %d and %d, not killed and 0", a.Exit, b.Exit)
		}
		if !strings.Contains(db.output.String(), "took over") {
			return fmt.Errorf("the take-over is not told")
		}
		return nil
	}
}
