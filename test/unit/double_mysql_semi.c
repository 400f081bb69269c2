#include "double_mysql_semi.h"

#include "double_channels.h"
#include "double_copy.h"

enum { SEMI_MOVE_MS = 300 };

static void
semi_start(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];
    bool alone = world.primary < 0 && mysql_count(false) == 0 && world.elect_at == 0;

    s->state = alone ? SERVER_ONLINE : SERVER_RECOVERING;
    s->online_at = alone ? 0 : double_now + world.recover_ms;
    world.primary = alone ? (int)ordinal : world.primary;
}

static void
semi_lead(int ordinal)
{
    world.primary = ordinal;
    world.lead = ordinal;
    world.led_at = double_now;
}

static void
semi_pass(void)
{
    for (size_t i = 0; i < world.members; i++) {
        struct server *s = &world.servers[i];

        if (s->online_at != 0 && double_now >= s->online_at && !s->stuck &&
            world.primary >= 0) {
            s->online_at = 0;
            s->empty = false;
            s->state = SERVER_ONLINE;
            s->executed = world.servers[world.primary].executed;
        }
        if (world.elect_at != 0 && double_now >= world.elect_at &&
            s->state == SERVER_ONLINE) {
            world.elect_at = 0;
            semi_lead((int)i);
        }
    }
    if (world.moves_at != 0 && double_now >= world.moves_at) {
        world.moves_at = 0;
        if (world.primary >= 0 && world.servers[world.next].state == SERVER_ONLINE) {
            servers_catch_up(&world.servers[world.primary]);
            semi_lead(world.next);
        }
    }
    servers_write();
}

static unsigned
semi_count_acks(void)
{
    unsigned n = 0;

    for (size_t i = 0; i < world.members; i++) {
        const struct server *s = &world.servers[i];

        n += (int)i != world.primary && s->up && s->state == SERVER_ONLINE && !s->mute;
    }
    return n;
}

static void
semi_say_member(size_t ordinal, const char *sql, struct buf *out)
{
    const struct server *s = &world.servers[ordinal];
    bool leads = world.primary == (int)ordinal;
    bool well = s->state == SERVER_ONLINE && world.primary >= 0;
    char id[64];

    (void)sql;
    (void)!buf_printf(
        out,
        "version\t%s\nid\t%s\nstate\t%s\nrole\t%s\nwritable\t%d\nqueue\t%d\n"
        "members\t%d\nonline\t%u\nposition\t" MYSQL_SOURCE ":1-%lld\n",
        s->version, mysql_id(ordinal, id, sizeof id),
        leads  ? "RUNNING"
        : well ? "REPLICATING"
               : "CONNECTING",
        leads ? "PRIMARY" : "SECONDARY", leads, s->state == SERVER_RECOVERING ? 7 : 0,
        leads, leads ? 1 + semi_count_acks() : 0, s->executed);
}

static const struct server_statement semi_statements[] = {
    { "version", server_say_version },
    { "directories", server_say_directories },
    { "member", semi_say_member },
    { "status", server_say_status },
    { "measures", mysql_say_measures },
    { "reached", mysql_say_reached },
    CHANNEL_STATEMENTS,
    { "transfer", copy_say_mysql },
    { "kept", copy_say_kept },
    { "copy", copy_say_clone },
    { 0 },
};

const struct servers servers_semi = {
    .engine = "mysql",
    .start = semi_start,
    .stop = mysql_leave, /* what it committed a replica has acknowledged */
    .pass = semi_pass,
    .statements = semi_statements,
    .gone = "ERROR 2003 (HY000): Can't connect\n",
};
