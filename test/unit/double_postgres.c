#include "double_postgres.h"

#include "double_copy.h"

int
postgres_major(const struct server *s)
{
    return (int)strtol(s->version, NULL, 10);
}

/* Whether its server can run: the container is to start one, and the data suit it. */
static bool
postgres_can_serve(const struct server *s)
{
    return s->running && s->volume.role == ROLE_PRESENT && !s->crashes &&
           s->volume.data == postgres_major(s) && s->volume.job_state != JOB_RUNNING;
}

/* The new server may run only when its data are in their place, and all know it. */
static void
postgres_observe_serving(size_t ordinal)
{
    const struct volume *v = &world.servers[ordinal].volume;

    if (v->old_data && !v->started) {
        observe_violation("the new server of %s runs before it is marked",
                          world_name(ordinal));
    }
}

/* A server starts in the role that it has. */
static void
postgres_join(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];

    world.lead = world.lead < 0 && ordinal < world_voters() ? (int)ordinal : world.lead;
    s->rejoin_at = 0;
    s->up = true;
    s->starts++;
    s->volume.shut = false;
    postgres_observe_serving(ordinal);
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

/* The coordinators have a server start in its role, unless they are paused; without them,
 * as one that only follows is, the container does. */
static void
postgres_take_role(struct server *s)
{
    bool alone = !world.group || (size_t)(s - world.servers) >= world_voters();

    if (s->volume.role == ROLE_ABSENT && (alone || !str_eq(world.failover, "Pause"))) {
        s->volume.role = ROLE_PRESENT;
    }
}

void
postgres_start(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];

    if (!s->volume.made) {
        s->volume.made = true;
        s->volume.data = postgres_major(s);
    }
    s->up = false;
    postgres_take_role(s);
    if (postgres_can_serve(s)) {
        postgres_join(ordinal);
    }
}

/* Standbys whose primary is another one now find it. */
static void
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

void
postgres_shut(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];

    s->state = SERVER_OUT;
    s->online_at = 0;
    s->down_at = double_now;
    s->up = false;
    if (world.primary == (int)ordinal) {
        s->volume.shut = true;
        s->volume.checkpoint = s->executed++;
        servers_catch_up(s);
        world.primary = -1;
        postgres_follow();
    }
}

void
postgres_stop(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];

    postgres_shut(ordinal);
    s->rejoin_at = 0;
    s->copied_at = 0;
    s->volume.role = ROLE_ABSENT;
    if (s->volume.job_state == JOB_RUNNING) {
        s->volume.job_state = JOB_LOST;
        s->volume.job_ends = 0;
    }
    if (world.lead == (int)ordinal) {
        world.elect_at = double_now + POSTGRES_LOST_MS;
    }
}

static void
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
static void
postgres_elect(void)
{
    int best = -1;

    if (!str_eq(world.failover, "Resume")) {
        return;
    }
    for (size_t i = 0; i < world_voters(); i++) {
        const struct server *s = &world.servers[i];

        if (s->up && (best < 0 || s->executed > world.servers[best].executed)) {
            best = (int)i;
        }
    }
    if (best >= 0) {
        if (world.servers[world.lead].volume.kept) {
            observe_violation("%s-%d took the lead in the midst of pg_upgrade", WORLD_DB,
                              best);
        }
        postgres_promote((size_t)best);
    }
}

/* The lead goes on, if there is one to give and one to take it. */
static void
postgres_move(void)
{
    int old = world.primary;

    world.moves_at = 0;
    if (old < 0 || !world.servers[world.next].up) {
        return;
    }
    postgres_shut((size_t)old);
    postgres_promote((size_t)world.next);
    world.servers[old].rejoin_at =
        world.old_stays_down ? 0 : double_now + POSTGRES_BACK_MS;
}

/* A server that is down starts when it can; a standby without data copies them first. */
static void
postgres_tend(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];
    struct volume *v = &s->volume;

    postgres_take_role(s);
    if (v->role == ROLE_PRESENT && v->data == 0 && world.primary >= 0) {
        s->copied_at = s->copied_at == 0 ? double_now + world.recover_ms : s->copied_at;
        if (double_now >= s->copied_at) {
            s->copied_at = 0;
            v->data = world.servers[world.primary].volume.data;
        }
    }
    if (postgres_can_serve(s)) {
        s->rejoin_at = double_now + world.elect_ms;
    }
}

void
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
            s->rejoin_at = 0;
            if (postgres_can_serve(s)) {
                postgres_join(i);
            }
        } else if (s->running && !s->up && s->rejoin_at == 0 &&
                   !(world.old_stays_down && (int)i != world.lead)) {
            postgres_tend(i);
        }
        if (s->online_at != 0 && double_now >= s->online_at && !s->stuck &&
            world.primary >= 0 &&
            s->volume.data == world.servers[world.primary].volume.data) {
            s->online_at = 0;
            s->state = SERVER_ONLINE;
            s->empty = false;
            s->executed = world.servers[world.primary].executed;
        }
    }
    servers_write();
}

/* -- statements -- */

static void
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

static void
postgres_say_measures(size_t ordinal, const char *sql, struct buf *out)
{
    const struct server *s = &world.servers[ordinal];
    long long bytes = 10LL << 30;

    (void)sql;
    if (s->empty) {
        (void)!buf_puts(out, "bytes\t7340032\ndatabases\t1\n");
        return;
    }
    (void)!buf_printf(out, "bytes\t%lld\ndatabases\t4\n",
                      s->bytes != 0 ? s->bytes : bytes);
}

/* Every database has the same. A new major version's server has no statistics before they
 * are made. */
static void
postgres_say_contents(size_t ordinal, const char *sql, struct buf *out)
{
    const struct server *s = &world.servers[ordinal];

    (void)sql;
    if (s->empty) {
        (void)!buf_puts(out, "tables\t0\nsequences\t0\nrows\t0\n");
        return;
    }
    (void)!buf_printf(out, "tables\t%d\nsequences\t3\n", 12 - s->lost_tables);
    if (!s->volume.old_data || s->volume.analyzed) {
        (void)!buf_printf(out, "rows\t%d\n", 100000 - s->lost_rows);
    }
}

/* Names are in hex: public.orders, public."Old ones"; app and postgres. */
static void
postgres_say_tables(size_t ordinal, const char *sql, struct buf *out)
{
    (void)ordinal;
    (void)sql;
    (void)!buf_puts(out, "8000\t16400\t7075626c69632e6f7264657273\n"
                         "7000\t16401\t7075626c69632e224f6c64206f6e657322\n");
}

static void
postgres_say_count(size_t ordinal, const char *sql, struct buf *out)
{
    (void)sql;
    (void)!buf_printf(out, "COPY %d\n", 5000 - world.servers[ordinal].lost_rows);
}

static void
postgres_say_databases(size_t ordinal, const char *sql, struct buf *out)
{
    (void)ordinal;
    (void)sql;
    (void)!buf_puts(out, "9000000\t16384\t617070\n7000000\t5\t706f737467726573\n");
}

static void
postgres_say_reached(size_t ordinal, const char *sql, struct buf *out)
{
    const char *position = strstr(sql, ">= '0/");
    long long wanted =
        position != NULL ? strtoll(position + strlen(">= '0/"), NULL, 16) : 0;

    (void)!buf_printf(out, "%d\n", world.servers[ordinal].executed >= wanted);
}

/* A checkpoint comes before the lead is given on. */
static void
postgres_checkpoint(size_t ordinal, const char *sql, struct buf *out)
{
    (void)sql;
    if (world.refuse_handover) {
        (void)!buf_puts(out, "ERROR:  must be superuser to do CHECKPOINT\n");
        return;
    }
    observe_change("checkpoint", false);
    world_log("checkpoint %s", world_name(ordinal));
}

static void
postgres_say_replayed(size_t ordinal, const char *sql, struct buf *out)
{
    long long end = strtoll(strstr(sql, "'0/") + 3, NULL, 16);

    (void)!buf_printf(out, "%d\n", world.servers[ordinal].executed > end);
}

static void
postgres_say_places(size_t ordinal, const char *sql, struct buf *out)
{
    (void)ordinal;
    (void)sql;
    (void)!buf_puts(out, "2f7661722f70762f7370616365\n"); /* /var/pv/space */
}

const struct server_statement postgres_statements[] = {
    { "version", server_say_version },
    { "directories", server_say_directories },
    { "member", postgres_say_member },
    { "status", server_say_status },
    { "measures", postgres_say_measures },
    { "databases", postgres_say_databases },
    { "reached", postgres_say_reached },
    { "replayed", postgres_say_replayed },
    { "places", postgres_say_places },
    { "handover", postgres_checkpoint },
    { "contents", postgres_say_contents },
    { "tables", postgres_say_tables },
    { "count", postgres_say_count },
    { "transfer", copy_say_postgres },
    { "kept", copy_say_kept },
    { "copy", copy_say_backup },
    { 0 },
};
