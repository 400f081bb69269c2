package test

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// newSet puts a second set of members beside a database's own, and then in its
// place: as long as there are two the operator only looks at them, and one of
// another name it takes for the database's.
func (c *cluster) newSet(apiVersion string, set func(string) *unstructured.Unstructured) {
	ctx := c.Context()
	isPhase := func(want string) func(context.Context) bool {
		return func(context.Context) bool { return phase(c.object(apiVersion, "MySQL", "group")) == want }
	}
	c.pause(apiVersion, "group", true)
	old := set("group")
	next := &unstructured.Unstructured{Object: map[string]any{"spec": old.Object["spec"]}}
	next.SetGroupVersionKind(old.GroupVersionKind())
	next.SetNamespace("default")
	next.SetName("group-1")
	next.SetLabels(old.GetLabels())
	next.SetOwnerReferences(old.GetOwnerReferences())
	c.must(c.Create(ctx, next))
	c.eventually("all pods of both sets", func(context.Context) bool { return strings.Count(c.uids("group"), "group-") == 6 })
	var last corev1.Pod
	c.must(c.Get(ctx, key("group-1-2"), &last))
	c.label(&last, "app.kubernetes.io/instance", "another")
	c.eventually("health to tell of a member that a second set lacks", isPhase("Critical"))
	c.label(&last, "app.kubernetes.io/instance", "group")
	c.eventually("health of both sets", isPhase("Ready"))

	c.pause(apiVersion, "group", false)
	c.eventually("the operator to complain of two sets", func(ctx context.Context) bool {
		var events corev1.EventList
		c.must(c.List(ctx, &events, client.InNamespace("default")))
		for _, event := range events.Items {
			if event.InvolvedObject.Name == "group" && event.Type == "Warning" &&
				strings.HasSuffix(event.Message, "more then one "+old.GetKind()+" found for MySQL default/group") {
				return true
			}
		}
		return false
	})
	c.setImage(set("group-1"), "mysql:other")
	c.always("neither is changed", func(context.Context) bool { return imageOf(set("group-1")) == "mysql:other" })

	c.pause(apiVersion, "group", true)
	c.must(c.Delete(ctx, old))
	c.eventually("the pods of the old set to go", func(context.Context) bool { return strings.Count(c.uids("group"), "group-") == 3 })
	var first corev1.Pod
	c.must(c.Get(ctx, key("group-1-0"), &first))
	c.label(&first, "kubedb.com/role", "primary")
	c.pause(apiVersion, "group", false)
	c.eventually("the operator to go on with the one set", func(context.Context) bool {
		return imageOf(set("group-1")) == "mysql:new" && baseName(set("group-1")) == "group-1" && isPhase("Ready")(ctx)
	})
	c.always("there is no other one", func(ctx context.Context) bool {
		again := old.DeepCopy()
		return errors.IsNotFound(c.Get(ctx, key("group"), again))
	})
}

// label sets a label of a pod.
func (c *cluster) label(pod *corev1.Pod, name, value string) {
	c.Helper()
	c.must(c.Patch(c.Context(), pod, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"labels":{"`+name+`":"`+value+`"}}}`))))
}

// baseName is the set's name as the server's container is told it.
func baseName(set *unstructured.Unstructured) string {
	list, _, _ := unstructured.NestedSlice(set.Object, "spec", "template", "spec", "containers")
	env, _, _ := unstructured.NestedSlice(list[0].(map[string]any), "env")
	for _, variable := range env {
		if variable := variable.(map[string]any); variable["name"] == "BASE_NAME" {
			return variable["value"].(string)
		}
	}
	return ""
}
