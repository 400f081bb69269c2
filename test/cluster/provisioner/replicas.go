package provisioner

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	replicaRole  = "read-replica"
	arbiterRole  = "arbiter"
	replicaLabel = "postgreses.kubedb.com/database.read-replica" // its value: the group
)

// further describes the sets besides that of the members: an InnoDB cluster's
// routers; a Postgres' groups of read replicas, and the arbiter that an even
// number of members has.
func (b build) further() (sets []*appsv1.StatefulSet) {
	if b.db.routed() {
		return append(sets, b.router())
	}
	if b.e.kind != "Postgres" {
		return nil
	}
	for _, group := range b.db.Spec.ReadReplicas {
		sets = append(sets, b.readReplicas(group))
	}
	if b.db.Spec.Arbiter != nil && b.db.replicas(b.e)%2 == 0 {
		sets = append(sets, b.arbiter())
	}
	return sets
}

// replicaDependents are the disruption budgets of the read replicas, and one
// service for all of them.
func (b build) replicaDependents() (list []client.Object) {
	if b.e.kind != "Postgres" {
		return nil
	}
	for _, group := range b.db.Spec.ReadReplicas {
		list = append(list, b.budget(b.replicaSet(group), b.replicaPods(group), group.replicas()))
	}
	if len(list) > 0 {
		list = append(list, b.service(b.db.Name+"-rr", withRole(b.db.selector(b.e), replicaRole), false))
	}
	return list
}

func (g Group) replicas() int32 {
	if g.Replicas != nil {
		return *g.Replicas
	}
	return 1
}

func (b build) replicaSet(group Group) string { return b.db.Name + "-rr-" + group.Name }

// replicaPods returns the labels that select a group's pods.
func (b build) replicaPods(group Group) map[string]string {
	return union(withRole(b.db.selector(b.e), replicaRole), map[string]string{replicaLabel: group.Name})
}

// readReplicas describes a group's set: its servers are single ones, without a
// coordinator and so without a say in who leads, that run as standbys.
func (b build) readReplicas(group Group) *appsv1.StatefulSet {
	single, one, replicas := *b.db, int32(1), group.replicas()
	single.Spec.Replicas = &one
	if group.Storage != nil {
		single.Spec.Storage = group.Storage
	}
	single.Spec.StorageType = or(group.StorageType, single.Spec.StorageType)
	set := build{db: &single, e: b.e, v: b.v}.statefulSet()
	set.Spec.Replicas = &replicas
	pods := &set.Spec.Template.Spec
	pods.Containers[0].Resources = group.Resources
	for _, containers := range [][]corev1.Container{pods.InitContainers, pods.Containers} {
		for i := range containers {
			containers[i].Env = append(slices.Clone(containers[i].Env), value("READ_REPLICA", "true"))
		}
	}
	return named(set, b.replicaSet(group), b.replicaPods(group))
}

// arbiter describes the set of a coordinator that has no server.
func (b build) arbiter() *appsv1.StatefulSet {
	one := int32(1)
	set := b.statefulSet()
	set.Spec.Replicas, set.Spec.VolumeClaimTemplates = &one, nil
	set.Spec.Template.Spec = corev1.PodSpec{
		ServiceAccountName: b.db.Name,
		Containers: []corev1.Container{{
			Name: b.e.coordinator, Image: b.v.Spec.Coordinator.Image, Command: []string{program, arbiterRole}, Env: b.e.env(b),
		}},
	}
	return named(set, b.db.Name+"-"+arbiterRole, withRole(b.db.selector(b.e), arbiterRole))
}

// named gives a set another name and other labels than the members' has.
func named(set *appsv1.StatefulSet, name string, pods map[string]string) *appsv1.StatefulSet {
	set.Name = name
	set.Labels = union(set.Labels, pods)
	set.Spec.Selector = &metav1.LabelSelector{MatchLabels: pods}
	set.Spec.Template.Labels = set.Labels
	return set
}
