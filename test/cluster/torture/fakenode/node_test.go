package fakenode

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientset "k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	utilexec "k8s.io/utils/exec"

	"testcluster/torture/servers"
)

type output struct{ strings.Builder }

func (*output) Close() error { return nil }

// TestExec asks statements over lines, and has the container end meanwhile.
func TestExec(t *testing.T) {
	model := servers.New("mysqls.kubedb.com", false)
	model.Start(time.Now(), "db-0", "9.7.4")
	c := &client{model: model, stopped: make(chan struct{}), named: (&Node{}).named, seen: func(string, string, servers.Moment) {}}
	var out output
	in := strings.NewReader("SELECT VERSION();\nSELECT\n'mark-1';\nSELECT 'mark-2';\nSELECT")
	err := c.ExecInContainer(t.Context(), "db-0", "", "mysql", nil, in, &out, nil, false, nil, 0)
	if want := "9.7.4\nERROR 1064 (42000) at line 1: You have an error in your SQL syntax\nmark-2\n"; err != nil || out.String() != want {
		t.Errorf("%v, %q", err, out.String())
	}
	reader, _ := io.Pipe() // nobody writes
	close(c.stopped)
	err = c.ExecInContainer(t.Context(), "db-0", "", "mysql", nil, reader, &out, nil, false, nil, 0)
	var exit utilexec.CodeExitError
	if !errors.As(err, &exit) || exit.Code != 137 {
		t.Errorf("the container ended: %v", err)
	}
}

// TestHandOverIsSeen has a statement that changes the group be told.
func TestHandOverIsSeen(t *testing.T) {
	model := servers.New("mysqls.kubedb.com", true)
	model.Start(time.Now(), "db-0", "9.7.4")
	told := ""
	c := &client{model: model, stopped: make(chan struct{}), named: (&Node{}).named, namespace: "ns",
		seen: func(namespace, _ string, moment servers.Moment) { told = namespace + " " + moment.What }}
	var out output
	_ = c.talk("db-0", strings.NewReader("SET GLOBAL super_read_only=ON; STOP GROUP_REPLICATION;\n"), &out)
	if told != "ns leave-group" || out.Len() != 0 {
		t.Errorf("told %q, printed %q", told, out.String())
	}
}

func TestStatus(t *testing.T) {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: "some-uid"}, Spec: corev1.PodSpec{
		InitContainers: []corev1.Container{{Name: "init", Image: "fake/init:9.7.4"}},
		Containers:     []corev1.Container{{Name: "mysql", Image: "fake/mysql:9.7.4-r2"}, {Name: "coordinator", Image: "fake/coordinator:1"}}}}
	if v := version(pod); v != "9.7.4" {
		t.Errorf("version %q", v)
	}
	status := running(pod, true)
	containers, inits := status["containerStatuses"].([]corev1.ContainerStatus), status["initContainerStatuses"].([]corev1.ContainerStatus)
	if len(containers) != 2 || !containers[1].Ready || containers[0].Image != "fake/mysql:9.7.4-r2" || len(inits) != 1 || inits[0].State.Terminated == nil {
		t.Errorf("%+v", status)
	}
}

// TestCommands runs something else than the database's client, and a client
// whose server is not there.
func TestCommands(t *testing.T) {
	model := servers.New("postgreses.kubedb.com", true)
	model.Start(time.Now(), "db-0", "15.20")
	model.Start(time.Now(), "db-1", "15.20")
	told := ""
	c := &client{model: model, stopped: make(chan struct{}), named: (&Node{}).named, namespace: "ns",
		seen: func(namespace, _ string, moment servers.Moment) { told = namespace + " " + moment.What }}
	var out, words output
	command := []string{"bash", "-c", "SCRIPT", "coordinator", "POST", "/transfer", `{"transferee": 2}`}
	err := c.ExecInContainer(t.Context(), "db-0", "", "postgres", command, nil, &out, &words, false, nil, 0)
	if err != nil || !strings.HasPrefix(out.String(), "HTTP/1.0 200 ") || told != "ns transfer" {
		t.Errorf("%v, %q, %q", err, out.String(), told)
	}
	model.Stop(time.Now(), "db-0")
	out.Reset()
	err = c.ExecInContainer(t.Context(), "db-0", "", "postgres", []string{"sh", "-c", "psql"}, strings.NewReader("SELECT"), &out, &words, false, nil, 0)
	var exit utilexec.CodeExitError
	if !errors.As(err, &exit) || exit.Code != 2 || !strings.HasPrefix(out.String(), "psql: error: ") {
		t.Errorf("no server: %v, %q", err, out.String())
	}
}

// TestAddresses has a command name another pod of its namespace by its address.
func TestAddresses(t *testing.T) {
	pod := func(namespace, name, uid string) *fake {
		return &fake{pod: &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID(uid)}}}
	}
	a, b := pod("ns", "db-router-0", "uid-a"), pod("other", "db-router-0", "uid-b")
	n := &Node{names: map[string]*fake{"ns/db-router-0": a, "other/db-router-0": b}}
	far := address(b.pod)
	if words := n.named("ns", []string{"sh", address(a.pod), far}); far == address(a.pod) || !slices.Equal(words, []string{"sh", "db-router-0", far}) {
		t.Errorf("%v", words)
	}
}

// TestTellInOrder has a pod become ready while that it is not is written slowly.
func TestTellInOrder(t *testing.T) {
	client := clientset.NewClientset()
	var written []bool
	slow := make(chan struct{})
	client.PrependReactor("patch", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		ready := !strings.Contains(string(action.(clienttesting.PatchAction).GetPatch()), `"ready":false`)
		if !ready {
			close(slow)
			time.Sleep(100 * time.Millisecond)
		}
		written = append(written, ready)
		return true, &corev1.Pod{}, nil
	})
	n := &Node{Client: client}
	f := &fake{pod: &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "mysql"}}}}}
	go n.tell(t.Context(), f)
	<-slow
	n.mutex.Lock()
	f.told = true
	n.mutex.Unlock()
	n.tell(t.Context(), f)
	if !slices.Equal(written, []bool{false, true}) {
		t.Errorf("written: %v", written)
	}
}
