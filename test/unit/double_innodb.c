#include "double_innodb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void
world_new_innodb(void)
{
    world_new_with("mysql",
                   (struct fix_size){ .members = 3, .topology = CLUSTER, .routers = 2 },
                   "8.4.7", "petsets");
}

void
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
