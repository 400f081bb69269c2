#include "engine/topology.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "engine/engine.h"

/*
 * How members relate, and what follows from it.
 */

/* What a topology is. */
static const struct engine_shape {
    bool alone;          /* a member needs no other server */
    bool leads;          /* one of the members */
    bool peers;          /* all take writes */
    bool group;          /* they know how many they are */
    bool follows;        /* a server elsewhere */
    bool needs_role;     /* to take part */
    bool acknowledged;   /* commits wait for other members */
    const char *primary; /* the state of a primary that takes part */
    const char *other;   /* of any other member; of a single server */
} engine_shapes[] = {
    [TOPOLOGY_UNSUPPORTED] = { .alone = true, .primary = "RUNNING", .other = "RUNNING" },
    [TOPOLOGY_STANDALONE] = { .alone = true, .primary = "RUNNING", .other = "RUNNING" },
    [TOPOLOGY_GROUP] = { .leads = true,
                         .group = true,
                         .needs_role = true,
                         .primary = "ONLINE",
                         .other = "ONLINE" },
    [TOPOLOGY_PRIMARIES] = { .peers = true,
                             .group = true,
                             .needs_role = true,
                             .primary = "ONLINE",
                             .other = "ONLINE" },
    [TOPOLOGY_STANDBYS] = { .leads = true, .primary = "RUNNING", .other = "STREAMING" },
    [TOPOLOGY_SEMISYNC] = { .leads = true,
                            .acknowledged = true,
                            .needs_role = true,
                            .primary = "RUNNING",
                            .other = "REPLICATING" },
    [TOPOLOGY_REMOTE] = { .follows = true,
                          .needs_role = true,
                          .primary = "REPLICATING",
                          .other = "REPLICATING" },
    [TOPOLOGY_PEERS] = { .peers = true,
                         .group = true,
                         .primary = "SYNCED",
                         .other = "SYNCED" },
    [TOPOLOGY_PROXIES] = { .alone = true, .primary = "RUNNING", .other = "RUNNING" },
};

const char *
engine_state_wanted(enum engine_topology topology, enum member_role role)
{
    const struct engine_shape *shape = &engine_shapes[topology];

    return role == MEMBER_PRIMARY ? shape->primary : shape->other;
}

bool
engine_member_serves(enum engine_topology topology, const struct member_report *m)
{
    const struct engine_shape *shape = &engine_shapes[topology];

    if (shape->alone && (str_eq(m->state, "ONLINE") || str_eq(m->state, "SYNCED"))) {
        return true; /* a single server that is a group of one */
    }
    return str_eq(m->state, engine_state_wanted(topology, m->role)) &&
           (!shape->needs_role || m->role != MEMBER_ROLE_NONE);
}

bool
engine_is_alone(enum engine_topology topology)
{
    return engine_shapes[topology].alone;
}

bool
engine_has_primary(enum engine_topology topology)
{
    return engine_shapes[topology].leads;
}

bool
engine_has_peers(enum engine_topology topology)
{
    return engine_shapes[topology].peers;
}

bool
engine_follows(enum engine_topology topology)
{
    return engine_shapes[topology].follows;
}

bool
engine_recopies(enum engine_topology topology)
{
    return !engine_shapes[topology].alone && !engine_shapes[topology].follows;
}

bool
engine_is_acknowledged(enum engine_topology topology)
{
    return engine_shapes[topology].acknowledged;
}

bool
engine_is_group(enum engine_topology topology)
{
    return engine_shapes[topology].group;
}

bool
engine_member_is_out(const struct member_report *m)
{
    return str_eq(m->state, "OFFLINE") || str_eq(m->state, "ERROR") ||
           str_eq(m->state, "NON-PRIMARY");
}

bool
engine_member_sees(const struct member_report *m, unsigned n, unsigned away)
{
    return m->members == 0 || m->online + away >= n;
}

/* Restart order of two members: by their sets, those that are no primary first, then by
 * falling ordinal; peers by rising ordinal, behind one that is none now. */
static bool
engine_goes_before(const struct roll_item *a, const struct roll_item *b)
{
    bool a_primary = a->role == MEMBER_PRIMARY;
    bool b_primary = b->role == MEMBER_PRIMARY;

    if (a->set != b->set) {
        return a->set < b->set;
    }
    if (a->role == MEMBER_PEER || b->role == MEMBER_PEER) {
        return a->role != b->role ? b->role == MEMBER_PEER : a->ordinal < b->ordinal;
    }
    return a_primary != b_primary ? b_primary : a->ordinal > b->ordinal;
}

void
engine_roll_order(const struct roll_item *items, size_t n, size_t *order)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = i;

        for (; at > 0 && engine_goes_before(&items[i], &items[order[at - 1]]); at--) {
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
}

unsigned
engine_quorum(unsigned n)
{
    return n / 2 + 1;
}
