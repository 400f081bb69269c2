#include "double_mysql_remote.h"

#define REMOTE_ADDRESS "source.other.svc:3306"

enum { REMOTE_BEGIN = 5000 }; /* what the source has when a world is made */

static void
remote_start(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];

    if (world.source.executed == 0) {
        world.source.executed = REMOTE_BEGIN;
        str_copy(world.source.version, sizeof world.source.version, s->version);
    }
    s->state = SERVER_RECOVERING;
    s->online_at = double_now + world.recover_ms;
}

static void
remote_stop(size_t ordinal)
{
    world.servers[ordinal].state = SERVER_OUT;
    world.servers[ordinal].online_at = 0;
}

static void
remote_follow(struct server *s)
{
    long long behind = world.source.executed - s->executed;

    if (s->up && s->state == SERVER_ONLINE && !world.source.down && behind > 0 &&
        !world.source.slow) {
        s->executed += (behind + 3) / 4;
    }
}

static void
remote_pass(void)
{
    for (size_t i = 0; i < world.members; i++) {
        struct server *s = &world.servers[i];

        if (world.source.down && s->state == SERVER_ONLINE) {
            s->state = SERVER_RECOVERING;
            s->online_at = double_now;
        }
        if (s->online_at != 0 && double_now >= s->online_at && !s->stuck &&
            !world.source.down) {
            s->online_at = 0;
            s->state = SERVER_ONLINE;
        }
    }
    for (; world.write_at <= double_now; world.write_at += SERVERS_WRITE_MS) {
        world.source.executed += world.source.down ? 0 : 1;
        for (size_t i = 0; i < world.members; i++) {
            remote_follow(&world.servers[i]);
        }
    }
}

static void
remote_say_member(size_t ordinal, const char *sql, struct buf *out)
{
    const struct server *s = &world.servers[ordinal];
    char id[64];

    (void)sql;
    (void)!buf_printf(
        out,
        "version\t%s\nid\t%s\nstate\t%s\nrole\tSECONDARY\nwritable\t0\n"
        "queue\t0\nmembers\t0\nonline\t0\nposition\t" MYSQL_SOURCE ":1-%lld\n",
        s->version, mysql_id(ordinal, id, sizeof id),
        s->state == SERVER_ONLINE ? "REPLICATING" : "CONNECTING", s->executed);
}

/* The greatest number of the sets that the text has. */
static long long
remote_greatest(const char *sql)
{
    long long most = 0;

    for (const char *at = strstr(sql, ":1-"); at != NULL; at = strstr(at + 3, ":1-")) {
        long long n = strtoll(at + 3, NULL, 10);

        most = n > most ? n : most;
    }
    return most;
}

static void
remote_say_reached(size_t ordinal, const char *sql, struct buf *out)
{
    (void)!buf_printf(out, "%d\n",
                      world.servers[ordinal].executed >= remote_greatest(sql));
}

static void
remote_say_lacks(size_t ordinal, const char *sql, struct buf *out)
{
    long long has = world.servers[ordinal].executed;
    long long wanted = remote_greatest(sql);

    if (has < wanted) {
        (void)!buf_printf(out, MYSQL_SOURCE ":%lld-%lld\n", has + 1, wanted);
    }
}

int
remote_source(size_t ordinal, struct buf *out)
{
    const struct server *s = &world.servers[ordinal];

    (void)!buf_printf(out, "says\t%s\naddress\t" REMOTE_ADDRESS "\n",
                      s->state == SERVER_ONLINE ? ""
                                                : "Error connecting to source "
                                                  "'repl@" REMOTE_ADDRESS "'");
    if (world.source.down) {
        (void)!buf_puts(out, "ERROR 2003 (HY000): Can't connect to MySQL server on "
                             "'source.other.svc:3306' (111)\n");
        return 0;
    }
    if (world.source.refuses) {
        (void)!buf_puts(out, "ERROR 1045 (28000): Access denied for user 'repl'\n");
        return 0;
    }
    (void)!buf_printf(out, "version\t%s\nposition\t" MYSQL_SOURCE ":1-%lld\n",
                      world.source.version, world.source.executed);
    if (world.source.purged > 0) {
        (void)!buf_printf(out, "purged\t" MYSQL_SOURCE ":1-%lld\n", world.source.purged);
    }
    (void)!buf_printf(out, "age_s\t%lld\n", world.source.age_s);
    return 0;
}

static const struct server_statement remote_statements[] = {
    { "version", server_say_version },  { "directories", server_say_directories },
    { "member", remote_say_member },    { "status", server_say_status },
    { "measures", mysql_say_measures }, { "reached", remote_say_reached },
    { "lacks", remote_say_lacks },      { 0 },
};

const struct servers servers_remote = {
    .engine = "mysql",
    .start = remote_start,
    .stop = remote_stop,
    .pass = remote_pass,
    .statements = remote_statements,
    .gone = "ERROR 2003 (HY000): Can't connect\n",
};
