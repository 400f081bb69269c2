#ifndef DOUBLE_NAMES_H
#define DOUBLE_NAMES_H

/* Which member is called what: a part of double_world.h, which includes it. Members are
 * counted through; the last are those that only follow. */

/* How many members may lead. */
static inline size_t
world_voters(void)
{
    return world.members - world.followers;
}

/* The name of the set that a member is of; its number there. */
static inline const char *
world_set_name(size_t ordinal)
{
    return ordinal < world_voters() ? WORLD_DB : WORLD_FOLLOWERS;
}

static inline size_t
world_place(size_t ordinal)
{
    return ordinal < world_voters() ? ordinal : ordinal - world_voters();
}

static inline char *
world_pod_name(size_t ordinal, char *out, size_t size)
{
    (void)snprintf(out, size, "%s-%zu", world_set_name(ordinal), world_place(ordinal));
    return out;
}

/* The same for texts; good until some others are asked for. */
static inline const char *
world_name(size_t ordinal)
{
    static char names[4][64];
    static size_t next;

    next = (next + 1) % 4;
    return world_pod_name(ordinal, names[next], sizeof names[next]);
}

/* Which member a pod is. */
static inline size_t
world_ordinal(const char *pod)
{
    size_t n = strtoul(strrchr(pod, '-') + 1, NULL, 10);

    return str_starts(pod, WORLD_FOLLOWERS "-") ? world_voters() + n : n;
}

#endif
