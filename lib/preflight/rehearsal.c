#include "preflight/rehearsal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/sets.h"
#include "engine/engine.h"
#include "kubedb/checks.h"
#include "preflight/rehearsal_kinds.h"
#include "preflight/rehearsal_pod.h"
#include "preflight/rights.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/request.h"
#include "run/wait.h"

static const struct rehearsal_kind *const rehearsal_kinds[] = { &rehearsal_schema,
                                                                &rehearsal_options,
                                                                NULL };

/* What is to be tried, asked for or not; NULL: nothing. */
static const struct rehearsal_kind *
rehearsal_find(const struct cluster *cluster)
{
    if (!course_is_forward(cluster->run) || cluster->plan->midway ||
        cluster->progress.paused_now) {
        return NULL;
    }
    for (const struct rehearsal_kind *const *k = rehearsal_kinds; *k != NULL; k++) {
        if ((*k)->is_for(cluster)) {
            return *k;
        }
    }
    return NULL;
}

bool
rehearsal_is_due(const struct cluster *cluster)
{
    return !cluster->target->request->checks.no_rehearsal &&
           rehearsal_find(cluster) != NULL;
}

struct member *
rehearsal_source(struct cluster *cluster)
{
    struct member *found = NULL;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[i];

        if (p->set == &cluster->sets[0] && p->session.version > 0 &&
            (found == NULL || p->role == MEMBER_SECONDARY)) {
            found = p;
        }
    }
    return found;
}

static void
rehearsal_say_refused(const struct rehearsal *r, const struct err *why,
                      struct preflight_result *out)
{
    check_say(out, CHECK_ERROR, "%s: %s",
              str_eq(why->reason, "REHEARSAL_IMAGE") ? "the new image cannot be pulled"
                                                     : r->kind->refusal,
              why->msg);
    (void)snprintf(out->hint, sizeof out->hint,
                   "the upgrade of %s/%s would fail in the same way; fix what is named, "
                   "or skip the rehearsal with --no-rehearsal%s%s",
                   r->cluster->target->engine->name, r->cluster->target->request->name,
                   why->detail[0] != '\0' ? "\n" : "", why->detail);
}

/* Whether the user, or the whole run's limit, ends the run. */
static int
rehearsal_conclude(struct rehearsal *r, int got, const struct err *why,
                   struct preflight_result *out, struct err *e)
{
    if (got == 0) {
        return 0;
    }
    if (wait_check_stop(r->cluster->run, e) < 0) {
        return -1;
    }
    if (str_starts(why->reason, "REHEARSAL_")) {
        rehearsal_say_refused(r, why, out);
        return 0;
    }
    check_say(out, CHECK_WARNING, "not rehearsed: %.400s", why->msg);
    str_copy(out->hint, sizeof out->hint, r->kind->doubt);
    return 0;
}

/* Why it cannot even be tried; "" where it can. */
static void
rehearsal_obstacle(const struct cluster *cluster, const struct rights *rights, char *text,
                   size_t size)
{
    static const char *const needed[] = { "create pods", "get pods", "delete pods" };

    str_copy(text, size, "");
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (!rights_has(rights, needed[i])) {
            str_append(text, size, "%s%s", text[0] == '\0' ? "not allowed: " : ", ",
                       needed[i]);
        }
    }
    if (text[0] == '\0' && (cluster->n_pods == 0 || mirror_db(cluster) == NULL)) {
        str_copy(text, size, "no member to query");
    }
}

static int
rehearsal_perform(struct rehearsal *r, const struct rights *rights,
                  struct preflight_result *out, struct err *e)
{
    struct err why = { 0 };
    int got = -1;

    rehearsal_obstacle(r->cluster, rights, why.msg, sizeof why.msg);
    if (why.msg[0] != '\0') {
        return rehearsal_conclude(r, -1, &why, out, e);
    }
    if (r->cluster->target->request->dry_run != DRY_RUN_NONE) {
        check_say(out, CHECK_OK,
                  "%s before anything is changed, in pod %s; not in a dry run",
                  r->kind->would, r->pod.name);
        return 0;
    }
    if (rehearsal_choose_images(r)) {
        emit_note(r->cluster->run, "%s, in pod %s", r->kind->trying, r->pod.name);
        got = r->kind->go(r, out, &why);
    } else {
        err_set(&why, ERR_UNHEALTHY, "the images are unknown");
    }
    rehearsal_end_pod(r);
    return rehearsal_conclude(r, got, &why, out, e);
}

int
rehearsal_run(struct cluster *cluster, const struct rights *rights,
              struct preflight_result *out, struct err *e)
{
    auto_free char *name =
        mem_printf("%s-upgrade-rehearsal", cluster->target->request->name);
    struct rehearsal r = { .cluster = cluster,
                           .kind = rehearsal_find(cluster),
                           .pod = { .name = name } };

    *out = (struct preflight_result){ 0 };
    if (r.kind == NULL ||
        sets_count_changes(cluster, false) + sets_count_changes(cluster, true) == 0) {
        return 0; /* no server is started */
    }
    out->id = r.kind->id;
    if (!cluster->target->request->checks.no_rehearsal) {
        return rehearsal_perform(&r, rights, out, e);
    }
    check_say(out, CHECK_OK, "not rehearsed (--no-rehearsal): %s", r.kind->without);
    return 0;
}
