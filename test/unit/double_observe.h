#ifndef DOUBLE_OBSERVE_H
#define DOUBLE_OBSERVE_H

#include "base/clock.h"
#include "double_world.h"

/*
 * What must never happen, whatever fails and whenever the program dies. Every change is
 * looked at before it is made; what is wrong is collected, and fails the test at its end.
 */

void __attribute__((format(printf, 1, 2))) observe_violation(const char *fmt, ...);

/* Whether the journal says that the upgrade is walked back. */
bool observe_is_back(void);

/* Whether a pod runs the target's images. */
bool observe_is_upgraded(const json_t *pod);

bool observe_serves(size_t ordinal);

/* Whether it is down, and long enough for somebody to have seen it. */
bool observe_is_down(size_t ordinal);

/* Every change but the lock's own: the lock must be held, by this run, and be fresh. */
void observe_change(const char *what, bool pause);

/* A member that may go: all others serve, and it is not the primary before others are
 * done. */
void observe_evict(size_t ordinal);

/* The lead goes to a member, or (-1) to whom the group elects. */
void observe_handover(int to);

void observe_version(const char *version);
void observe_resume(void);

/* A row of the script of a major upgrade whose text others may have written. */
void world_say_text(struct buf *out, const char *key, const char *text);

/* The end of a run, whichever it was. */
void observe_end(void);

#endif
