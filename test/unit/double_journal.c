#include "double_journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void
journal_plant(const char *path, const char *value)
{
    json_t *lease = world_edit("leases", json_path_str(world_lease(), "metadata.name"));
    auto_json json_t *j = world_journal();
    auto_free char *parent = mem_strdup(path);
    char *dot = strrchr(parent, '.');
    json_t *to = j;
    auto_free char *text = NULL;

    if (dot != NULL) {
        *dot = '\0';
        to = json_path(j, parent);
    }
    assert_non_null(to);
    assert_int_equal(json_object_set_new(to, dot != NULL ? dot + 1 : parent,
                                         json_loads(value, JSON_DECODE_ANY, NULL)),
                     0);
    text = json_text(j);
    (void)json_object_set_new(json_path(lease, "metadata.annotations"),
                              "kubectl-dbupgrade/journal", json_string(text));
    world_put("leases", lease);
}

void
journal_put(const char *text)
{
    json_t *lease = world_edit("leases", json_path_str(world_lease(), "metadata.name"));

    (void)json_object_set_new(json_path(lease, "metadata.annotations"),
                              "kubectl-dbupgrade/journal", json_string(text));
    world_put("leases", lease);
}

void
journal_ready(void)
{
    torture_revive();
    buf_reset(&world.log);
}

void
journal_of_group(void)
{
    world_new(3);
    (void)world_rule((struct rule){ .what = "evict my-db-1", .status = 403 });
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    journal_ready();
}

void
journal_of_new_set(const char *stop, bool delete_old_data)
{
    struct upgrade_request rq = fix_request("8.4.8");

    rq.strategy = "new-set";
    rq.major.delete_old_data = delete_old_data;
    world_new_set();
    (void)world_rule((struct rule){ .what = stop, .status = 403 });
    fix_expect(flow_run(&rq), EXIT_INCOMPLETE);
    journal_ready();
}

void
journal_is_refused(int got, const char *why)
{
    fix_expect(got, EXIT_REFUSED);
    fix_error(why);
    fix_changes("");
    fix_end();
}
