#ifndef DOUBLE_INNODB_H
#define DOUBLE_INNODB_H

#include "double_fixture.h"

/* An InnoDB cluster of three members with two routers. */

#define CLUSTER                                                                        \
    "{'mode': 'InnoDBCluster', 'innoDBCluster': {'mode': 'Single-Primary', 'router': " \
    "{'replicas': 2}}}"
#define ROUTERS "evict my-db-router-0\nevict my-db-router-1\n"

static inline void
world_new_innodb(void)
{
    world_new_with("mysql",
                   (struct fix_size){ .members = 3, .topology = CLUSTER, .routers = 2 },
                   "8.4.7", "petsets");
}

static inline void
assert_routers_at(const char *version)
{
    for (size_t i = 0; i < world.routers.n; i++) {
        char name[64];
        const json_t *pod = world_find("pods", routers_name(i, name, sizeof name));
        const char *image =
            world_image(json_path(pod, "spec"), "containers", "mysql-router");

        assert_true(world.routers.at[i].ready);
        assert_string_equal(strrchr(image, ':') + 1, version);
    }
}

#endif
