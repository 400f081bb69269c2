package test

import (
	"context"
	"encoding/json"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// The images of MySQL group members in the test's catalogue.
var (
	oldImages = map[string]string{"mysql": "mysql:old", "mysql-coordinator": "coordinator:old", "mysql-init": "init:old"}
	newImages = map[string]string{"mysql": "mysql:new", "mysql-coordinator": "coordinator:new", "mysql-init": "init:new"}
)

// handover lets a client change all images of a set while the operator is
// slow: before the pause has its effect, and after its end.
func (c *cluster) handover(apiVersion string, set func(string) *unstructured.Unstructured) {
	ctx := c.Context()
	object := func() *unstructured.Unstructured { return c.object(apiVersion, "MySQL", "semi") }
	has := func(want map[string]string) func(context.Context) bool {
		return func(context.Context) bool { return hasImages(set("semi"), want) }
	}
	merge := func(patch string) {
		c.Helper()
		c.must(c.Patch(ctx, object(), client.RawPatch(types.MergePatchType, []byte(patch))))
	}
	merge(`{"metadata": {"annotations": {"test.kubectl-dbupgrade/late-revert": "4s", "test.kubectl-dbupgrade/late-resume": "3s"}}}`)
	c.pause(apiVersion, "semi", true)
	time.Sleep(time.Second) // rounds that are not late end by then
	c.setImages(set("semi"), newImages)
	if !has(newImages)(ctx) {
		c.Fatal("the images were not changed")
	}
	c.eventually("the round that began before the pause to undo the change", has(oldImages))
	c.setImages(set("semi"), newImages)
	c.always("no other round does", has(newImages))

	before, pods := set("semi"), c.uids("semi")
	merge(`{"spec": {"version": "8.4.3"}}`)
	c.pause(apiVersion, "semi", false)
	c.always("an operator that is late does not call the database settled", func(context.Context) bool {
		return !settled(object())
	}, 2*time.Second)
	c.eventually("the operator to act on the new version", func(context.Context) bool {
		return settled(object()) && phase(object()) == "Ready"
	})
	if after := set("semi"); after.GetGeneration() != before.GetGeneration() || !has(newImages)(ctx) {
		c.Errorf("the operator changed the set: generation %d became %d", before.GetGeneration(), after.GetGeneration())
	}
	if have := c.uids("semi"); have != pods {
		c.Errorf("pods were replaced: %s became %s", pods, have)
	}
}

// uids returns those of a database's pods.
func (c *cluster) uids(name string) string {
	c.Helper()
	var pods corev1.PodList
	c.must(c.List(c.Context(), &pods, client.InNamespace("default"), client.MatchingLabels{"app.kubernetes.io/instance": name}))
	ids := map[string]types.UID{}
	for _, pod := range pods.Items {
		ids[pod.Name] = pod.UID
	}
	text, err := json.Marshal(ids)
	c.must(err)
	return string(text)
}

// setImages changes images of a set's template, by its containers' names.
func (c *cluster) setImages(set *unstructured.Unstructured, images map[string]string) {
	c.Helper()
	patch := map[string]any{}
	for _, field := range []string{"containers", "initContainers"} {
		list, _, _ := unstructured.NestedSlice(set.Object, "spec", "template", "spec", field)
		for _, container := range list {
			container := container.(map[string]any)
			container["image"] = images[container["name"].(string)]
		}
		patch[field] = list
	}
	text, err := json.Marshal(map[string]any{"spec": map[string]any{"template": map[string]any{"spec": patch}}})
	c.must(err)
	c.must(c.Patch(c.Context(), set, client.RawPatch(types.MergePatchType, text)))
}

// hasImages tells whether a set's template has these images and no others.
func hasImages(set *unstructured.Unstructured, images map[string]string) bool {
	for _, field := range []string{"containers", "initContainers"} {
		list, _, _ := unstructured.NestedSlice(set.Object, "spec", "template", "spec", field)
		for _, container := range list {
			container := container.(map[string]any)
			if container["image"] != images[container["name"].(string)] {
				return false
			}
		}
	}
	return true
}
