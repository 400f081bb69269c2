#ifndef MEMBER_PATCH_H
#define MEMBER_PATCH_H

#include "base/err.h"

/*
 * One mutation each; for the steps and for a server-side dry run.
 */
struct cluster;
struct member_set;

int patch_pause(struct cluster *cluster, struct err *e);
int patch_images(struct cluster *cluster, struct err *e);
int patch_set(struct cluster *cluster, const struct member_set *s, struct err *e);
int patch_version(struct cluster *cluster, struct err *e);
int patch_resume(struct cluster *cluster, struct err *e);

#endif
