#ifndef DOUBLE_NAMES_H
#define DOUBLE_NAMES_H

/* Which member is called what: a part of double_world.h, which includes it. Members are
 * counted through; the last are those that only follow. */

/* The set of those that only follow. */
#define WORLD_FOLLOWERS WORLD_DB "-rr-reports"

/* The set that an upgrade makes. */
#define WORLD_MADE WORLD_DB "-1"

/* Where the members of the set that an upgrade made begin. */
static inline size_t
world_first_made(void)
{
    return world.members - world.made;
}

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
    return world.made > 0 && ordinal >= world_first_made() ? WORLD_MADE
           : ordinal < world_voters()                      ? WORLD_DB
                                                           : WORLD_FOLLOWERS;
}

static inline size_t
world_place(size_t ordinal)
{
    return world.made > 0 && ordinal >= world_first_made() ? ordinal - world_first_made()
           : ordinal < world_voters()                      ? ordinal
                                                           : ordinal - world_voters();
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

    return world.made > 0 && str_starts(pod, WORLD_MADE "-") ? world_first_made() + n
           : str_starts(pod, WORLD_FOLLOWERS "-")            ? world_voters() + n
                                                             : n;
}

/* Whether a member is one that its set wants now. */
static inline bool
world_is_due(size_t ordinal)
{
    const json_t *set = world_find(world_sets(), world_set_name(ordinal));

    return (long long)world_place(ordinal) < json_path_int(set, "spec.replicas", 0);
}

#endif
