#include "double_servers.h"

void
servers_write(void)
{
    struct server *primary = world.primary >= 0 ? &world.servers[world.primary] : NULL;

    for (; world.write_at <= double_now; world.write_at += SERVERS_WRITE_MS) {
        if (primary == NULL) {
            continue;
        }
        primary->executed++;
        for (size_t i = 0; i < world.members; i++) {
            struct server *s = &world.servers[i];
            long long behind = primary->executed - world.lag - s->executed;

            if (s != primary && s->up && s->state == SERVER_ONLINE && behind > 0) {
                s->executed += (behind + 1) / 2;
            }
        }
    }
}

void
servers_catch_up(const struct server *primary)
{
    for (size_t i = 0; i < world.members; i++) {
        struct server *other = &world.servers[i];

        if (other->up && other->state == SERVER_ONLINE) {
            other->executed = primary->executed;
        }
    }
}

void
servers_lose_data(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];

    s->empty = true;
    s->wiped = true;
    s->executed = s->keeps_position ? s->executed : 0;
    s->volume = (struct volume){ 0 };
}

/* -- statements -- */

static bool
server_is_row(const struct engine_sql *rows, const char *sql)
{
    for (; rows != NULL && rows->text != NULL; rows++) {
        if (str_eq(rows->text, sql)) {
            return true;
        }
    }
    return false;
}

/* Whether a statement is one of the engine's, whose "%s" may stand for anything. */
static bool
server_is(const char *pattern, const char *sql)
{
    const char *hole = strstr(pattern, "%s");

    return hole == NULL ? str_eq(pattern, sql)
                        : strncmp(pattern, sql, (size_t)(hole - pattern)) == 0;
}

/* Whether it is one of a table's. */
static bool
server_is_of(const struct engine_sql *rows, const char *sql)
{
    for (; rows != NULL && rows->text != NULL; rows++) {
        if (server_is(rows->text, sql)) {
            return true;
        }
    }
    return false;
}

static bool
server_is_status(const struct engine *en, const char *sql)
{
    for (const char *const *status = en->member.status_sql; *status != NULL; status++) {
        if (str_eq(*status, sql)) {
            return true;
        }
    }
    return false;
}

static bool
server_is_handover(const struct engine *en, const char *sql)
{
    for (const struct engine_handover *h = en->member.handovers; h->id != NULL; h++) {
        if (server_is(h->sql, sql)) {
            return true;
        }
    }
    return false;
}

/* The kind of a statement that measures one database, or NULL. */
static const char *
server_is_measure(const struct engine *en, const char *sql)
{
    return en->data.database_sql == NULL               ? NULL
           : server_is_row(en->data.database_sql, sql) ? "contents"
           : str_eq(sql, en->data.tables_sql)          ? "tables"
           : server_is(en->data.count, sql)            ? "count"
                                                       : NULL;
}

/* The kind of a statement about channels, or NULL. */
static const char *
server_is_channel(const struct engine *en, const char *sql)
{
    const struct engine_channels *row = en->member.channels;

    return row == NULL                                      ? NULL
           : server_is_row(row->sql, sql)                   ? "channels"
           : str_starts(sql, "SET @channel=CONCAT('STOP ")  ? "stop-channel"
           : str_starts(sql, "SET @channel=CONCAT('START ") ? "start-channel"
           : str_starts(sql, "PREPARE channel ") || str_starts(sql, "EXECUTE channel")
               ? "channel"
           : str_eq(sql, row->skip_sql)   ? "skip-channels"
           : str_eq(sql, row->unskip_sql) ? "unskip-channels"
                                          : NULL;
}

/* The kind of a statement about what members keep and copy, or NULL. */
static const char *
server_is_transfer(const struct engine *en, const char *sql)
{
    return en->transfer == NULL                        ? NULL
           : server_is_row(en->transfer->sql, sql)     ? "transfer"
           : server_is_of(en->transfer->kept_sql, sql) ? "kept"
           : server_is_of(en->transfer->copy_sql, sql) ? "copy"
                                                       : NULL;
}

static bool
server_is_lacks(const struct engine *en, const char *sql)
{
    return en->source != NULL && server_is(en->source->lacks_sql, sql);
}

/* The kind of a statement about members of a new set, or NULL. */
static const char *
server_is_new_set(const struct engine *en, const char *sql)
{
    return en->new_set == NULL                    ? NULL
           : str_eq(sql, en->new_set->donor_sql)  ? "donor"
           : str_eq(sql, en->new_set->number_sql) ? "number"
                                                  : NULL;
}

/* Statements of a major upgrade or a trial, by how they begin. */
static const char *const server_others[][2] = {
    { "SELECT (pg_last_wal_replay_lsn() > ", "replayed" },
    { "SELECT encode(decode(replace((pg_tablespace_location(", "places" },
    { "SELECT DISTINCT CONCAT('--plugin-load-add=',", "plugins" },
    { "SELECT group_replication_get_communication_protocol()", "protocol" },
    { "SAVE ", "save" },
};

static const char *
server_other_kind(const char *sql)
{
    for (size_t i = 0; i < sizeof server_others / sizeof *server_others; i++) {
        if (str_starts(sql, server_others[i][0])) {
            return server_others[i][1];
        }
    }
    return NULL;
}

const char *
server_kind(const char *sql)
{
    const struct engine *en = world_engine();

    return str_eq(sql, en->member.version_sql)         ? "version"
           : server_is_row(en->member.sql, sql)        ? "member"
           : server_is_row(en->data.sql, sql)          ? "measures"
           : str_eq(sql, en->session.databases_sql)    ? "databases"
           : server_is_new_set(en, sql)                ? server_is_new_set(en, sql)
           : server_is_measure(en, sql)                ? server_is_measure(en, sql)
           : server_is_transfer(en, sql) != NULL       ? server_is_transfer(en, sql)
           : server_is_status(en, sql)                 ? "status"
           : server_is_of(en->member.reached_sql, sql) ? "reached"
           : server_is_handover(en, sql)               ? "handover"
           : server_is_lacks(en, sql)                  ? "lacks"
           : server_is_channel(en, sql) != NULL        ? server_is_channel(en, sql)
           : str_eq(sql, en->object.data_sql)          ? "directories"
                                                       : server_other_kind(sql);
}

void
server_say_version(size_t ordinal, const char *sql, struct buf *out)
{
    (void)sql;
    (void)!buf_printf(out, "%s\n", world.servers[ordinal].version);
}

void
server_say_directories(size_t ordinal, const char *sql, struct buf *out)
{
    (void)ordinal;
    (void)sql;
    (void)!buf_printf(out, "%s\n",
                      world.directories != NULL ? world.directories
                                                : world_engine()->object.data_path);
}

void
server_say_donor(size_t ordinal, const char *sql, struct buf *out)
{
    (void)ordinal;
    (void)sql;
    (void)!buf_printf(out, "copies\t%d\ncomplete\t%d\n", !world.no_copies, !world.purged);
}

void
server_say_number(size_t ordinal, const char *sql, struct buf *out)
{
    bool none = world.made > 0 && ordinal >= world_first_made() && world.no_number;

    (void)sql;
    (void)!buf_printf(out, "%zu\n", none ? 0 : world_place(ordinal) + 1);
}

void
server_say_status(size_t ordinal, const char *sql, struct buf *out)
{
    (void)sql;
    (void)!buf_printf(out, "status of member %zu\n", ordinal);
}
