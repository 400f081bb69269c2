#include "double_mysql.h"

#include "double_channels.h"
#include "double_copy.h"

char *
mysql_id(size_t ordinal, char *out, size_t size)
{
    (void)snprintf(out, size, "00000000-0000-0000-0000-%012zu", ordinal);
    return out;
}

unsigned
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

static void
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

void
mysql_leave(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];

    s->state = SERVER_OUT;
    s->online_at = 0;
    s->down_at = double_now;
    if (world.primary == (int)ordinal) {
        servers_catch_up(s);
        world.primary = -1;
        world.elect_at = double_now + world.elect_ms;
    }
}

static void
mysql_stop(size_t ordinal)
{
    mysql_leave(ordinal);
    world.servers[ordinal].rejoin_at = 0;
}

/* Whether a group has none but members that a server cannot be with: of a higher version,
 * and of another series of long-term support. */
static bool
mysql_is_too_old(const struct server *s)
{
    bool any = false;

    for (size_t i = 0; i < world.members; i++) {
        const struct server *other = &world.servers[i];

        if (other == s || !other->running || other->state != SERVER_ONLINE) {
            continue;
        }
        if (engine_may_return(world_engine(), other->version, s->version)) {
            return false;
        }
        any = true;
    }
    return any;
}

/* A member joins; without a group to join it makes one. */
static void
mysql_join(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];
    bool alone = mysql_count(false) == 0 && world.elect_at == 0;

    s->rejoin_at = 0;
    if (mysql_is_too_old(s)) {
        return;
    }
    if (!alone && world.group && s->channel.runs) { /* MY-011638 */
        s->rejoin_at = double_now + MYSQL_REJOIN_MS;
        return;
    }
    copy_start(ordinal);
    s->state = alone ? SERVER_ONLINE : SERVER_RECOVERING;
    s->online_at = alone ? 0 : double_now + world.recover_ms;
    world.primary = alone ? (int)ordinal : world.primary;
}

/* A server starts its channels, and then it joins. */
static void
mysql_start(size_t ordinal)
{
    struct server_channel *c = &world.servers[ordinal].channel;

    c->runs = c->name != NULL && !c->skips;
    mysql_join(ordinal);
}

/* -- time -- */

static void
mysql_pass(void)
{
    for (size_t i = 0; i < world.members; i++) {
        struct server *s = &world.servers[i];

        if (s->online_at != 0 && double_now >= s->online_at && !s->stuck &&
            world.primary >= 0) {
            s->online_at = 0;
            s->state = SERVER_ONLINE;
            s->empty = false;
            s->executed = world.servers[world.primary].executed;
        }
        if (s->rejoin_at != 0 && double_now >= s->rejoin_at) {
            mysql_join(i);
        }
    }
    if (world.elect_at != 0 && double_now >= world.elect_at) {
        mysql_elect();
    }
    servers_write();
}

/* -- statements -- */

static void
mysql_say_member(size_t ordinal, const char *sql, struct buf *out)
{
    static const char *const states[] = { "OFFLINE", "RECOVERING", "ONLINE" };
    const struct server *s = &world.servers[ordinal];
    bool leads = world.primary == (int)ordinal;
    bool in = s->state != SERVER_OUT;
    const char *role = !world.group || !in ? "" : leads ? "PRIMARY" : "SECONDARY";
    char id[64];

    (void)sql;
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

void
mysql_say_measures(size_t ordinal, const char *sql, struct buf *out)
{
    const struct server *s = &world.servers[ordinal];
    long long bytes = 10LL << 30;

    (void)sql;
    if (s->empty) {
        (void)!buf_puts(out, SERVERS_EMPTY "rows\t0\nschemas\t0\n");
        return;
    }
    (void)!buf_printf(out, "bytes\t%lld\ntables\t20\nrows\t%lld\nschemas\t3\n",
                      s->bytes != 0 ? s->bytes : bytes, 1000000 + s->executed);
}

/* Whether no member that is online has a lower version. */
static bool
mysql_is_lowest(const struct server *s)
{
    for (size_t i = 0; i < world.members; i++) {
        const struct server *other = &world.servers[i];

        if (other->running && other->state == SERVER_ONLINE &&
            engine_version_number(other->version) < engine_version_number(s->version)) {
            return false;
        }
    }
    return true;
}

static void
mysql_set_primary(const char *sql, struct buf *out)
{
    int to = -1;

    for (size_t i = 0; i < world.members; i++) {
        char id[64];

        to = strstr(sql, mysql_id(i, id, sizeof id)) != NULL ? (int)i : to;
    }
    if (to < 0 || !mysql_is_lowest(&world.servers[to])) {
        (void)!buf_puts(out, "ERROR 3910 (HY000) at line 1: The function "
                             "'group_replication_set_as_primary' failed.\n");
        return;
    }
    observe_handover(to);
    world.servers[to].executed = world.servers[world.primary].executed;
    world.primary = to;
    world.led_at = double_now;
}

static void
mysql_hand_over(size_t ordinal, const char *sql, struct buf *out)
{
    const char *id =
        strstr(sql, "set_as_primary") != NULL ? "set-as-primary" : "leave-group";

    if (world.refuse_handover) {
        (void)!buf_puts(out, "ERROR 3092 (HY000) at line 1: The server is not "
                             "configured properly.\n");
        return;
    }
    world_log("%s %s", id, world_name(ordinal));
    if (str_eq(id, "set-as-primary")) {
        mysql_set_primary(sql, out);
        return;
    }
    observe_handover(-1);
    mysql_leave(ordinal);
    world.servers[ordinal].rejoin_at = double_now + MYSQL_REJOIN_MS;
}

void
mysql_say_reached(size_t ordinal, const char *sql, struct buf *out)
{
    const char *set = strstr(sql, MYSQL_SOURCE ":1-");
    long long wanted =
        set != NULL ? strtoll(set + strlen(MYSQL_SOURCE ":1-"), NULL, 10) : 0;

    (void)!buf_printf(out, "%d\n", world.servers[ordinal].executed >= wanted);
}

static void
mysql_say_plugins(size_t ordinal, const char *sql, struct buf *out)
{
    (void)ordinal;
    (void)sql;
    (void)!buf_puts(out, world.plugins != NULL ? world.plugins : "");
}

static void
mysql_say_protocol(size_t ordinal, const char *sql, struct buf *out)
{
    (void)ordinal;
    (void)sql;
    (void)!buf_puts(out, world.protocol != NULL ? world.protocol : "");
}

static const struct server_statement mysql_statements[] = {
    { "version", server_say_version },
    { "directories", server_say_directories },
    { "member", mysql_say_member },
    { "status", server_say_status },
    { "measures", mysql_say_measures },
    { "reached", mysql_say_reached },
    { "handover", mysql_hand_over },
    { "plugins", mysql_say_plugins },
    { "protocol", mysql_say_protocol },
    { "donor", server_say_donor },
    { "number", server_say_number },
    { "transfer", copy_say_mysql },
    { "kept", copy_say_kept },
    { "copy", copy_say_clone },
    CHANNEL_STATEMENTS,
    { 0 },
};

const struct servers servers_mysql = {
    .engine = "mysql",
    .start = mysql_start,
    .stop = mysql_stop,
    .pass = mysql_pass,
    .statements = mysql_statements,
    .gone = "ERROR 2003 (HY000): Can't connect\n",
};
