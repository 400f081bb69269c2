#include "double_mysql_multi.h"

#include "double_channels.h"
#include "double_copy.h"

static bool
multi_is_lowest(const struct server *s)
{
    for (size_t i = 0; i < world.members; i++) {
        const struct server *other = &world.servers[i];

        if (other->up && other->state == SERVER_ONLINE &&
            engine_version_number(other->version) < engine_version_number(s->version)) {
            return false;
        }
    }
    return true;
}

static void
multi_pass(void)
{
    for (size_t i = 0; i < world.members; i++) {
        struct server *s = &world.servers[i];

        if (s->rejoin_at != 0 && double_now >= s->rejoin_at) {
            s->rejoin_at = 0;
            galera_start(i);
        }
    }
    galera_pass();
}

static void
multi_stop(size_t ordinal)
{
    galera_stop(ordinal);
    world.servers[ordinal].rejoin_at = 0;
}

static void
multi_say_member(size_t ordinal, const char *sql, struct buf *out)
{
    static const char *const states[] = { "OFFLINE", "RECOVERING", "ONLINE" };
    const struct server *s = &world.servers[ordinal];
    bool in = s->state != SERVER_OUT;
    unsigned online = 0;
    char id[64];

    (void)sql;
    for (size_t i = 0; i < world.members; i++) {
        online +=
            world.servers[i].up && world.servers[i].state == SERVER_ONLINE ? 1U : 0U;
    }
    (void)!buf_printf(
        out,
        "version\t%s\nid\t%s\nstate\t%s\nrole\t%s\nwritable\t%d\nqueue\t%d\n"
        "members\t%u\nonline\t%u\nposition\t" MYSQL_SOURCE ":1-%lld\n",
        s->version, mysql_id(ordinal, id, sizeof id), states[s->state], in ? "PEER" : "",
        s->state == SERVER_ONLINE && multi_is_lowest(s),
        s->state == SERVER_RECOVERING ? 7 : 0, in ? galera_count() : 1, in ? online : 0,
        s->executed);
}

/* Positions are sets: a member has them all when it has what each of them ends with. */
static void
multi_say_reached(size_t ordinal, const char *sql, struct buf *out)
{
    const char *end = MYSQL_SOURCE ":1-";
    long long wanted = 0;

    for (const char *at = strstr(sql, end); at != NULL; at = strstr(at + 1, end)) {
        long long n = strtoll(at + strlen(end), NULL, 10);

        wanted = n > wanted ? n : wanted;
    }
    (void)!buf_printf(out, "%d\n", world.servers[ordinal].executed >= wanted);
}

static void
multi_leave(size_t ordinal, const char *sql, struct buf *out)
{
    if (world.refuse_handover || strstr(sql, "STOP GROUP_REPLICATION") == NULL) {
        (void)!buf_puts(out, "ERROR 3092 (HY000) at line 1: The server is not "
                             "configured properly.\n");
        return;
    }
    world_log("leave %s-%zu", WORLD_DB, ordinal);
    observe_handover(-1);
    galera_stop(ordinal);
    world.servers[ordinal].rejoin_at = double_now + MYSQL_REJOIN_MS;
}

static const struct server_statement multi_statements[] = {
    { "version", server_say_version },
    { "directories", server_say_directories },
    { "member", multi_say_member },
    { "status", server_say_status },
    { "measures", mysql_say_measures },
    { "reached", multi_say_reached },
    { "handover", multi_leave },
    { "donor", server_say_donor },
    { "number", server_say_number },
    { "transfer", copy_say_mysql },
    { "kept", copy_say_kept },
    { "copy", copy_say_clone },
    CHANNEL_STATEMENTS,
    { 0 },
};

const struct servers servers_multi = {
    .engine = "mysql",
    .start = galera_start,
    .stop = multi_stop,
    .pass = multi_pass,
    .statements = multi_statements,
    .gone = "ERROR 2003 (HY000): Can't connect\n",
};
