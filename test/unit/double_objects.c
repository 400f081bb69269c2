#include "double_objects.h"

#include "double_revision.h"

void
fix_version(const char *name, const char *version, const char *sidecar, const char *allow)
{
    const struct engine *en = world_engine();
    json_t *o = world_json("{'metadata': {'name': '%s'}, 'spec': {'version': '%s', "
                           "'%s': {'image': 'r.example/%s:%s'}, "
                           "'coordinator': {'image': 'r.example/coordinator:%s'}, "
                           "'initContainer': {'image': 'r.example/init:%s'}, "
                           "'exporter': {'image': 'r.example/exporter:1'}, "
                           "'router': {'image': 'r.example/router:%s'}, "
                           "'routerInitContainer': {'image': 'r.example/ri:%s'}}}",
                           name, version, str_eq(en->name, "proxysql") ? en->name : "db",
                           en->name, name, sidecar, sidecar, name, sidecar);

    world_set_path(o, "spec.updateConstraints.allowlist",
                   str_eq(en->name, "mysql")
                       ? world_json("{'standalone': ['%s'], 'groupReplication': ['%s']}",
                                    allow, allow)
                       : world_json("['%s']", allow));
    world_put(en->api.catalog_resource, o);
}

void
fix_catalog(void)
{
    if (str_eq(world_engine()->name, "postgres")) {
        fix_version("15.18", "15.18", "0.1", ">= 15.18");
        fix_version("15.18-v2", "15.18", "0.2", ">= 15.18");
        fix_version("15.20", "15.20", "0.2", ">= 15.18");
        fix_version("17.9", "17.9", "0.3", ">= 17.9");
        return;
    }
    if (str_eq(world_engine()->name, "perconaxtradb")) {
        fix_version("8.0.40", "8.0.40", "0.1", ">= 8.0.40, <= 8.4.3");
        fix_version("8.4.3", "8.4.3", "0.2", ">= 8.4.3");
        fix_version("8.4.5", "8.4.5", "0.3", ">= 8.4.3");
        return;
    }
    if (str_eq(world_engine()->name, "proxysql")) {
        fix_version("2.7.3-debian", "2.7.3-debian", "0.1", ">= 2.7.3-debian");
        fix_version("3.0.1-debian", "3.0.1-debian", "0.1", ">= 3.0.1-debian");
        return;
    }
    fix_version("5.7.44", "5.7.44", "0.1", ">= 5.7.44");
    fix_version("8.0.43", "8.0.43", "0.1", ">= 8.0.43");
    fix_version("8.4.7", "8.4.7", "0.1", ">= 8.4.7");
    fix_version("8.4.7-v2", "8.4.7", "0.2", ">= 8.4.7");
    fix_version("8.4.8", "8.4.8", "0.2", ">= 8.4.8");
    fix_version("9.7.4", "9.7.4", "0.3", ">= 9.7.4");
}

json_t *
fix_labels(void)
{
    return world_json("{'app.kubernetes.io/name': '%s.kubedb.com', "
                      "'app.kubernetes.io/instance': '%s', "
                      "'app.kubernetes.io/managed-by': 'kubedb.com'}",
                      world_engine()->api.resource, WORLD_DB);
}

/* A MySQL behind a proxy, and what tells the proxy of it. */
static void
fix_backend(json_t *db)
{
    world_set_path(db, "spec.backend", world_json("{'name': 'behind'}"));
    world_put("appbindings", world_json("{'metadata': {'name': 'behind', 'namespace': "
                                        "'%s'}, 'spec': {'type': 'kubedb.com/mysql'}}",
                                        WORLD_NS));
    world_put("mysqls", world_json("{'metadata': {'name': 'behind', 'namespace': '%s'}, "
                                   "'status': {'phase': 'Ready'}}",
                                   WORLD_NS));
}

void
fix_database(const char *version)
{
    json_t *db = world_json(
        "{'kind': '%s', 'metadata': {'name': '%s', 'namespace': '%s'}, "
        "'spec': {'version': '%s', 'replicas': %zu}, 'status': {'phase': 'Ready', "
        "'observedGeneration': 1, 'conditions': [{'type': 'Ready', 'status': 'True'}, "
        "{'type': 'Provisioned', 'status': 'True'}]}}",
        world_engine()->api.kind, WORLD_DB, WORLD_NS, version, world_voters());

    if (world.group && str_eq(world_engine()->name, "mysql")) {
        world_set_path(db, "spec.topology", world_json("%s", world.topology));
    }
    if (world.followers > 0) {
        world_set_path(
            db, "spec.readReplicas",
            world_json("[{'name': 'reports', 'replicas': %zu}]", world.followers));
    }
    if (str_eq(world_engine()->name, "proxysql")) {
        fix_backend(db);
    }
    world_put(world_engine()->api.resource, db);
}

/* The pods' containers, with a version object's images. */
static json_t *
fix_containers(const json_t *v, bool coordinated)
{
    const char *init = json_path_str(v, "spec.initContainer.image");
    const char *server = json_path_str(v, "spec.db.image");
    const char *coordinator = json_path_str(v, "spec.coordinator.image");
    const char *version = json_path_str(v, "spec.version");
    int major = (int)strtol(version, NULL, 10);

    if (str_eq(world_engine()->name, "proxysql")) {
        return world_json("{'containers': [{'name': 'proxysql', 'image': '%s'}]}",
                          json_path_str(v, "spec.proxysql.image"));
    }
    if (!str_eq(world_engine()->name, "postgres")) {
        const char *sidecars = str_eq(world_engine()->name, "mysql") ? "mysql" : "px";

        return world_json("{'initContainers': [{'name': '%s-init', 'image': '%s'}], "
                          "'containers': [{'name': 'sidecar', 'image': 'other:1'}, "
                          "{'name': '%s', 'image': '%s'}, "
                          "{'name': '%s-coordinator', 'image': '%s'}]}",
                          sidecars, init, world_engine()->container, server, sidecars,
                          coordinator);
    }
#define FIX_MAJOR "{'name': 'MAJOR_PG_VERSION', 'value': '%d'}"
    return world_json("{'initContainers': [{'name': 'postgres-init-container', 'image': "
                      "'%s', 'env': [" FIX_MAJOR "]}], 'containers': [{'name': "
                      "'postgres', 'image': '%s', 'env': [{'name': 'PG_VERSION', "
                      "'value': '%s'}, " FIX_MAJOR "]}%s%s%s]}",
                      init, major, server, version, major,
                      coordinated ? ", {'name': 'pg-coordinator', 'image': '" : "",
                      coordinated ? coordinator : "", coordinated ? "'}" : "");
}

void
fix_unpause(json_t *db)
{
    json_t *conditions = json_path(db, "status.conditions");
    size_t i = 0;

    (void)json_array_find(conditions, "type", "Paused", &i);
    (void)json_array_remove(conditions, i);
    world.operator_asleep = true;
}

void
fix_set(const char *resource, const char *version, size_t first, size_t replicas)
{
    const char *name = world_set_name(first);
    bool follows = first > 0;
    auto_free char *revision = NULL;
    json_t *labels = fix_labels();
    json_t *set = world_json(
        "{'kind': '%s', 'metadata': {'name': '%s', 'namespace': '%s', "
        "'ownerReferences': [{'kind': '%s', 'name': '%s', 'uid': '%s', "
        "'controller': true}]}, 'spec': {'replicas': %zu, 'updateStrategy': {'type': "
        "'OnDelete'}}, 'status': {'observedGeneration': 1}}",
        str_eq(resource, "petsets") ? "PetSet" : "StatefulSet", name, WORLD_NS,
        world_engine()->api.kind, WORLD_DB, json_path_str(world_db(), "metadata.uid"),
        replicas);

    if (follows) {
        (void)json_object_set_new(labels, "kubedb.com/role", json_string("read-replica"));
    }
    world_set_path(
        set, "spec.template.spec",
        fix_containers(world_find(world_engine()->api.catalog_resource, version),
                       world.group && !follows));
    world_set_path(set, "metadata.labels", labels);
    storage_of_template(json_path(set, "spec.template.spec"));
    if (world.volume == NULL && world_engine()->config == NULL) {
        world_set_path(set, "spec.volumeClaimTemplates",
                       world_json("[{'metadata': {'name': 'data'}, 'spec': {'resources': "
                                  "{'requests': {'storage': '1Gi'}}}}]"));
    }
    if (world.renamed) {
        (void)json_object_set_new(
            json_array_find(json_path(set, "spec.template.spec.containers"), "name",
                            world_engine()->container, NULL),
            "env",
            world_json("[{'name': 'BASE_NAME', 'value': '%s'}, {'name': 'DB_NAME', "
                       "'value': '%s'}]",
                       name, WORLD_DB));
    }
    revision = pods_revision(set);
    world_set_path(set, "status.updateRevision", json_string(revision));
    world_put(resource, set);
}

void
fix_routers(const char *resource, const char *version, size_t n)
{
    const json_t *v = world_find(world_engine()->api.catalog_resource, version);
    json_t *labels = fix_labels();
    auto_free char *revision = NULL;
    json_t *set = world_edit(resource, WORLD_DB);

    world_set_path(set, "metadata.name", json_string(WORLD_ROUTER));
    (void)json_object_del(json_object_get(set, "metadata"), "uid");
    world_set_path(set, "spec.replicas", json_integer((json_int_t)n));
    (void)json_object_set_new(labels, "mysql.kubedb.com/component",
                              json_string("router"));
    world_set_path(set, "metadata.labels", labels);
    world_set_path(
        set, "spec.template.spec",
        world_json("{'initContainers': [{'name': 'mysql-router-init', 'image': '%s'}], "
                   "'containers': [{'name': 'mysql-router', 'image': '%s'}]}",
                   json_path_str(v, "spec.routerInitContainer.image"),
                   json_path_str(v, "spec.router.image")));
    revision = pods_revision(set);
    world_set_path(set, "status.updateRevision", json_string(revision));
    world_put(resource, set);
    world.routers.n = n;
    for (size_t i = 0; i < n; i++) {
        routers_create(i);
        world.routers.at[i].ready_at = 0;
        routers_status(i, true);
    }
}
