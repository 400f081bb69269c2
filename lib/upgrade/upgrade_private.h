#ifndef UPGRADE_UPGRADE_PRIVATE_H
#define UPGRADE_UPGRADE_PRIVATE_H

#include "cluster/cluster.h"
#include "kube/client.h"
#include "lock/lock.h"
#include "run/plan.h"
#include "run/request.h"
#include "run/run.h"
#include "run/target.h"
#include "ui/ui.h"

/*
 * All that a run has. Each part knows those above it in this list, and no other.
 */
struct upgrade {
    struct target target;
    struct plan plan;
    struct run run;
    struct lock lock;
    struct cluster cluster;
};

/* A run that has done nothing yet; the caller frees it. Its clock begins now. */
struct upgrade *upgrade_new(const struct upgrade_request *request, struct kube *k,
                            struct ui *u);

/* Closes and frees all that a run has, and itself. */
void upgrade_free(struct upgrade *up);

#endif
