#ifndef KUBEDB_POD_MADE_H
#define KUBEDB_POD_MADE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "kubedb/workload.h"

/*
 * The pod that a set's controller will make, before it makes it: for the API server's
 * admission to look at, and for what it refers to. Pure.
 */
struct pod_made {
    const json_t *set;
    bool petset; /* its kind; lists do not say it */
    const struct image_changes *images;
    bool wanted;        /* with the new ones, else the old ones */
    const char *member; /* the pod that it will be */
    const char *name;   /* the name that it has meanwhile */
};

/* A new reference. Labels, annotations, owner, host name and claims are as the
 * controllers of StatefulSets and PetSets set them. */
json_t *pod_made(const struct pod_made *m);

/* What the API server's answer to such a pod says of a real one. */
enum pod_verdict {
    POD_REFUSED,  /* it will not be created */
    POD_TAKEN,    /* it will be: only a quota still counts the pod that goes first */
    POD_NOT_TOLD, /* the answer says nothing of it */
};

/* `old`: the member's pod, which goes before the new one comes; NULL: it is gone. */
enum pod_verdict pod_judge_refusal(const struct err *e, const json_t *old);

/* -- what it refers to -- */

enum pod_ref_kind { POD_REF_SECRET, POD_REF_CONFIG_MAP, POD_REF_CLAIM, POD_REF_ACCOUNT };
enum { POD_REF_KINDS = POD_REF_ACCOUNT + 1 };

struct pod_ref {
    enum pod_ref_kind kind;
    const char *name; /* borrowed, as the next ones */
    const char *key;  /* in it; NULL: it as a whole */
    const char *what; /* "volume", "container", "the pod's images" */
    const char *of;   /* its name, "" */
    bool optional;
};

/* Every object, and key in it, that a pod spec names, each once; returns how many there
 * are, of which at most `max` are written. What is optional and missing is no fault. */
size_t pod_refs(const json_t *spec, struct pod_ref *out, size_t max);

/* "Secret", "secrets". */
const char *pod_ref_kind_name(enum pod_ref_kind kind);
const char *pod_ref_resource(enum pod_ref_kind kind);

#endif
