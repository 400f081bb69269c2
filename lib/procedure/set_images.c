#include <jansson.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/sets.h"
#include "kubedb/workload.h"
#include "procedure/steps.h"
#include "run/course.h"
#include "run/wait.h"

/*
 * Whether a set's template has the wanted images, and its controller saw that.
 */

enum { STEP_ROUND_MS = 3000 }; /* a reconcile begun before the pause may last so long */

/* How long the set's images must stay to be certain that they do: until a reconcile that
 * began before the pause has ended. When an earlier run, or nobody, paused is not known.
 */
long long
step_images_hold(const struct cluster *cluster)
{
    long long rest = cluster->progress.paused_ms + STEP_ROUND_MS - clock_ms();

    return cluster->progress.paused_ms == 0 ? STEP_ROUND_MS : (rest > 0 ? rest : 0);
}

bool
step_set_is_right(const struct cluster *cluster, const struct member_set *set,
                  struct wait_state *s)
{
    const json_t *object = sets_object(cluster, set);
    struct err ignored = { 0 };
    struct workload w = { 0 };

    if (object == NULL || workload_parse(object, &w, &ignored) < 0) {
        str_copy(s->now, sizeof s->now, "the workload does not exist");
        s->reverted = true;
        return false;
    }
    if (!workload_has_images(json_path(object, "spec.template.spec"), &set->images,
                             course_is_forward(cluster->run), s->now, sizeof s->now)) {
        s->reverted = true;
        return false;
    }
    if (w.observed < w.generation) {
        (void)snprintf(s->now, sizeof s->now,
                       "its controller observed generation %lld of %lld", w.observed,
                       w.generation);
        return false;
    }
    return true;
}

bool
step_sets_are_right(const struct cluster *cluster, struct wait_state *s)
{
    bool right = cluster->n_sets > 0;

    for (size_t i = 0; i < cluster->n_sets && right; i++) {
        right = !sets_is_goal(cluster->run, &cluster->sets[i]) ||
                step_set_is_right(cluster, &cluster->sets[i], s);
    }
    return right;
}
