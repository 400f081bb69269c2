#include "double_status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct status_list list;

struct err status_err;

void
lease_put(const char *holder, const char *journal, long long ago_ms)
{
    char at[40];
    auto_free char *text = NULL;

    fix_lease(holder, journal);
    clock_rfc3339_micro(clock_wall_ms() - ago_ms, at, sizeof at);
    text = mem_strdup(at);
    world_change("leases", FIX_LEASE, "spec.renewTime", json_string(text));
}

void
lease_annotate(const char *key, const char *value)
{
    json_t *lease = world_edit("leases", FIX_LEASE);

    (void)json_object_set_new(json_path(lease, "metadata.annotations"), key,
                              json_string(value));
    world_put("leases", lease);
}

int
look(bool kind, const char *name_space, const char *name)
{
    const struct status_query q = { .engine = kind ? world_engine() : NULL,
                                    .name_space = name_space,
                                    .name = name };
    auto_kube struct kube *k = kube_new(NULL, &status_err);

    status_free(&list);
    err_clear(&status_err);
    kube_set_mode(k, KUBE_READ_ONLY);
    return status_read(&q, k, &list, &status_err);
}

void
says(const char *text)
{
    char said[512];

    assert_int_equal(list.n, 1);
    assert_string_equal(status_say(&list.at[0], said, sizeof said), text);
}

void
status_end(void)
{
    status_free(&list);
    fix_end();
}
