#include "double_storage.h"

#include "double_servers.h"

static char *
storage_name(size_t ordinal, char *out, size_t size)
{
    char pod[64];

    (void)snprintf(out, size, "data-%s", world_pod_name(ordinal, pod, sizeof pod));
    return out;
}

void
storage_new(void)
{
    json_t *node = world_json("{'metadata': {'name': '" WORLD_NODE "'}, 'status': "
                              "{'conditions': [{'type': 'Ready', 'status': 'True'}]}}");

    world_set_path(node, "metadata.labels", json_object());
    (void)json_object_set_new(json_path(node, "metadata.labels"),
                              "kubernetes.io/hostname", json_string(WORLD_NODE));
    world_put("nodes", node);
}

static bool
storage_has_claims(const json_t *set)
{
    return json_path(set, "spec.volumeClaimTemplates") != NULL;
}

void
storage_of_template(json_t *spec)
{
    json_t *server = json_array_find(json_path(spec, "containers"), "name",
                                     world_engine()->container, NULL);

    (void)json_object_set_new(server, "volumeMounts",
                              world_json("[{'name': 'scripts', 'mountPath': '/scripts'}, "
                                         "{'name': 'data', 'mountPath': '%s'}]",
                                         world_engine()->object.data_path));
    (void)json_object_set_new(
        spec, "volumes",
        world.volume != NULL
            ? world_json("[{'name': 'scripts', 'emptyDir': {}}, {'name': 'data', %s}]",
                         world.volume)
            : world_json("[{'name': 'scripts', 'emptyDir': {}}]"));
}

/* A volume of this node alone. */
static void
storage_make_volume(const json_t *claim)
{
    json_t *volume = world_json(
        "{'metadata': {'name': 'pv-%s'}, 'spec': {'local': {'path': '/x'}, "
        "'persistentVolumeReclaimPolicy': 'Delete', 'claimRef': {'kind': "
        "'PersistentVolumeClaim', 'namespace': '%s', 'name': '%s', 'uid': '%s'}, "
        "'nodeAffinity': {'required': {'nodeSelectorTerms': [{'matchExpressions': "
        "[{'key': 'kubernetes.io/hostname', 'operator': 'In', 'values': ['" WORLD_NODE
        "']}]}]}}}, 'status': {'phase': 'Bound'}}",
        json_path_str(claim, "metadata.name"), WORLD_NS,
        json_path_str(claim, "metadata.name"), json_path_str(claim, "metadata.uid"));

    world_put("persistentvolumes", volume);
}

void
storage_claim(size_t ordinal)
{
    const json_t *set = world_find(world_sets(), world_set_name(ordinal));
    char name[96];
    json_t *claim = NULL;

    storage_name(ordinal, name, sizeof name);
    if (!storage_has_claims(set) || world_find("persistentvolumeclaims", name) != NULL) {
        return;
    }
    claim = world_json("{'metadata': {'name': '%s', 'namespace': '%s'}, "
                       "'spec': {'volumeName': 'pv-%s'}, "
                       "'status': {'phase': 'Bound'}}",
                       name, WORLD_NS, name);
    world_set_path(claim, "metadata.labels",
                   json_deep_copy(json_path(set, "metadata.labels")));
    world_put("persistentvolumeclaims", claim);
    storage_make_volume(world_find("persistentvolumeclaims", name));
}

json_t *
storage_pod_spec(size_t ordinal, const json_t *template)
{
    const json_t *set = world_find(world_sets(), world_set_name(ordinal));
    json_t *spec = json_deep_copy(template);
    json_t *volumes = json_object_get(spec, "volumes");
    char name[96];

    (void)json_object_set_new(spec, "nodeName", json_string(WORLD_NODE));
    if (storage_has_claims(set)) {
        if (volumes == NULL) {
            volumes = json_array();
            (void)json_object_set_new(spec, "volumes", volumes);
        }
        (void)json_array_append_new(
            volumes,
            world_json("{'name': 'data', 'persistentVolumeClaim': {'claimName': '%s'}}",
                       storage_name(ordinal, name, sizeof name)));
    }
    return spec;
}

void
storage_delete_claim(size_t ordinal)
{
    char name[96];
    char now[40];

    (void)clock_rfc3339(clock_wall_ms(), now, sizeof now);
    world_change("persistentvolumeclaims", storage_name(ordinal, name, sizeof name),
                 "metadata.deletionTimestamp", json_string(now));
}

void
storage_claim_deleted(const char *claim)
{
    auto_free char *volume = mem_strdup(
        json_path_str(world_find("persistentvolumeclaims", claim), "spec.volumeName"));

    world_remove("persistentvolumes", volume);
}

void
storage_pod_gone(size_t ordinal)
{
    const json_t *claim = storage_claim_of(ordinal);
    bool deleted = json_path(claim, "metadata.deletionTimestamp") != NULL;

    if (deleted) {
        char name[96];
        auto_free char *volume = mem_strdup(json_path_str(claim, "spec.volumeName"));

        world_remove("persistentvolumes", volume);
        world_remove("persistentvolumeclaims", storage_name(ordinal, name, sizeof name));
    }
    if (deleted || (world.volume != NULL && !world.lasting)) {
        servers_lose_data(ordinal);
    }
}

const json_t *
storage_claim_of(size_t ordinal)
{
    char name[96];

    return world_find("persistentvolumeclaims", storage_name(ordinal, name, sizeof name));
}

const json_t *
storage_volume_of(size_t ordinal)
{
    return world_find("persistentvolumes",
                      json_path_str(storage_claim_of(ordinal), "spec.volumeName"));
}
