#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/routers.h"
#include "cluster/session.h"
#include "cluster/sets.h"
#include "kube/client.h"
#include "kube/watch.h"
#include "report/bundle.h"

enum {
    BUNDLE_LOG_LINES = 500,
    BUNDLE_LOG_FEW = 50, /* where these are too much */
    BUNDLE_LOG_BYTES = 2 * 1024 * 1024,
    BUNDLE_NAMES = MEMBERS_MAX + SETS_MAX + FRONT_PODS_MAX + 4,
};

/* -- what is at hand -- */

static void
bundle_staleness(struct bundle *b, const char *what, const struct kube_watch *w)
{
    const char *why = "";
    long long ms = w != NULL ? kube_watch_stale_ms(w, &why) : 0;

    if (ms > 0) {
        auto_free char *text = mem_printf("as of %lld s ago: %s", ms / 1000, why);

        bundle_miss(b, what, text);
    }
}

static void
bundle_pods(struct bundle *b)
{
    auto_buf struct buf text = BUF_LIMIT(1024 * 1024);
    const char *name = NULL;
    json_t *pod = NULL;

    json_object_foreach (json_mutable(kube_watch_objects(b->cluster->watch.pods)), name,
                         pod) {
        auto_free char *file = mem_printf("pods/%s.json", name);

        bundle_add_json(b, file, pod);
        bundle_tell_pod(&text, pod);
    }
    bundle_add(b, "containers.txt", buf_text(&text));
}

/* The OpsRequests that name this database. */
static void
bundle_ops(struct bundle *b)
{
    auto_json json_t *list = mem_check(json_array());
    auto_free char *path =
        mem_printf("spec.%s.name", b->cluster->target->engine->api.ops_ref);
    const char *name = NULL;
    json_t *ops = NULL;

    if (b->cluster->watch.ops == NULL) {
        return;
    }
    json_object_foreach (json_mutable(kube_watch_objects(b->cluster->watch.ops)), name,
                         ops) {
        if (str_eq(json_path_str(ops, path), b->cluster->target->request->name)) {
            (void)json_array_append(list, ops);
        }
    }
    bundle_add_json(b, "opsrequests.json", list);
}

void
bundle_objects(struct bundle *b)
{
    struct cluster *cluster = b->cluster;

    bundle_staleness(b, "database.json", cluster->watch.db);
    bundle_staleness(b, "set.json", cluster->watch.sets);
    bundle_staleness(b, "pods", cluster->watch.pods);
    bundle_add_json(b, "database.json", mirror_db(cluster));
    bundle_add_json(b, "set.json", sets_object(cluster, sets_members(cluster)));
    for (size_t i = 0; i < cluster->n_sets; i++) {
        auto_free char *file = mem_printf("set-%s.json", cluster->sets[i].name);

        if (&cluster->sets[i] != sets_members(cluster) && !cluster->sets[i].absent) {
            bundle_add_json(b, file, sets_object(cluster, &cluster->sets[i]));
        }
    }
    if (routers_is_there(cluster)) {
        auto_free char *file = mem_printf("set-%s.json", cluster->routers->set.name);

        bundle_add_json(b, file, sets_object(cluster, &cluster->routers->set));
    }
    bundle_pods(b);
    bundle_ops(b);
}

/* -- what has to be asked -- */

static void
bundle_get(struct bundle *b, const char *file, const struct kube_ref *ref, json_t **out)
{
    struct err e = { 0 };
    int got = 0;

    if (!bundle_may_ask(b)) {
        bundle_miss(b, file, "not requested: time ran out");
        return;
    }
    got = ref->name != NULL ? kube_get(b->cluster->target->kube, ref, out, &e)
                            : kube_list(b->cluster->target->kube, ref, NULL, out, &e);
    if (got < 0) {
        bundle_miss_reply(b, file, &e);
    }
}

/* The Lease, and the journal on it once more, to be read. The first that is asked: a
 * server that does not answer now is not asked again. */
static void
bundle_lease(struct bundle *b)
{
    const struct cluster *cluster = b->cluster;
    const struct kube_ref ref = { .group = "coordination.k8s.io",
                                  .version = "v1",
                                  .resource = "leases",
                                  .name_space = cluster->target->request->name_space,
                                  .name = cluster->lock->name };
    auto_json json_t *lease = NULL;
    struct err e = { 0 };

    if (cluster->lock->journal != NULL) {
        bundle_add_json(b, "journal.json", cluster->lock->journal);
    }
    if (kube_get(cluster->target->kube, &ref, &lease, &e) == 0) {
        bundle_add_json(b, "lease.json", lease);
        return;
    }
    bundle_miss_reply(b, "lease.json", &e);
    b->away = e.code == ERR_NETWORK || e.code == ERR_TIMEOUT;
    if (b->away) {
        bundle_miss(b, "all other requests", "the API server does not answer");
    }
}

/* The names that events of this database are about. */
static void
bundle_names(const struct cluster *cluster, const char **names)
{
    size_t n = 0;

    names[n++] = cluster->target->request->name;
    names[n++] = cluster->lock->name;
    for (size_t i = 0; i < cluster->n_pods; i++) {
        names[n++] = cluster->pods[i].name;
    }
    for (size_t i = 0; i < cluster->n_sets; i++) {
        names[n++] = cluster->sets[i].name;
    }
    if (routers_is_there(cluster)) {
        names[n++] = cluster->routers->set.name;
        for (size_t i = 0; i < routers_count(cluster); i++) {
            names[n++] = cluster->routers->pods[i].name;
        }
    }
    names[n] = NULL;
}

static void
bundle_events(struct bundle *b)
{
    const struct kube_ref ref = { .version = "v1",
                                  .group = "",
                                  .resource = "events",
                                  .name_space = b->cluster->target->request->name_space };
    auto_json json_t *list = NULL;
    auto_json json_t *events = NULL;
    auto_buf struct buf text = BUF_LIMIT(4 * 1024 * 1024);

    bundle_get(b, "events.json", &ref, &list);
    if (list != NULL) {
        const char *names[BUNDLE_NAMES];

        bundle_names(b->cluster, names);
        events = bundle_choose_events(list, names);
        bundle_tell_events(&text, events);
        bundle_add_json(b, "events.json", events);
        bundle_add(b, "events.txt", buf_text(&text));
    }
}

static void
bundle_budgets(struct bundle *b)
{
    const struct kube_ref ref = { .group = "policy",
                                  .version = "v1",
                                  .resource = "poddisruptionbudgets",
                                  .name_space = b->cluster->target->request->name_space };
    auto_json json_t *list = NULL;

    bundle_get(b, "poddisruptionbudgets.json", &ref, &list);
    if (list != NULL) {
        bundle_add_json(b, "poddisruptionbudgets.json", json_object_get(list, "items"));
    }
}

static void
bundle_version(struct bundle *b)
{
    auto_buf struct buf text = BUF_LIMIT(64 * 1024);
    struct err e = { 0 };

    if (!bundle_may_ask(b)) {
        return;
    }
    if (kube_get_raw(b->cluster->target->kube, "/version", &text, &e) == 0) {
        bundle_add(b, "kubernetes-version.json", buf_text(&text));
    } else {
        bundle_miss_reply(b, "kubernetes-version.json", &e);
    }
}

/* -- logs -- */

/* A text that ends where it is read to: a NUL is no end of it. */
static void
bundle_unzero(struct buf *text)
{
    for (size_t i = 0; i < text->len; i++) {
        if (text->data[i] == '\0') {
            text->data[i] = '?';
        }
    }
}

static int
bundle_read_log(struct bundle *b, const char *pod, const char *container, bool previous,
                struct buf *out, struct err *e)
{
    static const int lines[] = { BUNDLE_LOG_LINES, BUNDLE_LOG_FEW };
    int got = -1;

    for (size_t i = 0; i < sizeof lines / sizeof *lines && got < 0; i++) {
        auto_free char *path = mem_printf(
            "/api/v1/namespaces/%s/pods/%s/log?container=%s&previous=%s&tailLines=%d",
            b->cluster->target->request->name_space, pod, container,
            previous ? "true" : "false", lines[i]);

        buf_reset(out);
        got = kube_get_raw(b->cluster->target->kube, path, out, e);
        if (got < 0 && e->code != ERR_PROTOCOL) { /* else it is too large */
            break;
        }
    }
    return got;
}

/* One log into a file. False: this pod's logs cannot be read, its node may be gone. */
static bool
bundle_log(struct bundle *b, const char *pod, const char *container, bool previous,
           const char *folder)
{
    auto_free char *file =
        mem_printf("%s/%s%s.log", folder, container, previous ? ".previous" : "");
    auto_buf struct buf text = BUF_LIMIT(BUNDLE_LOG_BYTES);
    struct err e = { 0 };

    if (!bundle_may_ask(b)) {
        bundle_miss(b, file, "not requested: time ran out");
        return false;
    }
    if (bundle_read_log(b, pod, container, previous, &text, &e) < 0) {
        bundle_miss_reply(b, file, &e);
        return e.code != ERR_NETWORK && e.code != ERR_TIMEOUT &&
               e.code != ERR_FORBIDDEN && e.code != ERR_NOT_FOUND;
    }
    bundle_unzero(&text);
    bundle_add(b, file, buf_text(&text));
    return true;
}

/* A container that never ran has no log. */
static bool
bundle_container_ran(const json_t *status)
{
    return json_path(status, "state.running") != NULL ||
           json_path(status, "state.terminated") != NULL ||
           json_path(status, "lastState.terminated") != NULL;
}

void
bundle_logs(struct bundle *b, const struct member *p, const char *folder)
{
    static const char *const lists[] = { "status.containerStatuses",
                                         "status.initContainerStatuses" };
    /* A copy: the mirror changes while logs are read. */
    auto_json json_t *pod = json_deep_copy(mirror_pod_object(b->cluster, p->name));
    bool readable = true;

    for (size_t list = 0; list < sizeof lists / sizeof *lists; list++) {
        size_t i = 0;
        json_t *status = NULL;

        json_array_foreach (json_path(pod, lists[list]), i, status) {
            const char *name = json_path_str(status, "name");

            if (readable && json_path_int(status, "restartCount", 0) > 0) {
                readable = bundle_log(b, p->name, name, true, folder);
            }
            if (readable && bundle_container_ran(status)) {
                readable = bundle_log(b, p->name, name, false, folder);
            }
        }
    }
}

/* -- replication -- */

static void
bundle_member(struct bundle *b, struct member *p)
{
    auto_free char *file = mem_printf("replication/%s.txt", p->name);
    auto_buf struct buf text = BUF_LIMIT(BUNDLE_LOG_BYTES);
    struct err e = { 0 };

    if (!bundle_may_ask(b)) {
        bundle_miss(b, file, "not requested: time ran out");
        return;
    }
    if (session_status(b->cluster, p, &text, &e) < 0) {
        bundle_miss_reply(b, file, &e);
    }
    if (text.len > 0) {
        bundle_unzero(&text);
        bundle_add(b, file, buf_text(&text));
    }
}

/* The member that failed first. */
void
bundle_ask(struct bundle *b)
{
    struct cluster *cluster = b->cluster;

    bundle_lease(b);
    bundle_events(b);
    bundle_budgets(b);
    bundle_version(b);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < cluster->n_pods && !b->away; i++) {
            struct member *p = &cluster->pods[i];
            auto_free char *folder = mem_printf("logs/%s", p->name);

            if ((p == cluster->progress.failed) == (round == 0)) {
                bundle_logs(b, p, folder);
            }
        }
    }
    for (size_t i = 0; i < routers_count(cluster) && !b->away; i++) {
        auto_free char *folder = mem_printf("logs/%s", cluster->routers->pods[i].name);

        bundle_logs(b, &cluster->routers->pods[i], folder);
    }
    for (size_t i = 0; i < cluster->n_pods && !b->away; i++) {
        bundle_member(b, &cluster->pods[i]);
    }
}
