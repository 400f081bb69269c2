#ifndef DOUBLE_MYSQL_H
#define DOUBLE_MYSQL_H

#include "double_observe.h"
#include "double_world.h"

/*
 * The servers. A group has one primary; when it goes, the online member with the lowest
 * version is elected after a while, as MySQL does. Transactions are numbered: a member's
 * gtid_executed is the set 1-executed of one source. The primary's number grows all the
 * time, because somebody writes.
 */
#define MYSQL_SOURCE "aaaaaaaa-1111-2222-3333-444444444444"

enum {
    MYSQL_WRITE_MS = 100,
    MYSQL_REJOIN_MS = 20000, /* the coordinator starts replication again */
};

static inline char *
mysql_id(size_t ordinal, char *out, size_t size)
{
    (void)snprintf(out, size, "00000000-0000-0000-0000-%012zu", ordinal);
    return out;
}

static inline unsigned
mysql_count(bool online)
{
    unsigned n = 0;

    for (size_t i = 0; i < world.members; i++) {
        const struct server *s = &world.servers[i];

        n += s->running && (online ? s->state == SERVER_ONLINE : s->state != SERVER_OUT);
    }
    return n;
}

/* -- elections -- */

static inline void
mysql_elect(void)
{
    int best = -1;

    world.elect_at = 0;
    for (size_t i = 0; i < world.members; i++) {
        const struct server *s = &world.servers[i];

        if (s->running && s->state == SERVER_ONLINE &&
            (best < 0 || engine_version_number(s->version) <
                             engine_version_number(world.servers[best].version))) {
            best = (int)i;
        }
    }
    world.primary = best;
    world.led_at = double_now;
}

/* A member leaves the group, on its way down or not. What it committed is with the
 * others already: they only have to apply it. */
static inline void
mysql_leave(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];

    s->state = SERVER_OUT;
    s->online_at = 0;
    s->down_at = double_now;
    for (size_t i = 0; world.primary == (int)ordinal && i < world.members; i++) {
        struct server *other = &world.servers[i];

        if (other->running && other->state == SERVER_ONLINE) {
            other->executed = s->executed;
        }
    }
    if (world.primary == (int)ordinal) {
        world.primary = -1;
        world.elect_at = double_now + world.elect_ms;
    }
}

static inline void
mysql_stop(size_t ordinal)
{
    mysql_leave(ordinal);
    world.servers[ordinal].running = false;
    world.servers[ordinal].rejoin_at = 0;
}

/* A member joins; without a group to join it makes one. */
static inline void
mysql_join(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];
    bool alone = mysql_count(false) == 0 && world.elect_at == 0;

    s->rejoin_at = 0;
    s->state = alone ? SERVER_ONLINE : SERVER_RECOVERING;
    s->online_at = alone ? 0 : double_now + world.recover_ms;
    world.primary = alone ? (int)ordinal : world.primary;
}

static inline void
mysql_start(size_t ordinal, const char *version)
{
    struct server *s = &world.servers[ordinal];

    str_copy(s->version, sizeof s->version, version);
    s->running = true;
    s->asked = 0;
    mysql_join(ordinal);
}

/* -- time -- */

static inline void
mysql_write(void)
{
    struct server *primary = world.primary >= 0 ? &world.servers[world.primary] : NULL;

    for (; world.write_at <= double_now; world.write_at += MYSQL_WRITE_MS) {
        if (primary == NULL) {
            continue;
        }
        primary->executed++;
        for (size_t i = 0; i < world.members; i++) {
            struct server *s = &world.servers[i];
            long long behind = primary->executed - world.lag - s->executed;

            if (s != primary && s->running && s->state == SERVER_ONLINE && behind > 0) {
                s->executed += (behind + 1) / 2;
            }
        }
    }
}

static inline void
mysql_pass(void)
{
    for (size_t i = 0; i < world.members; i++) {
        struct server *s = &world.servers[i];

        if (s->online_at != 0 && double_now >= s->online_at && !s->stuck &&
            world.primary >= 0) {
            s->online_at = 0;
            s->state = SERVER_ONLINE;
            s->executed = world.servers[world.primary].executed;
        }
        if (s->rejoin_at != 0 && double_now >= s->rejoin_at) {
            mysql_join(i);
        }
    }
    if (world.elect_at != 0 && double_now >= world.elect_at) {
        mysql_elect();
    }
    mysql_write();
}

/* -- statements -- */

static inline void
mysql_say_member(size_t ordinal, struct buf *out)
{
    static const char *const states[] = { "OFFLINE", "RECOVERING", "ONLINE" };
    const struct server *s = &world.servers[ordinal];
    bool leads = world.primary == (int)ordinal;
    bool in = s->state != SERVER_OUT;
    const char *role = !world.group || !in ? "" : leads ? "PRIMARY" : "SECONDARY";
    char id[64];

    (void)!buf_printf(out,
                      "version\t%s\nid\t%s\nstate\t%s\nrole\t%s\nwritable\t%d\n"
                      "queue\t%d\nmembers\t%u\nonline\t%u\nposition\t" MYSQL_SOURCE
                      ":1-%lld\n",
                      s->version, mysql_id(ordinal, id, sizeof id),
                      world.group ? states[s->state] : "RUNNING", role, leads,
                      s->state == SERVER_RECOVERING ? 7 : 0,
                      !world.group ? 1
                      : in         ? mysql_count(false)
                                   : 1,
                      !world.group ? 1
                      : in         ? mysql_count(true)
                                   : 0,
                      s->executed);
}

static inline void
mysql_say_measures(size_t ordinal, struct buf *out)
{
    const struct server *s = &world.servers[ordinal];
    long long bytes = 10LL << 30;

    (void)!buf_printf(out, "bytes\t%lld\ntables\t20\nrows\t%lld\nschemas\t3\n",
                      s->bytes != 0 ? s->bytes : bytes, 1000000 + s->executed);
}

static inline void
mysql_set_primary(const char *sql, struct buf *out)
{
    for (size_t i = 0; i < world.members; i++) {
        char id[64];

        if (engine_version_number(world.servers[i].version) !=
            engine_version_number(world.servers[0].version)) {
            (void)!buf_puts(out, "ERROR 3910 (HY000) at line 1: The function "
                                 "'group_replication_set_as_primary' failed.\n");
            return;
        }
        if (strstr(sql, mysql_id(i, id, sizeof id)) != NULL) {
            observe_handover((int)i);
            world.servers[i].executed = world.servers[world.primary].executed;
            world.primary = (int)i;
        }
    }
}

static inline void
mysql_hand_over(size_t ordinal, const char *sql, struct buf *out)
{
    const char *id =
        strstr(sql, "set_as_primary") != NULL ? "set-as-primary" : "leave-group";

    if (world.refuse_handover) {
        (void)!buf_puts(out, "ERROR 3092 (HY000) at line 1: The server is not "
                             "configured properly.\n");
        return;
    }
    world_log("%s %s-%zu", id, WORLD_DB, ordinal);
    if (str_eq(id, "set-as-primary")) {
        mysql_set_primary(sql, out);
        return;
    }
    observe_handover(-1);
    mysql_leave(ordinal);
    world.servers[ordinal].rejoin_at = double_now + MYSQL_REJOIN_MS;
}

static inline bool
mysql_is_row(const struct engine_sql *rows, const char *sql)
{
    for (; rows->text != NULL; rows++) {
        if (str_eq(rows->text, sql)) {
            return true;
        }
    }
    return false;
}

/* Whether a statement is one of the engine's, whose "%s" may stand for anything. */
static inline bool
mysql_is(const char *pattern, const char *sql)
{
    const char *hole = strstr(pattern, "%s");

    return hole == NULL ? str_eq(pattern, sql)
                        : strncmp(pattern, sql, (size_t)(hole - pattern)) == 0;
}

/* The kind of a statement, for rules: "member", "handover", ... */
static inline const char *
mysql_kind(const char *sql)
{
    const struct engine *en = world_engine();

    if (str_eq(sql, en->version_sql)) {
        return "version";
    }
    if (mysql_is_row(en->member_sql, sql)) {
        return "member";
    }
    if (mysql_is_row(en->measures_sql, sql)) {
        return "measures";
    }
    for (const char *const *status = en->status_sql; *status != NULL; status++) {
        if (str_eq(*status, sql)) {
            return "status";
        }
    }
    if (mysql_is(en->reached_sql, sql)) {
        return "reached";
    }
    for (const struct engine_handover *h = en->handovers; h->id != NULL; h++) {
        if (mysql_is(h->sql, sql)) {
            return "handover";
        }
    }
    return NULL;
}

/* What the server in a pod prints for one statement. */
static inline void
mysql_answer(size_t ordinal, const char *sql, struct buf *out)
{
    struct server *s = &world.servers[ordinal];
    const char *kind = mysql_kind(sql);

    if (s->garbage != NULL) {
        (void)!buf_puts(out, s->garbage);
    } else if (str_eq(kind, "version")) {
        (void)!buf_printf(out, "%s\n", s->version);
    } else if (str_eq(kind, "member")) {
        s->asked = world.run;
        mysql_say_member(ordinal, out);
    } else if (str_eq(kind, "status")) {
        (void)!buf_printf(out, "status of member %zu\n", ordinal);
    } else if (str_eq(kind, "measures")) {
        mysql_say_measures(ordinal, out);
    } else if (str_eq(kind, "reached")) {
        const char *set = strstr(sql, MYSQL_SOURCE ":1-");
        long long wanted =
            set != NULL ? strtoll(set + strlen(MYSQL_SOURCE ":1-"), NULL, 10) : 0;

        (void)!buf_printf(out, "%d\n", s->executed >= wanted);
    } else if (str_eq(kind, "handover")) {
        mysql_hand_over(ordinal, sql, out);
    } else {
        observe_violation("a statement that no server knows: %s", sql);
    }
}

#endif
