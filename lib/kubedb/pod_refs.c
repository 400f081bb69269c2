#include "base/json.h"
#include "base/str.h"
#include "kubedb/pod_made.h"

/* What is gathered, each once. */
struct refs {
    struct pod_ref *at;
    size_t n, max;
};

static const char *const ref_names[POD_REF_KINDS][2] = {
    [POD_REF_SECRET] = { "Secret", "secrets" },
    [POD_REF_CONFIG_MAP] = { "ConfigMap", "configmaps" },
    [POD_REF_CLAIM] = { "PersistentVolumeClaim", "persistentvolumeclaims" },
    [POD_REF_ACCOUNT] = { "ServiceAccount", "serviceaccounts" },
};

const char *
pod_ref_kind_name(enum pod_ref_kind kind)
{
    return ref_names[kind][0];
}

const char *
pod_ref_resource(enum pod_ref_kind kind)
{
    return ref_names[kind][1];
}

/* One that is needed anywhere is needed. */
static void
refs_add(struct refs *r, const struct pod_ref *ref)
{
    if (ref->name == NULL || *ref->name == '\0') {
        return;
    }
    for (size_t i = 0; i < r->n && i < r->max; i++) {
        struct pod_ref *at = &r->at[i];

        if (at->kind == ref->kind && str_eq(at->name, ref->name) &&
            str_eq(at->key, ref->key)) {
            if (at->optional && !ref->optional) {
                *at = *ref;
            }
            return;
        }
    }
    if (r->n < r->max) {
        r->at[r->n] = *ref;
    }
    r->n++;
}

static const char *
refs_text(const json_t *o, const char *path)
{
    return json_string_value(json_path(o, path));
}

/* -- volumes -- */

/* Where a volume, or a source of a projected one, names an object. */
static const struct refs_row {
    const char *name;
    enum pod_ref_kind kind;
    const char *optional, *items; /* NULL: it has none */
} refs_volume_rows[] = {
    { "secret.secretName", POD_REF_SECRET, "secret.optional", "secret.items" },
    { "secret.name", POD_REF_SECRET, "secret.optional", "secret.items" },
    { "configMap.name", POD_REF_CONFIG_MAP, "configMap.optional", "configMap.items" },
    { "persistentVolumeClaim.claimName", POD_REF_CLAIM, NULL, NULL },
    { "csi.nodePublishSecretRef.name", POD_REF_SECRET, NULL, NULL },
    { "azureFile.secretName", POD_REF_SECRET, NULL, NULL },
    { "cephfs.secretRef.name", POD_REF_SECRET, NULL, NULL },
    { "rbd.secretRef.name", POD_REF_SECRET, NULL, NULL },
    { "iscsi.secretRef.name", POD_REF_SECRET, NULL, NULL },
    { "cinder.secretRef.name", POD_REF_SECRET, NULL, NULL },
    { "flexVolume.secretRef.name", POD_REF_SECRET, NULL, NULL },
    { "scaleIO.secretRef.name", POD_REF_SECRET, NULL, NULL },
    { "storageos.secretRef.name", POD_REF_SECRET, NULL, NULL },
};

static void
refs_add_source(struct refs *r, const json_t *source, const char *volume)
{
    for (size_t i = 0; i < sizeof refs_volume_rows / sizeof *refs_volume_rows; i++) {
        const struct refs_row *row = &refs_volume_rows[i];
        struct pod_ref ref = {
            .kind = row->kind,
            .name = refs_text(source, row->name),
            .what = "volume",
            .of = volume,
            .optional = row->optional != NULL && json_path_true(source, row->optional),
        };
        size_t at = 0;
        json_t *item = NULL;

        refs_add(r, &ref);
        json_array_foreach (row->items != NULL ? json_path(source, row->items) : NULL, at,
                            item) {
            ref.key = refs_text(item, "key");
            refs_add(r, &ref);
        }
    }
}

static void
refs_add_volumes(struct refs *r, const json_t *spec)
{
    size_t i = 0;
    json_t *volume = NULL;

    json_array_foreach (json_path(spec, "volumes"), i, volume) {
        const char *name = json_path_str(volume, "name");
        size_t at = 0;
        json_t *source = NULL;

        refs_add_source(r, volume, name);
        json_array_foreach (json_path(volume, "projected.sources"), at, source) {
            refs_add_source(r, source, name);
        }
    }
}

/* -- containers -- */

static void
refs_add_env(struct refs *r, const json_t *from, enum pod_ref_kind kind, bool keyed,
             const char *container)
{
    if (from != NULL) {
        refs_add(r, &(struct pod_ref){ .kind = kind,
                                       .name = refs_text(from, "name"),
                                       .key = keyed ? refs_text(from, "key") : NULL,
                                       .what = "container",
                                       .of = container,
                                       .optional = json_path_true(from, "optional") });
    }
}

static void
refs_add_container(struct refs *r, const json_t *c)
{
    const char *name = json_path_str(c, "name");
    size_t i = 0;
    json_t *env = NULL;

    json_array_foreach (json_path(c, "env"), i, env) {
        refs_add_env(r, json_path(env, "valueFrom.secretKeyRef"), POD_REF_SECRET, true,
                     name);
        refs_add_env(r, json_path(env, "valueFrom.configMapKeyRef"), POD_REF_CONFIG_MAP,
                     true, name);
    }
    json_array_foreach (json_path(c, "envFrom"), i, env) {
        refs_add_env(r, json_path(env, "secretRef"), POD_REF_SECRET, false, name);
        refs_add_env(r, json_path(env, "configMapRef"), POD_REF_CONFIG_MAP, false, name);
    }
}

size_t
pod_refs(const json_t *spec, struct pod_ref *out, size_t max)
{
    static const char *const lists[] = { "initContainers", "containers" };
    struct refs r = { .at = out, .max = max };
    size_t i = 0;
    json_t *item = NULL;

    refs_add(&r, &(struct pod_ref){ .kind = POD_REF_ACCOUNT,
                                    .name = refs_text(spec, "serviceAccountName"),
                                    .what = "the pod",
                                    .of = "" });
    refs_add_volumes(&r, spec);
    for (size_t list = 0; list < sizeof lists / sizeof *lists; list++) {
        json_array_foreach (json_path(spec, lists[list]), i, item) {
            refs_add_container(&r, item);
        }
    }
    /* The kubelet pulls without one that is missing, where the registry lets it. */
    json_array_foreach (json_path(spec, "imagePullSecrets"), i, item) {
        refs_add(&r, &(struct pod_ref){ .kind = POD_REF_SECRET,
                                        .name = refs_text(item, "name"),
                                        .what = "imagePullSecrets",
                                        .of = "",
                                        .optional = true });
    }
    return r.n;
}
