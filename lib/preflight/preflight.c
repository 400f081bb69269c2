#include "preflight/preflight.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/scope.h"
#include "cluster/blocker.h"
#include "cluster/channels.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "cluster/replacement.h"
#include "cluster/routers.h"
#include "cluster/session.h"
#include "cluster/sets.h"
#include "cluster/state_transfer.h"
#include "engine/engine.h"
#include "engine/replication_source.h"
#include "kube/watch.h"
#include "kubedb/check_registry.h"
#include "kubedb/checks.h"
#include "kubedb/database.h"
#include "kubedb/workload.h"
#include "member/proxy_config.h"
#include "member/upstream.h"
#include "preflight/backend.h"
#include "preflight/pod_check.h"
#include "preflight/probes.h"
#include "preflight/rehearsal.h"
#include "preflight/rights.h"
#include "preflight/storage_check.h"
#include "procedure/pg.h"
#include "run/course.h"
#include "run/run.h"
#include "run/target.h"
#include "ui/ui.h"

/* Results of what asks for itself. */
enum { PREFLIGHT_MORE = PROBES_MAX + 8 + MEMBERS_MAX };

/* What the checks look at that has to be released. */
struct preflight_world {
    /* By member. */
    struct member_report *members;
    struct preflight_member *seen;
    struct source *sources;
    struct rights rights;
    char *set_trouble;
    json_t *budgets;
    struct replacement_facts newset;
    struct preflight_result *found; /* by what was asked for it alone */
    size_t n_found;
};

/* Asks every pod's server for role, version and amounts of data, as far as they answer.
 */
static void
preflight_ask_members(struct cluster *cluster, struct preflight_world *w)
{
    struct preflight_member *out = w->seen;
    struct member_report *members = w->members;
    size_t n = 0;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[i];
        struct err trouble = { 0 };
        struct measures now = { 0 };

        if (!sets_has_pod(p)) {
            continue;
        }
        out[n] = (struct preflight_member){ .pod = p->name,
                                            .follows = p->set->follows,
                                            .member = &members[n] };
        if (session_member(cluster, p, &members[n], &trouble) == 0 &&
            measures_ask(cluster, p, NULL, &now, &trouble) == 0) {
            out[n].answered = true;
            p->before = now;
            if (upstream_look(cluster, p, &w->sources[n], &out[n].lacks)) {
                out[n].source = &w->sources[n];
            }
        } else {
            out[n].trouble = mem_strdup(trouble.msg);
        }
        n++;
    }
}

static void
preflight_tell(struct run *run, const struct preflight_result *r)
{
    static const enum ui_severity severities[] = {
        [CHECK_OK] = UI_OK, [CHECK_WARNING] = UI_WARN, [CHECK_ERROR] = UI_FAIL
    };

    ui_emit(run->ui, &(struct ui_event){ .type = UI_CHECK,
                                         .id = r->id,
                                         .text = r->text,
                                         .hint = r->hint,
                                         .severity = severities[r->severity] });
}

/* Tells all results; the first that says no becomes the error, the others its detail. */
static int
preflight_judge(struct run *run, struct preflight_result *results, size_t n,
                struct err *e)
{
    size_t refused = 0;

    for (size_t i = 0; i < n; i++) {
        struct preflight_result *r = &results[i];

        if (r->severity == CHECK_WARNING && run_names(run, r->id)) {
            r->severity = CHECK_OK;
        }
        if (r->severity == CHECK_ERROR && run_skips(run, r->id)) {
            r->severity = CHECK_WARNING;
        }
        preflight_tell(run, r);
        if (r->severity != CHECK_ERROR) {
            continue;
        }
        if (refused++ == 0) {
            err_set(e, ERR_REFUSED, "%s: %s", r->id, r->text);
            err_reason(e, r->id);
            if (r->hint[0] != '\0') {
                err_hint(e, "%s", r->hint);
            }
        } else {
            err_detail(e, "%s: %s", r->id, r->text);
        }
    }
    return refused > 0 ? -1 : 0;
}

/* The images that the target wants, or those that the journal has of before; why there
 * are none, if there are none. */
static char *
preflight_images(struct cluster *cluster)
{
    struct err trouble = { 0 };

    if (cluster->n_sets == 0 && cluster->set_trouble != NULL) {
        return mem_strdup(cluster->set_trouble);
    }
    if (cluster->n_sets == 0) {
        return mem_printf("no PetSet or StatefulSet found for %s %s",
                          cluster->target->engine->api.kind,
                          cluster->target->request->name);
    }
    if (!course_is_forward(cluster->run)) {
        return sets_recall(cluster, cluster->lock->journal, true, &trouble) < 0
                   ? mem_strdup(trouble.msg)
                   : NULL;
    }
    return cluster->plan->to != NULL &&
                   sets_want(cluster, cluster->plan->to, &trouble) < 0
               ? mem_strdup(trouble.msg)
               : NULL;
}

static void
preflight_clear(struct preflight_world *w)
{
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        member_report_clear(&w->members[i]);
        source_clear(&w->sources[i]);
        free((char *)(uintptr_t)w->seen[i].trouble);
    }
    free(w->members);
    free(w->seen);
    free(w->sources);
    free(w->found);
    rights_clear(&w->rights);
    free(w->set_trouble);
    json_decref(w->budgets);
    replacement_facts_clear(&w->newset);
}

/* The sets behind the members'. */
static void
preflight_followers(struct cluster *cluster, struct preflight_facts *facts)
{
    struct err ignored = { 0 };

    for (size_t i = 0; i < cluster->n_sets && facts->n_followers < PREFLIGHT_SETS_MAX;
         i++) {
        struct preflight_set *s = &facts->followers[facts->n_followers];

        if (&cluster->sets[i] == sets_members(cluster) || cluster->sets[i].absent) {
            continue;
        }
        s->images = &cluster->sets[i].images;
        s->made = cluster->sets[i].made;
        if (workload_parse(sets_object(cluster, &cluster->sets[i]), &s->workload,
                           &ignored) == 0) {
            facts->n_followers++;
        }
    }
    routers_add_facts(cluster, facts);
}

/* Looks at what the mirrors hold, which stays as it is until the loop is served again. */
static int
preflight_check(struct cluster *cluster, const struct preflight_world *w, bool asked,
                struct err *e)
{
    struct preflight_result results[PREFLIGHT_MAX + PREFLIGHT_MORE] = { 0 };
    size_t n = 0;
    struct database db = { 0 };
    struct workload set = { 0 };
    struct preflight_facts facts = {
        .engine = cluster->target->engine,
        .object = mirror_db(cluster),
        .db = &db,
        .flags = cluster->target->request->command_flags,
        .version.catalog = cluster->plan->catalog,
        .version.wanted = cluster->plan->to_name,
        .version.from = cluster->plan->from,
        .version.to = cluster->plan->to,
        .set.object = sets_object(cluster, sets_members(cluster)),
        .set.trouble = w->set_trouble,
        .set.images = &sets_members(cluster)->images,
        .missing_rights = (const char *const *)w->rights.missing,
        .pods = kube_watch_objects(cluster->watch.pods),
        .ops = cluster->watch.ops != NULL ? kube_watch_objects(cluster->watch.ops) : NULL,
        .budgets = w->budgets,
        .members = w->seen,
        .n_members = asked ? sets_count_pods(cluster) : 0,
        .course.resuming = cluster->plan->midway,
        .course.back = !course_is_forward(cluster->run),
        .course.converts = cluster->plan->procedure->converts,
        .course.begun = cluster->progress.major.begun,
        .new_set = w->newset.facts.set != NULL ? &w->newset.facts : NULL,
    };

    if (facts.object == NULL ||
        database_parse(cluster->target->engine, facts.object, &db, e) < 0) {
        return err_set(e, ERR_REFUSED, "the database was deleted during the run");
    }
    if (facts.set.object != NULL && workload_parse(facts.set.object, &set, e) == 0) {
        facts.set.workload = &set;
    }
    preflight_followers(cluster, &facts);
    n = preflight_run(&facts, results, PREFLIGHT_MAX);
    memcpy(results + n, w->found, w->n_found * sizeof *results);
    return preflight_judge(cluster->run, results, n + w->n_found, e);
}

static size_t
preflight_query_routers(struct cluster *cluster, struct preflight_result *out, size_t max)
{
    return routers_preflight(cluster, true, out, max);
}

static size_t
preflight_view_routers(struct cluster *cluster, struct preflight_result *out, size_t max)
{
    return routers_preflight(cluster, false, out, max);
}

/* Asks for the checks that are not judged from the facts, where the engine has some. */
static void
preflight_ask_rest(struct cluster *cluster, bool asked, struct preflight_world *w)
{
    typedef size_t ask_function(struct cluster *, struct preflight_result *, size_t);
    static const struct {
        enum check_asker by;
        ask_function *query; /* with the servers' answers */
        ask_function *view;  /* without the right to have them; NULL: nothing */
    } rows[] = {
        { CHECK_BY_PG, pg_check_preflight, NULL },
        { CHECK_BY_PROBES, probes_run, NULL },
        { CHECK_BY_TRANSFER, state_transfer_preflight, NULL },
        { CHECK_BY_CONFIG, proxy_config_preflight, NULL },
        { CHECK_BY_BACKEND, backend_preflight, backend_preflight },
        { CHECK_BY_ROUTERS, preflight_query_routers, preflight_view_routers },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ask_function *ask = asked ? rows[i].query : rows[i].view;

        if (ask != NULL && check_is_asked_by(cluster->target->engine, rows[i].by)) {
            w->n_found +=
                ask(cluster, w->found + w->n_found, PREFLIGHT_MORE - w->n_found);
        }
    }
}

int
preflight_report(struct cluster *cluster, struct err *e)
{
    scope_cleanup(preflight_clear) struct preflight_world w = {
        .members = mem_alloc(MEMBERS_MAX * sizeof *w.members),
        .seen = mem_alloc(MEMBERS_MAX * sizeof *w.seen),
        .sources = mem_alloc(MEMBERS_MAX * sizeof *w.sources),
        .found = mem_alloc(PREFLIGHT_MORE * sizeof *w.found),
    };
    struct preflight_result last;
    bool asked = false;

    if (rights_ask(cluster, rehearsal_is_due(cluster), &w.rights, e) < 0) {
        return -1;
    }
    asked = rights_may_exec(&w.rights);
    if (asked) {
        preflight_ask_members(cluster, &w);
    }
    preflight_ask_rest(cluster, asked, &w);
    if (storage_preflight(cluster, w.found + w.n_found, PREFLIGHT_MORE - w.n_found,
                          &w.n_found, e) < 0) {
        return -1;
    }
    replacement_ask(cluster, asked, &w.newset);
    w.budgets = blocker_budgets(cluster->target);
    w.set_trouble = preflight_images(cluster);
    if (asked) { /* of the members that do not have their images yet */
        w.n_found +=
            channels_preflight(cluster, w.found + w.n_found, PREFLIGHT_MORE - w.n_found);
    }
    if (w.set_trouble == NULL) {
        w.n_found += pod_check_preflight(cluster, &w.rights, w.found + w.n_found,
                                         PREFLIGHT_MORE - w.n_found);
    }
    if (preflight_check(cluster, &w, asked, e) < 0 ||
        rehearsal_run(cluster, &w.rights, &last, e) < 0) {
        return -1;
    }
    return last.text[0] != '\0' ? preflight_judge(cluster->run, &last, 1, e) : 0;
}
