#ifndef DOUBLE_POSTGRES_H
#define DOUBLE_POSTGRES_H

#include "double_servers.h"

/*
 * Postgres: one server, or a primary with standbys and their coordinators. Who leads is
 * kept: a leader whose pod comes back in time leads on. SERVER_ONLINE is the primary, or
 * a standby that streams. Positions in the log are numbers of transactions.
 */
enum {
    POSTGRES_LOST_MS = 15000, /* then another takes the lead */
    POSTGRES_MOVE_MS = 1000,  /* from the order until the lead has gone on */
    POSTGRES_BACK_MS = 1000,  /* from then until the old primary's server is a standby */
};

/* A server starts in the role that it has. */
static inline void
postgres_join(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];

    world.lead = world.lead < 0 ? (int)ordinal : world.lead;
    s->rejoin_at = 0;
    if (world.lead == (int)ordinal) {
        world.primary = (int)ordinal;
        world.elect_at = 0;
        s->state = SERVER_ONLINE;
        s->online_at = 0;
    } else {
        s->state = SERVER_RECOVERING;
        s->online_at = double_now + world.recover_ms;
    }
}

/* Standbys whose primary is another one now find it. */
static inline void
postgres_follow(void)
{
    for (size_t i = 0; i < world.members; i++) {
        struct server *s = &world.servers[i];

        if ((int)i != world.primary && s->up && s->state == SERVER_ONLINE) {
            s->state = SERVER_RECOVERING;
            s->online_at = double_now + world.elect_ms;
            s->down_at = double_now;
        }
    }
}

/* A fast shutdown: a primary waits until those that stream have all. */
static inline void
postgres_shut(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];

    s->state = SERVER_OUT;
    s->online_at = 0;
    s->down_at = double_now;
    s->up = false;
    if (world.primary == (int)ordinal) {
        servers_catch_up(s);
        world.primary = -1;
        postgres_follow();
    }
}

static inline void
postgres_stop(size_t ordinal)
{
    postgres_shut(ordinal);
    world.servers[ordinal].rejoin_at = 0;
    if (world.lead == (int)ordinal) {
        world.elect_at = double_now + POSTGRES_LOST_MS;
    }
}

static inline void
postgres_promote(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];

    world.elect_at = 0;
    world.moves_at = 0;
    world.lead = (int)ordinal;
    world.primary = (int)ordinal;
    world.led_at = double_now;
    s->state = SERVER_ONLINE;
    s->online_at = 0;
}

/* -- time -- */

/* The standby that has most of the log takes the lead of one that is lost. */
static inline void
postgres_elect(void)
{
    int best = -1;

    for (size_t i = 0; i < world.members; i++) {
        const struct server *s = &world.servers[i];

        if (s->up && (best < 0 || s->executed > world.servers[best].executed)) {
            best = (int)i;
        }
    }
    if (best >= 0) {
        postgres_promote((size_t)best);
    }
}

/* The lead goes on, if there is one to give and one to take it. */
static inline void
postgres_move(void)
{
    int old = world.primary;

    world.moves_at = 0;
    if (old < 0 || !world.servers[world.next].up) {
        return;
    }
    postgres_shut((size_t)old);
    postgres_promote((size_t)world.next);
    if (!world.old_stays_down) {
        world.servers[old].rejoin_at = double_now + POSTGRES_BACK_MS;
    }
}

static inline void
postgres_pass(void)
{
    if (world.elect_at != 0 && double_now >= world.elect_at) {
        postgres_elect();
    }
    if (world.moves_at != 0 && double_now >= world.moves_at) {
        postgres_move();
    }
    for (size_t i = 0; i < world.members; i++) {
        struct server *s = &world.servers[i];

        if (s->rejoin_at != 0 && double_now >= s->rejoin_at) {
            s->up = true;
            s->starts++;
            postgres_join(i);
        }
        if (s->online_at != 0 && double_now >= s->online_at && !s->stuck &&
            world.primary >= 0) {
            s->online_at = 0;
            s->state = SERVER_ONLINE;
            s->executed = world.servers[world.primary].executed;
        }
    }
    servers_write();
}

/* -- statements -- */

static inline void
postgres_say_member(size_t ordinal, const char *sql, struct buf *out)
{
    const struct server *s = &world.servers[ordinal];
    bool leads = world.primary == (int)ordinal;

    (void)sql;
    (void)!buf_printf(out,
                      "version\t%s\nid\t7312345678901234567\nstate\t%s\nrole\t%s\n"
                      "writable\t%d\nqueue\t%d\nmembers\t0\nonline\t0\n"
                      "position\t0/%llX\n",
                      s->version,
                      leads                       ? "RUNNING"
                      : s->state == SERVER_ONLINE ? "STREAMING"
                                                  : "RECOVERING",
                      leads ? "PRIMARY" : "SECONDARY", leads,
                      s->state == SERVER_ONLINE ? 0 : 7, (unsigned long long)s->executed);
}

static inline void
postgres_say_measures(size_t ordinal, const char *sql, struct buf *out)
{
    const struct server *s = &world.servers[ordinal];
    long long bytes = 10LL << 30;

    (void)sql;
    (void)!buf_printf(out, "bytes\t%lld\ndatabases\t4\n",
                      s->bytes != 0 ? s->bytes : bytes);
}

static inline void
postgres_say_databases(size_t ordinal, const char *sql, struct buf *out)
{
    (void)ordinal;
    (void)sql;
    (void)!buf_puts(out, "9000000\tapp\n7000000\tpostgres\n");
}

static inline void
postgres_say_reached(size_t ordinal, const char *sql, struct buf *out)
{
    const char *position = strstr(sql, ">= '0/");
    long long wanted =
        position != NULL ? strtoll(position + strlen(">= '0/"), NULL, 16) : 0;

    (void)!buf_printf(out, "%d\n", world.servers[ordinal].executed >= wanted);
}

/* A checkpoint comes before the lead is given on. */
static inline void
postgres_checkpoint(size_t ordinal, const char *sql, struct buf *out)
{
    (void)sql;
    if (world.refuse_handover) {
        (void)!buf_puts(out, "ERROR:  must be superuser to do CHECKPOINT\n");
        return;
    }
    observe_change("checkpoint", false);
    world_log("checkpoint %s-%zu", WORLD_DB, ordinal);
}

static const struct server_statement postgres_statements[] = {
    { "version", server_say_version },       { "member", postgres_say_member },
    { "status", server_say_status },         { "measures", postgres_say_measures },
    { "databases", postgres_say_databases }, { "reached", postgres_say_reached },
    { "handover", postgres_checkpoint },     { 0 },
};

static const struct servers servers_postgres = {
    .engine = "postgres",
    .start = postgres_join,
    .stop = postgres_stop,
    .pass = postgres_pass,
    .statements = postgres_statements,
    .gone = "psql: error: connection to server failed: Connection refused\n",
};

/* -- the coordinators -- */

static inline void
coordinator_say(struct buf *out, int status, const char *text)
{
    (void)!buf_printf(out, "HTTP/1.0 %d -\r\nContent-Type: text/plain\r\n\r\n%s", status,
                      text);
}

static inline void
coordinator_move(const char *body, struct buf *out)
{
    auto_json json_t *o = json_loads(body, 0, NULL);
    int to = (int)json_path_int(o, "transferee", 0) - 1;

    if (world.coordinator == COORDINATOR_REFUSES) {
        coordinator_say(out, 500, "not a leader");
        return;
    }
    world_log("transfer %s-%d", WORLD_DB, to);
    observe_handover(to);
    if (world.coordinator == COORDINATOR_WELL && to >= 0 && to < (int)world.members &&
        to != world.lead) {
        world.next = to;
        world.moves_at = double_now + POSTGRES_MOVE_MS;
    }
    coordinator_say(out, 200, "leader role is transferring to the requested node");
}

/* `bash -c SCRIPT coordinator METHOD PATH BODY` in a pod. Returns its exit status. */
static inline int
coordinator_answer(const char *const *argv, struct buf *out, struct buf *err_out)
{
    char text[16];

    if (!world.group || world.coordinator == COORDINATOR_SILENT) {
        (void)!buf_puts(err_out, "coordinator: connect: Connection refused\n");
        return 7;
    }
    if (str_eq(argv[5], "/current-primary")) {
        (void)snprintf(text, sizeof text, "%d", world.elect_at == 0 ? world.lead + 1 : 0);
        coordinator_say(out, 200, text);
    } else if (str_eq(argv[5], "/transfer")) {
        coordinator_move(argv[6], out);
    } else {
        coordinator_say(out, 404, "key not found");
        observe_violation("the coordinator is asked %s %s", argv[4], argv[5]);
    }
    return 0;
}

#endif
