#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/emit_pod.h"
#include "cluster/session.h"
#include "engine/databases.h"
#include "engine/engine.h"

/*
 * What is asked of a server: by the engine's statements, those that suit its version.
 */

enum { SESSION_ORDER_MS = 5 * 60 * 1000 }; /* a checkpoint of a busy server lasts */

struct patience
session_be_patient(struct cluster *cluster, long long ms)
{
    struct patience p = { .cluster = cluster, .usual = cluster->answer_ms };

    cluster->answer_ms = ms < LONG_MAX ? (long)ms : LONG_MAX;
    return p;
}

void
session_patience_end(struct patience *p)
{
    p->cluster->answer_ms = p->usual;
}

int
session_order(struct cluster *cluster, struct member *p, const char *sql, struct err *e)
{
    auto_patience struct patience patience =
        session_be_patient(cluster, SESSION_ORDER_MS);
    auto_free char *answer = NULL;

    return sql[0] != '\0' ? session_ask(cluster, p, sql, &answer, e) : 0;
}

int
session_databases(struct cluster *cluster, struct member *p, struct databases *list,
                  struct err *e)
{
    auto_free char *answer = NULL;

    *list = (struct databases){ 0 };
    if (cluster->target->engine->session.enter == NULL) {
        return 0;
    }
    if (session_ask(cluster, p, cluster->target->engine->session.databases_sql, &answer,
                    e) < 0) {
        return -1;
    }
    engine_parse_databases(answer, list);
    return 0;
}

/* The server's version, asked once a session. */
static int
session_version(struct cluster *cluster, struct member *p, struct err *e)
{
    auto_free char *answer = NULL;

    if (session_home(cluster, p, e) < 0) { /* a new session knows none */
        return -1;
    }
    if (p->session.version > 0) {
        return 0;
    }
    if (session_ask(cluster, p, cluster->target->engine->member.version_sql, &answer, e) <
        0) {
        return -1;
    }
    str_copy(p->version, sizeof p->version, answer);
    p->version[strcspn(p->version, "\n")] = '\0';
    p->session.version = engine_version_number(p->version);
    return p->session.version > 0
               ? 0
               : err_set(e, ERR_PROTOCOL, "%s: no version: %.60s", p->name, p->version);
}

int
session_ask_row(struct cluster *cluster, struct member *p, const struct engine_sql *rows,
                const char *value, char **answer, struct err *e)
{
    auto_free char *text = NULL;
    const char *sql = NULL;

    if (session_version(cluster, p, e) < 0) {
        return -1;
    }
    sql = engine_sql_for(rows, p->session.version);
    if (sql == NULL) {
        return err_set(e, ERR_REFUSED, "%s: server version %s is too old to be queried",
                       p->name, p->version);
    }
    text = engine_format(sql, value);
    return session_ask(cluster, p, text, answer, e);
}

int
session_member(struct cluster *cluster, struct member *p, struct member_report *m,
               struct err *e)
{
    auto_free char *answer = NULL;

    if (session_ask_row(cluster, p, cluster->target->engine->member.sql, "", &answer, e) <
        0) {
        return -1;
    }
    if (engine_parse_member(answer, m, e) < 0) {
        return err_wrap(e, "%s", p->name);
    }
    emit_role(cluster->run, p, m->role);
    return 0;
}

int
session_measures(struct cluster *cluster, struct member *p, struct measures *m,
                 struct err *e)
{
    auto_free char *answer = NULL;

    if (session_ask_row(cluster, p, cluster->target->engine->data.sql, "", &answer, e) <
        0) {
        return -1;
    }
    return engine_parse_measures(answer, m, e);
}

int
session_reached(struct cluster *cluster, struct member *p, const char *position,
                bool *reached, struct err *e)
{
    auto_free char *answer = NULL;

    if (session_ask_row(cluster, p, cluster->target->engine->member.reached_sql, position,
                        &answer, e) < 0) {
        return -1;
    }
    *reached = str_starts(answer, "1");
    return 0;
}

/* A statement and its answer, or the server's error. */
static int
session_tell(struct cluster *cluster, struct member *p, const char *sql, struct buf *out,
             struct err *e)
{
    auto_free char *answer = NULL;
    struct err refused = { 0 };

    (void)!buf_printf(out, "> %s\n", sql);
    if (session_ask(cluster, p, sql, &answer, &refused) < 0 &&
        refused.code != ERR_UNHEALTHY) {
        *e = refused;
        return -1;
    }
    (void)!buf_printf(out, "%s\n", answer != NULL ? answer : refused.msg);
    return 0;
}

int
session_status(struct cluster *cluster, struct member *p, struct buf *out, struct err *e)
{
    const char *sql = NULL;

    if (session_version(cluster, p, e) < 0) {
        return -1;
    }
    sql = engine_sql_for(cluster->target->engine->member.sql, p->session.version);
    if (sql != NULL && session_tell(cluster, p, sql, out, e) < 0) {
        return -1;
    }
    for (const char *const *more = cluster->target->engine->member.status_sql;
         *more != NULL; more++) {
        if (session_tell(cluster, p, *more, out, e) < 0) {
            return -1;
        }
    }
    return 0;
}
