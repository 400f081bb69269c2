#include "double_names.h"

#include "double_world.h"

size_t
world_first_made(void)
{
    return world.members - world.made;
}

size_t
world_voters(void)
{
    return world.members - world.followers;
}

const char *
world_set_name(size_t ordinal)
{
    return world.made > 0 && ordinal >= world_first_made() ? WORLD_MADE
           : ordinal < world_voters()                      ? WORLD_DB
                                                           : WORLD_FOLLOWERS;
}

size_t
world_place(size_t ordinal)
{
    return world.made > 0 && ordinal >= world_first_made() ? ordinal - world_first_made()
           : ordinal < world_voters()                      ? ordinal
                                                           : ordinal - world_voters();
}

char *
world_pod_name(size_t ordinal, char *out, size_t size)
{
    (void)snprintf(out, size, "%s-%zu", world_set_name(ordinal), world_place(ordinal));
    return out;
}

const char *
world_name(size_t ordinal)
{
    static char names[4][64];
    static size_t next;

    next = (next + 1) % 4;
    return world_pod_name(ordinal, names[next], sizeof names[next]);
}

size_t
world_ordinal(const char *pod)
{
    size_t n = strtoul(strrchr(pod, '-') + 1, NULL, 10);

    return world.made > 0 && str_starts(pod, WORLD_MADE "-") ? world_first_made() + n
           : str_starts(pod, WORLD_FOLLOWERS "-")            ? world_voters() + n
                                                             : n;
}

bool
world_is_due(size_t ordinal)
{
    const json_t *set = world_find(world_sets(), world_set_name(ordinal));

    return (long long)world_place(ordinal) < json_path_int(set, "spec.replicas", 0);
}
