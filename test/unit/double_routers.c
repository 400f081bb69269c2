#include "double_routers.h"

#include "double_revision.h"

bool
routers_is_pod(const char *pod)
{
    return str_starts(pod, WORLD_ROUTER "-");
}

static size_t
routers_number(const char *pod)
{
    return strtoul(pod + strlen(WORLD_ROUTER "-"), NULL, 10);
}

const char *
routers_name(size_t i, char *out, size_t size)
{
    (void)snprintf(out, size, WORLD_ROUTER "-%zu", i);
    return out;
}

static bool
routers_is_bad(const json_t *pod)
{
    const char *image = world_image(json_path(pod, "spec"), "containers", "mysql-router");

    return str_eq(strrchr(image, ':') + 1, world.routers.bad_tag);
}

void
routers_status(size_t i, bool ready)
{
    char name[64];
    json_t *pod = world_edit("pods", routers_name(i, name, sizeof name));

    world_set_path(
        pod, "status",
        world_json("{'phase': 'Running', 'podIP': '10.0.1.%zu', 'conditions': "
                   "[{'type': 'Ready', 'status': '%s'}], 'containerStatuses': [{'name': "
                   "'mysql-router', 'ready': %s, 'restartCount': 0, 'state': %s}]}",
                   i, ready ? "True" : "False", ready ? "true" : "false",
                   routers_is_bad(pod) ? "{'waiting': {'reason': 'ImagePullBackOff'}}"
                                       : "{'running': {}}"));
    world_put("pods", pod);
    world.routers.at[i].ready = ready;
}

void
routers_create(size_t i)
{
    const json_t *set = world_find(world_sets(), WORLD_ROUTER);
    char name[64];

    world_put("pods", json_pack("{s:{s:s, s:s, s:o}, s:O}", "metadata", "name",
                                routers_name(i, name, sizeof name), "namespace", WORLD_NS,
                                "labels", pods_labels(set), "spec",
                                json_path(set, "spec.template.spec")));
    routers_status(i, false);
    world.routers.at[i].gone_at = 0;
    if (!routers_is_bad(world_find("pods", name))) {
        world.routers.at[i].ready_at = double_now + 1000;
    }
}

void
routers_evict(const char *pod)
{
    size_t going = routers_number(pod);

    observe_change("evict", false);
    for (size_t i = 0; i < world.routers.n; i++) {
        if (i != going && world.routers.at[going].ready && !world.routers.at[i].ready) {
            observe_violation("%s evicted while another router is not ready", pod);
        }
    }
    for (size_t i = 0; i < world.members && !observe_is_back(); i++) {
        if (observe_is_upgraded(world_pod(i)) && !world.routers.at[going].renewed) {
            observe_violation("%s evicted after the member %s", pod, world_name(i));
        }
    }
    world_log("evict %s", pod);
    world_change("pods", pod, "metadata.deletionTimestamp",
                 json_string("2026-11-18T00:00:00Z"));
    world.routers.at[going].ready = false;
    world.routers.at[going].renewed = true;
    world.routers.at[going].gone_at = double_now + 1000;
}

void
routers_pass(void)
{
    for (size_t i = 0; i < world.routers.n; i++) {
        char name[64];

        if (world.routers.at[i].gone_at != 0 &&
            double_now >= world.routers.at[i].gone_at) {
            world_remove("pods", routers_name(i, name, sizeof name));
            routers_create(i);
        }
        if (world.routers.at[i].ready_at != 0 &&
            double_now >= world.routers.at[i].ready_at) {
            world.routers.at[i].ready_at = 0;
            routers_status(i, true);
        }
    }
}

int
routers_answer(const char *ip, struct buf *out, struct buf *err_out)
{
    size_t i = strtoul(strrchr(ip, '.') + 1, NULL, 10);
    int to = world.routers.leads > 0 ? world.routers.leads - 1 : world.primary;

    if (!world.routers.at[i].ready || to < 0 || !world.servers[to].up) {
        (void)!buf_puts(err_out, "ERROR 2003 (HY000): Can't connect to MySQL server\n");
        return 1;
    }
    (void)!buf_printf(out, "00000000-0000-0000-0000-%012d\t%d\n", to,
                      to == world.primary ? 1 : 0);
    return 0;
}
