#include "double_galera.h"

#include "double_channels.h"

enum { GALERA_BYTES = 1000 }; /* of a transaction */

unsigned
galera_count(void)
{
    unsigned n = 0;

    for (size_t i = 0; i < world.members; i++) {
        n += world.servers[i].up && world.servers[i].state != SERVER_OUT ? 1U : 0U;
    }
    return n;
}

/* How far the data go of the node that has most. */
static long long
galera_last(void)
{
    long long last = 0;

    for (size_t i = 0; i < world.members; i++) {
        const struct server *s = &world.servers[i];

        last =
            s->up && s->state == SERVER_ONLINE && s->executed > last ? s->executed : last;
    }
    return last;
}

/* The first transaction that is still kept. */
static long long
galera_kept_from(void)
{
    long long from = galera_last() - world.room / GALERA_BYTES;

    return world.room > 0 && from > 1 ? from : 1;
}

void
galera_start(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];
    bool alone = true;

    for (size_t i = 0; i < world.members; i++) {
        alone = alone && (i == ordinal || !world.servers[i].up ||
                          world.servers[i].state != SERVER_ONLINE);
    }
    world.view++;
    s->had = s->wiped ? -1 : s->executed;
    s->whole = s->wiped || (world.room > 0 && galera_kept_from() > s->executed + 1);
    s->wiped = false;
    s->state = alone ? SERVER_ONLINE : SERVER_RECOVERING;
    s->online_at = alone ? 0 : double_now + world.recover_ms;
}

void
galera_stop(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];

    servers_catch_up(s);
    world.view++;
    s->state = SERVER_OUT;
    s->online_at = 0;
    s->down_at = double_now;
}

/* Somebody writes to the first node that serves; the others have it a little later. */
static void
galera_write(void)
{
    for (; world.write_at <= double_now; world.write_at += SERVERS_WRITE_MS) {
        long long last = galera_last() + 1;
        bool first = true;

        for (size_t i = 0; i < world.members; i++) {
            struct server *s = &world.servers[i];

            if (s->up && s->state == SERVER_ONLINE) {
                long long has = first ? last : last - world.lag;

                s->executed = has > s->executed ? has : s->executed;
                first = false;
            }
        }
    }
}

void
galera_pass(void)
{
    for (size_t i = 0; i < world.members; i++) {
        struct server *s = &world.servers[i];

        if (s->online_at != 0 && double_now >= s->online_at && !s->stuck) {
            s->online_at = 0;
            s->state = SERVER_ONLINE;
            s->empty = false;
            s->executed = galera_last() > s->executed ? galera_last() : s->executed;
        }
    }
    galera_write();
}

/* -- statements -- */

static void
galera_say_member(size_t ordinal, const char *sql, struct buf *out)
{
    static const char *const states[] = { "NON-PRIMARY",
                                          "JOINING: RECEIVING STATE TRANSFER", "SYNCED" };
    const struct server *s = &world.servers[ordinal];
    const char *state = s->says != NULL ? s->says : states[s->state];

    (void)sql;
    (void)!buf_printf(out,
                      "version\t%s\nid\t%zu\nstate\t%s\nrole\tPEER\nwritable\t%d\n"
                      "queue\t%d\nmembers\t%u\nonline\t%u\nview\t" GALERA_HISTORY
                      "/%lld\nposition\t" GALERA_HISTORY ":%lld\n",
                      s->version, ordinal, state, s->state == SERVER_ONLINE,
                      s->state == SERVER_RECOVERING ? 7 : s->queue, galera_count(),
                      galera_count(), s->view != 0 ? s->view : world.view, s->executed);
}

static void
galera_say_measures(size_t ordinal, const char *sql, struct buf *out)
{
    const struct server *s = &world.servers[ordinal];

    (void)sql;
    if (s->empty) {
        (void)!buf_puts(out, SERVERS_EMPTY "rows\t0\nschemas\t0\n");
        return;
    }
    (void)!buf_printf(out, "bytes\t%lld\ntables\t%d\nrows\t%lld\nschemas\t3\n",
                      s->bytes != 0 ? s->bytes : 10LL << 30, 20 - s->lost_tables,
                      1000000 + s->executed);
}

static void
galera_say_reached(size_t ordinal, const char *sql, struct buf *out)
{
    const char *position = strstr(sql, GALERA_HISTORY ":");
    long long wanted =
        position != NULL ? strtoll(position + strlen(GALERA_HISTORY ":"), NULL, 10) : 0;

    (void)!buf_printf(out, "%d\n", world.servers[ordinal].executed >= wanted);
}

static void
galera_say_transfer(size_t ordinal, const char *sql, struct buf *out)
{
    const struct server *s = &world.servers[ordinal];

    (void)sql;
    (void)!buf_printf(out,
                      "history\t" GALERA_HISTORY "\nlast\t%lld\nkept_from\t%lld\n"
                      "bytes\t%lld\nheld_ns\t%lld\nroom\t%lld\ndonor\t\n",
                      s->executed, galera_kept_from(), s->executed * GALERA_BYTES,
                      double_now * world.held_ms * 1000,
                      world.room > 0 ? world.room : 128LL << 20);
}

int
galera_history(size_t ordinal, struct buf *out)
{
    if (world.servers[ordinal].wiped) {
        return 2;
    }
    (void)!buf_puts(out, GALERA_HISTORY "\n");
    return 0;
}

/* As Galera 26.4 logs it. */
static void
galera_log(size_t ordinal, struct buf *out)
{
    const struct server *s = &world.servers[ordinal];
    long long group = galera_last();

    if (s->had == 0) {
        return;
    }
    (void)!buf_printf(
        out,
        "2 [Note] WSREP: State transfer required: \n\tGroup state: " GALERA_HISTORY
        ":%lld\n\tLocal state: %s:%lld\n"
        "0 [Note] WSREP: Member 2.0 (" WORLD_DB "-%zu) requested state "
        "transfer from '*any*'. Selected 1.0 (" WORLD_DB "-2)(SYNCED) as "
        "donor.\n3 [Note] WSREP: SST received: " GALERA_HISTORY ":%lld\n",
        group, s->had < 0 ? "00000000-0000-0000-0000-000000000000" : GALERA_HISTORY,
        s->had, ordinal, s->whole ? group : s->had);
}

static const struct server_statement galera_statements[] = {
    { "version", server_say_version },
    { "directories", server_say_directories },
    { "member", galera_say_member },
    { "status", server_say_status },
    { "measures", galera_say_measures },
    { "reached", galera_say_reached },
    { "transfer", galera_say_transfer },
    CHANNEL_STATEMENTS,
    { 0 },
};

const struct servers servers_galera = {
    .engine = "perconaxtradb",
    .start = galera_start,
    .stop = galera_stop,
    .pass = galera_pass,
    .log = galera_log,
    .statements = galera_statements,
    .gone = "ERROR 2003 (HY000): Can't connect\n",
};
