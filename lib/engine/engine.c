#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/rows.h"

#define ENGINE_ADDRESS(name) &engine_##name,

const struct engine *const engine_all[] = { ENGINE_LIST(ENGINE_ADDRESS) NULL };

/* Whether a space-separated list has a word, in any case. */
static bool
engine_has_word(const char *list, const char *word)
{
    size_t len = strlen(word);

    while (*list != '\0') {
        size_t n = strcspn(list, " ");

        if (n == len && strncasecmp(list, word, n) == 0) {
            return true;
        }
        list += n + (list[n] == ' ' ? 1 : 0);
    }
    return false;
}

const struct engine *
engine_find(const char *name)
{
    for (const struct engine *const *en = engine_all; *en != NULL; en++) {
        if (strcasecmp((*en)->name, name) == 0 || strcasecmp((*en)->kind, name) == 0 ||
            strcasecmp((*en)->resource, name) == 0 ||
            engine_has_word((*en)->aliases, name)) {
            return *en;
        }
    }
    return NULL;
}

const struct engine_mode *
engine_find_mode(const struct engine *en, const char *value, const char *more,
                 long long replicas)
{
    for (const struct engine_mode *m = en->modes; m->value != NULL; m++) {
        if (str_eq(m->value, value) && (m->more == NULL || str_eq(m->more, more)) &&
            (!m->single || replicas <= 1)) {
            return m;
        }
    }
    return NULL;
}

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
engine_member_serves(enum engine_topology topology, const struct member *m)
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
engine_member_is_out(const struct member *m)
{
    return str_eq(m->state, "OFFLINE") || str_eq(m->state, "ERROR") ||
           str_eq(m->state, "NON-PRIMARY");
}

bool
engine_member_sees(const struct member *m, unsigned n, unsigned away)
{
    return m->members == 0 || m->online + away >= n;
}

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

    for (const struct engine_path *p = en->paths; p != NULL && p->text != NULL; p++) {
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

    return from > 0 && to > 0 && from / en->series_size != to / en->series_size;
}

enum engine_procedure
engine_procedure_for(const struct engine *en, const char *from_version,
                     const char *to_version)
{
    int from = engine_version_number(from_version);
    int to = engine_version_number(to_version);

    return from > 0 && to > 0 && from / 10000 != to / 10000 ? en->major : PROCEDURE_ROLL;
}

bool
engine_may_return(const struct engine *en, const char *ran, const char *old)
{
    int a = engine_version_number(ran);
    int b = engine_version_number(old);

    if (a > 0 && a <= b) {
        return true;
    }
    for (const struct engine_series *s = en->series; s != NULL && s->below > 0; s++) {
        if (a >= s->since && a < s->below && b >= s->since && b < s->below) {
            return true;
        }
    }
    return false;
}

char *
engine_format(const char *sql, const char *value)
{
    const char *hole = strstr(sql, "%s");
    auto_free char *safe = mem_strdup(value);
    size_t n = 0;

    for (const char *c = value; *c != '\0'; c++) {
        if (*c != '\'' && *c != '"' && *c != '\\' && *c != '\n') {
            safe[n++] = *c;
        }
    }
    safe[n] = '\0';
    return hole == NULL ? mem_strdup(sql)
                        : mem_printf("%.*s%s%s", (int)(hole - sql), sql, safe, hole + 2);
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

const struct engine_handover *
engine_handover_for(const struct engine *en, enum engine_topology topology,
                    const char *from_version, const char *to_version)
{
    int from = engine_version_number(from_version);
    int to = engine_version_number(to_version);

    for (const struct engine_handover *h = en->handovers; h->id != NULL; h++) {
        if (h->topology == topology && h->since <= from && h->since <= to &&
            (!h->same_version_only || from == to)) {
            return h;
        }
    }
    return NULL;
}
