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
#include "run/flow.h"

/* The least that a member may have where another one has so much: as the gate has it. */
static long long
baseline_least(const struct flow *f, const struct measure *other)
{
    const struct engine_measure *row = f->target.engine->measures;
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
baseline_raise(const struct flow *f, struct measures *m, const struct measures *other)
{
    bool enough = true;

    for (size_t i = 0; i < other->n; i++) {
        long long least = baseline_least(f, &other->at[i]);
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
baseline_keep(struct flow_pod *p, const struct measures *was)
{
    for (size_t i = 0; i < was->n && p->before.n < MEASURE_MAX; i++) {
        if (str_eq(was->at[i].id, "counted") &&
            baseline_find(&p->before, &was->at[i]) == NULL) {
            p->before.at[p->before.n++] = was->at[i];
        }
    }
}

static void
baseline_take(struct flow *f, struct flow_pod *p, const struct measures *now)
{
    struct measures was;
    bool enough = true;

    journal_recall(f->lock.journal, p->name, &was);
    if (flow_is_forward(f) && p->before.n > 0 && !flow_pod_is_there(f, p)) {
        baseline_keep(p, &was);
        return;
    }
    p->before = was.n > 0 ? was : p->before;
    for (size_t i = 0;
         f->target.engine->config == NULL && p->before.n > 0 && i < f->cluster.n_pods;
         i++) {
        if (&f->cluster.pods[i] != p) {
            enough = baseline_raise(f, &p->before, &now[i]) && enough;
        }
    }
    if (!enough) {
        tell_warning(f, "anyone who may edit Leases could have written the journal",
                     "according to the journal, %s had less data than other members have "
                     "now: comparing with those members instead",
                     p->name);
    }
}

void
baseline_recall(struct flow *f)
{
    auto_free struct measures *now = NULL;

    if (!f->plan.midway) {
        return;
    }
    now = mem_alloc((f->cluster.n_pods + 1) * sizeof *now);
    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        now[i] = f->cluster.pods[i].before;
    }
    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        baseline_take(f, &f->cluster.pods[i], now);
    }
}
