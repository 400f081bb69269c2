#include "kubedb/checks.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"
#include "kubedb/catalog.h"
#include "kubedb/check.h"

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
    (void)str_line(r->hint, sizeof r->hint, fmt, ap);
    va_end(ap);
}

bool
check_next_pod(const struct preflight_facts *f, struct check_pod *c)
{
    for (; c->set <= f->n_followers; c->set++, c->next = 0) {
        const struct preflight_set *of = c->set > 0 ? &f->followers[c->set - 1] : NULL;

        c->workload = of != NULL ? &of->workload : f->set.workload;
        c->images = of != NULL ? of->images : f->set.images;
        c->front = of != NULL && of->front != NULL;
        if (c->next < c->workload->replicas) {
            (void)snprintf(c->name, sizeof c->name, "%s-%lld", c->workload->name,
                           c->next++);
            return true;
        }
    }
    return false;
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
    return f->version.from != NULL && f->version.to != NULL;
}

static bool
preflight_has_set(const struct preflight_facts *f)
{
    return f->set.workload != NULL;
}

static bool
preflight_has_images(const struct preflight_facts *f)
{
    return f->set.workload != NULL && f->version.to != NULL;
}

static bool
preflight_has_members(const struct preflight_facts *f)
{
    return f->n_members > 0 && f->set.workload != NULL;
}

/* Of members that can lag behind. */
static bool
preflight_has_data(const struct preflight_facts *f)
{
    return preflight_has_members(f) && f->engine->config == NULL;
}

static bool
preflight_has_group_versions(const struct preflight_facts *f)
{
    return preflight_has_members(f) && preflight_has_versions(f);
}

static bool
preflight_has_budgets(const struct preflight_facts *f)
{
    return f->set.workload != NULL && f->budgets != NULL;
}

static bool
preflight_has_way_back(const struct preflight_facts *f)
{
    return f->set.workload != NULL && f->version.from != NULL;
}

static bool
preflight_has_new_set(const struct preflight_facts *f)
{
    return f->set.workload != NULL && f->new_set != NULL;
}

static bool
preflight_has_new_set_versions(const struct preflight_facts *f)
{
    return preflight_has_new_set(f) && preflight_has_versions(f);
}

static bool
preflight_has_choice(const struct preflight_facts *f)
{
    return f->set.workload != NULL && f->new_set == NULL && preflight_has_versions(f) &&
           !f->course.resuming;
}

/*
 * All rows, in the order in which they are shown, which is that of the registry
 * (kubedb/check_registry.h). `softened`: while an interrupted run goes on, its error is
 * only a warning, because the run itself brings such a state about, or because to stop
 * half-way would be worse than what the row warns of.
 */
enum preflight_flag {
    ROW_SOFTENED = 1 << 0,
    ROW_FORWARD = 1 << 1, /* not asked on the way back */
    ROW_BACK = 1 << 2,    /* asked only there */
};

static const struct preflight_row {
    const char *id;
    bool (*applies)(const struct preflight_facts *f);
    void (*judge)(const struct preflight_facts *f, struct preflight_result *r);
    unsigned flags;
} preflight_rows[] = {
    { "version.known", preflight_any, check_version_known, ROW_FORWARD },
    { "version.allowed", preflight_has_versions, check_version_allowed,
      ROW_SOFTENED | ROW_FORWARD },
    { "version.deprecated", preflight_has_versions, check_version_deprecated,
      ROW_SOFTENED | ROW_FORWARD },
    { "version.downgrade", preflight_has_versions, check_version_downgrade,
      ROW_SOFTENED | ROW_FORWARD },
    { "version.path", preflight_has_versions, check_version_path,
      ROW_SOFTENED | ROW_FORWARD },
    { "return.catalog", preflight_any, check_return_catalog, ROW_BACK },
    { "return.version", preflight_any, check_return_version, ROW_BACK },
    { "return.members", preflight_has_way_back, check_return_members, ROW_BACK },
    { "database.deleting", preflight_any, check_database_deleting, 0 },
    { "database.halted", preflight_any, check_database_halted, 0 },
    { "database.distributed", preflight_any, check_database_distributed, 0 },
    { "database.topology", preflight_any, check_database_topology, 0 },
    { "strategy.topology", preflight_has_new_set, check_strategy_topology, ROW_FORWARD },
    { "strategy.in_place", preflight_has_choice, check_strategy_in_place, ROW_FORWARD },
    { "strategy.members", preflight_has_new_set, check_strategy_members,
      ROW_SOFTENED | ROW_FORWARD },
    { "strategy.data", preflight_has_new_set_versions, check_strategy_data,
      ROW_SOFTENED | ROW_FORWARD },
    { "strategy.storage", preflight_has_new_set, check_strategy_storage,
      ROW_SOFTENED | ROW_FORWARD },
    { "strategy.operator", preflight_has_new_set, check_strategy_operator, ROW_FORWARD },
    { "rbac", preflight_any, check_rbac, 0 },
    { "operator.paused", preflight_any, check_operator_paused, 0 },
    { "ops.pending", preflight_any, check_ops_pending, 0 },
    { "workload.found", preflight_any, check_workload_found, 0 },
    { "workload.images", preflight_has_images, check_workload_images, ROW_FORWARD },
    { "version.same_image", preflight_has_images, check_version_same_image, ROW_FORWARD },
    { "workload.strategy", preflight_has_set, check_workload_strategy, 0 },
    { "pdb", preflight_has_budgets, check_pdb, ROW_SOFTENED },
    { "source.reached", preflight_has_members, check_source_reached, ROW_SOFTENED },
    { "source.version", preflight_has_group_versions, check_source_version,
      ROW_SOFTENED | ROW_FORWARD },
    { "health.phase", preflight_any, check_health_phase, ROW_SOFTENED },
    { "health.pods", preflight_has_set, check_health_pods, ROW_SOFTENED },
    { "health.members", preflight_has_members, check_health_members, ROW_SOFTENED },
    { "health.quorum", preflight_has_members, check_health_quorum,
      ROW_SOFTENED | ROW_FORWARD },
    { "health.acks", preflight_has_members, check_health_acks,
      ROW_SOFTENED | ROW_FORWARD },
    { "health.writers", preflight_has_group_versions, check_health_writers, ROW_FORWARD },
    { "health.lag", preflight_has_data, check_health_lag, ROW_SOFTENED },
    { "version.server", preflight_has_members, check_version_server,
      ROW_SOFTENED | ROW_FORWARD },
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

        *r = (struct preflight_result){ .id = row->id };
        if ((row->flags & (f->course.back ? ROW_FORWARD : ROW_BACK)) != 0 ||
            !row->applies(f)) {
            continue;
        }
        row->judge(f, r);
        if (r->text[0] == '\0') {
            continue;
        }
        if (f->course.resuming && (row->flags & ROW_SOFTENED) != 0 &&
            r->severity == CHECK_ERROR) {
            r->severity = CHECK_WARNING;
        }
        n++;
    }
    return n;
}
