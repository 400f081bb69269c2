/* Preflight: what the servers say of themselves. */
#include <stdio.h>

#include "base/json.h"
#include "base/str.h"
#include "kubedb/catalog.h"
#include "kubedb/check.h"

/* Why a member is not well by its own words; false if it is. */
static bool
check_member_state(const struct preflight_facts *f, const struct preflight_member *m,
                   char *text, size_t size)
{
    enum engine_topology topology =
        f->db->mode != NULL ? f->db->mode->topology : TOPOLOGY_STANDALONE;
    bool alone = engine_is_alone(topology);
    const struct member_report *is = m->member;

    if (!m->answered) {
        (void)snprintf(text, size, "%s does not answer: %s", m->pod,
                       m->trouble != NULL ? m->trouble : "for an unknown reason");
    } else if (alone && !str_eq(is->state, "RUNNING") && !str_eq(is->state, "SYNCED") &&
               !str_eq(is->state, "REPLICATING")) {
        (void)snprintf(text, size, "%s is %s%s", m->pod, is->state,
                       topology == TOPOLOGY_PROXIES ? ""
                                                    : ", but the database has no group");
    } else if (!alone && !str_eq(is->state, engine_state_wanted(topology, is->role))) {
        (void)snprintf(text, size, "%s is %s", m->pod, is->state);
        if (m->source != NULL && m->source->says[0] != '\0') {
            str_append(text, size, ": %s", m->source->says);
        }
    } else {
        return false;
    }
    return true;
}

/* Whether a member sees another group than the one that the pods should be. */
static bool
check_member_view(const struct preflight_facts *f, const struct preflight_member *m,
                  char *text, size_t size)
{
    const struct member_report *is = m->member;

    if (f->db->mode == NULL || !engine_is_group(f->db->mode->topology) ||
        (is->members == f->n_members && is->online == f->n_members)) {
        return false;
    }
    (void)snprintf(text, size, "%s sees %u of %u members online, there are %zu pods",
                   m->pod, is->online, is->members, f->n_members);
    return true;
}

/* Whether a member sees another composition of the group than the first, though as many:
 * they are in two groups, or the group is just changing. */
static bool
check_member_apart(const struct preflight_facts *f, const struct preflight_member *m,
                   char *text, size_t size)
{
    const struct member_report *is = m->member;
    const struct member_report *first = f->members[0].member;

    if (f->db->mode == NULL || !engine_is_group(f->db->mode->topology) ||
        str_eq(is->view, first->view)) {
        return false;
    }
    (void)snprintf(text, size, "%s is in another group (%s) than %s (%s)", m->pod,
                   is->view, f->members[0].pod, first->view);
    return true;
}

static unsigned
check_count_primaries(const struct preflight_facts *f)
{
    unsigned n = 0;

    for (size_t i = 0; i < f->n_members; i++) {
        n += f->members[i].answered && f->members[i].member->role == MEMBER_PRIMARY ? 1
                                                                                    : 0;
    }
    return n;
}

/* Whether the group runs as the database object says: with one primary, or many. */
static bool
check_group_leads(const struct preflight_facts *f, struct preflight_result *r)
{
    bool all = engine_has_peers(f->db->mode->topology);
    unsigned primaries = check_count_primaries(f);

    for (size_t i = 0; i < f->n_members; i++) {
        bool peer = f->members[i].member->role == MEMBER_PEER;

        if (peer != all) {
            check_say(r, CHECK_ERROR, "the group of %s is %s, but the spec says %s",
                      f->members[i].pod, peer ? "multi-primary" : "single-primary",
                      f->db->mode->title);
            return false;
        }
    }
    if (!all && primaries != 1) {
        check_say(r, CHECK_ERROR, "the group has %u primaries instead of one", primaries);
        return false;
    }
    return true;
}

/* A group that is healthy: does it stay writable while one member is away? */
static void
check_group(const struct preflight_facts *f, struct preflight_result *r)
{
    unsigned n = (unsigned)f->n_members;
    unsigned quorum = engine_quorum(n);

    if (!check_group_leads(f, r)) {
        return;
    }
    if (n == 1) {
        check_say(r, CHECK_WARNING,
                  "a group of one: clients are disconnected while it restarts");
    } else if (n - 1 < quorum) {
        check_say(
            r, CHECK_WARNING,
            "%u/%u ONLINE, quorum %u: if a member fails while another restarts, the "
            "group stops",
            n, n, quorum);
    } else {
        check_say(r, CHECK_OK, "%u/%u ONLINE, quorum %u", n, n, quorum);
    }
}

/* Peers, all healthy and of one view. */
static void
check_peers(const struct preflight_facts *f, struct preflight_result *r)
{
    unsigned n = (unsigned)f->n_members;

    check_say(r, CHECK_OK, "%u/%u SYNCED, one view, quorum %u", n, n, engine_quorum(n));
}

/* A primary and its standbys, all healthy: what happens while one of them is away? */
static void
check_standbys(const struct preflight_facts *f, struct preflight_result *r)
{
    unsigned primaries = check_count_primaries(f);
    size_t following = 0;

    for (size_t i = 0; i < f->n_members; i++) {
        following += f->members[i].follows ? 1 : 0;
    }
    if (primaries != 1) {
        check_say(r, CHECK_ERROR, "%u primaries instead of one", primaries);
        return;
    }
    if (f->n_members - following == 2) {
        check_say(r, CHECK_WARNING,
                  "one standby: if the primary fails while the standby restarts, no "
                  "member can take over");
    } else {
        check_say(r, CHECK_OK, "a primary, %zu standbys STREAMING",
                  f->n_members - following - 1);
    }
    if (following > 0) {
        str_append(r->text, sizeof r->text, "; %zu read replicas STREAMING", following);
    }
}

/* A source and its replicas, all healthy. */
static void
check_semisync(const struct preflight_facts *f, struct preflight_result *r)
{
    unsigned primaries = check_count_primaries(f);

    if (primaries != 1) {
        check_say(r, CHECK_ERROR, "%u sources instead of one", primaries);
        return;
    }
    for (size_t i = 0; i < f->n_members; i++) {
        const struct preflight_member *m = &f->members[i];

        if (!engine_member_sees(m->member, (unsigned)f->n_members, 0)) {
            check_say(r, CHECK_ERROR,
                      "%u of the replicas acknowledge commits of %s; there are %zu",
                      m->member->online - 1, m->pod, f->n_members - 1);
            return;
        }
    }
    check_say(r, CHECK_OK, "a source, %zu replicas that acknowledge", f->n_members - 1);
}

/* How many replicas a commit waits for (spec.topology.semiSync; KubeDB's default is 1),
 * and how many are there while one restarts. It waits for 24 hours by default. */
void
check_health_acks(const struct preflight_facts *f, struct preflight_result *r)
{
    long long wanted =
        json_path_int(f->object, "spec.topology.semiSync.sourceWaitForReplicaCount", 1);
    const char *limit = json_path_str(f->object, "spec.topology.semiSync.sourceTimeout");
    long long left = (long long)f->n_members - 2;

    if (f->db->mode == NULL || f->db->mode->topology != TOPOLOGY_SEMISYNC ||
        f->n_members < 2) {
        return;
    }
    if (left >= wanted) {
        check_say(
            r, CHECK_OK,
            "a commit waits for %lld of the %zu replicas; during a restart there %s %lld",
            wanted, f->n_members - 1, left == 1 ? "is" : "are", left);
        return;
    }
    check_say(r, CHECK_ERROR,
              "a commit waits for %lld of the %zu replicas; during a restart there %s "
              "%lld: clients wait until the replica is back, or for sourceTimeout (%s)",
              wanted, f->n_members - 1, left == 1 ? "is" : "are", left,
              *limit != '\0' ? limit : "24h");
    check_hint(r, "add a replica, lower sourceWaitForReplicaCount, or use --force to let "
                  "clients wait");
}

static void
check_single(const struct preflight_facts *f, struct preflight_result *r)
{
    if (f->n_members > 1) {
        check_say(r, CHECK_ERROR, "%zu pods, but the spec says one", f->n_members);
        check_hint(r, "spec.replicas defines the number");
        return;
    }
    check_say(r, CHECK_OK, "RUNNING; clients are disconnected while it restarts");
}

static void
check_proxies(const struct preflight_facts *f, struct preflight_result *r)
{
    if (f->n_members == 1) {
        check_single(f, r);
        return;
    }
    check_say(r, CHECK_OK, "%zu/%zu RUNNING, independent of each other", f->n_members,
              f->n_members);
}

static void
check_remote(const struct preflight_facts *f, struct preflight_result *r)
{
    check_say(r, CHECK_OK,
              "%zu/%zu REPLICATING; clients are disconnected while one restarts",
              f->n_members, f->n_members);
}

/* What is said of members that are all healthy. */
static void (*const check_shapes[])(const struct preflight_facts *,
                                    struct preflight_result *) = {
    [TOPOLOGY_UNSUPPORTED] = check_single, [TOPOLOGY_STANDALONE] = check_single,
    [TOPOLOGY_GROUP] = check_group,        [TOPOLOGY_PRIMARIES] = check_group,
    [TOPOLOGY_STANDBYS] = check_standbys,  [TOPOLOGY_PEERS] = check_peers,
    [TOPOLOGY_SEMISYNC] = check_semisync,  [TOPOLOGY_PROXIES] = check_proxies,
    [TOPOLOGY_REMOTE] = check_remote,
};

void
check_health_members(const struct preflight_facts *f, struct preflight_result *r)
{
    static bool (*const troubles[])(
        const struct preflight_facts *, const struct preflight_member *, char *,
        size_t) = { check_member_state, check_member_view, check_member_apart, NULL };
    char text[400];

    if (f->db->mode == NULL || f->db->mode->topology == TOPOLOGY_UNSUPPORTED) {
        return; /* nobody knows what they should be */
    }
    /* The member that is ill is named rather than one that misses it. */
    for (size_t t = 0; troubles[t] != NULL; t++) {
        for (size_t i = 0; i < f->n_members; i++) {
            if (troubles[t](f, &f->members[i], text, sizeof text)) {
                check_say(r, CHECK_ERROR, "%s", text);
                return;
            }
        }
    }
    check_shapes[f->db->mode->topology](f, r);
}

/* Nodes that are peers count votes, and one that dies instead of leaving keeps its own:
 * of two, the other one then has no majority. */
void
check_health_quorum(const struct preflight_facts *f, struct preflight_result *r)
{
    unsigned n = (unsigned)f->n_members;

    if (f->db->mode == NULL || f->db->mode->topology != TOPOLOGY_PEERS ||
        n - 1 >= engine_quorum(n)) {
        return;
    }
    check_say(r, CHECK_ERROR,
              "%u nodes, quorum %u: while one restarts the others have no majority, and "
              "stop serving if it does not leave cleanly",
              n, engine_quorum(n));
    check_hint(r, "scale to 3 nodes, or use --force to accept the risk");
}

/* In a group of several versions only members of the lowest take writes, whatever its
 * mode (MySQL's manual, "Combining Different Member Versions in a Group"). Where all
 * lead, clients notice: there is nobody else whom they would ask. */
void
check_health_writers(const struct preflight_facts *f, struct preflight_result *r)
{
    const char *from = catalog_version(f->version.from);
    const char *to = catalog_version(f->version.to);

    if (f->db->mode == NULL || f->db->mode->topology != TOPOLOGY_PRIMARIES ||
        f->n_members < 2 || engine_version_number(from) == engine_version_number(to)) {
        return;
    }
    check_say(r, CHECK_WARNING,
              "members of %s accept no writes until the last member of %s has left: "
              "clients connected to one of them are refused until then",
              to, from);
}

void
check_health_lag(const struct preflight_facts *f, struct preflight_result *r)
{
    const struct preflight_member *last = NULL;

    for (size_t i = 0; i < f->n_members; i++) {
        const struct preflight_member *m = &f->members[i];

        if (m->answered && (last == NULL || m->member->queue > last->member->queue)) {
            last = m;
        }
    }
    if (last == NULL || f->n_members < 2) {
        return;
    }
    if (last->member->queue > f->engine->member.lag_warning) {
        check_say(r, CHECK_WARNING, "%s has %lld %s to apply", last->pod,
                  last->member->queue, f->engine->member.lag_unit);
    } else {
        check_say(r, CHECK_OK, "queue %lld", last->member->queue);
    }
}
