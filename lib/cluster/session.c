#include "cluster/session.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/nonce.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "engine/databases.h"
#include "engine/engine.h"
#include "engine/obstacle.h"
#include "kube/client.h"
#include "kube/exec.h"
#include "kubedb/pod.h"
#include "lock/lock.h"
#include "run/target.h"

enum {
    SESSION_ANSWER_MS = 20000,
    SESSION_LATER_MS = 5000, /* than who waits, the server gives up */
};

void
session_close(struct session *s)
{
    kube_exec_close(s->exec);
    s->exec = NULL;
    free(s->uid);
    s->uid = NULL;
    s->database = 0;
    s->pinned = false;
    s->limit_ms = 0;
    s->version = 0;
}

static int
session_open(struct cluster *cluster, struct member *p, struct err *e)
{
    struct session *s = &p->session;
    const json_t *object = mirror_pod_object(cluster, p->name);
    struct pod pod = { 0 };

    if (object == NULL || pod_parse(cluster->target->engine, object, &pod, e) < 0) {
        session_close(s);
        return err_set(e, ERR_NETWORK, "pod %s does not exist at present", p->name);
    }
    if (s->exec != NULL && str_eq(s->uid, pod.uid) && !kube_exec_ended(s->exec)) {
        return 0;
    }
    session_close(s);
    s->uid = mem_strdup(pod.uid); /* the mirror may change while it is opened */
    s->exec = kube_exec_open(
        cluster->target->kube,
        &(struct kube_exec_spec){ .name_space = cluster->target->request->name_space,
                                  .pod = p->name,
                                  .container = cluster->target->engine->container,
                                  .argv = cluster->target->engine->session.argv,
                                  .with_stdin = true },
        e);
    if (s->exec == NULL) {
        session_close(s);
        if (e->code == ERR_NOT_FOUND || e->code == ERR_API) {
            e->code =
                ERR_NETWORK; /* the pod, or its container, is not there at present */
        }
        return err_wrap(e, "%s", p->name);
    }
    return 0;
}

/* The place of the line that is just the mark, or NULL while it has not come. */
static const char *
session_mark(const struct buf *out, const char *mark)
{
    const char *at = buf_text(out);
    size_t len = strlen(mark);

    while ((at = strstr(at, mark)) != NULL) {
        if ((at == buf_text(out) || at[-1] == '\n') && at[len] == '\n') {
            return at;
        }
        at += len;
    }
    return NULL;
}

/* What stands in the way of the account, if that is what a line says; with what helps.
 * One that was let `in` may be told as much of a single statement. */
static int
session_obstructed(const struct target *target, const struct member *p, const char *said,
                   bool in, struct err *e)
{
    auto_free char *line = mem_strndup(said, strcspn(said, "\n"));
    const struct engine_obstacle *row = engine_find_obstacle(target->engine, line);

    if (row == NULL || (in && row->passes)) {
        return 0;
    }
    err_set(
        e, row->passes ? ERR_NETWORK : ERR_UNHEALTHY,
        "%s: the server does not answer the program's account: %s (%.200s); to repair "
        "it: %s",
        p->name, row->what, line, row->hint);
    return err_reason(e, "ACCOUNT");
}

/* Why a client ended instead of answering: its last words. */
static int
session_ended(const struct target *target, const struct member *p, struct session *s,
              struct err *e)
{
    char *said = buf_take(kube_exec_stdout(s->exec));
    auto_free char *text = said;
    int code = 0;

    if (kube_exec_result(s->exec, &code, e) < 0) {
        session_close(s);
        return err_wrap(e, "%s", p->name);
    }
    session_close(s);
    if (session_obstructed(target, p, text, false, e) < 0) {
        return -1;
    }
    text[strcspn(text, "\n")] = '\0';
    return err_set(e, ERR_NETWORK, "%s: the server's client ended (exit %d): %.300s",
                   p->name, code, text);
}

/* How long an answer may take. */
static long
session_limit(const struct cluster *cluster)
{
    return cluster->answer_ms > 0 ? cluster->answer_ms : SESSION_ANSWER_MS;
}

/* Waits for the mark; the answer before it is the caller's. */
static int
session_read(struct cluster *cluster, struct member *p, const char *mark, char **answer,
             struct err *e)
{
    struct session *s = &p->session;
    long limit = session_limit(cluster);
    long long until = clock_ms() + limit;

    for (;;) {
        struct buf *out = kube_exec_stdout(s->exec);
        const char *end = session_mark(out, mark);

        if (end != NULL) {
            size_t len = (size_t)(end - buf_text(out));

            *answer = mem_strndup(buf_text(out), len);
            buf_drop(out, len + strlen(mark) + 1);
            return 0;
        }
        if (kube_exec_ended(s->exec)) {
            return session_ended(cluster->target, p, s, e);
        }
        if (clock_ms() > until) {
            session_close(s);
            return err_set(e, ERR_TIMEOUT, "%s: the server did not answer for %lds",
                           p->name, limit / 1000);
        }
        if (lock_renew(cluster->lock, e) < 0) {
            return -1;
        }
        kube_pump(cluster->target->kube, 1000);
    }
}

/* The line of an answer that reports a failed statement, or NULL. */
static const char *
session_error(const struct engine *en, const char *answer)
{
    const char *at = answer;

    while (at != NULL && *at != '\0') {
        if (str_starts(at, en->session.error_prefix)) {
            return at;
        }
        at = strchr(at, '\n');
        at = at != NULL ? at + 1 : NULL;
    }
    return NULL;
}

/* Whether the failure is that the server, or the way to it, has gone. */
static bool
session_is_lost(const struct engine *en, const char *line)
{
    for (const char *const *prefix = en->session.lost_prefixes; *prefix != NULL;
         prefix++) {
        if (str_starts(line, *prefix)) {
            return true;
        }
    }
    return false;
}

/* Sends lines to the client and reads what it prints for them. Nobody who writes into a
 * database can guess the mark that ends it, nor who can see the statements before. */
static int
session_exchange(struct cluster *cluster, struct member *p, const char *lines,
                 char **answer, struct err *e)
{
    auto_free char *text = NULL;
    auto_free char *echo = NULL;
    char nonce[NONCE_SIZE];
    char mark[48 + NONCE_SIZE];

    if (nonce_make(nonce, e) < 0) {
        return -1;
    }
    (void)snprintf(mark, sizeof mark, "kubectl-dbupgrade-%s", nonce);
    echo = engine_format(cluster->target->engine->session.echo_sql, mark);
    text = mem_printf("%s\n%s;\n", lines, echo);
    if (kube_exec_write(p->session.exec, text, strlen(text), e) < 0) {
        session_close(&p->session);
        return err_wrap(e, "%s", p->name);
    }
    return session_read(cluster, p, mark, answer, e);
}

/* Whether an answer reports a failure. */
static int
session_check(const struct target *target, struct member *p, const char *said,
              struct err *e)
{
    const char *bad = session_error(target->engine, said);
    if (bad == NULL) {
        return 0;
    }
    if (session_obstructed(target, p, bad, true, e) < 0) {
        session_close(&p->session);
        return -1;
    }
    if (session_is_lost(target->engine, bad)) {
        session_close(&p->session);
        return err_set(e, ERR_NETWORK, "%s: %.*s", p->name, (int)strcspn(bad, "\n"), bad);
    }
    err_set(e, ERR_UNHEALTHY, "%s: the server says: %.*s", p->name,
            (int)strcspn(bad, "\n"), bad);
    return err_reason(e, "STATEMENT_FAILED");
}

/* Whether the settings of a conversation are the ones that it was begun with. Nothing is
 * asked where they are not: its users may have made them so. */
static int
session_check_pins(const struct target *target, struct member *p, const char *said,
                   struct err *e)
{
    auto_free char *wrong = engine_parse_pins(said);

    if (session_check(target, p, said, e) < 0) {
        session_close(&p->session);
        return -1;
    }
    if (wrong != NULL && wrong[0] == '\0') {
        return 0;
    }
    session_close(&p->session);
    err_set(e, ERR_UNHEALTHY, "%s: could not set the session's settings: %.300s", p->name,
            wrong != NULL ? wrong : "the server did not list them");
    return err_reason(e, "SESSION_UNSAFE");
}

/* Goes to a database, or pins the one that it is in: the client ends where it cannot. */
static int
session_enter(struct cluster *cluster, struct member *p, unsigned long database,
              bool begins, struct err *e)
{
    auto_free char *oid = mem_printf("%lu", database);
    auto_free char *enter =
        engine_format(begins ? "" : cluster->target->engine->session.enter, oid);
    auto_free char *pins = engine_format(cluster->target->engine->session.pins != NULL
                                             ? cluster->target->engine->session.pins
                                             : "",
                                         oid);
    auto_free char *lines = mem_printf("%s%s%s%s", enter, begins ? "" : "\n", pins,
                                       pins[0] != '\0' ? ";" : "");
    auto_free char *said = NULL;

    if (session_exchange(cluster, p, lines, &said, e) < 0) {
        return -1;
    }
    p->session.limit_ms = 0;
    return cluster->target->engine->session.pins != NULL
               ? session_check_pins(cluster->target, p, said, e)
               : 0;
}

/* Opens the conversation, and goes to a database: 0 is the one that it begins in. */
static int
session_go(struct cluster *cluster, struct member *p, unsigned long database,
           struct err *e)
{
    struct session *s = &p->session;

    if (session_open(cluster, p, e) < 0) {
        return -1;
    }
    if (!s->pinned && cluster->target->engine->session.pins != NULL) {
        if (session_enter(cluster, p, 0, true, e) < 0) {
            return -1;
        }
        s->pinned = true;
    }
    if (cluster->target->engine->session.enter == NULL || s->database == database) {
        return 0;
    }
    if (session_enter(cluster, p, database, false, e) < 0) {
        return -1;
    }
    s->database = database;
    return 0;
}

/* What has the server end a statement by itself that is not waited for any more; "" where
 * it would already. */
static char *
session_limit_line(const struct cluster *cluster, struct session *s)
{
    long limit = session_limit(cluster);
    auto_free char *text = NULL;
    auto_free char *sql = NULL;

    if (cluster->target->engine->session.limit_sql == NULL || s->limit_ms == limit) {
        return mem_strdup("");
    }
    s->limit_ms = limit;
    text = mem_printf("%ld", limit < INT_MAX - SESSION_LATER_MS ? limit + SESSION_LATER_MS
                                                                : INT_MAX);
    sql = engine_format(cluster->target->engine->session.limit_sql, text);
    return mem_printf("%s;\n", sql);
}

/* A statement, and what the server said to it. */
static int
session_question(struct cluster *cluster, struct member *p, const char *sql,
                 char **answer, struct err *e)
{
    auto_free char *limit = session_limit_line(cluster, &p->session);
    auto_free char *said = NULL;
    auto_free char *text = mem_printf("%s%s;", limit, sql);

    if (session_exchange(cluster, p, text, &said, e) < 0 ||
        session_check(cluster->target, p, said, e) < 0) {
        return -1;
    }
    *answer = scope_steal(&said);
    return 0;
}

int
session_home(struct cluster *cluster, struct member *p, struct err *e)
{
    return session_go(cluster, p, 0, e);
}

int
session_ask(struct cluster *cluster, struct member *p, const char *sql, char **answer,
            struct err *e)
{
    return session_home(cluster, p, e) < 0 ? -1
                                           : session_question(cluster, p, sql, answer, e);
}

int
session_ask_in(struct cluster *cluster, struct member *p, unsigned long database,
               const char *sql, char **answer, struct err *e)
{
    auto_free char *ignored = NULL;
    struct err trouble = { 0 };

    if (session_go(cluster, p, database, e) == 0) {
        return session_question(cluster, p, sql, answer, e);
    }
    if (e->code != ERR_NETWORK && e->code != ERR_UNHEALTHY) {
        return -1;
    }
    /* The database, or the server? The latter's answer tells. A database whose settings
     * cannot be pinned is not asked, and keeps nobody from asking the others. */
    if (session_ask(cluster, p, cluster->target->engine->member.version_sql, &ignored,
                    &trouble) < 0) {
        *e = trouble;
        return -1;
    }
    e->code = ERR_UNHEALTHY;
    return err_reason(e, "NO_ENTRY");
}
