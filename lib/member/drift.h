#ifndef MEMBER_DRIFT_H
#define MEMBER_DRIFT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "kubedb/database.h"

/*
 * What others may have done meanwhile.
 */
struct target;
struct cluster;

/* Before each mutation of the roll: the object is there, not halted, still paused by us,
 * no OpsRequest wants it, the set is ours. The set's images taken back are set again. */
int drift_check(struct cluster *cluster, struct err *e);

/* The same by the mirrors alone, without changing anything; for waits. */
int drift_glance(struct cluster *cluster, struct err *e);

/* drift_check() for what comes before the set's images are set. */
int drift_check_early(struct cluster *cluster, struct err *e);

/* ERR_REFUSED (VERSION_REVERTED) where the database's version is not the one that the run
 * has set, or one that it knows of while it has set none; says who set it. `set`: it has.
 */
int drift_check_version(const struct cluster *cluster, const json_t *object, bool set,
                        struct err *e);

/* ERR_REFUSED (IMAGES_REVERTED): a set's images were taken back while nothing sets them
 * again any more; says by whom. */
int drift_refuse_images(const struct cluster *cluster, struct err *e);

/* ERR_REFUSED where the pause that is there is somebody else's. */
int drift_foreign_pause(const struct target *target, const struct database *db,
                        struct err *e);

#endif
