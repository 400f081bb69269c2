#include "kubedb/checks.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"
#include "engine/feature.h"
#include "kubedb/catalog.h"
#include "kubedb/check.h"
#include "kubedb/check_registry.h"

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

bool
preflight_any(const struct preflight_facts *f)
{
    return f->db != NULL;
}

bool
preflight_has_versions(const struct preflight_facts *f)
{
    return f->version.from != NULL && f->version.to != NULL;
}

bool
preflight_has_set(const struct preflight_facts *f)
{
    return f->set.workload != NULL;
}

bool
preflight_has_images(const struct preflight_facts *f)
{
    return f->set.workload != NULL && f->version.to != NULL;
}

bool
preflight_has_members(const struct preflight_facts *f)
{
    return f->n_members > 0 && f->set.workload != NULL;
}

bool
preflight_has_data(const struct preflight_facts *f)
{
    return preflight_has_members(f) && engine_has_data(f->engine);
}

bool
preflight_has_group_versions(const struct preflight_facts *f)
{
    return preflight_has_members(f) && preflight_has_versions(f);
}

bool
preflight_has_budgets(const struct preflight_facts *f)
{
    return f->set.workload != NULL && f->budgets != NULL;
}

bool
preflight_has_way_back(const struct preflight_facts *f)
{
    return f->set.workload != NULL && f->version.from != NULL;
}

bool
preflight_has_new_set(const struct preflight_facts *f)
{
    return f->set.workload != NULL && f->new_set != NULL;
}

bool
preflight_has_new_set_versions(const struct preflight_facts *f)
{
    return preflight_has_new_set(f) && preflight_has_versions(f);
}

bool
preflight_has_choice(const struct preflight_facts *f)
{
    return f->set.workload != NULL && f->new_set == NULL && preflight_has_versions(f) &&
           !f->course.resuming;
}

size_t
preflight_run(const struct preflight_facts *f, struct preflight_result *out, size_t max)
{
    size_t n = 0;

    for (size_t i = 0; i < check_rows_count && n < max; i++) {
        const struct check_row *row = &check_rows[i];
        struct preflight_result *r = &out[n];

        *r = (struct preflight_result){ .id = row->id };
        if (row->judge == NULL ||
            (row->flags & (f->course.back ? CHECK_FORWARD : CHECK_BACK)) != 0 ||
            !row->applies(f)) {
            continue;
        }
        row->judge(f, r);
        if (r->text[0] == '\0') {
            continue;
        }
        if (f->course.resuming && (row->flags & CHECK_SOFTENED) != 0 &&
            r->severity == CHECK_ERROR) {
            r->severity = CHECK_WARNING;
        }
        n++;
    }
    return n;
}
