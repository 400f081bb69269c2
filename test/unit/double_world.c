#include "double_world.h"

struct world world;

const struct engine *
world_engine(void)
{
    return world.engine != NULL ? world.engine : engine_find("mysql");
}

json_t *
world_json(const char *fmt, ...)
{
    struct buf text = BUF_LIMIT(64 * 1024);
    char line[4096];
    json_t *o = NULL;
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    for (char *c = line; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    (void)!buf_puts(&text, line);
    o = json_loads(buf_text(&text), 0, NULL);
    if (o == NULL) {
        (void)fprintf(stderr, "bad JSON in a test: %s\n", line);
        abort();
    }
    buf_free(&text);
    return o;
}

void
world_log(const char *fmt, ...)
{
    char line[256];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    (void)!buf_printf(&world.log, "%s\n", line);
    if (str_eq(world.deed_after, line)) {
        world.deed_after = NULL;
        world.deed_at = double_now + world.deed_wait;
    }
}

void
world_deed(const char *after, long long wait_ms, void (*deed)(void))
{
    world.deed_after = after;
    world.deed_wait = wait_ms;
    world.deed = deed;
}

/* -- objects -- */

json_t *
world_all(const char *resource)
{
    json_t *all = json_object_get(world.objects, resource);

    if (all == NULL) {
        all = json_object();
        (void)json_object_set_new(world.objects, resource, all);
    }
    return all;
}

const json_t *
world_find(const char *resource, const char *name)
{
    return json_object_get(world_all(resource), name);
}

json_t *
world_edit(const char *resource, const char *name)
{
    return json_deep_copy(world_find(resource, name));
}

void
world_set_path(json_t *o, const char *path, json_t *value)
{
    const char *dot = strchr(path, '.');

    if (dot == NULL) {
        (void)json_object_set_new(o, path, value);
    } else {
        auto_free char *name = mem_strndup(path, (size_t)(dot - path));
        json_t *next = json_object_get(o, name);

        if (next == NULL) {
            next = json_object();
            (void)json_object_set_new(o, name, next);
        }
        world_set_path(next, dot + 1, value);
    }
}

void
world_put(const char *resource, json_t *object)
{
    const char *name = json_path_str(object, "metadata.name");
    const json_t *old = world_find(resource, name);
    char text[32];

    if (old == NULL) {
        (void)snprintf(text, sizeof text, "uid-%lu", ++world.uids);
        world_set_path(object, "metadata.uid", json_string(text));
        world_set_path(object, "metadata.generation", json_integer(1));
        world_set_path(object, "metadata.creationTimestamp",
                       json_string(clock_rfc3339(clock_wall_ms(), text, sizeof text)));
    } else if (!json_equal(json_path(old, "spec"), json_path(object, "spec"))) {
        world_set_path(object, "metadata.generation",
                       json_integer(json_path_int(old, "metadata.generation", 0) + 1));
    }
    if (old != NULL) {
        world_set_path(object, "metadata.creationTimestamp",
                       json_incref(json_path(old, "metadata.creationTimestamp")));
    }
    (void)snprintf(text, sizeof text, "%lu", ++world.versions);
    world_set_path(object, "metadata.resourceVersion", json_string(text));
    (void)json_object_set_new(world_all(resource), name, object);
}

void
world_remove(const char *resource, const char *name)
{
    world.versions++;
    (void)json_object_del(world_all(resource), name);
}

void
world_change(const char *resource, const char *name, const char *path, json_t *value)
{
    json_t *object = world_edit(resource, name);

    if (object == NULL) {
        json_decref(value);
        return;
    }
    world_set_path(object, path, value);
    world_put(resource, object);
}

const char *
world_sets(void)
{
    return json_object_size(world_all("statefulsets")) > 0 ? "statefulsets" : "petsets";
}

const json_t *
world_db(void)
{
    return world_find(world_engine()->api.resource, WORLD_DB);
}

const json_t *
world_set(void)
{
    return world_find(world_sets(), WORLD_DB);
}

const json_t *
world_lease(void)
{
    char name[64];

    (void)snprintf(name, sizeof name, "dbupgrade-%s-" WORLD_DB,
                   world_engine()->api.resource);
    return world_find("leases", name);
}

const json_t *
world_pod(size_t ordinal)
{
    char name[64];

    return world_find("pods", world_pod_name(ordinal, name, sizeof name));
}

const json_t *
world_condition(const char *type)
{
    return json_array_find(json_path(world_db(), "status.conditions"), "type", type,
                           NULL);
}

bool
world_paused(void)
{
    return str_eq(json_path_str(world_condition("Paused"), "status"), "True");
}

json_t *
world_journal(void)
{
    const char *text = json_string_value(json_object_get(
        json_path(world_lease(), "metadata.annotations"), "kubectl-dbupgrade/journal"));

    return text != NULL ? json_loads(text, 0, NULL) : NULL;
}

const char *
world_image(const json_t *pod_spec, const char *list, const char *container)
{
    return json_path_str(
        json_array_find(json_path(pod_spec, list), "name", container, NULL), "image");
}

const char *
world_server_image(const json_t *pod_spec)
{
    return world_image(pod_spec, "containers", world_engine()->container);
}

const char *
world_wanted_image(const json_t *pod)
{
    return json_path_str(pod, "metadata.annotations.made");
}

/* -- rules -- */

struct rule *
world_rule(struct rule r)
{
    if (world.n_rules == WORLD_RULES) {
        abort();
    }
    world.rules[world.n_rules] = r;
    return &world.rules[world.n_rules++];
}
