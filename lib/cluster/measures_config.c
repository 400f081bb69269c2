#include "cluster/measures_config.h"

#include "base/err.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/session.h"
#include "engine/config_tables.h"
#include "engine/engine.h"

/*
 * What members have that hold a configuration instead of data.
 */

static void
measures_config_add(struct measures *m, const char *id, long long value)
{
    if (m->n < MEASURE_MAX) {
        struct measure *to = &m->at[m->n++];

        *to = (struct measure){ .value = value };
        str_copy(to->id, sizeof to->id, id);
    }
}

int
measures_config_count(struct cluster *cluster, struct member *p,
                      const struct engine_config *c, struct config_sum *sum,
                      struct err *e)
{
    auto_free char *answer = NULL;

    if (session_ask(cluster, p, c->seen_sql, &answer, e) < 0) {
        return -1;
    }
    *sum = config_sum(answer);
    return 0;
}

int
measures_config_measure(struct cluster *cluster, struct member *p, struct measures *m,
                        struct err *e)
{
    m->n = 0;
    for (const struct engine_config *c = cluster->target->engine->config; c->id != NULL;
         c++) {
        struct config_sum sum = { 0 };

        if (c->sum_id == NULL) {
            continue;
        }
        if (measures_config_count(cluster, p, c, &sum, e) < 0) {
            return -1;
        }
        measures_config_add(m, c->id, sum.rows);
        measures_config_add(m, c->sum_id, sum.sum);
    }
    return 0;
}
