#include "double_pods.h"

enum {
    PODS_CREATE_MS = 300,
    PODS_PROBE_MS = 3000,
    PODS_SERVER_MS = 500, /* from the server's start to the pod's being ready */
    PODS_SET_MS = 200,
    PODS_OPERATOR_MS = 1000,
};

static json_t *
pods_condition(const char *type, bool is)
{
    return json_pack("{s:s, s:s}", "type", type, "status", is ? "True" : "False");
}

void
pods_status(size_t ordinal, bool ready, json_t *state, json_t *last, long long restarts)
{
    char name[64];
    json_t *pod = world_edit("pods", world_pod_name(ordinal, name, sizeof name));

    if (pod == NULL) {
        json_decref(state);
        json_decref(last);
        return;
    }
    world_set_path(pod, "status",
                   json_pack("{s:s, s:s, s:[o], s:[{s:s, s:b, s:I, s:o, s:o*}]}", "phase",
                             "Running", "podIP", "10.0.0.1", "conditions",
                             pods_condition("Ready", ready), "containerStatuses", "name",
                             world_engine()->container, "ready", ready, "restartCount",
                             (json_int_t)restarts, "state", state, "lastState", last));
    world_put("pods", pod);
}

/* -- a pod's life -- */

void
pods_ready(size_t ordinal, bool ready)
{
    world.servers[ordinal].told_ready = ready;
    pods_status(ordinal, ready, json_pack("{s:{}}", "running"), NULL, 0);
}

/* The probe: a server that has been down for a while is not ready. */
static bool
pods_is_told_wrong(const struct server *s)
{
    return s->running &&
           (s->told_ready ? !s->up && double_now - s->down_at > PODS_PROBE_MS : s->up);
}

void
pods_create(size_t ordinal)
{
    const json_t *set = world_find(world_sets(), world_set_name(ordinal));
    struct server *s = &world.servers[ordinal];
    char name[64];
    json_t *spec = NULL, *pod = NULL;

    s->create_at = 0;
    if (!world_is_due(ordinal)) {
        return;
    }
    spec = storage_pod_spec(ordinal, json_path(set, "spec.template.spec"));
    storage_claim(ordinal);
    pod = json_pack(
        "{s:{s:s, s:s, s:o, s:{s:s, s:s}, s:[{s:O*, s:O*, s:O*, s:b}]}, s:o*}",
        "metadata", "name", world_pod_name(ordinal, name, sizeof name), "namespace",
        WORLD_NS, "labels", pods_labels(set), "annotations", "from", "set", "made",
        world_server_image(spec), "ownerReferences", "kind", json_path(set, "kind"),
        "name", json_path(set, "metadata.name"), "uid", json_path(set, "metadata.uid"),
        "controller", true, "spec", spec);
    if (world.admit != NULL) {
        world.admit(spec);
    }
    world_put("pods", pod);
    if (str_eq(world_wanted_image(pod), world.bad_image)) {
        pods_status(ordinal, false,
                    json_pack("{s:{s:s, s:s}}", "waiting", "reason", "ImagePullBackOff",
                              "message", "Back-off pulling image"),
                    NULL, 0);
        return;
    }
    pods_status(ordinal, false,
                json_pack("{s:{s:s}}", "waiting", "reason", "ContainerCreating"), NULL,
                0);
    s->start_at = double_now + world.start_ms;
}

static void
pods_start(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];
    const char *image = world_wanted_image(world_pod(ordinal));
    const char *tag = strrchr(image, ':');

    s->start_at = 0;
    if (s->crashes) {
        pods_status(
            ordinal, false,
            json_pack("{s:{s:s}}", "waiting", "reason", "CrashLoopBackOff"),
            json_pack("{s:{s:i, s:s}}", "terminated", "exitCode", 1, "reason", "Error"),
            3);
        return;
    }
    servers_start(ordinal, world.lie != NULL ? world.lie : tag + 1);
    s->ready_at = double_now + PODS_SERVER_MS;
}

void
pods_delete(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];
    char name[64];
    char now[40];

    (void)clock_rfc3339(clock_wall_ms(), now, sizeof now);
    world_change("pods", world_pod_name(ordinal, name, sizeof name),
                 "metadata.deletionTimestamp", json_string(now));
    s->start_at = 0;
    s->ready_at = 0;
    s->told_ready = false;
    servers_stop(ordinal);
    s->gone_at = double_now + world.term_ms;
}

static void
pods_gone(size_t ordinal)
{
    char name[64];

    world_remove("pods", world_pod_name(ordinal, name, sizeof name));
    storage_pod_gone(ordinal);
    world.servers[ordinal].gone_at = 0;
    world.servers[ordinal].create_at = double_now + PODS_CREATE_MS;
}

/* Whether the set's controller makes a pod of this ordinal now. */
static bool
pods_in_turn(size_t ordinal)
{
    for (size_t i = ordinal - world_place(ordinal); world.ordered && i < ordinal; i++) {
        if (!observe_serves(i)) {
            return false;
        }
    }
    return true;
}

/* The set's controller makes a pod that the set wants, and takes away one that it does
 * not: those of the highest numbers first. */
static void
pods_scale(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];
    const json_t *pod = world_pod(ordinal);

    if (world.made == 0 || world.set_asleep) {
        return;
    }
    if (world_is_due(ordinal) && pod == NULL && s->create_at == 0) {
        s->create_at = double_now + PODS_CREATE_MS;
    }
    if (!world_is_due(ordinal) && pod != NULL && s->gone_at == 0) {
        pods_delete(ordinal);
    }
}

void
pods_pass(void)
{
    for (size_t i = 0; i < world.members; i++) {
        struct server *s = &world.servers[i];

        pods_scale(i);

        if (s->gone_at != 0 && double_now >= s->gone_at) {
            pods_gone(i);
        }
        if (s->create_at != 0 && double_now >= s->create_at && !world.no_pods &&
            pods_in_turn(i)) {
            pods_create(i);
        }
        if (s->start_at != 0 && double_now >= s->start_at) {
            pods_start(i);
        }
        if (s->ready_at != 0 ? double_now >= s->ready_at : pods_is_told_wrong(s)) {
            s->ready_at = 0;
            pods_ready(i, s->up);
        }
    }
}

/* -- the sets' controller: it says that it has seen the template -- */

/* A set that has changed since its controller saw it, or NULL. */
static const json_t *
set_unseen(void)
{
    const char *name = NULL;
    json_t *set = NULL;

    json_object_foreach (world_all(world_sets()), name, set) {
        if (json_path_int(set, "status.observedGeneration", 0) !=
            json_path_int(set, "metadata.generation", 0)) {
            return set;
        }
    }
    return NULL;
}

static void
set_pass(void)
{
    const json_t *set = world.set_asleep ? NULL : set_unseen();

    if (set == NULL) {
        world.set_at = 0;
    } else if (world.set_at == 0) {
        world.set_at = double_now + PODS_SET_MS;
    } else if (double_now >= world.set_at) {
        auto_free char *name = mem_strdup(json_path_str(set, "metadata.name"));
        auto_free char *revision = pods_revision(set);

        world.set_at = 0;
        world_change(world_sets(), name, "status.updateRevision", json_string(revision));
        set = world_find(world_sets(), name);
        world_change(world_sets(), name, "status.observedGeneration",
                     json_integer(json_path_int(set, "metadata.generation", 0)));
    }
}

/* -- KubeDB's operator: the phase always, the rest unless it is paused -- */

bool
operator_image(json_t *template, const char *list, const char *container,
               const char *image)
{
    json_t *c = json_array_find(json_path(template, list), "name", container, NULL);

    if (c == NULL || str_eq(json_path_str(c, "image"), image)) {
        return false;
    }
    (void)json_object_set_new(c, "image", json_string(image));
    return true;
}

/* Every variable of a container that goes by the version. */
static bool
operator_variables(json_t *container, const json_t *v)
{
    bool changed = false;

    for (const struct engine_env *row = world_engine()->object.env;
         row != NULL && row->name != NULL; row++) {
        json_t *variable =
            json_array_find(json_path(container, "env"), "name", row->name, NULL);
        const char *value = json_path_str(json_path(v, "spec"), row->path);
        auto_free char *text =
            mem_strndup(value, row->major ? strcspn(value, ".") : strlen(value));

        if (variable != NULL && !str_eq(json_path_str(variable, "value"), text)) {
            (void)json_object_set_new(variable, "value", json_string(text));
            changed = true;
        }
    }
    return changed;
}

static bool
operator_containers(json_t *template, const char *list, const json_t *v)
{
    bool changed = false;
    size_t i = 0;
    json_t *container = NULL;

    json_array_foreach (json_path(template, list), i, container) {
        changed |= operator_variables(container, v);
    }
    return changed;
}

/* Brings a set's template to what the database's version wants. */
static void
operator_set_image(const char *name)
{
    const json_t *v = world_find(world_engine()->api.catalog_resource,
                                 json_path_str(world_db(), "spec.version"));
    json_t *set = NULL;
    json_t *spec = NULL;
    bool changed = false;

    if (v == NULL || world_find(world_sets(), name) == NULL) {
        return;
    }
    set = world_edit(world_sets(), name);
    spec = json_path(set, "spec.template.spec");
    for (const struct engine_image *row = str_eq(name, WORLD_ROUTER)
                                              ? world_engine()->front->images
                                              : world_engine()->object.images;
         row->container != NULL; row++) {
        changed |= operator_image(spec, row->init ? "initContainers" : "containers",
                                  row->container,
                                  json_path_str(json_path(v, "spec"), row->path));
    }
    changed |= operator_containers(spec, "initContainers", v);
    changed |= operator_containers(spec, "containers", v);
    if (changed) {
        world_log("(operator sets images)");
        world_put(world_sets(), set);
    } else {
        json_decref(set);
    }
}

void
operator_set_images(void)
{
    operator_set_image(WORLD_DB);
    operator_set_image(WORLD_FOLLOWERS);
    operator_set_image(WORLD_ROUTER);
    if (world_set() == NULL) {
        operator_set_image(WORLD_MADE); /* of two it says that there is one too many */
    }
}

static void
operator_reconcile(void)
{
    const char *phase = "Ready";
    const json_t *db = world_db();
    long long generation = json_path_int(db, "metadata.generation", 0);
    bool acts = world.operator_rude || !world_paused();

    if (db == NULL) {
        return;
    }
    for (size_t i = 0; i < world.members; i++) {
        phase = !world_is_due(i) || observe_serves(i) ? phase : "Critical";
    }
    if (!str_eq(json_path_str(db, "status.phase"), phase)) {
        world_change(world_engine()->api.resource, WORLD_DB, "status.phase",
                     json_string(phase));
    }
    if (acts && json_path_int(world_db(), "status.observedGeneration", 0) != generation) {
        world_change(world_engine()->api.resource, WORLD_DB, "status.observedGeneration",
                     json_integer(generation));
    }
    if (acts) {
        operator_set_images();
    }
}

static void
operator_pass(void)
{
    if (world.late_at != 0 && double_now >= world.late_at) {
        world.late_at = 0;
        operator_set_images();
    }
    if (double_now >= world.operator_at) {
        world.operator_at = double_now + PODS_OPERATOR_MS;
        if (!world.operator_asleep) {
            operator_reconcile();
        }
    }
}

/* -- time -- */

void
world_pass(long long ms)
{
    double_now += ms;
    if (world.deed_at != 0 && double_now >= world.deed_at) {
        world.deed_at = 0;
        world.deed();
    }
    servers_pass();
    pods_pass();
    routers_pass();
    rehearsal_pass();
    set_pass();
    operator_pass();
}
