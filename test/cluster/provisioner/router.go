package provisioner

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	componentLabel  = "mysql.kubedb.com/component" // of what an InnoDB cluster is made of
	routerComponent = "router"
)

// routed tells whether clients come to the members by way of routers.
func (db *Database) routed() bool { return db.Spec.Topology.Mode == "InnoDBCluster" }

// routerPods returns the labels that select the routers' pods.
func (b build) routerPods() map[string]string {
	return union(b.db.selector(b.e), map[string]string{componentLabel: routerComponent})
}

// router describes the second set of an InnoDB cluster: MySQL Router.
func (b build) router() *appsv1.StatefulSet {
	replicas := int32(1)
	if wanted := b.db.Spec.Topology.InnoDBCluster.Router.Replicas; wanted != nil {
		replicas = *wanted
	}
	root, user, env := int64(0), uid(b.v), b.e.env(b)
	mounts := []corev1.VolumeMount{{Name: "scripts", MountPath: "/scripts"}}
	set := b.statefulSet()
	set.Spec.Replicas, set.Spec.VolumeClaimTemplates = &replicas, nil
	set.Spec.PodManagementPolicy = appsv1.ParallelPodManagement
	set.Spec.Template.Spec = corev1.PodSpec{
		SecurityContext: &corev1.PodSecurityContext{FSGroup: &user},
		Volumes:         []corev1.Volume{emptyDir("scripts")},
		InitContainers: []corev1.Container{{
			Name: "mysql-router-init", Image: b.v.Spec.RouterInitContainer.Image, Command: []string{program, "init", "mysql-router"},
			Env: env, VolumeMounts: mounts, SecurityContext: &corev1.SecurityContext{RunAsUser: &root},
		}},
		Containers: []corev1.Container{{
			Name: "mysql-router", Image: b.v.Spec.Router.Image, Command: []string{"/bin/sh", "/scripts/run.sh"},
			Env: env, VolumeMounts: mounts, SecurityContext: &corev1.SecurityContext{RunAsUser: &user, RunAsGroup: &user},
			Ports: ports("rw", 6446, "ro", 6447, "rwsplit", 6450),
			ReadinessProbe: &corev1.Probe{ProbeHandler: corev1.ProbeHandler{
				TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromString("rw")}}, PeriodSeconds: 2},
		}},
	}
	return named(set, b.db.Name+"-router", b.routerPods())
}

// routes are the services by which clients come: through the routers.
func (b build) routes() (list []client.Object) {
	for name, port := range map[string]string{b.db.Name: "rw", b.db.Name + "-standby": "ro"} {
		service := b.service(name, b.routerPods(), false)
		service.Spec.Ports[0].TargetPort = intstr.FromString(port)
		list = append(list, service)
	}
	return list
}
