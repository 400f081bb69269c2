#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>

/*
 * Milliseconds that only go forward; meaningless between processes. The time in which
 * this machine is suspended counts, because all that is measured with it goes on
 * meanwhile in the cluster: the lock runs out and others take it, connections are given
 * up by their peers, pods start, --timeout passes on the user's watch. A clock that
 * stops would call a lock of yesterday three seconds old. So after a long sleep whatever
 * is under way is judged late at once: connections that were silent are cut and made
 * anew, the lock is renewed or lost before the next change. Only the limits of waits are
 * not shortened: the API server was not heard meanwhile (kube_away_ms()).
 *
 * A virtual machine that its host stops is not told so by any clock: against that, and
 * against what may lie between the look at a clock and a change's arrival, each change
 * names the object's uid or resourceVersion (kube/client.h).
 */
long long clock_ms(void);

/* Milliseconds since 1970 UTC. */
long long clock_wall_ms(void);

/* Kubernetes' time formats, UTC: "2026-11-21T10:40:59Z", and with microseconds
 * ("...59.120000Z") as Lease times want. `size` at least 32. Return out. */
char *clock_rfc3339(long long wall_ms, char *out, size_t size);
char *clock_rfc3339_micro(long long wall_ms, char *out, size_t size);

/* Parses either form, from 1970 to 9999; -1 when it is none. */
long long clock_parse_rfc3339(const char *text);

/* "850ms", "41s", "2m41s", "1h02m". Returns out. */
char *clock_duration(long long ms, char *out, size_t size);

/* Parses a Go-like duration ("90s", "10m", "1h30m", "500ms", plain seconds).
 * Returns milliseconds, or -1. */
long long clock_parse_duration(const char *text);

#endif
