#ifndef MEMBER_PATCH_H
#define MEMBER_PATCH_H

#include "base/err.h"

/*
 * One mutation each; for the steps and for a server-side dry run.
 */
struct cluster;
struct flow_set;

int mutate_pause(struct cluster *cluster, struct err *e);
int mutate_images(struct cluster *cluster, struct err *e);
int mutate_set(struct cluster *cluster, const struct flow_set *s, struct err *e);
int mutate_version(struct cluster *cluster, struct err *e);
int mutate_resume(struct cluster *cluster, struct err *e);

#endif
