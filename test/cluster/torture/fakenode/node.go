// Package fakenode is a node whose pods are fakes. It stands in for a kubelet
// where containers would make a test too slow: it says of every pod that the
// scheduler gives it that it runs and is ready, lets pods go when they are
// deleted, and answers an exec as the server in the pod would (package
// servers). Nothing runs in these pods. API server, scheduler and controllers
// are the real ones, and cannot tell.
package fakenode

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"path"
	"strings"
	"sync"
	"time"

	coordination "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/retry"

	"testcluster/torture/servers"
)

const (
	startTime = 300 * time.Millisecond // from a pod's coming until it is ready
	stopTime  = 600 * time.Millisecond // from a pod's deletion until it is gone
	roleLabel = "kubedb.com/role"
)

// Node is the fake.
type Node struct {
	Name    string
	Address string // where the API server finds Handler, as does the next
	Port    int32
	Client  kubernetes.Interface
	// Seen is told of every change of a group that a pod's server went through.
	// For a stop, version is the pod's resourceVersion that told of its deletion.
	Seen func(namespace, version string, moment servers.Moment)

	mutex  sync.Mutex
	pods   map[types.UID]*fake
	models map[string]servers.Model // by namespace/instance
	names  map[string]*fake         // by namespace/name
}

// fake is one pod.
type fake struct {
	pod     *corev1.Pod // as last seen
	stopped chan struct{}
	going   bool
	ready   bool // its containers run
	told    bool // and its status says that it is ready

	telling sync.Mutex // held while its status is written, so that what is known last is written last
}

// Run registers the node and looks after its pods until ctx is done.
func (n *Node) Run(ctx context.Context) error {
	n.pods, n.models, n.names = map[types.UID]*fake{}, map[string]servers.Model{}, map[string]*fake{}
	if err := n.register(ctx); err != nil {
		return err
	}
	go n.beat(ctx)
	go n.label(ctx)
	go n.probe(ctx)
	go n.volumes(ctx)
	mine := fields.OneTermEqualSelector("spec.nodeName", n.Name)
	list := cache.NewListWatchFromClient(n.Client.CoreV1().RESTClient(), "pods", metav1.NamespaceAll, mine)
	_, informer := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: list, ObjectType: &corev1.Pod{},
		Handler: cache.ResourceEventHandlerFuncs{
			AddFunc:    func(object any) { n.sync(ctx, object.(*corev1.Pod)) },
			UpdateFunc: func(_, object any) { n.sync(ctx, object.(*corev1.Pod)) },
			DeleteFunc: func(object any) {
				if pod, ok := object.(*corev1.Pod); ok {
					n.forget(pod)
				}
			},
		}})
	informer.RunWithContext(ctx)
	return nil
}

// register makes the node object, roomy and ready.
func (n *Node) register(ctx context.Context) error {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: n.Name, Labels: map[string]string{"kubernetes.io/hostname": n.Name, "kubernetes.io/os": "linux"}}}
	node, err := n.Client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	room := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("1000"), corev1.ResourceMemory: resource.MustParse("10Ti"),
		corev1.ResourcePods: resource.MustParse("10000"), corev1.ResourceEphemeralStorage: resource.MustParse("10Ti"),
	}
	node.Status = corev1.NodeStatus{
		Capacity: room, Allocatable: room,
		Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "Fake",
			LastHeartbeatTime: metav1.Now(), LastTransitionTime: metav1.Now()}},
		Addresses:       []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: n.Address}, {Type: corev1.NodeHostName, Address: n.Name}},
		DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: n.Port}},
	}
	// Controllers write to a new node, too.
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		now, err := n.Client.CoreV1().Nodes().Get(ctx, n.Name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		now.Status = node.Status
		_, err = n.Client.CoreV1().Nodes().UpdateStatus(ctx, now, metav1.UpdateOptions{})
		return err
	})
}

// beat renews the node's lease, by which the controller manager knows that it lives.
func (n *Node) beat(ctx context.Context) {
	leases := n.Client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	seconds := int32(40)
	for ctx.Err() == nil {
		now := metav1.NowMicro()
		lease, err := leases.Get(ctx, n.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			_, _ = leases.Create(ctx, &coordination.Lease{ObjectMeta: metav1.ObjectMeta{Name: n.Name},
				Spec: coordination.LeaseSpec{HolderIdentity: &n.Name, LeaseDurationSeconds: &seconds, RenewTime: &now}}, metav1.CreateOptions{})
		} else if err == nil {
			lease.Spec.RenewTime = &now
			_, _ = leases.Update(ctx, lease, metav1.UpdateOptions{})
		}
		pause(ctx, 5*time.Second)
	}
}

// sync brings a pod on its way.
func (n *Node) sync(ctx context.Context, pod *corev1.Pod) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	f := n.pods[pod.UID]
	if f == nil {
		f = &fake{stopped: make(chan struct{})}
		n.pods[pod.UID] = f
		n.names[pod.Namespace+"/"+pod.Name] = f
		go n.start(ctx, f)
	}
	f.pod = pod
	if pod.DeletionTimestamp != nil && !f.going {
		f.going = true
		close(f.stopped)
		if model := n.model(pod); model != nil && f.ready {
			moment := model.Stop(time.Now(), pod.Name)
			if !rehearses(pod) {
				n.Seen(pod.Namespace, pod.ResourceVersion, moment)
			}
		}
		go n.end(ctx, pod)
	}
}

func (n *Node) forget(pod *corev1.Pod) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	f := n.pods[pod.UID]
	delete(n.pods, pod.UID)
	if n.names[pod.Namespace+"/"+pod.Name] == f {
		delete(n.names, pod.Namespace+"/"+pod.Name)
	}
}

// start says that a pod runs, after the time that it takes.
func (n *Node) start(ctx context.Context, f *fake) {
	pause(ctx, startTime)
	n.mutex.Lock()
	pod := f.pod
	if f.going {
		n.mutex.Unlock()
		return
	}
	f.ready = true
	if model := n.model(pod); model != nil {
		model.Start(time.Now(), pod.Name, version(pod))
	}
	f.told = n.well(pod)
	n.mutex.Unlock()
	n.tell(ctx, f)
}

// well tells whether a pod whose containers run is ready.
func (n *Node) well(pod *corev1.Pod) bool {
	model := n.model(pod)
	return model == nil || model.Ready(time.Now(), pod.Name)
}

// probe does the kubelet's part of the readiness probe.
func (n *Node) probe(ctx context.Context) {
	for ; ctx.Err() == nil; pause(ctx, 100*time.Millisecond) {
		n.mutex.Lock()
		var changed []*fake
		for _, f := range n.pods {
			if ready := n.well(f.pod); f.ready && !f.going && ready != f.told {
				f.told = ready
				changed = append(changed, f)
			}
		}
		n.mutex.Unlock()
		for _, f := range changed {
			n.tell(ctx, f)
		}
	}
}

// tell writes a pod's status.
func (n *Node) tell(ctx context.Context, f *fake) {
	f.telling.Lock()
	defer f.telling.Unlock()
	n.mutex.Lock()
	pod, ready := f.pod, f.told
	n.mutex.Unlock()
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": pod.UID}, "status": running(pod, ready)})
	for try := 0; err == nil && try < 10; try++ {
		if _, err := n.Client.CoreV1().Pods(pod.Namespace).Patch(ctx, pod.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status"); err == nil ||
			apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
			return
		}
		pause(ctx, 100*time.Millisecond)
	}
}

// end deletes a pod for good, as a kubelet does when all its containers have ended.
func (n *Node) end(ctx context.Context, pod *corev1.Pod) {
	pause(ctx, stopTime)
	n.noticed(ctx, pod)
	now := int64(0)
	for try := 0; try < 50; try++ {
		err := n.Client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
			GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &pod.UID}})
		if err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
			return
		}
		pause(ctx, 100*time.Millisecond)
	}
}

// model is that of the database which a pod belongs to; nil for another pod.
func (n *Node) model(pod *corev1.Pod) servers.Model {
	key := pod.Namespace + "/" + pod.Labels["app.kubernetes.io/instance"]
	if rehearses(pod) {
		key = pod.Namespace + "/" + string(pod.UID)
		if n.models[key] == nil {
			n.models[key] = servers.NewRehearsal()
		}
	} else if n.models[key] == nil {
		// With a coordinator; read replicas have none, and those they follow have.
		clustered := len(pod.Spec.Containers) > 1 || pod.Labels[roleLabel] == "read-replica"
		if model := servers.New(path.Join(pod.Labels["app.kubernetes.io/name"], setting(pod, "TOPOLOGY"), setting(pod, "GROUP_MODE")), clustered); model != nil {
			n.models[key] = model
		}
	}
	return n.models[key]
}

// rehearses tells whether a pod is none of a database's members.
func rehearses(pod *corev1.Pod) bool {
	return pod.Labels["app.kubernetes.io/component"] == servers.RehearsalLabel
}

// Rehearsals are the models of all pods of a namespace in which upgrades were rehearsed.
func (n *Node) Rehearsals(namespace string) (models []servers.Model) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for key, model := range n.models {
		if strings.HasPrefix(key, namespace+"/") && servers.Rehearses(model) {
			models = append(models, model)
		}
	}
	return models
}

// setting is a variable of a server's environment.
func setting(pod *corev1.Pod, name string) string {
	for _, variable := range pod.Spec.Containers[0].Env {
		if variable.Name == name {
			return variable.Value
		}
	}
	return ""
}

// Model is that of a database that had pods here; nil without one.
func (n *Node) Model(namespace, instance string) servers.Model {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.models[namespace+"/"+instance]
}

// label does the coordinators' work: it has each pod's role in a label.
func (n *Node) label(ctx context.Context) {
	for ; ctx.Err() == nil; pause(ctx, 100*time.Millisecond) {
		for _, pod := range n.running() {
			n.mutex.Lock()
			model := n.model(pod)
			n.mutex.Unlock()
			if model == nil {
				continue
			}
			role, ok := model.Roles(time.Now())[pod.Name]
			if ok && pod.Labels[roleLabel] != role {
				patch := fmt.Sprintf(`{"metadata":{"uid":%q,"labels":{%q:%q}}}`, pod.UID, roleLabel, role)
				_, _ = n.Client.CoreV1().Pods(pod.Namespace).Patch(ctx, pod.Name, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
			}
		}
	}
}

// running returns the pods that are ready and stay.
func (n *Node) running() (pods []*corev1.Pod) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for _, f := range n.pods {
		if f.ready && !f.going {
			pods = append(pods, f.pod)
		}
	}
	return pods
}

// version is what the server in a pod calls itself: its image's tag, without
// the suffix of an image that was built again.
func version(pod *corev1.Pod) string {
	image := pod.Spec.Containers[0].Image
	tag, _, _ := strings.Cut(image[strings.LastIndexByte(image, ':')+1:], "-")
	return tag
}

// address is one of a pod's own, at which nobody answers.
func address(pod *corev1.Pod) string {
	sum := crc32.ChecksumIEEE([]byte(pod.UID))
	return fmt.Sprintf("198.18.%d.%d", 1+byte(sum>>8)%250, byte(sum))
}

// named gives a command pods' names in the place of their addresses.
func (n *Node) named(namespace string, command []string) (words []string) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for _, word := range command {
		for _, f := range n.names {
			if f.pod != nil && f.pod.Namespace == namespace && address(f.pod) == word {
				word = f.pod.Name
			}
		}
		words = append(words, word)
	}
	return words
}

// running is the status of a pod whose containers run, and are ready or not: the
// first, which has the server.
func running(pod *corev1.Pod, ready bool) map[string]any {
	now := metav1.Now()
	var conditions []corev1.PodCondition
	for _, kind := range []corev1.PodConditionType{corev1.PodReadyToStartContainers, corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady, corev1.PodScheduled} {
		status := corev1.ConditionTrue
		if !ready && (kind == corev1.ContainersReady || kind == corev1.PodReady) {
			status = corev1.ConditionFalse
		}
		conditions = append(conditions, corev1.PodCondition{Type: kind, Status: status, LastTransitionTime: now})
	}
	started := true
	said := func(containers []corev1.Container, state corev1.ContainerState) (list []corev1.ContainerStatus) {
		for i, c := range containers {
			list = append(list, corev1.ContainerStatus{Name: c.Name, Image: c.Image, ImageID: "sha256:" + c.Image,
				ContainerID: fmt.Sprintf("fake://%s/%s", pod.UID, c.Name), Ready: ready || i > 0, Started: &started, State: state})
		}
		return list
	}
	address := address(pod)
	return map[string]any{
		"phase": corev1.PodRunning, "conditions": conditions, "startTime": now,
		"podIP": address, "podIPs": []corev1.PodIP{{IP: address}},
		"containerStatuses":     said(pod.Spec.Containers, corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}}),
		"initContainerStatuses": said(pod.Spec.InitContainers, corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Completed", StartedAt: now, FinishedAt: now}}),
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
