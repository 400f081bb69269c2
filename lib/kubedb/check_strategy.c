/* Preflight: which strategy fits, and why. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/sum.h"
#include "engine/new_set.h"
#include "kubedb/catalog.h"
#include "kubedb/check.h"

enum { CHECK_SET_NAME = 52 };

/* Whether members of a new set could join those that are there. */
static bool
check_may_join(const struct preflight_facts *f)
{
    return f->engine->new_set != NULL && f->db->mode != NULL &&
           engine_is_group(f->db->mode->topology) && !f->db->mode->fronted;
}

/* Whether it goes to another series: 8.0 and 8.4 are. */
static bool
check_is_major(const struct preflight_facts *f)
{
    int from = engine_version_number(catalog_version(f->version.from));
    int to = engine_version_number(catalog_version(f->version.to));

    return from / 100 != to / 100;
}

void
check_strategy_topology(const struct preflight_facts *f, struct preflight_result *r)
{
    if (check_may_join(f)) {
        check_say(r, CHECK_OK,
                  "the members of %s join the group, and the old members leave",
                  f->new_set->set);
        return;
    }
    check_say(r, CHECK_ERROR, "%s: no group that members of a replacement set could join",
              f->db->mode != NULL ? f->db->mode->title : f->db->topology_value);
    check_hint(r, "use --strategy in-place, which is the default");
}

void
check_strategy_members(const struct preflight_facts *f, struct preflight_result *r)
{
    long long n = f->db->replicas > 0 ? f->db->replicas : f->set.workload->replicas;
    long long max = check_may_join(f) ? (long long)f->engine->new_set->members_max : 0;

    if (max == 0) {
        return;
    }
    if (strlen(f->new_set->set) > CHECK_SET_NAME) {
        check_say(r, CHECK_ERROR,
                  "the name %s of the replacement set is too long: labels of its pods "
                  "are limited to 63 characters, and end with a number of 10",
                  f->new_set->set);
    } else if (2 * n > max) {
        check_say(r, CHECK_ERROR,
                  "%lld old and %lld new members are %lld; a group is limited to %lld", n,
                  n, 2 * n, max);
        check_hint(r, "use --strategy in-place, which needs no additional members");
    } else {
        check_say(r, CHECK_OK, "%lld old and %lld new members, limit %lld", n, n, max);
    }
}

/* -- how they get their data -- */

/* Says why no member can be copied. */
static void
check_say_donors(const struct preflight_facts *f, struct preflight_result *r)
{
    const struct new_set_donor *first = &f->new_set->donors[0];

    if (f->new_set->n_donors == 0 || !first->answered) {
        str_append(r->text, sizeof r->text,
                   "no member reports which data it can provide");
        return;
    }
    if (!first->copies) {
        str_append(r->text, sizeof r->text, "the clone plugin is not active");
    } else {
        str_append(r->text, sizeof r->text, "%s is not copied to %s", first->version,
                   catalog_version(f->version.to));
    }
    str_append(r->text, sizeof r->text,
               ", and the first binary logs of all %zu members are purged",
               f->new_set->n_donors);
}

void
check_strategy_data(const struct preflight_facts *f, struct preflight_result *r)
{
    const struct preflight_new_set *n = f->new_set;
    bool copies = false;
    bool complete = false;
    char bytes[32];

    if (!check_may_join(f)) {
        return;
    }
    for (size_t i = 0; i < n->n_donors; i++) {
        copies = copies || new_set_may_copy(f->engine, &n->donors[i],
                                            catalog_version(f->version.to));
        complete = complete || n->donors[i].complete;
    }
    if (!copies && !complete) {
        check_say(r, CHECK_ERROR, "the new members cannot get the data: ");
        check_say_donors(f, r);
        check_hint(r, "use --strategy in-place: each member keeps its own data");
        return;
    }
    check_say(r, CHECK_OK, "each new member %s, %s",
              copies && complete ? "is cloned from another, or replays the binary logs"
              : copies           ? "is cloned from another"
                                 : "replays the binary logs, which are complete",
              n->bytes >= 0 ? str_bytes(n->bytes, bytes, sizeof bytes)
                            : "of unknown size");
}

/* -- room for it -- */

struct check_need {
    const char *resource; /* of a quota */
    long long n;
    bool bytes;
};

/* Whether a quota has no room for what is needed; then `r` says so. */
static bool
check_quota_refuses(const json_t *quota, const struct check_need *need,
                    struct preflight_result *r)
{
    const json_t *hard = json_object_get(json_path(quota, "status.hard"), need->resource);
    const json_t *used = json_object_get(json_path(quota, "status.used"), need->resource);
    long long limit = 0;
    long long taken = 0;

    if (!json_is_string(hard) || !str_to_bytes(json_string_value(hard), &limit) ||
        !json_is_string(used) || !str_to_bytes(json_string_value(used), &taken) ||
        need->n <= sum_subtract(limit, taken)) {
        return false;
    }
    check_say(r, CHECK_ERROR,
              "ResourceQuota %s has %s of %s %s in use: no room for the new members",
              json_path_str(quota, "metadata.name"), json_string_value(used),
              json_string_value(hard), need->resource);
    check_hint(r, "raise it, or use --strategy in-place, which needs no additional pods");
    return true;
}

/* The size that a set's templates ask for a pod; how many claims that are. */
static long long
check_claims(const json_t *set, long long *claims)
{
    size_t i = 0;
    json_t *template = NULL;
    long long sum = 0;

    *claims = 0;
    json_array_foreach (json_path(set, "spec.volumeClaimTemplates"), i, template) {
        long long bytes = 0;

        if (str_to_bytes(json_path_str(template, "spec.resources.requests.storage"),
                         &bytes)) {
            sum = sum_add(sum, bytes);
        }
        ++*claims;
    }
    return sum;
}

/* A set that deletes the claims of members that leave would leave no old data. */
static bool
check_retention_refuses(const struct preflight_facts *f, struct preflight_result *r)
{
    static const char *const whens[] = { "whenScaled", "whenDeleted", NULL };
    const json_t *policy =
        json_path(f->set.object, "spec.persistentVolumeClaimRetentionPolicy");

    for (const char *const *when = whens; *when != NULL; when++) {
        if (str_eq(json_path_str(policy, *when), "Delete")) {
            check_say(
                r, CHECK_ERROR,
                "%s deletes PVCs (persistentVolumeClaimRetentionPolicy.%s): the old "
                "members' data would be lost, and a rollback would be impossible",
                f->set.workload->name, *when);
            return true;
        }
    }
    return false;
}

void
check_strategy_storage(const struct preflight_facts *f, struct preflight_result *r)
{
    long long pods = f->set.workload->replicas;
    long long claims = 0;
    long long bytes = check_claims(f->set.object, &claims);
    const struct check_need needs[] = {
        { "pods", pods, false },
        { "persistentvolumeclaims", sum_times(pods, claims), false },
        { "requests.storage", sum_times(pods, bytes), true }
    };
    size_t i = 0;
    json_t *quota = NULL;
    char text[32];

    if (!check_may_join(f) || check_retention_refuses(f, r)) {
        return;
    }
    json_array_foreach (f->new_set->quotas, i, quota) {
        for (size_t k = 0; k < sizeof needs / sizeof *needs; k++) {
            if (check_quota_refuses(quota, &needs[k], r)) {
                return;
            }
        }
    }
    check_say(r, CHECK_OK,
              "%lld additional pods with %lld PVCs of %s in total, until the old ones "
              "are deleted%s",
              pods, sum_times(pods, claims),
              str_bytes(sum_times(pods, bytes), text, sizeof text),
              f->new_set->quotas == NULL ? " (quotas may not be read)" : "");
}

/* Public source of the operator is of 2021 (kubedb/mysql, pkg/controller/statefulset.go:
 * it finds the one set of a database by labels and owner, whatever its name). */
void
check_strategy_operator(const struct preflight_facts *f, struct preflight_result *r)
{
    if (!check_may_join(f)) {
        return;
    }
    check_say(r, CHECK_WARNING,
              "only KubeDB's releases of 2021 are known to accept a workload called %s; "
              "the source of later releases is not public",
              f->new_set->set);
    check_hint(r, "try it on a copy of the database first, or use --strategy in-place, "
                  "which does not depend on the operator");
}

/* Without the option, where both would do. */
void
check_strategy_in_place(const struct preflight_facts *f, struct preflight_result *r)
{
    if (!check_may_join(f) || !check_is_major(f)) {
        return;
    }
    check_say(r, CHECK_OK,
              "in place: each member restarts on its own data, without additional space "
              "or copies; --strategy new-set leaves the old data unchanged");
}
