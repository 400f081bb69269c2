package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"strconv"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"

	"testcluster/torture/judge"
	"testcluster/torture/servers"
)

// observer watches all databases and what belongs to them, directly at the API
// server, and sorts what it hears by namespace: each database has one.
type observer struct {
	mutex   sync.Mutex
	records map[string]*record
}

// record is what the observer heard of one database.
type record struct {
	namespace string
	kind      *kind
	mutex     sync.Mutex
	history   judge.History
	versions  map[string]map[string]string // of the objects there are, by resource and name
}

func newObserver() *observer { return &observer{records: map[string]*record{}} }

// start begins to watch; what was there before is not told.
func (o *observer) start(ctx context.Context, objects dynamic.Interface, names []schema.GroupVersionResource) error {
	for _, name := range names {
		list, err := objects.Resource(name).List(ctx, metav1.ListOptions{Limit: 1})
		if err != nil {
			return err
		}
		go o.watch(ctx, objects.Resource(name), name.Resource, list.GetResourceVersion())
	}
	return nil
}

// watch goes on from where it was each time that the API server ends it. An
// observer that missed something is no observer: then all ends.
func (o *observer) watch(ctx context.Context, objects dynamic.NamespaceableResourceInterface, resource, version string) {
	for ctx.Err() == nil {
		w, err := objects.Watch(ctx, metav1.ListOptions{ResourceVersion: version, AllowWatchBookmarks: true})
		if err != nil {
			if ctx.Err() == nil {
				fmt.Fprintf(os.Stderr, "torture: the observer of %s: %v\n", resource, err)
			}
			time.Sleep(100 * time.Millisecond)
			continue
		}
		for e := range w.ResultChan() {
			object, ok := e.Object.(*unstructured.Unstructured)
			if ctx.Err() != nil {
				return
			}
			if !ok || e.Type == watch.Error {
				fmt.Fprintf(os.Stderr, "torture: the observer of %s missed something: %v\n", resource, e.Object)
				os.Exit(1)
			}
			version = object.GetResourceVersion()
			if e.Type != watch.Bookmark {
				o.heard(resource, e.Type, object)
			}
		}
	}
}

func (o *observer) of(namespace string) *record {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.records[namespace]
}

// open begins a record, before there is anything in its namespace.
func (o *observer) open(namespace string, k *kind) *record {
	r := &record{namespace: namespace, kind: k, versions: map[string]map[string]string{}}
	r.history = judge.History{Database: k.database.Resource, Set: k.set.Resource, Name: databaseName, Images: k.images, Routers: k.routers}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.records[namespace] = r
	return r
}

func (o *observer) close(r *record) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	delete(o.records, r.namespace)
}

func (o *observer) heard(resource string, what watch.EventType, object *unstructured.Unstructured) {
	r := o.of(object.GetNamespace())
	if r == nil {
		return
	}
	version, _ := strconv.ParseInt(object.GetResourceVersion(), 10, 64)
	e := judge.Event{Version: version, At: time.Now(), Resource: resource, Name: object.GetName(), Object: object.Object}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.versions[resource] == nil {
		r.versions[resource] = map[string]string{}
	}
	r.versions[resource][e.Name] = object.GetResourceVersion()
	if what == watch.Deleted {
		e.Object = nil
		delete(r.versions[resource], e.Name)
	}
	r.history.Events = append(r.history.Events, e)
}

// changed is told by the fake node.
func (o *observer) changed(namespace, version string, moment servers.Moment) {
	if r := o.of(namespace); r != nil {
		n, _ := strconv.ParseInt(version, 10, 64)
		r.mutex.Lock()
		defer r.mutex.Unlock()
		r.history.Changes = append(r.history.Changes, judge.Change{Version: n, Moment: moment})
	}
}

// same tells whether the objects of a resource are known in these versions.
func (r *record) same(resource string, versions map[string]string) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return maps.Equal(r.versions[resource], versions) || len(versions) == 0 && len(r.versions[resource]) == 0
}

// ran adds an invocation to the history.
func (r *record) ran(run *judge.Run) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.history.Runs = append(r.history.Runs, run)
}

// copy is the history so far, for a judge.
func (r *record) copy() *judge.History {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	h := r.history
	h.Events = append([]judge.Event(nil), h.Events...)
	h.Changes = append([]judge.Change(nil), h.Changes...)
	return &h
}

func (r *record) state() *judge.State { return judge.Last(r.copy()) }
