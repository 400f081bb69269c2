#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>

/* Milliseconds that only go forward; meaningless between processes. */
long long clock_ms(void);

/* Milliseconds since 1970 UTC. */
long long clock_wall_ms(void);

/* Kubernetes' time formats, UTC: "2026-11-21T10:40:59Z", and with microseconds
 * ("...59.120000Z") as Lease times want. `size` at least 32. Return out. */
char *clock_rfc3339(long long wall_ms, char *out, size_t size);
char *clock_rfc3339_micro(long long wall_ms, char *out, size_t size);

/* Parses either form; -1 when it is none. */
long long clock_parse_rfc3339(const char *text);

/* "850ms", "41s", "2m41s", "1h02m". Returns out. */
char *clock_duration(long long ms, char *out, size_t size);

/* Parses a Go-like duration ("90s", "10m", "1h30m", "500ms", plain seconds).
 * Returns milliseconds, or -1. */
long long clock_parse_duration(const char *text);

#endif
