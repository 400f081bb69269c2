#ifndef DOUBLE_JOBS_H
#define DOUBLE_JOBS_H

#include "double_coordinator.h"

/*
 * Long work of the script of a major upgrade, and what it tells of the volume. A job ends
 * after a while, and dies with its container.
 */

enum { VOLUME_JOB_MS = 2500, VOLUME_WAIT_MS = 2000 };

struct volume_call {
    size_t ordinal;
    struct server *s;
    struct volume *v;
    int from, to;
    const char *arg; /* "" */
    struct buf *out;
};

int __attribute__((format(printf, 2, 3)))
volume_refuse(const struct volume_call *c, const char *fmt, ...);
bool volume_is_swapped(const struct volume_call *c);
bool volume_is_started(const struct volume_call *c);
const char *volume_yes(bool is);
int volume_state(const struct volume_call *c);

/* -- jobs -- */

int volume_keep(const struct volume_call *c);
int volume_stop(const struct volume_call *c);
int volume_upgrade(const struct volume_call *c);
int volume_analyze(const struct volume_call *c);

/* A job comes to its end. */
void volume_job_done(size_t ordinal);

/* Whether the script waits for a job's end before it answers. */
bool volume_waits(const char *const *argv);

bool volume_works(size_t ordinal);

#endif
