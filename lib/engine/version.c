#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/engine.h"

/*
 * Versions of servers, and what they may do.
 */

/* Reads the next of a version's dotted numbers; false where there is none. */
static bool
engine_next_part(const char **at, unsigned long *part)
{
    char *end = NULL;

    if (**at < '0' || **at > '9') {
        return false;
    }
    *part = strtoul(*at, &end, 10);
    *at = end + (end[0] == '.' && end[1] >= '0' && end[1] <= '9' ? 1 : 0);
    return true;
}

int
engine_version_number(const char *version)
{
    unsigned long parts[3] = { 0 };
    size_t n = 0;

    while (n < 3 && engine_next_part(&version, &parts[n])) {
        n++;
    }
    if (n == 0 || parts[0] > 9999 || parts[1] > 99 || parts[2] > 99) {
        return -1;
    }
    return (int)(parts[0] * 10000 + parts[1] * 100 + parts[2]);
}

bool
engine_version_is(const char *reported, const char *wanted)
{
    unsigned long a = 0;
    unsigned long b = 0;
    size_t n = 0;

    while (engine_next_part(&wanted, &a)) {
        if (!engine_next_part(&reported, &b) || a != b) {
            return false;
        }
        n++;
    }
    return n > 0;
}

const char *
engine_sql_for(const struct engine_sql *rows, int version)
{
    const char *text = NULL;

    for (; rows->text != NULL; rows++) {
        if (rows->since <= version) {
            text = rows->text;
        }
    }
    return text;
}

const char *
engine_path_refusal(const struct engine *en, const char *from_version,
                    const char *to_version)
{
    int from = engine_version_number(from_version);
    int to = engine_version_number(to_version);
    const struct engine_path *fits = NULL;

    for (const struct engine_path *p = en->versions.paths; p != NULL && p->text != NULL;
         p++) {
        fits = p->since <= from ? p : fits;
    }
    return fits == NULL                                            ? NULL
           : to >= fits->below                                     ? fits->text
           : to != from && to >= fits->hole && to < fits->hole_end ? fits->why
                                                                   : NULL;
}

bool
engine_crosses(const struct engine *en, const char *from_version, const char *to_version)
{
    int from = engine_version_number(from_version);
    int to = engine_version_number(to_version);

    return from > 0 && to > 0 &&
           from / en->versions.series_size != to / en->versions.series_size;
}

bool
engine_may_return(const struct engine *en, const char *ran, const char *old)
{
    int a = engine_version_number(ran);
    int b = engine_version_number(old);

    if (a > 0 && a <= b) {
        return true;
    }
    for (const struct engine_series *s = en->versions.series; s != NULL && s->below > 0;
         s++) {
        if (a >= s->since && a < s->below && b >= s->since && b < s->below) {
            return true;
        }
    }
    return false;
}
