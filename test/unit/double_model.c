#include "double_model.h"

/* Whether spec.topology has this. */
static bool
world_has_topology(const char *part)
{
    return world.topology != NULL && strstr(world.topology, part) != NULL;
}

bool
world_has_peers(void)
{
    return str_eq(world_engine()->name, "perconaxtradb") ||
           str_eq(world_engine()->name, "proxysql") ||
           world_has_topology("Multi-Primary");
}

bool
world_is_remote(void)
{
    return world_has_topology("'mode': 'RemoteReplica'");
}

const struct servers *
servers_here(void)
{
    static const struct servers *const all[] = { &servers_postgres, &servers_galera,
                                                 &servers_proxysql };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (str_eq(world_engine()->name, all[i]->engine)) {
            return all[i];
        }
    }
    return world_has_peers()                          ? &servers_multi
           : world_is_remote()                        ? &servers_remote
           : world_has_topology("'mode': 'SemiSync'") ? &servers_semi
                                                      : &servers_mysql;
}

void
servers_start(size_t ordinal, const char *version)
{
    struct server *s = &world.servers[ordinal];

    str_copy(s->version, sizeof s->version, version);
    s->running = true;
    s->up = true;
    s->starts++;
    s->asked = 0;
    servers_here()->start(ordinal);
}

void
servers_stop(size_t ordinal)
{
    servers_here()->stop(ordinal);
    world.servers[ordinal].running = false;
    world.servers[ordinal].up = false;
}

void
servers_pass(void)
{
    servers_here()->pass();
}

void
servers_answer(size_t ordinal, const char *sql, struct buf *out)
{
    struct server *s = &world.servers[ordinal];
    const char *proxy = proxysql_kind(sql);
    const char *kind = proxy != NULL ? proxy : server_kind(sql);

    if (s->garbage != NULL) {
        (void)!buf_puts(out, s->garbage);
        return;
    }
    if (str_eq(kind, "member")) {
        s->asked = world.run;
    }
    for (const struct server_statement *row = servers_here()->statements;
         row->kind != NULL; row++) {
        if (str_eq(kind, row->kind)) {
            row->answer(ordinal, sql, out);
            return;
        }
    }
    observe_violation("a statement that no server knows: %s", sql);
}
