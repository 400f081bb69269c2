#ifndef MEMBER_PATCH_H
#define MEMBER_PATCH_H

#include "base/err.h"

/*
 * One mutation each; for the steps and for a server-side dry run.
 */
struct flow;
struct flow_set;

int mutate_pause(struct flow *f, struct err *e);
int mutate_images(struct flow *f, struct err *e);
int mutate_set(struct flow *f, const struct flow_set *s, struct err *e);
int mutate_version(struct flow *f, struct err *e);
int mutate_resume(struct flow *f, struct err *e);

#endif
