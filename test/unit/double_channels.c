#include "double_channels.h"

#include "double_model.h"

static void
channel_hex(const char *text, struct buf *out)
{
    for (const char *c = text; *c != '\0'; c++) {
        (void)!buf_printf(out, "%02X", (unsigned)(unsigned char)*c);
    }
}

void
server_say_channels(size_t ordinal, const char *sql, struct buf *out)
{
    const struct server_channel *c = &world.servers[ordinal].channel;

    (void)sql;
    (void)!buf_printf(out, "skips\t%d\t\t\t\t\t\t\t\n", c->skips);
    if (c->name == NULL) {
        return;
    }
    (void)!buf_puts(out, "channel\t");
    channel_hex(c->name, out);
    (void)!buf_puts(out, "\t");
    channel_hex("10.9.8.7", out);
    (void)!buf_printf(out, "\t3306\t%d\t%d\t%d\t%d\t.\n", c->runs, c->follows,
                      !c->no_account, c->filtered);
}

/* Whether a statement names the member's channel, as it has to: in hex. */
static bool
channel_is_named(size_t ordinal, const char *sql, struct buf *out)
{
    auto_buf struct buf hex = { 0 };

    if (world.servers[ordinal].channel.name != NULL) {
        (void)!buf_puts(&hex, "UNHEX('");
        channel_hex(world.servers[ordinal].channel.name, &hex);
        (void)!buf_puts(&hex, "')");
    }
    if (hex.len > 0 && strstr(sql, buf_text(&hex)) != NULL) {
        return true;
    }
    (void)!buf_puts(out,
                    "ERROR 3074 (HY000) at line 1: Replica channel does not exist.\n");
    return false;
}

void
server_stop_channel(size_t ordinal, const char *sql, struct buf *out)
{
    if (channel_is_named(ordinal, sql, out)) {
        world_log("stop-channel %s", world_name(ordinal));
        world.servers[ordinal].channel.runs = false;
    }
}

void
server_start_channel(size_t ordinal, const char *sql, struct buf *out)
{
    if (!channel_is_named(ordinal, sql, out)) {
        return;
    }
    if (world.primary != (int)ordinal && !world_has_peers()) {
        (void)!buf_puts(out, "ERROR 3139 (HY000) at line 1: START REPLICA cannot be "
                             "performed on a secondary.\n");
        return;
    }
    world_log("start-channel %s", world_name(ordinal));
    world.servers[ordinal].channel.runs = true;
}

void
server_do_channel(size_t ordinal, const char *sql, struct buf *out)
{
    (void)ordinal;
    (void)sql;
    (void)out;
}

void
server_skip_channels(size_t ordinal, const char *sql, struct buf *out)
{
    bool skips = str_starts(sql, "SET ");

    (void)out;
    world_log("%s %s", skips ? "skip-channels" : "unskip-channels", world_name(ordinal));
    world.servers[ordinal].channel.skips = skips;
}
