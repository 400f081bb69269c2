#include "double_copy.h"

#include "double_mysql.h"

enum { COPY_BYTES = 1000 }; /* of a transaction */

/* How far the data go of whoever has most. */
static long long
copy_last(void)
{
    long long last = 0;

    for (size_t i = 0; i < world.members; i++) {
        last = world.servers[i].executed > last ? world.servers[i].executed : last;
    }
    return last;
}

void
copy_start(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];
    long long lacks = copy_last() - s->executed;

    s->whole =
        world.copy.plugin &&
        ((world.copy.threshold > 0 && s->starts > 0 && lacks >= world.copy.threshold) ||
         world.copy.purged > s->executed);
    s->had = s->executed;
}

/* -- statements -- */

void
copy_say_mysql(size_t ordinal, const char *sql, struct buf *out)
{
    (void)sql;
    (void)!buf_printf(out,
                      "history\t-\nlast\t0\nkept_from\t0\nheld_ns\t0\nroom\tall\n"
                      "executed\t" MYSQL_SOURCE ":1-%lld\nreceived\t\nage_s\t%lld\n"
                      "threshold\t%lld\ncopies\t%d\n",
                      world.servers[ordinal].executed, world.copy.age_s,
                      world.copy.threshold, world.copy.plugin);
}

void
copy_say_kept(size_t ordinal, const char *sql, struct buf *out)
{
    const char *set = strstr(sql, MYSQL_SOURCE ":1-");
    long long has = set != NULL ? strtoll(set + strlen(MYSQL_SOURCE ":1-"), NULL, 10) : 0;

    (void)ordinal;
    if (set != NULL) {
        (void)!buf_printf(out, "reaches\t%d\n", world.copy.purged <= has);
    }
}

void
copy_say_clone(size_t ordinal, const char *sql, struct buf *out)
{
    const struct server *s = &world.servers[ordinal];

    (void)sql;
    if (!s->whole) {
        return;
    }
    (void)!buf_printf(out,
                      "state\t%s\nbegun\t%u\nfrom\t10.0.0.9:3306\ndone\t%lld\ntotal\t"
                      "%lld\nms\t60000\n",
                      s->state == SERVER_ONLINE ? "Completed" : "In Progress", s->starts,
                      s->state == SERVER_ONLINE ? 10LL << 30 : 3LL << 30, 10LL << 30);
}

void
copy_say_postgres(size_t ordinal, const char *sql, struct buf *out)
{
    long long at = world.servers[ordinal].executed * COPY_BYTES;

    (void)sql;
    (void)!buf_printf(out,
                      "history\t7312345678901234567\nlast\t%lld\nkept_from\t0\nbytes\t"
                      "%lld\nheld_ns\t0\nroom\t%lld\nelsewhere\t0\nask\t\n",
                      at, at, world.room > 0 ? world.room : 1LL << 30);
}

void
copy_say_backup(size_t ordinal, const char *sql, struct buf *out)
{
    (void)sql;
    for (size_t i = 0; i < world.members; i++) {
        const struct server *s = &world.servers[i];

        if (i != ordinal && s->whole && s->state == SERVER_RECOVERING) {
            (void)!buf_printf(out,
                              "state\tIn Progress\nbegun\t1\ndone\t%lld\ntotal\t%lld\n"
                              "ms\t60000\n",
                              3LL << 30, 10LL << 30);
            return;
        }
    }
}
