#include "member/proxy_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/measures_config.h"
#include "cluster/mirror.h"
#include "cluster/session.h"
#include "engine/config_tables.h"
#include "engine/engine.h"
#include "lock/lock.h"
#include "member/member_state.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/target.h"
#include "run/wait.h"

enum { CONFIG_PROBE_MS = 1000 };

/* -- how much there is -- */

/* -- what is not saved -- */

/* How many rows of a part are at runtime and not on disk, or the other way round. */
static int
proxy_config_unsaved(struct cluster *cluster, struct member *p,
                     const struct engine_config *c, size_t *n, struct err *e)
{
    auto_free char *runtime = NULL;
    auto_free char *disk = NULL;

    if (session_ask(cluster, p, c->runtime_sql, &runtime, e) < 0 ||
        session_ask(cluster, p, c->disk_sql, &disk, e) < 0) {
        return -1;
    }
    *n = config_differences(runtime, disk);
    return 0;
}

int
proxy_config_say_unsaved(struct cluster *cluster, struct member *p, char *text,
                         size_t size, bool *any, struct err *e)
{
    bool first = true;

    for (const struct engine_config *c = cluster->target->engine->config; c->id != NULL;
         c++) {
        size_t n = 0;

        if (proxy_config_unsaved(cluster, p, c, &n, e) < 0) {
            return -1;
        }
        if (n > 0) {
            str_append(text, size, "%s%s%s%zu of the %s",
                       !first ? ", "
                       : *any ? "; "
                              : "",
                       first ? p->name : "", first ? ": " : "", n, c->title);
            first = false;
            *any = true;
        }
    }
    return 0;
}

/* -- saving -- */

bool
proxy_config_is_to_be_saved(const struct cluster *cluster)
{
    return cluster->target->engine->config != NULL &&
           cluster->target->request->save_runtime_config;
}

static int
proxy_config_do(struct cluster *cluster, struct member *p, const char *const *statements,
                struct err *e)
{
    for (; *statements != NULL; statements++) {
        auto_free char *answer = NULL;

        if (session_home(cluster, p, e) < 0 ||
            lock_guard_exec(cluster->lock, p->name, e) < 0 ||
            session_ask(cluster, p, *statements, &answer, e) < 0) {
            return -1;
        }
    }
    return 0;
}

int
step_save_done(struct cluster *cluster, bool *done, struct err *e)
{
    char text[400] = "";
    bool any = false;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (mirror_pod_is_ready(cluster, &cluster->pods[i]) &&
            proxy_config_say_unsaved(cluster, &cluster->pods[i], text, sizeof text, &any,
                                     e) < 0) {
            return -1;
        }
    }
    *done = !any;
    return 0;
}

static int
proxy_config_save(struct cluster *cluster, struct member *p, struct err *e)
{
    for (const struct engine_config *c = cluster->target->engine->config; c->id != NULL;
         c++) {
        size_t n = 0;

        if (proxy_config_unsaved(cluster, p, c, &n, e) < 0 ||
            (n > 0 && proxy_config_do(cluster, p, c->save_sql, e) < 0)) {
            return -1;
        }
        if (n > 0) {
            emit_note(cluster->run, "%s: %s saved to disk (%zu differed)", p->name,
                      c->title, n);
        }
    }
    return 0;
}

int
step_save_run(struct cluster *cluster, struct err *e)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (mirror_pod_is_ready(cluster, &cluster->pods[i]) &&
            proxy_config_save(cluster, &cluster->pods[i], e) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Whether the user said that it does not matter. */
static bool
proxy_config_is_skipped(const struct target *target)
{
    for (const char *const *id = target->request->checks.skipped;
         id != NULL && *id != NULL; id++) {
        if (str_eq(*id, CONFIG_SAVED)) {
            return true;
        }
    }
    return target->request->checks.force;
}

int
proxy_config_check_saved(struct cluster *cluster, struct member *p, struct err *e)
{
    char text[400] = "";
    bool any = false;

    if (cluster->target->engine->config == NULL || !course_is_forward(cluster->run) ||
        proxy_config_is_skipped(cluster->target) || !mirror_pod_is_ready(cluster, p)) {
        return 0;
    }
    if (proxy_config_is_to_be_saved(cluster)) {
        return proxy_config_save(cluster, p, e);
    }
    if (proxy_config_say_unsaved(cluster, p, text, sizeof text, &any, e) < 0) {
        return -1;
    }
    if (any) {
        err_set(e, ERR_REFUSED, "runtime and disk configuration differ: %s", text);
        err_reason(e, CONFIG_SAVED);
        return err_hint(e, "resume with --save-runtime-config, or save it by hand");
    }
    return 0;
}

/* -- after a restart -- */

/* Whether a member has at runtime what p had, and on disk too. */
static bool
proxy_config_is_source(struct cluster *cluster, struct member *q,
                       const struct engine_config *c, const struct measure *want)
{
    struct config_sum sum = { 0 };
    struct err ignored = { 0 };
    size_t n = 0;

    return mirror_pod_is_ready(cluster, q) &&
           measures_config_count(cluster, q, c, &sum, &ignored) == 0 &&
           sum.sum == want->value &&
           proxy_config_unsaved(cluster, q, c, &n, &ignored) == 0 && n == 0;
}

static struct member *
proxy_config_source(struct cluster *cluster, const struct member *p,
                    const struct engine_config *c, const struct measure *want)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (&cluster->pods[i] != p &&
            proxy_config_is_source(cluster, &cluster->pods[i], c, want)) {
            return &cluster->pods[i];
        }
    }
    return NULL;
}

/* Nothing else that a proxy answers is run on another one. */
static int
proxy_config_check_rows(const struct member *from, const struct engine_config *c,
                        const char *rows, struct err *e)
{
    for (size_t i = 0;; i++) {
        auto_free char *line = config_line(rows, i);

        if (line == NULL) {
            return 0;
        }
        if (!config_is_row(c, line)) {
            return err_set(e, ERR_UNHEALTHY,
                           "%s: its %s are not copied: a row has an unexpected form",
                           from->name, c->title);
        }
    }
}

static int
proxy_config_copy(struct cluster *cluster, struct member *p, struct member *from,
                  const struct engine_config *c, struct err *e)
{
    auto_free char *rows = NULL;

    if (session_ask(cluster, from, c->copy_sql, &rows, e) < 0 ||
        proxy_config_check_rows(from, c, rows, e) < 0 ||
        proxy_config_do(cluster, p, c->clear_sql, e) < 0) {
        return -1;
    }
    for (size_t i = 0;; i++) {
        auto_free char *line = config_line(rows, i);
        const char *const statement[] = { line, NULL };

        if (line == NULL) {
            break;
        }
        if (proxy_config_do(cluster, p, statement, e) < 0) {
            return -1;
        }
    }
    if (proxy_config_do(cluster, p, c->use_sql, e) < 0) {
        return -1;
    }
    emit_note(cluster->run,
              "%s started with its configuration file; copying the %s from %s", p->name,
              c->title, from->name);
    return 0;
}

/* One pass over the tables. Members from which a table could be copied are looked for
 * once: where there is none, the gate says what is missing. */
static int
proxy_config_look_restored(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct member *p = ctx;

    str_copy(s->want, sizeof s->want, "its previous configuration");
    str_copy(s->now, sizeof s->now, "asking");
    if (member_check_broken(cluster, p, e) < 0) {
        return -1;
    }
    for (const struct engine_config *c = cluster->target->engine->config; c->id != NULL;
         c++) {
        const struct measure *want =
            c->copy_sql != NULL ? engine_find_measure(&p->before, c->sum_id, "") : NULL;
        struct config_sum is = { 0 };
        struct member *from = NULL;

        if (want == NULL) {
            continue;
        }
        if (measures_config_count(cluster, p, c, &is, e) < 0) {
            return -1;
        }
        from = is.sum != want->value ? proxy_config_source(cluster, p, c, want) : NULL;
        if (from != NULL && proxy_config_copy(cluster, p, from, c, e) < 0) {
            return -1;
        }
    }
    s->done = true;
    return 0;
}

int
proxy_config_restore(struct cluster *cluster, struct member *p, struct err *e)
{
    struct wait w = { .id = "config",
                      .pod = p->name,
                      .text = "its configuration",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = CONFIG_PROBE_MS,
                      .watchful = true,
                      .check = proxy_config_look_restored,
                      .on = cluster,
                      .ctx = p };

    return cluster->target->engine->config != NULL ? wait_until(cluster->run, &w, e) : 0;
}
