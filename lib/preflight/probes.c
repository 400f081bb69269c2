#include "preflight/probes.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/session.h"
#include "engine/databases.h"
#include "engine/engine.h"
#include "engine/probe.h"
#include "engine/topology.h"
#include "kubedb/catalog.h"
#include "kubedb/checks.h"
#include "run/course.h"

/*
 * What the server is asked before an upgrade. The rows that apply are sent together, one
 * message a database: a server may have many databases. Only when one of them fails are
 * they asked one by one, to tell which.
 */

enum { PROBES_MS = 2 * 60 * 1000 };

struct probes {
    struct cluster *cluster;
    struct member *p;
    const struct engine_probe *rows;
    struct probe_case about;
    struct probe_found found[PROBES_MAX];
    size_t databases;
    char closed[256]; /* databases that could not be entered, and why */
    char failed[256]; /* rows that the server refused, and why */
};

static size_t
probes_count(const struct engine_probe *rows)
{
    size_t n = 0;

    while (rows[n].id != NULL) {
        n++;
    }
    return n < PROBES_MAX ? n : PROBES_MAX;
}

static bool
probes_wanted(const struct probes *r, size_t i, bool each)
{
    return ((r->rows[i].flags & PROBE_EACH) != 0) == each &&
           probe_applies(&r->rows[i], &r->about);
}

static bool
probes_any(const struct probes *r, bool each)
{
    for (size_t i = 0; i < probes_count(r->rows); i++) {
        if (probes_wanted(r, i, each)) {
            return true;
        }
    }
    return false;
}

static int
probes_send(struct probes *r, const struct database_size *database, const char *sql,
            char **answer, struct err *e)
{
    return database != NULL
               ? session_ask_in(r->cluster, r->p, database->oid, sql, answer, e)
               : session_ask(r->cluster, r->p, sql, answer, e);
}

/* Takes what was printed for a row. */
static void
probes_take(struct probes *r, size_t i, const struct database_size *database,
            const char *answer)
{
    probe_take(&r->found[i], answer, i, database != NULL ? database->name : NULL);
}

/* Asks row by row. */
static int
probes_ask_singly(struct probes *r, const struct database_size *database, struct err *e)
{
    for (size_t i = 0; i < probes_count(r->rows); i++) {
        auto_free char *sql = NULL;
        auto_free char *answer = NULL;

        if (!probes_wanted(r, i, database != NULL)) {
            continue;
        }
        sql = probe_sql(r->cluster->target->engine, &r->rows[i], i);
        if (probes_send(r, database, sql, &answer, e) == 0) {
            probes_take(r, i, database, answer);
        } else if (!str_eq(e->reason, "STATEMENT_FAILED")) {
            return -1;
        } else if (r->failed[0] == '\0') {
            str_append(r->failed, sizeof r->failed, "%s: %s", r->rows[i].id, e->msg);
        }
    }
    return 0;
}

/* Asks all rows of a kind; `database`: in which, NULL: those that are asked once. */
static int
probes_ask(struct probes *r, const struct database_size *database, struct err *e)
{
    auto_buf struct buf text = BUF_LIMIT(256 * 1024);
    auto_free char *answer = NULL;

    for (size_t i = 0; i < probes_count(r->rows); i++) {
        if (probes_wanted(r, i, database != NULL)) {
            auto_free char *sql = probe_sql(r->cluster->target->engine, &r->rows[i], i);

            if (buf_printf(&text, "%s%s", text.len > 0 ? ";\n" : "", sql) < 0) {
                return err_set(e, ERR_INTERNAL, "too many queries for one message");
            }
        }
    }
    if (probes_send(r, database, buf_text(&text), &answer, e) < 0) {
        return str_eq(e->reason, "STATEMENT_FAILED") ? probes_ask_singly(r, database, e)
                                                     : -1;
    }
    for (size_t i = 0; i < probes_count(r->rows); i++) {
        probes_take(r, i, database, answer);
    }
    return 0;
}

static int
probes_ask_databases(struct probes *r, struct err *e)
{
    scope_cleanup(databases_clear) struct databases list = { 0 };

    if (session_databases(r->cluster, r->p, &list, e) < 0) {
        return -1;
    }
    for (size_t i = 0; i < list.n; i++) {
        const char *name = list.at[i].name;

        if (probes_ask(r, &list.at[i], e) == 0) {
            r->databases++;
        } else if (!str_eq(e->reason, "NO_ENTRY")) {
            return -1;
        } else if (r->closed[0] == '\0') {
            str_append(r->closed, sizeof r->closed, "%s: %s", name, e->msg);
        }
    }
    return session_home(r->cluster, r->p, e);
}

static void
probes_say(const struct probes *r, struct preflight_result *out, size_t max, size_t *n)
{
    for (size_t i = 0; i < probes_count(r->rows) && *n < max; i++) {
        const struct engine_probe *row = &r->rows[i];

        if (r->found[i].n > 0) {
            struct preflight_result *to = &out[(*n)++];

            *to = (struct preflight_result){
                .id = row->id,
                .severity = (row->flags & PROBE_ERROR) != 0 ? CHECK_ERROR : CHECK_WARNING,
            };
            (void)probe_say(row, &r->found[i], to->text, sizeof to->text);
            str_copy(to->hint, sizeof to->hint, row->hint);
        }
    }
}

/* That all was asked, or why not. A new major version is not begun without. */
static void
probes_sum_up(const struct probes *r, const char *trouble, struct preflight_result *to)
{
    *to = (struct preflight_result){ .id = "database.asked" };
    if (trouble[0] == '\0' && r->closed[0] == '\0' && r->failed[0] == '\0') {
        str_append(to->text, sizeof to->text, "%s answered all queries", r->p->name);
        if (r->databases > 0) {
            str_append(to->text, sizeof to->text, ", in %zu database%s", r->databases,
                       r->databases > 1 ? "s" : "");
        }
        return;
    }
    to->severity = r->about.from / r->about.series != r->about.to / r->about.series
                       ? CHECK_ERROR
                       : CHECK_WARNING;
    str_append(to->text, sizeof to->text, "some queries to the database failed: %s",
               trouble[0] != '\0'     ? trouble
               : r->closed[0] != '\0' ? r->closed
                                      : r->failed);
    str_copy(to->hint, sizeof to->hint,
             "what was not checked may stop the upgrade midway");
}

static struct member *
probes_primary(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        bool writes = cluster->pods[i].role == MEMBER_PRIMARY ||
                      cluster->pods[i].role == MEMBER_PEER ||
                      !engine_has_primary(cluster->plan->topology);

        if (writes && cluster->pods[i].session.version > 0) {
            return &cluster->pods[i];
        }
    }
    return NULL;
}

/* A server of 5.7 opens all of its tables to tell their columns. */
static size_t
probes_perform(struct probes *r, struct preflight_result *out, size_t max)
{
    auto_patience struct patience patience = session_be_patient(r->cluster, PROBES_MS);
    struct err trouble = { 0 };
    size_t n = 0;

    if ((!probes_any(r, false) || probes_ask(r, NULL, &trouble) == 0) &&
        probes_any(r, true)) {
        (void)probes_ask_databases(r, &trouble);
    }
    probes_say(r, out, max - 1, &n);
    probes_sum_up(r, trouble.msg, &out[n]);
    return n + 1;
}

size_t
probes_run(struct cluster *cluster, struct preflight_result *out, size_t max)
{
    auto_free struct probes *r = NULL;
    struct member *p = probes_primary(cluster);

    if (cluster->target->engine->probes == NULL || cluster->plan->midway ||
        !course_is_forward(cluster->run) || cluster->plan->to == NULL || p == NULL ||
        max == 0) {
        return 0;
    }
    r = mem_alloc(sizeof *r);
    *r = (struct probes){
        .cluster = cluster,
        .p = p,
        .rows = cluster->target->engine->probes,
        .about = { .from = p->session.version,
                   .to = engine_version_number(catalog_version(cluster->plan->to)),
                   .topology = cluster->plan->topology,
                   .series = cluster->target->engine->versions.series_size },
    };
    if (!probes_any(r, false) && !probes_any(r, true)) {
        return 0;
    }
    return probes_perform(r, out, max);
}
