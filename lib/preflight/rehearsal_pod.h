#ifndef PREFLIGHT_REHEARSAL_POD_H
#define PREFLIGHT_REHEARSAL_POD_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "cluster/cluster.h"
#include "preflight/rehearsal_kinds.h"

/*
 * The pod of a rehearsal: its coming and going.
 */
struct rehearsal_kind;

struct rehearsal {
    struct cluster *cluster;
    const struct rehearsal_kind *kind;
    struct member pod; /* only its name */
    const char *old_image, *new_image;
    struct kube_watch *watch; /* of this pod */
    char uid[64];             /* of the one that was made; "" */
    long long made_ms;
    long long broken_ms; /* since when it cannot start */
    bool seen;
};

/* What the pods of the members' set are made from; NULL: there is no set. */
const json_t *rehearsal_template(const struct cluster *cluster);

/* The images of the server now and then; false where they are not known. */
bool rehearsal_choose_images(struct rehearsal *r);

/* Makes the pod, and a leftover of an earlier run go before that. */
int rehearsal_make_pod(struct rehearsal *r, struct err *e);

/* Waits until its containers run. ERR_UNHEALTHY with reason REHEARSAL_IMAGE: the new
 * image cannot be had. */
int rehearsal_await_pod(struct rehearsal *r, struct err *e);

/* ERR_UNHEALTHY when it is gone, or will not go on. */
int rehearsal_check_pod(struct rehearsal *r, struct err *e);

/* Deletes it, also when the run is to stop; tells where that fails. */
void rehearsal_end_pod(struct rehearsal *r);

#endif
