package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"testcluster/torture/proxy"
)

// point is one row, one fault, one request.
type point struct {
	row   *row
	fault proxy.Fault
	n     int
	err   error
	tried bool
}

// run goes through all that is wanted, prints the table, and tells whether all survived.
func (d *driver) run(ctx context.Context) bool {
	wanted := slices.DeleteFunc(slices.Clone(rows), func(r *row) bool { return !selected(*rowNames, r.name) })
	if err := d.makeBackend(ctx, wanted); err != nil {
		fmt.Printf("FAIL the database behind the proxies: %v\n", err)
		return false
	}
	ok := d.undisturbedAll(ctx, wanted)
	var list []*point
	for _, r := range wanted {
		reference := d.reference(r)
		if reference == nil || reference.requests == 0 {
			continue
		}
		fmt.Printf("%s  %s: %d requests undisturbed\n", since(d.begin), r.name, reference.requests)
		for _, fault := range wantedFaults() {
			for _, n := range wantedPoints(reference.requests) {
				list = append(list, &point{row: r, fault: fault, n: n})
			}
		}
	}
	list = strided(list)
	shuffle(list)
	fmt.Printf("%s  %d points\n", since(d.begin), len(list))
	var all sync.WaitGroup
	var points, cases bool
	all.Go(func() { points = d.each(ctx, list) })
	all.Go(func() { cases = d.cases(ctx) })
	all.Wait()
	d.table(wanted, list)
	d.tests(list)
	return ok && points && cases
}

// strided leaves out what --every and --offset say.
func strided(all []*point) (list []*point) {
	for i, p := range all {
		if i%*every == *offset%*every {
			list = append(list, p)
		}
	}
	return list
}

// undisturbedAll runs each row once undisturbed.
func (d *driver) undisturbedAll(ctx context.Context, wanted []*row) bool {
	ok := true
	var mutex sync.Mutex
	var all sync.WaitGroup
	for _, r := range wanted {
		all.Go(func() {
			if err := d.undisturbed(ctx, r); err != nil {
				mutex.Lock()
				defer mutex.Unlock()
				ok = false
				fmt.Printf("FAIL %s, undisturbed: %v\n", r.name, err)
			}
		})
	}
	all.Wait()
	return ok
}

// each tries all points, some at a time, or those that are begun within the limit.
func (d *driver) each(ctx context.Context, list []*point) bool {
	queue := make(chan *point)
	var all sync.WaitGroup
	var mutex sync.Mutex
	begin := time.Now()
	done, failed, told := 0, 0, begin
	for range *parallel {
		all.Go(func() {
			for p := range queue {
				d.point(ctx, p)
				mutex.Lock()
				done++
				if p.failed() && ctx.Err() == nil {
					failed++
					fmt.Printf("FAIL %s, %s at request %d\nagain: %s\n%v\n\n", p.row.name, p.fault, p.n, repeat(p.row, p.fault, p.n), p.err)
				}
				if time.Since(told) > 30*time.Second {
					told = time.Now()
					fmt.Printf("%s  %d of %d points, %d failed\n", since(d.begin), done, len(list), failed)
				}
				mutex.Unlock()
			}
		})
	}
	for i, p := range list {
		if *limit > 0 && time.Since(begin) > *limit || ctx.Err() != nil {
			fmt.Printf("%s  the time is over: %d points are not tried\n", since(d.begin), len(list)-i)
			break
		}
		queue <- p
	}
	close(queue)
	all.Wait()
	return failed == 0
}

func (p *point) failed() bool { return p.err != nil && !errors.Is(p.err, errNotMet) }

func (d *driver) point(ctx context.Context, p *point) {
	db, err := d.prepare(ctx, p.row)
	if db != nil {
		defer d.leave(db)
	}
	if err == nil {
		err = d.try(ctx, db, p.fault, p.n)
	}
	p.tried, p.err = ctx.Err() == nil, d.shown(db, err)
}

// table prints how many points were survived of those tried, and how often a
// run ended before its point.
func (d *driver) table(wanted []*row, list []*point) {
	var names []string
	for _, r := range wanted {
		names = append(names, r.name)
	}
	width := longest(names)
	fmt.Printf("\nsurvived/tried, by the fault at the n-th request, for n = 1 to the number of requests\n%-*s requests", width, "")
	for _, fault := range proxy.Faults {
		fmt.Printf(" %11s", fault)
	}
	fmt.Println()
	tried, survived, unmet := 0, 0, 0
	for _, r := range wanted {
		requests := 0
		if reference := d.reference(r); reference != nil {
			requests = reference.requests
		}
		fmt.Printf("%-*s %8d", width, r.name, requests)
		for _, fault := range proxy.Faults {
			all, good := 0, 0
			for _, p := range list {
				switch {
				case p.row != r || p.fault != fault || !p.tried:
				case errors.Is(p.err, errNotMet):
					unmet++
				default:
					all++
					if !p.failed() {
						good++
					}
				}
			}
			tried, survived = tried+all, survived+good
			fmt.Printf(" %11s", fmt.Sprintf("%d/%d", good, all))
		}
		fmt.Println()
	}
	for _, c := range d.played {
		fmt.Println(strings.TrimRight(fmt.Sprintf("%-*s %s", width, c.name, c.verdict), " "))
	}
	fmt.Printf("%d of %d points survived, %d not met (the run had fewer requests), %s\n", survived, tried, unmet, time.Since(d.begin).Round(time.Second))
}

// tests prints each point and case as a test.
func (d *driver) tests(list []*point) {
	if !*tap {
		return
	}
	n := 0
	say := func(failed bool, name, skip string) {
		n++
		fmt.Printf("%s %d - %s%s\n", map[bool]string{false: "ok", true: "not ok"}[failed], n, name, skip)
	}
	for _, p := range list {
		if !p.tried {
			continue
		}
		skip := ""
		if errors.Is(p.err, errNotMet) {
			skip = " # skip the run had fewer requests"
		}
		say(p.failed(), fmt.Sprintf("%s, %s at request %d", p.row.name, p.fault, p.n), skip)
	}
	for _, s := range d.played {
		say(s.verdict != "ok", s.name, "")
	}
	fmt.Printf("1..%d\n", n)
}
