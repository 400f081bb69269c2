#include "double_kube.h"

const char *
kube_server(const struct kube *k)
{
    (void)k;
    return "https://cluster.example:6443";
}

int
kube_get(struct kube *k, const struct kube_ref *ref, json_t **out, struct err *e)
{
    const json_t *object = NULL;

    if (call_begin(k, e, "get %s", ref->resource) < 0) {
        return -1;
    }
    object = world_find(ref->resource, ref->name);
    if (object == NULL) {
        (void)call_end(k, NULL);
        return call_status(e, 404, "get %s/%s", ref->resource, ref->name);
    }
    *out = json_deep_copy(object);
    if (call_end(k, e) < 0) {
        json_decref(*out);
        *out = NULL;
        return -1;
    }
    return 0;
}

int
kube_get_meta(struct kube *k, const struct kube_ref *ref, json_t **out, struct err *e)
{
    if (kube_get(k, ref, out, e) < 0) {
        return -1;
    }
    (void)json_object_del(*out, "data");
    (void)json_object_del(*out, "spec");
    return 0;
}

/* Nothing is stored; webhooks that change pods are asked as they are for others. */
int
kube_try_create(struct kube *k, const struct kube_ref *ref, const json_t *body,
                json_t **out, struct err *e)
{
    const char *name = json_path_str(body, "metadata.name");

    if (call_begin(k, e, "try %s", ref->resource) < 0) {
        return -1;
    }
    world.tries++;
    if (world_find(ref->resource, name) != NULL) {
        return change_refuse(k, e, 409, "try");
    }
    if (world.try_status != 0) {
        (void)call_end(k, NULL);
        (void)call_status(e, world.try_status, "%s", world.try_says);
        return -1;
    }
    *out = json_deep_copy(body);
    if (world.admit != NULL) {
        world.admit(json_path(*out, "spec"));
    }
    if (call_end(k, e) < 0) {
        json_decref(*out);
        *out = NULL;
        return -1;
    }
    return 0;
}

int
kube_list(struct kube *k, const struct kube_ref *ref, const char *labels, json_t **out,
          struct err *e)
{
    const char *name = NULL;
    json_t *object = NULL;

    if (call_begin(k, e, "list %s", ref->resource) < 0) {
        return -1;
    }
    *out = json_pack("{s:[]}", "items");
    json_object_foreach (world_all(ref->resource), name, object) {
        if (!str_eq(ref->resource, "persistentvolumeclaims") || labels == NULL ||
            world_has_labels(object, labels)) {
            (void)json_array_append(json_object_get(*out, "items"), object);
        }
    }
    if (call_end(k, e) < 0) {
        json_decref(*out);
        *out = NULL;
        return -1;
    }
    return 0;
}

void
kube_set_away(struct kube *k, long ms)
{
    (void)k;
    (void)ms;
}

long long
kube_away_ms(const struct kube *k)
{
    return policy_away_ms(&k->policy);
}

bool
kube_is_away(const struct kube *k)
{
    return k->policy.away_since != 0;
}

void
kube_set_patience(struct kube *k, long each_ms, long long until)
{
    k->until = each_ms > 0 ? until : 0;
}

/* What the server in a pod logged besides. */
static void
kube_server_log(const char *path, struct buf *out)
{
    const char *pod = strstr(path, WORLD_DB "-");

    if (servers_here()->log != NULL && pod != NULL) {
        servers_here()->log(strtoul(pod + strlen(WORLD_DB "-"), NULL, 10), out);
    }
}

static const char *
kube_log(const char *path)
{
    bool previous = strstr(path, "previous=true") != NULL;

    return world.log_text != NULL ? world.log_text
           : previous             ? "first words\n[ERROR] unknown variable 'x'\n"
                                  : "";
}

int
kube_get_raw(struct kube *k, const char *path, struct buf *out, struct err *e)
{
    bool log = strstr(path, "/log?") != NULL;
    bool events = strstr(path, "/events?") != NULL;

    if (call_begin(k, e, "raw %s", log ? "log" : events ? "events" : path) < 0) {
        return -1;
    }
    if (events && world.events != NULL) {
        json_t *list = world_json("{'items': [%s]}", world.events);
        char *text = json_dumps(list, 0);

        (void)!buf_puts(out, text);
        free(text);
        json_decref(list);
        return call_end(k, e);
    }
    if (log) {
        (void)!buf_puts(out, kube_log(path));
        kube_server_log(path, out);
    } else if (str_eq(path, "/version")) {
        (void)!buf_puts(out, "{\"gitVersion\":\"v1.34.4\"}");
    } else if (str_eq(path, "/apis/kubedb.com") && !str_eq(world.no_kind, "kubedb.com")) {
        (void)!buf_puts(out, world.old_api ? "{\"versions\":[{\"version\":\"v1alpha2\"}]}"
                                           : "{\"versions\":[{\"version\":\"v1alpha2\"},"
                                             "{\"version\":\"v1\"}]}");
    } else {
        (void)call_end(k, NULL);
        return call_status(e, 404, "%s", path);
    }
    return call_end(k, e);
}

/* -- changes -- */

int
kube_patch(struct kube *k, const struct kube_ref *ref, enum kube_patch_type type,
           const json_t *patch, json_t **out, struct err *e)
{
    const char *label = change_label(ref, patch);
    const json_t *old = NULL;
    json_t *object = NULL;
    auto_condition struct change_condition only = condition_of_patch(patch);

    if (change_begin(k, ref, e, "%s", label) < 0) {
        return -1;
    }
    old = world_find(ref->resource, ref->name);
    if (old == NULL) {
        return change_refuse(k, e, 404, label);
    }
    object = json_deep_copy(old);
    if (!condition_holds(k, "patch", ref, &only, old) ||
        (type == KUBE_JSON_PATCH && !patch_json(object, patch))) {
        json_decref(object);
        return change_refuse(k, e, 409, label);
    }
    if (type == KUBE_MERGE_PATCH) {
        patch_merge(object, patch);
    }
    if (k->policy.mode != KUBE_LIVE) {
        json_decref(object);
        return call_end(k, e);
    }
    change_observe(label, patch);
    if (str_starts(label, "scale ")) {
        new_set_scaled(ref->name, json_path_int(old, "spec.replicas", 0),
                       change_replicas(patch));
    }
    change_made(label);
    if (json_equal(object, old)) {
        json_decref(object);
    } else {
        world_put(ref->resource, object);
    }
    return change_end(k, ref->resource, ref->name, out, e);
}

int
kube_create(struct kube *k, const struct kube_ref *ref, const json_t *body, json_t **out,
            struct err *e)
{
    const char *name = json_path_str(body, "metadata.name");

    if (change_begin(k, ref, e, "create %s", ref->resource) < 0) {
        return -1;
    }
    if (world_find(ref->resource, name) != NULL) {
        return change_refuse(k, e, 409, "create");
    }
    if (k->policy.mode != KUBE_LIVE) {
        return call_end(k, e);
    }
    world_log("create %s", ref->resource);
    world_put(ref->resource, json_deep_copy(body));
    if (rehearsal_is_it(ref->resource, name)) {
        rehearsal_made();
    } else if (str_eq(ref->resource, world_sets())) {
        new_set_made(name);
    } else {
        str_copy(world.holder, sizeof world.holder,
                 json_path_str(body, "spec.holderIdentity"));
    }
    return change_end(k, ref->resource, name, out, e);
}

int
kube_replace(struct kube *k, const struct kube_ref *ref, const json_t *body, json_t **out,
             struct err *e)
{
    auto_condition struct change_condition only = condition_of_patch(body);
    const json_t *old = NULL;
    json_t *object = NULL;

    if (change_begin(k, ref, e, "replace %s", ref->resource) < 0) {
        return -1;
    }
    old = world_find(ref->resource, ref->name);
    if (old == NULL) {
        return change_refuse(k, e, 404, "replace");
    }
    if (!condition_holds(k, "replace", ref, &only, old)) {
        return change_refuse(k, e, 409, "replace");
    }
    world_log("replace %s", ref->resource);
    object = json_deep_copy(body);
    world_set_path(object, "metadata.uid", json_incref(json_path(old, "metadata.uid")));
    world_put(ref->resource, object);
    str_copy(world.holder, sizeof world.holder,
             json_path_str(body, "spec.holderIdentity"));
    return change_end(k, ref->resource, ref->name, out, e);
}

int
kube_delete(struct kube *k, const struct kube_ref *ref, const char *uid,
            const char *resource_version, struct err *e)
{
    auto_condition struct change_condition only = condition_of(uid, resource_version);
    const json_t *old = NULL;
    auto_free char *gone = NULL;

    if (change_begin(k, ref, e, "delete %s", ref->resource) < 0) {
        return -1;
    }
    old = world_find(ref->resource, ref->name);
    if (old == NULL) {
        return change_refuse(k, e, 404, "delete");
    }
    if (!condition_holds(k, "delete", ref, &only, old)) {
        return change_refuse(k, e, 409, "delete");
    }
    if (k->policy.mode != KUBE_LIVE) {
        return call_end(k, e);
    }
    world_log("delete %s", ref->resource);
    if (str_eq(ref->resource, world_sets())) {
        new_set_removed(old);
    } else if (str_eq(ref->resource, "persistentvolumeclaims")) {
        new_set_claim_deleted(ref->name);
        storage_claim_deleted(ref->name);
    }
    if (str_eq(ref->resource, "pods") && !rehearsal_is_it("pods", ref->name)) {
        pods_delete(world_ordinal(ref->name));
        return call_end(k, e);
    }
    gone = mem_strdup(ref->name); /* the caller's may be of the object */
    world_remove(ref->resource, gone);
    if (str_eq(ref->resource, world_sets())) {
        new_set_forget(gone);
    }
    if (rehearsal_is_it(ref->resource, gone)) {
        rehearsal_gone();
    }
    return call_end(k, e);
}

int
kube_evict(struct kube *k, const char *name_space, const char *pod, const char *uid,
           const char *resource_version, struct err *e)
{
    struct kube_ref ref = { "", "v1", "pods", name_space, pod, "eviction" };
    size_t ordinal = world_ordinal(pod);
    auto_condition struct change_condition only = condition_of(uid, resource_version);
    const json_t *old = NULL;

    if (change_begin(k, &ref, e, "evict %s", pod) < 0) {
        return -1;
    }
    old = world_find("pods", pod);
    if (old == NULL) {
        return change_refuse(k, e, 404, "evict");
    }
    if (!condition_holds(k, "evict", &ref, &only, old)) {
        return change_refuse(k, e, 409, "evict");
    }
    if (k->policy.mode == KUBE_LIVE &&
        json_path(old, "metadata.deletionTimestamp") == NULL) {
        if (routers_is_pod(pod)) {
            routers_evict(pod);
        } else {
            observe_evict(ordinal);
            world_log("evict %s", pod);
            pods_delete(ordinal);
        }
    }
    return call_end(k, e);
}

/* A user who may do everything but what world.denied names: then the rules say nothing,
 * as they do behind a webhook, and each right is asked for. */
int
kube_review(struct kube *k, const struct kube_ref *ref, const json_t *body, json_t **out,
            struct err *e)
{
    const json_t *a = json_path(body, "spec.resourceAttributes");
    const char *sub = json_path_str(a, "subresource");
    char right[128];

    if (call_begin(k, e, "review %s", ref->resource) < 0) {
        return -1;
    }
    (void)snprintf(right, sizeof right, "%s %s%s%s", json_path_str(a, "verb"),
                   json_path_str(a, "resource"), *sub != '\0' ? "/" : "", sub);
    if (a == NULL && world.denied == NULL) {
        *out = world_json("{'status': {'resourceRules': [{'verbs': ['*'], 'apiGroups': "
                          "['*'], 'resources': ['*']}]}}");
    } else if (a == NULL) {
        *out = world_json("{'status': {'incomplete': true, 'resourceRules': []}}");
    } else {
        *out = json_pack("{s:{s:b}}", "status", "allowed", !str_eq(right, world.denied));
    }
    if (call_end(k, e) < 0) {
        json_decref(*out);
        *out = NULL;
        return -1;
    }
    return 0;
}
