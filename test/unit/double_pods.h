#ifndef DOUBLE_PODS_H
#define DOUBLE_PODS_H

#include "base/clock.h"
#include "double_model.h"
#include "double_new_set.h"
#include "double_rehearsal.h"
#include "double_revision.h"
#include "double_routers.h"
#include "double_storage.h"
#include "double_world.h"

/*
 * The kubelet, the set's controller and KubeDB's operator, as far as an upgrade meets
 * them. All of them act when time passes (world_pass).
 */

void pods_status(size_t ordinal, bool ready, json_t *state, json_t *last,
                 long long restarts);

/* -- a pod's life -- */

void pods_ready(size_t ordinal, bool ready);

/* The pod of an ordinal, from the set's template as it is now. */
void pods_create(size_t ordinal);

/* A pod that is asked to go: its server ends, the object a little later. */
void pods_delete(size_t ordinal);

void pods_pass(void);

/* -- KubeDB's operator: the phase always, the rest unless it is paused -- */

void operator_set_images(void);

/* -- time -- */

void world_pass(long long ms);

/* Sets the image of a container in a template; whether that changed it. */
bool operator_image(json_t *template, const char *list, const char *container,
                    const char *image);

#endif
