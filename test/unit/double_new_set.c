#include "double_new_set.h"

void
new_set_made(const char *name)
{
    size_t n = world.members - world.made;

    if (!str_eq(name, WORLD_MADE)) {
        return;
    }
    observe_change("make", false);
    if (world.made == 0) {
        memset(&world.servers[n], 0, n * sizeof *world.servers);
        world.made = n;
        world.members += n;
    }
}

void
new_set_scaled(const char *name, long long from, long long to)
{
    size_t first = str_eq(name, WORLD_MADE) ? world.members - world.made : 0;
    bool goal = str_eq(name, WORLD_MADE) != observe_is_back();
    size_t successors = 0;

    observe_change("scale", false);
    if (to - from > 1 || from - to > 1) {
        observe_violation("%s scaled from %lld to %lld", name, from, to);
    }
    if (goal && to < from) {
        observe_violation("%s scaled down, which is to stay", name);
    }
    for (size_t i = 0; i < world.members; i++) {
        bool going = to < from && i == first + (size_t)to;

        if (!going && world_is_due(i) && observe_is_down(i)) {
            observe_violation("%s scaled to %lld while %s does not serve", name, to,
                              world_name(i));
        }
        successors += !str_eq(world_set_name(i), name) && observe_serves(i) ? 1U : 0U;
    }
    if (to < from && successors < world.made) {
        observe_violation("%s scaled down with %zu successors", name, successors);
    }
}

void
new_set_removed(const json_t *set)
{
    const char *name = json_path_str(set, "metadata.name");

    observe_change("remove", false);
    if (json_path_int(set, "spec.replicas", 1) != 0) {
        observe_violation("%s deleted with %lld replicas", name,
                          json_path_int(set, "spec.replicas", 1));
    }
    for (size_t i = 0; i < world.members; i++) {
        if (str_eq(world_set_name(i), name) && world_pod(i) != NULL) {
            observe_violation("%s deleted while %s is there", name, world_name(i));
        }
    }
    if (observe_is_back() != str_eq(name, WORLD_MADE)) {
        observe_violation("%s deleted, which is to stay", name);
    }
}

void
new_set_forget(const char *name)
{
    if (str_eq(name, WORLD_MADE)) {
        world.members -= world.made;
        world.made = 0;
    }
}

void
new_set_claim_deleted(const char *claim)
{
    bool of_made = str_starts(claim, "data-" WORLD_MADE "-");

    observe_change("claim", true);
    if (observe_is_back() != of_made) {
        observe_violation("the claim %s deleted", claim);
    }
    if (world_find("pods", claim + strlen("data-")) != NULL) {
        observe_violation("the claim %s deleted under its pod", claim);
    }
}
