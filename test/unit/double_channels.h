#ifndef DOUBLE_CHANNELS_H
#define DOUBLE_CHANNELS_H

#include "double_servers.h"

/* What a MySQL's server says and does of the channel by which it replicates. */

void server_say_channels(size_t ordinal, const char *sql, struct buf *out);
void server_stop_channel(size_t ordinal, const char *sql, struct buf *out);
void server_start_channel(size_t ordinal, const char *sql, struct buf *out);
void server_skip_channels(size_t ordinal, const char *sql, struct buf *out);

/* The statements that have a server do what it was told before. */
void server_do_channel(size_t ordinal, const char *sql, struct buf *out);

#define CHANNEL_STATEMENTS                                                           \
    { "channels", server_say_channels }, { "stop-channel", server_stop_channel },    \
        { "start-channel", server_start_channel }, { "channel", server_do_channel }, \
        { "skip-channels", server_skip_channels },                                   \
    {                                                                                \
        "unskip-channels", server_skip_channels                                      \
    }

#endif
