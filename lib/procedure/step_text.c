#include "procedure/step_text.h"

#include <stdio.h>

#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/replacement.h"
#include "cluster/routers.h"
#include "cluster/sets.h"
#include "procedure/steps.h"
#include "run/target.h"

/*
 * What a plan says of a step, where that is more than its title.
 */

const char *
step_text_workload(const struct target *target)
{
    return target->petset ? "PetSet" : "StatefulSet";
}

void
step_text_pause(struct cluster *cluster, const struct step *s, char *out, size_t size)
{
    (void)snprintf(out, size, "lock %s, %s on %s/%s", cluster->target->request->name,
                   s->title, cluster->target->engine->api.kind,
                   cluster->target->request->name);
}

void
step_text_make(struct cluster *cluster, const struct step *s, char *out, size_t size)
{
    (void)snprintf(out, size, "%s %s/%s, with no members yet", s->title,
                   step_text_workload(cluster->target), replacement_goal(cluster)->name);
}

void
step_text_remove(struct cluster *cluster, const struct step *s, char *out, size_t size)
{
    (void)snprintf(out, size, "%s %s/%s", s->title, step_text_workload(cluster->target),
                   replacement_other(cluster)->name);
}

void
step_text_images(struct cluster *cluster, const struct step *s, char *out, size_t size)
{
    size_t images = sets_count_changes(cluster, false);
    size_t variables = sets_count_changes(cluster, true);

    (void)snprintf(out, size, "%s on ", s->title);
    for (size_t i = 0; i < cluster->n_sets; i++) {
        str_append(out, size, "%s%s/%s", i > 0 ? ", " : "",
                   step_text_workload(cluster->target), cluster->sets[i].name);
    }
    str_append(out, size, " (%zu image%s, ", images, images == 1 ? "" : "s");
    if (variables > 0) {
        str_append(out, size, "%zu variable%s, ", variables, variables == 1 ? "" : "s");
    }
    str_append(out, size, "0 pods restart)");
}

void
step_text_front(struct cluster *cluster, const struct step *s, char *out, size_t size)
{
    (void)snprintf(out, size, "%s of %s/%s (%zu), one at a time", s->title,
                   step_text_workload(cluster->target), cluster->routers->set.name,
                   routers_count(cluster));
}

void
step_text_version(struct cluster *cluster, const struct step *s, char *out, size_t size)
{
    (void)snprintf(out, size, "%s of %s/%s to %s", s->title,
                   cluster->target->engine->api.kind, cluster->target->request->name,
                   cluster->plan->to_name);
}
