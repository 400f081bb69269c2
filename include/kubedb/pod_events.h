#ifndef KUBEDB_POD_EVENTS_H
#define KUBEDB_POD_EVENTS_H

#include <jansson.h>
#include <stdbool.h>

/*
 * What the events (core/v1) of a pod or a set say about a pod that does not come to be:
 * it is not in any status. Pure. Sources: Kubernetes' pkg/kubelet/events/event.go,
 * pkg/controller/volume/events/event.go and
 * pkg/controller/statefulset/stateful_pod_control.go (PetSet's controller is a fork of
 * that).
 */
struct event_trouble {
    const char *reason; /* POD_VOLUME, POD_SANDBOX, POD_QUOTA, POD_CREATE */
    const char *hint;   /* what to do, "" */
    char text[600];     /* in one line */
};

/* Of a pod whose containers are being created: what its node fails at, if that is the
 * last that was heard. `events` is an array of the pod's events. */
bool events_of_pod(const json_t *events, struct event_trouble *out);

/* Of a pod that is not there: why its set's controller cannot create it. `events` is an
 * array of the set's events. */
bool events_of_set(const json_t *events, const char *pod, struct event_trouble *out);

/* Of a pod that finds no node: whether the last that was heard is that one is made for it
 * (Cluster Autoscaler's TriggeredScaleUp, Karpenter's Nominated). */
bool events_await_node(const json_t *events);

#endif
