package fakenode

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// noticed waits until the controller of disruption budgets has seen that a pod
// goes. It goes by names: where a pod of the same name is there by then, it
// allows no eviction for two minutes.
func (n *Node) noticed(ctx context.Context, pod *corev1.Pod) {
	for try := 0; try < 100; try++ {
		budgets, err := n.Client.PolicyV1().PodDisruptionBudgets(pod.Namespace).List(ctx, metav1.ListOptions{})
		if err == nil && !slices.ContainsFunc(budgets.Items, func(budget policyv1.PodDisruptionBudget) bool {
			_, goes := budget.Status.DisruptedPods[pod.Name]
			return goes
		}) {
			return
		}
		pause(ctx, 100*time.Millisecond)
	}
}
