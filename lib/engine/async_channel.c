#include "engine/async_channel.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/name.h"
#include "engine/topology.h"

enum { CHANNEL_FIELDS = 9 };

/* Cuts a line at its tabs. False where it has more or fewer fields. */
static bool
channel_split(char *line, char *fields[CHANNEL_FIELDS])
{
    size_t n = 0;

    for (char *at = line; at != NULL && n < CHANNEL_FIELDS; n++) {
        char *tab = strchr(at, '\t');

        fields[n] = at;
        if (tab != NULL) {
            *tab++ = '\0';
        }
        at = tab;
        if (n + 1 == CHANNEL_FIELDS && at != NULL) {
            return false;
        }
    }
    return n == CHANNEL_FIELDS;
}

/* "10.0.0.9:3306", of a host that may be anything. */
static bool
channel_source(struct async_channel *c, const char *hex, const char *port)
{
    auto_free char *host = name_from_hex(hex, strlen(hex));
    long long number = 0;

    if (host == NULL || !str_to_ll(port, &number)) {
        return false;
    }
    (void)name_fit(c->source, sizeof c->source - sizeof ":65535", host);
    str_append(c->source, sizeof c->source, ":%lld", number);
    return true;
}

/* Whether a name can stand between quotes as people read it. */
static bool
channel_is_plain(const char *bytes, const char *shown)
{
    return str_eq(bytes, shown) && strpbrk(bytes, "'\"\\") == NULL;
}

/* channel, name, host, port, runs, follows, account, filters: each but the first three
 * numbers. */
static bool
channel_take(char *line, struct async_channel *c)
{
    char *f[CHANNEL_FIELDS];
    auto_free char *bytes = NULL;
    auto_free char *shown = NULL;

    if (!channel_split(line, f) || !str_eq(f[0], "channel") || !str_eq(f[8], ".") ||
        strlen(f[1]) >= sizeof c->hex) {
        return false;
    }
    bytes = name_bytes(f[1], strlen(f[1]));
    if (bytes == NULL || !channel_source(c, f[2], f[3])) {
        return false;
    }
    shown = name_show(bytes);
    str_copy(c->hex, sizeof c->hex, f[1]);
    (void)name_fit(c->name, sizeof c->name, shown);
    c->plain = channel_is_plain(bytes, c->name);
    c->runs = str_eq(f[4], "1");
    c->follows = str_eq(f[5], "1");
    c->account = str_eq(f[6], "1");
    c->filtered = !str_eq(f[7], "0");
    return true;
}

void
channels_parse(const char *out, struct async_channels *list)
{
    *list = (struct async_channels){ 0 };
    while (*out != '\0') {
        size_t n = strcspn(out, "\n");
        auto_free char *line = mem_strndup(out, n);
        struct async_channel c = { 0 };

        out += n + (out[n] == '\n' ? 1 : 0);
        if (str_starts(line, "skips\t")) {
            list->skips = line[strlen("skips\t")] == '1';
        } else if (list->n < CHANNELS_MAX && channel_take(line, &c)) {
            list->at[list->n++] = c;
        }
    }
}

bool
channel_is_in_the_way(const struct async_channels *list, const struct async_channel *c,
                      enum engine_topology topology)
{
    if (topology == TOPOLOGY_PEERS) { /* a node starts its own when it is back */
        return c->runs && list->skips;
    }
    return list->skips ? c->runs && !c->follows
                       : topology != TOPOLOGY_SEMISYNC || c->runs;
}

const char *
channel_refusal(const struct engine_channels *row, const struct async_channel *c,
                int version)
{
    return version < row->since ? "this server starts all channels when it starts, and "
                                  "cannot be told not to"
           : c->filtered
               ? "its filters were set by CHANGE REPLICATION FILTER and are lost "
                 "when the server restarts; they belong into the configuration"
           : c->runs && !c->account
               ? "its account was given by START REPLICA and is not stored"
               : NULL;
}

/* Adds a statement for people, with a name that holds nothing that ends it. */
static void
channel_word(char *out, size_t size, const char *words, const char *name)
{
    auto_free char *text = engine_format(words, name);

    str_append(out, size, "%s%s", out[0] != '\0' ? "; " : "", text);
}

char *
channel_advice(const struct engine_channels *row, const struct async_channels *list,
               const struct async_channel *c, int version, char *out, size_t size)
{
    const char *name = c->plain ? c->name : "NAME";

    str_copy(out, size, "");
    if (version < row->since) {
        channel_word(out, size, row->old_words, name);
        channel_word(out, size, row->forget_words, name);
        return out;
    }
    if (c->runs) {
        channel_word(out, size, row->stop_words, name);
    }
    if (!list->skips) {
        channel_word(out, size, row->skip_words, "");
    }
    return out;
}
