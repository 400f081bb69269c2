/* Preflight: where the database comes from and where it goes. */
#include <stdio.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/catalog.h"
#include "kubedb/check.h"

enum { CHECK_TARGETS = 10 };

static void
check_hint_targets(const struct preflight_facts *f, struct preflight_result *r)
{
    auto_free char *targets = f->version.from != NULL
                                  ? catalog_targets(f->db->mode, f->version.catalog,
                                                    f->version.from, CHECK_TARGETS)
                                  : mem_strdup("");

    if (*targets != '\0') {
        str_append(r->hint, sizeof r->hint, "%s may go to: %s",
                   json_path_str(f->version.from, "metadata.name"), targets);
    } else if (f->version.from != NULL) {
        str_append(r->hint, sizeof r->hint, "no upgrade from %s is allowed",
                   json_path_str(f->version.from, "metadata.name"));
    }
}

void
check_version_known(const struct preflight_facts *f, struct preflight_result *r)
{
    const char *near = catalog_nearest(f->version.catalog, f->version.wanted);

    if (f->version.to == NULL) {
        check_say(r, CHECK_ERROR, "the catalog has no %s %s", f->engine->api.catalog_kind,
                  f->version.wanted);
        if (near != NULL) {
            check_hint(r, "did you mean %s? ", near);
        }
        check_hint_targets(f, r);
    } else if (f->version.from == NULL) {
        check_say(r, CHECK_ERROR, "the catalog has no %s %s, the current version",
                  f->engine->api.catalog_kind, f->db->version);
    } else {
        check_say(r, CHECK_OK, "%s -> %s",
                  json_path_str(f->version.from, "metadata.name"), f->version.wanted);
    }
}

static enum catalog_verdict
check_verdict(const struct preflight_facts *f, char *text, size_t size)
{
    return catalog_may_go(f->db->mode, f->version.from, f->version.to, text, size);
}

/* Deprecated and older targets have rows of their own. */
void
check_version_allowed(const struct preflight_facts *f, struct preflight_result *r)
{
    char text[400];
    enum catalog_verdict verdict = check_verdict(f, text, sizeof text);
    bool good = verdict == CATALOG_ALLOWED || verdict == CATALOG_SAME;

    if (verdict == CATALOG_DEPRECATED || verdict == CATALOG_DOWNGRADE) {
        return;
    }
    check_say(r, good ? CHECK_OK : CHECK_ERROR, "%s", text);
    if (!good) {
        check_hint_targets(f, r);
    }
}

void
check_version_deprecated(const struct preflight_facts *f, struct preflight_result *r)
{
    if (json_path_true(f->version.to, "spec.deprecated")) {
        check_say(r, CHECK_ERROR, "%s is deprecated: KubeDB does not run it",
                  f->version.wanted);
        check_hint_targets(f, r);
    } else if (json_path_true(f->version.to, "spec.endOfLife")) {
        check_say(r, CHECK_WARNING, "%s has reached its end of life", f->version.wanted);
    }
}

void
check_version_path(const struct preflight_facts *f, struct preflight_result *r)
{
    const char *why = engine_path_refusal(f->engine, catalog_version(f->version.from),
                                          catalog_version(f->version.to));

    if (why != NULL) {
        check_say(r, CHECK_ERROR, "a server of %s cannot be upgraded to %s: %s",
                  catalog_version(f->version.from), catalog_version(f->version.to), why);
    }
}

void
check_version_downgrade(const struct preflight_facts *f, struct preflight_result *r)
{
    char text[400];

    if (check_verdict(f, text, sizeof text) == CATALOG_DOWNGRADE) {
        check_say(r, CHECK_ERROR, "%s", text);
        check_hint(r, "restore a backup into a new database of that version");
    }
}

/* A server that is not what the catalogue says: its image was changed by hand, or an
 * earlier upgrade was left unfinished. */
void
check_version_server(const struct preflight_facts *f, struct preflight_result *r)
{
    const char *from = catalog_version(f->version.from);
    const char *to = catalog_version(f->version.to);

    if (f->version.from == NULL || f->version.to == NULL) {
        return;
    }
    for (size_t i = 0; i < f->n_members; i++) {
        const struct preflight_member *m = &f->members[i];

        if (!m->answered || engine_version_is(m->member->version, from) ||
            (f->course.resuming && engine_version_is(m->member->version, to))) {
            continue;
        }
        check_say(r, CHECK_WARNING, "%s runs %s, but %s should be %s", m->pod,
                  m->member->version, json_path_str(f->version.from, "metadata.name"),
                  from);
        return;
    }
    check_say(r, CHECK_OK, "servers run %s%s%s", from, f->course.resuming ? " or " : "",
              f->course.resuming ? to : "");
}

void
check_version_same_image(const struct preflight_facts *f, struct preflight_result *r)
{
    const struct preflight_member *lie = NULL;

    if (f->set.trouble != NULL || f->course.resuming ||
        image_changes_count(f->set.images) > 0) {
        return;
    }
    for (size_t i = 0; i < f->n_members; i++) {
        const struct preflight_member *m = &f->members[i];

        const json_t *pod = json_path(json_object_get(f->pods, m->pod), "spec");

        if (m->answered && workload_pod_has_images(pod, f->set.images, true, NULL, 0) &&
            !engine_version_is(m->member->version, catalog_version(f->version.to))) {
            lie = m;
        }
    }
    if (lie == NULL) {
        check_say(
            r, CHECK_OK,
            "%s has the images that the workload already has: no pod needs a restart",
            f->version.wanted);
        return;
    }
    check_say(r, CHECK_ERROR,
              "%s has the images that already run, and %s is %s with them: the catalog "
              "entry is wrong",
              f->version.wanted, lie->pod, lie->member->version);
    check_hint(r, "correct the image or the version in the catalog entry %s",
               f->version.wanted);
}
