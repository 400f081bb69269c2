#ifndef DOUBLE_STATUS_H
#define DOUBLE_STATUS_H

#include "base/clock.h"
#include "double_fixture.h"
#include "kubedb/database.h"
#include "upgrade/status.h"

/*
 * Leases in the world, and a look at what is in progress.
 */

#define JOURNAL                                                                         \
    "{\"version\": 2, \"direction\": \"forward\", \"kind\": \"MySQL\", \"name\": "      \
    "\"my-db\", \"uid\": \"uid-7\", \"from\": \"8.4.7\", \"to\": \"8.4.8\", "           \
    "\"set\": \"my-db\", \"started\": \"2026-11-18T00:00:00Z\", \"by\": \"eve@h/1/a\"," \
    " \"images\": [{\"container\": \"mysql\", \"init\": false, \"from\": "              \
    "\"r.example/mysql:8.4.7\", \"to\": \"r.example/mysql:8.4.8\"}], \"pods\": {}}"

static struct status_list list;
static struct err status_err;

/* A Lease whose renewal is so long ago by our clock. */
static inline void
lease_put(const char *holder, const char *journal, long long ago_ms)
{
    char at[40];
    auto_free char *text = NULL;

    fix_lease(holder, journal);
    clock_rfc3339_micro(clock_wall_ms() - ago_ms, at, sizeof at);
    text = mem_strdup(at);
    world_change("leases", FIX_LEASE, "spec.renewTime", json_string(text));
}

static inline void
lease_annotate(const char *key, const char *value)
{
    json_t *lease = world_edit("leases", FIX_LEASE);

    (void)json_object_set_new(json_path(lease, "metadata.annotations"), key,
                              json_string(value));
    world_put("leases", lease);
}

static inline int
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

static inline void
says(const char *text)
{
    char said[512];

    assert_int_equal(list.n, 1);
    assert_string_equal(status_say(&list.at[0], said, sizeof said), text);
}

static inline void
status_end(void)
{
    status_free(&list);
    fix_end();
}

#endif
