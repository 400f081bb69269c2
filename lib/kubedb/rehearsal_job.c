#include "kubedb/rehearsal_job.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define REHEARSAL_MANAGER      "kubectl-dbupgrade"
#define REHEARSAL_MANAGED_BY   "app.kubernetes.io/managed-by"
#define REHEARSAL_COMPONENT    "app.kubernetes.io/component"
#define REHEARSAL_COMPONENT_IS "upgrade-rehearsal"

/* No volume of the members' has this name. */
#define REHEARSAL_SHARED "upgrade-rehearsal"

/* Room for an empty cluster of each version, of some hundred databases. */
#define REHEARSAL_ROOM "4Gi"

/* The shell is process 1: it waits, and so collects what has ended. */
#define REHEARSAL_COMMAND "trap 'exit 0' TERM; sleep 900 & wait"

double
rehearsal_quantity(const char *text)
{
    static const struct {
        const char *suffix;
        double factor;
    } units[] = {
        { "", 1 },        { "m", 1e-3 },    { "k", 1e3 },     { "M", 1e6 },
        { "G", 1e9 },     { "T", 1e12 },    { "Ki", 1024.0 }, { "Mi", 0x1p20 },
        { "Gi", 0x1p30 }, { "Ti", 0x1p40 },
    };
    char *end = NULL;
    double n = strtod(text, &end);

    for (size_t i = 0; end != text && i < sizeof units / sizeof *units; i++) {
        if (str_eq(units[i].suffix, end) && isfinite(n)) {
            return n * units[i].factor;
        }
    }
    return -1;
}

/* Sets a copy of what an object has, if it has it. */
static void
rehearsal_copy(json_t *to, const char *key, const json_t *from)
{
    const json_t *value = json_path(from, key);

    if (value != NULL) {
        (void)json_object_set_new(to, key, mem_check(json_deep_copy(value)));
    }
}

/* The server's limits, and its requests as far as an empty cluster needs them. */
static json_t *
rehearsal_resources(const json_t *container)
{
    static const struct {
        const char *name;
        const char *most;
    } rows[] = { { "cpu", "250m" }, { "memory", "256Mi" } };
    json_t *requests = mem_check(json_object());
    json_t *limits = mem_check(json_object());

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *limit = json_string_value(
            json_object_get(json_path(container, "resources.limits"), rows[i].name));
        const char *request = json_string_value(
            json_object_get(json_path(container, "resources.requests"), rows[i].name));

        request = request != NULL ? request : limit;
        if (request != NULL) {
            bool less = rehearsal_quantity(request) < rehearsal_quantity(rows[i].most);

            (void)json_object_set_new(
                requests, rows[i].name,
                mem_check(json_string(less ? request : rows[i].most)));
        }
        if (limit != NULL) {
            (void)json_object_set_new(limits, rows[i].name,
                                      mem_check(json_string(limit)));
        }
    }
    return mem_check(json_pack("{s:o, s:o}", "requests", requests, "limits", limits));
}

static json_t *
rehearsal_container(const char *name, const char *image, const json_t *server)
{
    json_t *c = mem_check(json_pack(
        "{s:s, s:s, s:[s, s, s], s:[{s:s, s:s}], s:[{s:s, s:s}], s:o}", "name", name,
        "image", image, "command", "sh", "-c", REHEARSAL_COMMAND, "env", "name", "PGDATA",
        "value", REHEARSAL_VOLUME "/data", "volumeMounts", "name", REHEARSAL_SHARED,
        "mountPath", REHEARSAL_VOLUME, "resources", rehearsal_resources(server)));

    rehearsal_copy(c, "imagePullPolicy", server);
    rehearsal_copy(c, "securityContext", server);
    return c;
}

/* The member's own rules for nodes, and its node before others: the new image is there
 * then when the member needs it. */
static json_t *
rehearsal_affinity(const json_t *spec)
{
    const char *node = json_path_str(spec, "nodeName");
    const json_t *was = json_path(spec, "affinity.nodeAffinity");
    json_t *rules =
        was != NULL ? mem_check(json_deep_copy(was)) : mem_check(json_object());
    json_t *liked =
        json_object_get(rules, "preferredDuringSchedulingIgnoredDuringExecution");

    if (liked == NULL) {
        liked = mem_check(json_array());
        (void)json_object_set_new(
            rules, "preferredDuringSchedulingIgnoredDuringExecution", liked);
    }
    if (*node != '\0') {
        (void)json_array_append_new(
            liked,
            mem_check(json_pack("{s:i, s:{s:[{s:s, s:s, s:[s]}]}}", "weight", 100,
                                "preference", "matchFields", "key", "metadata.name",
                                "operator", "In", "values", node)));
    }
    return mem_check(json_pack("{s:o}", "nodeAffinity", rules));
}

static json_t *
rehearsal_metadata(const struct rehearsal_wish *w)
{
    return mem_check(json_pack(
        "{s:s, s:s, s:{s:s, s:s}, s:{s:s, s:s}, s:[{s:s, s:s, s:s, s:s}]}", "name",
        w->name, "namespace", json_path_str(w->object, "metadata.namespace"), "labels",
        REHEARSAL_MANAGED_BY, REHEARSAL_MANAGER, REHEARSAL_COMPONENT,
        REHEARSAL_COMPONENT_IS, "annotations", "kubectl-dbupgrade/database", w->database,
        "kubectl-dbupgrade/by", w->by, "ownerReferences", "apiVersion", w->api, "kind",
        w->kind, "name", json_path_str(w->object, "metadata.name"), "uid",
        json_path_str(w->object, "metadata.uid")));
}

/* -- the members' configuration -- */

/* The volume of a mount if it holds files of ConfigMaps or Secrets, and no token. */
static const json_t *
rehearsal_files(const json_t *template, const json_t *mount)
{
    const json_t *volume = json_array_find(json_path(template, "volumes"), "name",
                                           json_path_str(mount, "name"), NULL);
    size_t i = 0;
    json_t *source = NULL;

    json_array_foreach (json_path(volume, "projected.sources"), i, source) {
        if (json_path(source, "serviceAccountToken") != NULL) {
            return NULL;
        }
    }
    return json_path(volume, "configMap") != NULL ||
                   json_path(volume, "secret") != NULL ||
                   json_path(volume, "projected") != NULL
               ? volume
               : NULL;
}

static const json_t *
rehearsal_server(const json_t *template, const char *container)
{
    return json_array_find(json_path(template, "containers"), "name", container, NULL);
}

/* The server's mounts of such files below `places`. A new reference. */
static json_t *
rehearsal_mounts(const json_t *template, const char *container, const char *places)
{
    json_t *out = mem_check(json_array());
    size_t i = 0;
    json_t *mount = NULL;

    json_array_foreach (json_path(rehearsal_server(template, container), "volumeMounts"),
                        i, mount) {
        if (str_starts(json_path_str(mount, "mountPath"), places) &&
            json_path(mount, "subPathExpr") == NULL &&
            rehearsal_files(template, mount) != NULL) {
            (void)json_array_append(out, mount);
        }
    }
    return out;
}

/* Lines have to stay lines; what a variable of the container is put into is not known. */
static void
rehearsal_add_options(struct buf *out, const json_t *words)
{
    size_t i = 0;
    json_t *word = NULL;

    json_array_foreach (words, i, word) {
        const char *text = json_string_value(word);

        if (text != NULL && str_starts(text, "--") && text[2] != '\0' &&
            strstr(text, "$(") == NULL && strchr(text, '\n') == NULL) {
            (void)!buf_printf(out, "option %s\n", text);
        }
    }
}

char *
rehearsal_config(const json_t *template, const char *container, const char *places)
{
    auto_json json_t *mounts = rehearsal_mounts(template, container, places);
    const json_t *server = rehearsal_server(template, container);
    auto_buf struct buf out = BUF_LIMIT(256 * 1024);
    size_t i = 0;
    json_t *mount = NULL;

    json_array_foreach (mounts, i, mount) {
        (void)!buf_printf(&out, "file %s\n", json_path_str(mount, "mountPath"));
    }
    rehearsal_add_options(&out, json_path(server, "command"));
    rehearsal_add_options(&out, json_path(server, "args"));
    return buf_take(&out);
}

/* Gives the pod's new container those files. */
static void
rehearsal_configure(const struct rehearsal_wish *w, json_t *spec)
{
    auto_json json_t *mounts = rehearsal_mounts(w->template, w->container, w->places);
    json_t *volumes = json_object_get(spec, "volumes");
    json_t *c =
        json_array_find(json_path(spec, "containers"), "name", REHEARSAL_NEW, NULL);
    size_t i = 0;
    json_t *mount = NULL;

    json_array_foreach (mounts, i, mount) {
        const json_t *files = rehearsal_files(w->template, mount);

        (void)json_array_append_new(json_object_get(c, "volumeMounts"),
                                    mem_check(json_deep_copy(mount)));
        if (json_array_find(volumes, "name", json_path_str(mount, "name"), NULL) ==
            NULL) {
            (void)json_array_append_new(volumes, mem_check(json_deep_copy(files)));
        }
    }
}

json_t *
rehearsal_pod(const struct rehearsal_wish *w)
{
    static const char *const as_member[] = { "securityContext", "imagePullSecrets",
                                             "tolerations", "nodeSelector",
                                             "serviceAccountName" };
    const json_t *member = json_path(w->member, "spec");
    const json_t *server =
        json_array_find(json_path(member, "containers"), "name", w->container, NULL);
    json_t *spec = mem_check(json_pack(
        "{s:s, s:i, s:i, s:b, s:b, s:o, s:[o*, o], s:[{s:s, s:{s:s}}]}", "restartPolicy",
        "Never", "activeDeadlineSeconds", REHEARSAL_SECONDS,
        "terminationGracePeriodSeconds", 1, "automountServiceAccountToken", 0,
        "enableServiceLinks", 0, "affinity", rehearsal_affinity(member), "containers",
        w->old_image != NULL ? rehearsal_container(REHEARSAL_OLD, w->old_image, server)
                             : NULL,
        rehearsal_container(REHEARSAL_NEW, w->new_image, server), "volumes", "name",
        REHEARSAL_SHARED, "emptyDir", "sizeLimit", REHEARSAL_ROOM));

    for (size_t i = 0; i < sizeof as_member / sizeof *as_member; i++) {
        rehearsal_copy(spec, as_member[i], member);
    }
    if (w->places != NULL) {
        rehearsal_configure(w, spec);
    }
    return mem_check(json_pack("{s:s, s:s, s:o, s:o}", "apiVersion", "v1", "kind", "Pod",
                               "metadata", rehearsal_metadata(w), "spec", spec));
}

bool
rehearsal_is_ours(const json_t *pod)
{
    const json_t *labels = json_path(pod, "metadata.labels");

    return str_eq(json_string_value(json_object_get(labels, REHEARSAL_MANAGED_BY)),
                  REHEARSAL_MANAGER) &&
           str_eq(json_string_value(json_object_get(labels, REHEARSAL_COMPONENT)),
                  REHEARSAL_COMPONENT_IS);
}
