#include "domain/preflight.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"
#include "domain/catalog.h"
#include "domain/check.h"

void
check_say(struct preflight_result *r, enum check_severity severity, const char *fmt, ...)
{
    va_list ap;

    r->severity = severity;
    va_start(ap, fmt);
    (void)vsnprintf(r->text, sizeof r->text, fmt, ap);
    va_end(ap);
}

void
check_hint(struct preflight_result *r, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(r->hint, sizeof r->hint, fmt, ap);
    va_end(ap);
}

/* What must be known for a row to apply. */

static bool
preflight_any(const struct preflight_facts *f)
{
    return f->db != NULL;
}

static bool
preflight_has_versions(const struct preflight_facts *f)
{
    return f->from != NULL && f->to != NULL;
}

static bool
preflight_has_set(const struct preflight_facts *f)
{
    return f->workload != NULL;
}

static bool
preflight_has_images(const struct preflight_facts *f)
{
    return f->workload != NULL && f->to != NULL;
}

static bool
preflight_has_members(const struct preflight_facts *f)
{
    return f->n_members > 0 && f->workload != NULL;
}

/*
 * All rows, in the order in which they are shown. `softened`: while an interrupted run
 * goes on, its error is only a warning, because the run itself brings such a state about,
 * or because to stop half-way would be worse than what the row warns of.
 */
static const struct preflight_row {
    const char *id;
    bool (*applies)(const struct preflight_facts *f);
    void (*judge)(const struct preflight_facts *f, struct preflight_result *r);
    bool forceable;
    bool softened;
} preflight_rows[] = {
    { "version.known", preflight_any, check_version_known, false, false },
    { "version.allowed", preflight_has_versions, check_version_allowed, false, true },
    { "version.deprecated", preflight_has_versions, check_version_deprecated, false,
      true },
    { "version.downgrade", preflight_has_versions, check_version_downgrade, false, true },
    { "version.path", preflight_has_versions, check_version_path, false, true },
    { "database.deleting", preflight_any, check_database_deleting, false, false },
    { "database.halted", preflight_any, check_database_halted, false, false },
    { "database.distributed", preflight_any, check_database_distributed, false, false },
    { "database.topology", preflight_any, check_database_topology, false, false },
    { "rbac", preflight_any, check_rbac, false, false },
    { "operator.paused", preflight_any, check_operator_paused, false, false },
    { "ops.pending", preflight_any, check_ops_pending, false, false },
    { "workload.found", preflight_any, check_workload_found, false, false },
    { "workload.images", preflight_has_images, check_workload_images, false, false },
    { "version.same_image", preflight_has_images, check_version_same_image, false,
      false },
    { "workload.strategy", preflight_has_set, check_workload_strategy, false, false },
    { "health.phase", preflight_any, check_health_phase, true, true },
    { "health.pods", preflight_has_set, check_health_pods, false, true },
    { "health.members", preflight_has_members, check_health_members, false, true },
    { "health.lag", preflight_has_members, check_health_lag, false, true },
    { "version.server", preflight_has_members, check_version_server, false, true },
};

enum { PREFLIGHT_ROWS = sizeof preflight_rows / sizeof *preflight_rows };

_Static_assert((int)PREFLIGHT_ROWS <= (int)PREFLIGHT_MAX, "raise PREFLIGHT_MAX");

size_t
preflight_run(const struct preflight_facts *f, struct preflight_result *out, size_t max)
{
    size_t n = 0;

    for (size_t i = 0; i < PREFLIGHT_ROWS && n < max; i++) {
        const struct preflight_row *row = &preflight_rows[i];
        struct preflight_result *r = &out[n];

        *r = (struct preflight_result){ .id = row->id, .forceable = row->forceable };
        if (!row->applies(f)) {
            continue;
        }
        row->judge(f, r);
        if (r->text[0] == '\0') {
            continue;
        }
        if (f->resuming && row->softened && r->severity == CHECK_ERROR) {
            r->severity = CHECK_WARNING;
        }
        n++;
    }
    return n;
}
