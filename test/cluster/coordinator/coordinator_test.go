package coordinator

import (
	"slices"
	"testing"
	"time"

	coordination "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestSeeds(t *testing.T) {
	online := func(address string) peer { return peer{address: address, state: "ONLINE"} }
	offline, ahead, silent := peer{state: "OFFLINE"}, peer{state: "OFFLINE", ahead: true}, peer{silent: true}
	for name, test := range map[string]struct {
		peers  []peer
		want   []string
		refuse bool
	}{
		"alone":                     {nil, nil, false},
		"all offline, we lead":      {[]peer{offline, offline}, nil, false},
		"all offline, another does": {[]peer{offline, ahead}, nil, true},
		"nobody may be missing":     {[]peer{offline, silent}, nil, true},
		"a group is there":          {[]peer{silent, online("1.2.3.4"), ahead, online("1.2.3.5")}, []string{"1.2.3.4:33061", "1.2.3.5:33061"}, false},
		"recovering is not online":  {[]peer{{state: "RECOVERING", ahead: true}}, nil, true},
	} {
		have, err := seeds(test.peers)
		if !slices.Equal(have, test.want) || (err != nil) != test.refuse {
			t.Errorf("%s: have %q, %v", name, have, err)
		}
	}
}

func TestGaleraFirst(t *testing.T) {
	node := func(name, seqno string) corev1.Pod {
		return corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{seqnoOfNode: seqno}}}
	}
	g := &galera{&kube{pod: "px-1"}}
	for name, test := range map[string]struct {
		others []corev1.Pod
		want   bool
	}{
		"alone":                       {nil, true},
		"one has not said":            {[]corev1.Pod{node("px-0", "3"), node("px-2", "")}, false},
		"one goes further":            {[]corev1.Pod{node("px-2", "8")}, false},
		"we go furthest":              {[]corev1.Pod{node("px-0", "6"), node("px-2", "-1")}, true},
		"as far, with a lower number": {[]corev1.Pod{node("px-0", "7")}, false},
		"as far, with a higher one":   {[]corev1.Pod{node("px-2", "7")}, true},
	} {
		if have := g.first(7, test.others); have != test.want {
			t.Errorf("%s: have %t", name, have)
		}
	}
}

func TestNames(t *testing.T) {
	k := &kube{pod: "my-db-11", set: setOf("my-db-11")}
	if ordinal(k.pod) != 11 || k.sibling(2) != "my-db-2" {
		t.Errorf("%d, %s", ordinal(k.pod), k.sibling(2))
	}
	if a := newArbiter(&kube{pod: "my-db-arbiter-0", set: setOf("my-db-arbiter-0")}); a.sibling(1) != "my-db-1" {
		t.Errorf("of an arbiter: %s", a.sibling(1))
	}
	for text, want := range map[string]int64{"12\n": 12, "-1": -1, "": -1, "x": -1} {
		if have := number(text); have != want {
			t.Errorf("%q: have %d", text, have)
		}
	}
}

// TestLease goes through what is kept in the lease of a Postgres cluster.
func TestLease(t *testing.T) {
	lease := &coordination.Lease{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{}}}
	if holder(lease) != "" || !expired(lease) || get(lease, statusKey) != resume || get(lease, "other") != "" {
		t.Errorf("an empty lease: %q, %t, %q", holder(lease), expired(lease), get(lease, statusKey))
	}
	set(lease, "other", "1")
	set(lease, statusKey, pause)
	if get(lease, "other") != "1" || get(lease, statusKey) != pause {
		t.Errorf("after setting: %v", lease.Annotations)
	}
	pod := "pg-0"
	lease.Spec.HolderIdentity = &pod
	for age, want := range map[time.Duration]bool{leaseTime - time.Second: false, leaseTime + time.Second: true} {
		then := metav1.NewMicroTime(time.Now().Add(-age))
		lease.Spec.RenewTime = &then
		if expired(lease) != want || holder(lease) != pod {
			t.Errorf("%s old: %q, %t", age, holder(lease), expired(lease))
		}
	}
}
