#include "cluster/routers.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/member_clear.h"
#include "cluster/mirror.h"
#include "cluster/session.h"
#include "cluster/sets.h"
#include "engine/engine.h"
#include "kubedb/checks.h"
#include "kubedb/workload.h"
#include "run/pod_exec.h"

/*
 * The programs in front of the members: which they are, their images, and where they
 * lead.
 */

enum { FRONT_ASK_MS = 10 * 1000 };

int
routers_choose(struct cluster *cluster, const json_t *list, struct err *e)
{
    const json_t *object =
        cluster->target->engine->front != NULL
            ? workload_find_front(list, cluster->target->engine, cluster->target->uid)
            : NULL;
    long long replicas = json_path_int(object, "spec.replicas", 1);

    if (object == NULL) {
        return 0;
    }
    if (replicas < 0 || replicas > FRONT_PODS_MAX) {
        return err_set(e, ERR_REFUSED, "%lld %ss exceed the limit of %d", replicas,
                       cluster->target->engine->front->title, (int)FRONT_PODS_MAX);
    }
    cluster->routers = mem_alloc(sizeof *cluster->routers);
    cluster->routers->pods = mem_alloc(FRONT_PODS_MAX * sizeof *cluster->routers->pods);
    cluster->routers->set =
        (struct member_set){ .name = mem_strdup(json_path_str(object, "metadata.name")),
                             .uid = mem_strdup(json_path_str(object, "metadata.uid")),
                             .replicas = (size_t)replicas,
                             .size = (size_t)replicas,
                             .was = (size_t)replicas,
                             .role = cluster->target->engine->front->title };
    for (int i = 0; i < FRONT_PODS_MAX; i++) {
        struct member *p = &cluster->routers->pods[i];

        p->name = mem_printf("%s-%d", cluster->routers->set.name, i);
        p->set = &cluster->routers->set;
        p->ordinal = i;
    }
    return 0;
}

size_t
routers_count(const struct cluster *cluster)
{
    long long n = 0;

    if (cluster->routers == NULL) {
        return 0;
    }
    n = json_path_int(sets_object(cluster, &cluster->routers->set), "spec.replicas",
                      (long long)cluster->routers->set.replicas);
    return n < 0 ? 0 : n > FRONT_PODS_MAX ? FRONT_PODS_MAX : (size_t)n;
}

void
routers_forget(struct cluster *cluster)
{
    for (size_t i = 0; cluster->routers != NULL && i < FRONT_PODS_MAX; i++) {
        cluster->routers->pods[i].verified = false;
        cluster->routers->pods[i].revived = false;
    }
    if (cluster->routers != NULL) {
        cluster->routers->imaged = false;
    }
}

void
routers_free(struct cluster *cluster)
{
    if (cluster->routers == NULL) {
        return;
    }
    for (size_t i = 0; i < FRONT_PODS_MAX; i++) {
        member_clear(&cluster->routers->pods[i]);
    }
    free(cluster->routers->pods);
    free(cluster->routers->set.name);
    free(cluster->routers->set.uid);
    image_changes_free(&cluster->routers->set.images);
    free(cluster->routers);
    cluster->routers = NULL;
}

bool
routers_is_there(const struct cluster *cluster)
{
    return cluster->routers != NULL;
}

bool
routers_has(const struct cluster *cluster, const struct member *p)
{
    return cluster->routers != NULL && p->set == &cluster->routers->set;
}

/* -- their images -- */

static int
routers_images(struct cluster *cluster, const json_t *catalog, struct image_changes *out,
               struct err *e)
{
    return workload_front_images(cluster->target->engine,
                                 sets_object(cluster, &cluster->routers->set), catalog,
                                 out, e);
}

int
routers_want(struct cluster *cluster, const json_t *catalog, struct err *e)
{
    if (cluster->routers == NULL) {
        return 0;
    }
    image_changes_free(&cluster->routers->set.images);
    if (routers_images(cluster, catalog, &cluster->routers->set.images, e) < 0) {
        return -1;
    }
    sets_learn_rewriting(cluster, &cluster->routers->set, cluster->routers->pods,
                         routers_count(cluster));
    return 0;
}

int
routers_guess(struct cluster *cluster, const json_t *catalog, struct err *e)
{
    auto_changes struct image_changes was = { 0 };

    if (cluster->routers == NULL) {
        return 0;
    }
    if (routers_images(cluster, catalog, &was, e) < 0) {
        return -1;
    }
    sets_take_old(&cluster->routers->set, &was, true);
    return 0;
}

int
routers_recall(struct cluster *cluster, const json_t *journal, bool back, struct err *e)
{
    const json_t *known = json_path(journal, "front.images");

    return cluster->routers == NULL || known == NULL
               ? 0
               : sets_recall_images(cluster, &cluster->routers->set, known, back, e);
}

void
routers_to_journal(const struct cluster *cluster, json_t *journal)
{
    if (cluster->routers != NULL) {
        (void)json_object_set_new(
            journal, "front",
            mem_check(json_pack("{s:s, s:o}", "set", cluster->routers->set.name, "images",
                                image_changes_to_json(&cluster->routers->set.images))));
    }
}

/* -- where they lead -- */

/* Runs a client in the pod of a member that is ready; where that pod goes just now, in
 * another one's. */
static int
routers_run(struct cluster *cluster, const struct pod_command *c, struct pod_said *answer,
            struct err *e)
{
    err_set(e, ERR_NETWORK, "no member is ready to run the query");
    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (!mirror_pod_is_ready(cluster, &cluster->pods[i])) {
            continue;
        }
        err_clear(e);
        if (pod_exec(cluster->run, cluster->pods[i].name, c, answer, e) == 0) {
            return 0;
        }
        if (e->code != ERR_NETWORK) {
            return -1;
        }
    }
    return -1;
}

/* "ID<TAB>1" of the server that it leads to. */
static int
routers_judge(struct cluster *cluster, const char *answer, char *said, size_t size)
{
    bool writes = str_eq(answer + strcspn(answer, "\t"), "\t1");
    bool all = true;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member_report m = { 0 };
        struct err ignored = { 0 };
        bool answers = session_member(cluster, &cluster->pods[i], &m, &ignored) == 0;
        bool here = answers && m.id[0] != '\0' && str_starts(answer, m.id);
        bool primary = m.role == MEMBER_PRIMARY;

        member_report_clear(&m);
        all = all && answers;
        if (here) {
            (void)snprintf(said, size, "%s%s", cluster->pods[i].name,
                           writes ? "" : ", which accepts no writes");
            return primary && writes ? 1 : 0;
        }
    }
    (void)snprintf(said, size, "%s",
                   all ? "a server that is not a member"
                       : "none of the members that answer");
    return 0;
}

int
routers_ask(struct cluster *cluster, const struct member *p, char *said, size_t size,
            struct err *e)
{
    auto_free char *ip =
        mem_strdup(json_path_str(mirror_pod_object(cluster, p->name), "status.podIP"));
    const char *argv[] = {
        "sh", "-c", cluster->target->engine->front->ask, "sh", ip, NULL
    };
    auto_said struct pod_said answer = { 0 };
    const struct pod_command c = { .argv = argv,
                                   .what = "querying through it",
                                   .limit_ms = FRONT_ASK_MS };

    if (*ip == '\0') {
        return err_set(e, ERR_NETWORK, "%s: %s", p->name,
                       mirror_pod_object(cluster, p->name) == NULL
                           ? "it does not exist at present"
                           : "it has no address at present");
    }
    if (routers_run(cluster, &c, &answer, e) < 0) {
        return err_wrap(e, "%s", p->name);
    }
    if (answer.code != 0) {
        (void)snprintf(said, size, "no server: %.*s", (int)strcspn(answer.err, "\n"),
                       answer.err);
        return 0;
    }
    answer.out[strcspn(answer.out, "\n")] = '\0';
    return routers_judge(cluster, answer.out, said, size);
}

/* -- before an upgrade -- */

void
routers_add_facts(const struct cluster *cluster, struct preflight_facts *facts)
{
    struct preflight_set *s = &facts->followers[facts->n_followers];
    struct err ignored = { 0 };

    if (cluster->routers != NULL &&
        workload_parse(sets_object(cluster, &cluster->routers->set), &s->workload,
                       &ignored) == 0) {
        s->images = &cluster->routers->set.images;
        s->front = cluster->target->engine->front->title;
        facts->n_followers++;
    }
}

static bool
routers_is_missing(const struct cluster *cluster)
{
    return cluster->routers == NULL && cluster->plan->mode != NULL &&
           cluster->plan->mode->fronted;
}

/* What an error says behind a pod's name that it begins with. */
static const char *
routers_after(const char *message, const char *pod)
{
    size_t len = strlen(pod);

    return str_starts(message, pod) && str_starts(message + len, ": ") ? message + len + 2
                                                                       : message;
}

static void
routers_check_all(struct cluster *cluster, struct preflight_result *out)
{
    const char *title = cluster->target->engine->front->title;
    char said[200] = "";
    char primary[200] = "";

    size_t n = routers_count(cluster);

    for (size_t i = 0; i < n; i++) {
        struct member *p = &cluster->routers->pods[i];
        struct err trouble = { 0 };
        int got = routers_ask(cluster, p, said, sizeof said, &trouble);

        if (got == 1) {
            str_copy(primary, sizeof primary, said);
            continue;
        }
        check_say(out, cluster->plan->midway ? CHECK_WARNING : CHECK_ERROR,
                  got < 0
                      ? "%s does not answer: %s"
                      : "%s does not route to a primary that accepts writes, but to %s",
                  p->name, got < 0 ? routers_after(trouble.msg, p->name) : said);
        (void)snprintf(out->hint, sizeof out->hint, "clients connect through the %ss: %s",
                       title,
                       cluster->plan->midway ? "this run waits until it does"
                                             : "repair it first, or use --force");
        return;
    }
    check_say(out, CHECK_OK, "%zu of %zu %s%s route%s to the primary, %s", n, n, title,
              n == 1 ? "" : "s", n == 1 ? "s" : "", primary);
    if (n == 1) {
        check_say(out, CHECK_WARNING, "a single %s: its clients wait while it restarts",
                  title);
    }
}

size_t
routers_preflight(struct cluster *cluster, bool asked, struct preflight_result *out,
                  size_t max)
{
    if (max == 0 || (cluster->routers == NULL && !routers_is_missing(cluster))) {
        return 0;
    }
    *out = (struct preflight_result){ .id = "front.leads" };
    if (cluster->routers == NULL) {
        check_say(out, CHECK_WARNING, "no workload of %ss found",
                  cluster->target->engine->front->title);
        str_copy(out->hint, sizeof out->hint,
                 "clients cannot reach the primary until the operator creates it");
    } else if (routers_count(cluster) == 0) {
        check_say(out, CHECK_WARNING,
                  "%s is scaled to no pods: clients do not connect through it",
                  cluster->routers->set.name);
    } else if (!asked) {
        return 0;
    } else {
        routers_check_all(cluster, out);
    }
    return 1;
}
