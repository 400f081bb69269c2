#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/measures_config.h"
#include "cluster/session.h"
#include "engine/databases.h"
#include "engine/engine.h"
#include "engine/name.h"
#include "run/wait.h"

/*
 * How much data a server has. After a restart the same is measured that was measured
 * before, though other databases and tables may be the largest ones by then.
 */

enum { MEASURES_DATABASES = 15, MEASURES_TABLES = 20 };

struct measuring {
    struct cluster *cluster;
    struct member *p;
    const struct measures *before; /* NULL: nothing was measured yet */
    struct measures *m;
};

static void
measures_add(struct measures *m, const char *id, const char *of, long long value)
{
    if (m->n < MEASURE_MAX) {
        struct measure *to = &m->at[m->n++];

        str_copy(to->id, sizeof to->id, id);
        name_fit(to->of, sizeof to->of, of);
        to->value = value;
    }
}

/* Whether something was measured before. */
static bool
measures_had(const struct measuring *g, const char *id, const char *name)
{
    char of[sizeof g->m->at->of];

    return engine_find_measure(g->before, id, name_fit(of, sizeof of, name)) != NULL;
}

/* Whether a database is among those that are measured one by one. */
static bool
measures_wants(const struct measuring *g, const char *database, size_t rank)
{
    return g->before == NULL ? rank < MEASURES_DATABASES
                             : measures_had(g, "tables", database);
}

static bool
measures_wants_table(const struct measuring *g, const char *table, size_t rank)
{
    return g->before == NULL ? rank < MEASURES_TABLES : measures_had(g, "counted", table);
}

/* Whether rows are counted. A run that goes on counts what the first one counted. */
static bool
measures_counts(const struct measuring *g)
{
    if (g->before == NULL) {
        return g->cluster->target->request->checks.exact_counts &&
               !g->cluster->plan->midway;
    }
    for (size_t i = 0; i < g->before->n; i++) {
        if (str_eq(g->before->at[i].id, "counted")) {
            return true;
        }
    }
    return false;
}

/* Counts one table. One that cannot be counted, perhaps because it is just being dropped,
 * stays without a number. */
static int
measures_count(const struct measuring *g, unsigned long database, unsigned long table,
               const char *of, struct err *e)
{
    auto_free char *oid = mem_printf("%lu", table);
    auto_free char *sql = engine_format(g->cluster->target->engine->data.count, oid);
    auto_free char *answer = NULL;
    long long rows = 0;

    if (wait_check_stop(g->cluster->run, e) < 0) {
        return -1;
    }
    if (session_ask_in(g->cluster, g->p, database, sql, &answer, e) < 0) {
        return str_eq(e->reason, "STATEMENT_FAILED") ? (err_clear(e), 0) : -1;
    }
    if (engine_parse_count(answer, &rows)) {
        measures_add(g->m, "counted", of, rows);
    }
    return 0;
}

static int
measures_count_all(const struct measuring *g, const struct database_size *database,
                   struct err *e)
{
    scope_cleanup(databases_clear) struct databases tables = { 0 };
    auto_free char *answer = NULL;

    if (session_ask_in(g->cluster, g->p, database->oid,
                       g->cluster->target->engine->data.tables_sql, &answer, e) < 0) {
        return -1;
    }
    engine_parse_databases(answer, &tables);
    for (size_t i = 0; i < tables.n && g->m->n < MEASURE_MAX; i++) {
        const struct database_size *table = &tables.at[i];
        auto_free char *of = mem_printf("%s: %s", database->name, table->name);

        if (measures_wants_table(g, of, i) &&
            measures_count(g, database->oid, table->oid, of, e) < 0) {
            return -1;
        }
    }
    return 0;
}

/* A table may be large: it gets as long as a member does. */
static int
measures_count_patiently(const struct measuring *g, const struct database_size *database,
                         struct err *e)
{
    auto_patience struct patience p = session_be_patient(
        g->cluster, g->cluster->target->request->limits.pod_timeout_ms);

    return measures_count_all(g, database, e);
}

static int
measures_ask_in(const struct measuring *g, const struct database_size *database,
                struct err *e)
{
    const char *sql = engine_sql_for(g->cluster->target->engine->data.database_sql,
                                     g->p->session.version);
    auto_free char *answer = NULL;
    struct measures own = { 0 };

    if (sql == NULL) {
        return 0;
    }
    if (session_ask_in(g->cluster, g->p, database->oid, sql, &answer, e) < 0) {
        /* What was measured in it before is missing then, which the gate sees. */
        return str_eq(e->reason, "NO_ENTRY") ? (err_clear(e), 0) : -1;
    }
    if (engine_parse_measures(answer, &own, e) < 0) {
        return -1;
    }
    for (size_t i = 0; i < own.n; i++) {
        measures_add(g->m, own.at[i].id, database->name, own.at[i].value);
    }
    return measures_counts(g) ? measures_count_patiently(g, database, e) : 0;
}

int
measures_ask(struct cluster *cluster, struct member *p, const struct measures *before,
             struct measures *m, struct err *e)
{
    scope_cleanup(databases_clear) struct databases list = { 0 };
    const struct measuring g = { cluster, p, before, m };

    if (cluster->target->engine->config != NULL) {
        return measures_config_measure(cluster, p, m, e);
    }
    if (session_measures(cluster, p, m, e) < 0) {
        return -1;
    }
    if (cluster->target->engine->data.database_sql == NULL) {
        return 0;
    }
    if (session_databases(cluster, p, &list, e) < 0) {
        return -1;
    }
    for (size_t i = 0; i < list.n; i++) {
        if (measures_wants(&g, list.at[i].name, i) &&
            measures_ask_in(&g, &list.at[i], e) < 0) {
            return -1;
        }
    }
    return session_home(cluster, p, e);
}
