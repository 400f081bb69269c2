#include "double_proxysql.h"

static size_t
proxysql_parts(void)
{
    size_t n = 0;

    while (world_engine()->config[n].id != NULL) {
        n++;
    }
    return n;
}

static void
proxysql_begin(size_t ordinal)
{
    struct proxy *x = &world.servers[ordinal].proxy;

    for (size_t i = 0; i < proxysql_parts(); i++) {
        x->edited[i] = x->runtime[i] = x->disk[i] = world.file_rows;
    }
    x->paused = false;
    x->clients = 0;
}

static void
proxysql_start(size_t ordinal)
{
    proxysql_begin(ordinal);
    world.servers[ordinal].state = SERVER_ONLINE;
}

static void
proxysql_stop(size_t ordinal)
{
    world.servers[ordinal].state = SERVER_OUT;
}

static void
proxysql_pass(void)
{
}

/* -- statements -- */

static void
proxysql_say_member(size_t ordinal, const char *sql, struct buf *out)
{
    const struct server *s = &world.servers[ordinal];
    const char *truth = s->proxy.paused ? "PAUSED" : "RUNNING";

    (void)sql;
    (void)!buf_printf(out,
                      "version\t%s\nid\t-\nstate\t%s\nrole\tPEER\nwritable\t1\nqueue\t0\n"
                      "members\t0\nonline\t0\n",
                      s->version, s->says != NULL ? s->says : truth);
}

/* The first table of a part that can be copied. */
static const char *
proxysql_table(size_t part)
{
    const struct engine_config *c = &world_engine()->config[part];

    return c->clear_sql != NULL ? c->clear_sql[0] + strlen("DELETE FROM ") : "";
}

/* A row of a copy -> its part; the number of parts where it is none. */
static size_t
proxysql_part(const char *sql)
{
    size_t i = 0;

    for (; i < proxysql_parts(); i++) {
        size_t n = strlen(proxysql_table(i));

        if (n > 0 && strncmp(sql + strlen("REPLACE INTO "), proxysql_table(i), n) == 0) {
            break;
        }
    }
    return i;
}

/* Rows of a part as they are on one layer. */
static void
proxysql_say_rows(size_t ordinal, const char *sql, struct buf *out)
{
    const struct proxy *x = &world.servers[ordinal].proxy;

    for (size_t i = 0; i < proxysql_parts(); i++) {
        const struct engine_config *c = &world_engine()->config[i];
        bool copy = str_eq(sql, c->copy_sql);
        bool runtime = str_eq(sql, c->runtime_sql) || str_eq(sql, c->seen_sql);
        int n = runtime ? x->runtime[i] : x->disk[i];

        if (!runtime && !copy && !str_eq(sql, c->disk_sql)) {
            continue;
        }
        for (int row = 0; row < n; row++) {
            if (copy) {
                (void)!buf_printf(out, "row REPLACE INTO %s(id) VALUES(%d)%s\n",
                                  proxysql_table(i), row, x->tail != NULL ? x->tail : "");
            } else {
                (void)!buf_printf(out, "row is %zu %d\n", i, row);
            }
        }
        return;
    }
}

static bool
proxysql_is_one_of(const char *const *list, const char *sql)
{
    for (; list != NULL && *list != NULL; list++) {
        if (str_eq(*list, sql)) {
            return true;
        }
    }
    return false;
}

/* Saving is two statements, as using is: the last one of either does it. */
static void
proxysql_configure(size_t ordinal, const char *sql, struct buf *out)
{
    struct proxy *x = &world.servers[ordinal].proxy;

    (void)out;
    if (str_starts(sql, "REPLACE INTO ")) {
        if (strchr(sql, ';') != NULL || proxysql_part(sql) == proxysql_parts()) {
            observe_violation("what another proxy answered was run: %s", sql);
            return;
        }
        x->edited[proxysql_part(sql)]++;
        return;
    }
    for (size_t i = 0; i < proxysql_parts(); i++) {
        const struct engine_config *c = &world_engine()->config[i];

        if (proxysql_is_one_of(c->clear_sql, sql)) {
            x->edited[i] = 0;
        } else if (str_eq(sql, c->save_sql[0])) {
            x->edited[i] = x->runtime[i];
        } else if (str_eq(sql, c->save_sql[1])) {
            x->disk[i] = x->edited[i];
        } else if (c->use_sql != NULL && str_eq(sql, c->use_sql[0])) {
            x->runtime[i] = x->edited[i];
        }
    }
}

static void
proxysql_pause(size_t ordinal, const char *sql, struct buf *out)
{
    struct proxy *x = &world.servers[ordinal].proxy;

    (void)sql;
    if (x->paused) {
        (void)!buf_puts(out, "ERROR 1045 (28000): it is paused already\n");
    }
    x->paused = true;
    world.pauses++;
}

static void
proxysql_resume(size_t ordinal, const char *sql, struct buf *out)
{
    (void)sql;
    (void)out;
    world.servers[ordinal].proxy.paused = false;
}

/* Those that may go do so one by one. */
static void
proxysql_say_clients(size_t ordinal, const char *sql, struct buf *out)
{
    struct proxy *x = &world.servers[ordinal].proxy;

    (void)sql;
    x->clients -= x->paused && x->clients > world.stubborn ? 1 : 0;
    (void)!buf_printf(out, "%d\n", x->clients);
}

const char *
proxysql_kind(const char *sql)
{
    const struct engine *en = world_engine();
    const struct engine_drain *d = en->member.drain;

    if (d == NULL || en->config == NULL) {
        return NULL;
    }
    for (const struct engine_config *c = en->config; c->id != NULL; c++) {
        if (str_eq(sql, c->runtime_sql) || str_eq(sql, c->disk_sql) ||
            str_eq(sql, c->seen_sql) || str_eq(sql, c->copy_sql)) {
            return "rows";
        }
        if (proxysql_is_one_of(c->clear_sql, sql) ||
            proxysql_is_one_of(c->save_sql, sql) || proxysql_is_one_of(c->use_sql, sql)) {
            return "configure";
        }
    }
    return str_starts(sql, "REPLACE INTO ") ? "configure"
           : str_eq(sql, d->pause_sql)      ? "pause"
           : str_eq(sql, d->resume_sql)     ? "resume"
           : str_eq(sql, d->clients_sql)    ? "clients"
                                            : NULL;
}

static const struct server_statement proxysql_statements[] = {
    { "version", server_say_version },
    { "member", proxysql_say_member },
    { "status", server_say_status },
    { "rows", proxysql_say_rows },
    { "configure", proxysql_configure },
    { "pause", proxysql_pause },
    { "resume", proxysql_resume },
    { "clients", proxysql_say_clients },
    { 0 },
};

const struct servers servers_proxysql = {
    .engine = "proxysql",
    .start = proxysql_start,
    .stop = proxysql_stop,
    .pass = proxysql_pass,
    .statements = proxysql_statements,
    .gone = "ERROR 2003 (HY000): Can't connect\n",
};
