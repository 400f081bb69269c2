#include "cluster/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "engine/engine.h"
#include "lock/journal.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/target.h"

/* The least that a member may have where another one has so much: as the gate has it. */
static long long
baseline_least(const struct target *target, const struct measure *other)
{
    const struct engine_measure *row = target->engine->data.measures;
    double percent = 0;
    double loss = 0;

    while (row != NULL && row->id != NULL && !str_eq(row->id, other->id)) {
        row++;
    }
    if (row == NULL || row->id == NULL) {
        return 0;
    }
    percent = row->major_percent > row->percent ? row->major_percent : row->percent;
    loss = (double)other->value * percent / 100;
    loss = loss > (double)row->slack ? loss : (double)row->slack;
    return (double)other->value > loss ? other->value - (long long)loss : 0;
}

static struct measure *
baseline_find(struct measures *m, const struct measure *like)
{
    for (size_t i = 0; i < m->n; i++) {
        if (str_eq(m->at[i].id, like->id) && str_eq(m->at[i].of, like->of)) {
            return &m->at[i];
        }
    }
    return NULL;
}

/* Raises what a member had to what another one says; false: it was less. */
static bool
baseline_raise(const struct target *target, struct measures *m,
               const struct measures *other)
{
    bool enough = true;

    for (size_t i = 0; i < other->n; i++) {
        long long least = baseline_least(target, &other->at[i]);
        struct measure *had = baseline_find(m, &other->at[i]);

        if (least == 0 || (had != NULL && had->value >= least)) {
            continue;
        }
        if (had == NULL && m->n < MEASURE_MAX) {
            had = &m->at[m->n++];
            *had = other->at[i];
        }
        if (had != NULL) {
            had->value = least;
        }
        enough = false;
    }
    return enough;
}

/* What it answered now, and the counts of rows that the run which began it wanted. */
static void
baseline_keep(struct member *p, const struct measures *was)
{
    for (size_t i = 0; i < was->n && p->before.n < MEASURE_MAX; i++) {
        if (str_eq(was->at[i].id, "counted") &&
            baseline_find(&p->before, &was->at[i]) == NULL) {
            p->before.at[p->before.n++] = was->at[i];
        }
    }
}

static void
baseline_take(struct cluster *cluster, struct member *p, const struct measures *now)
{
    struct measures was;
    bool enough = true;

    journal_recall(cluster->lock->journal, p->name, &was);
    if (course_is_forward(cluster->run) && p->before.n > 0 &&
        !mirror_pod_is_there(cluster, p)) {
        baseline_keep(p, &was);
        return;
    }
    p->before = was.n > 0 ? was : p->before;
    for (size_t i = 0; cluster->target->engine->config == NULL && p->before.n > 0 &&
                       i < cluster->n_pods;
         i++) {
        if (&cluster->pods[i] != p) {
            enough = baseline_raise(cluster->target, &p->before, &now[i]) && enough;
        }
    }
    if (!enough) {
        emit_warning(cluster->run,
                     "anyone who may edit Leases could have written the journal",
                     "according to the journal, %s had less data than other members have "
                     "now: comparing with those members instead",
                     p->name);
    }
}

void
baseline_recall(struct cluster *cluster)
{
    auto_free struct measures *now = NULL;

    if (!cluster->plan->midway) {
        return;
    }
    now = mem_alloc((cluster->n_pods + 1) * sizeof *now);
    for (size_t i = 0; i < cluster->n_pods; i++) {
        now[i] = cluster->pods[i].before;
    }
    for (size_t i = 0; i < cluster->n_pods; i++) {
        baseline_take(cluster, &cluster->pods[i], now);
    }
}
