#include "report/data_diff.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "engine/engine.h"
#include "run/target.h"

/*
 * What is more or less after a run than before. All members hold the same; the primary is
 * told of, or the first that was measured twice.
 */

static const struct member *
data_diff_pod(const struct cluster *cluster)
{
    const struct member *found = NULL;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        const struct member *p = &cluster->pods[i];

        if (p->before.n > 0 && p->after.n > 0 &&
            (found == NULL || p->role == MEMBER_PRIMARY)) {
            found = p;
        }
    }
    return found;
}

static const struct engine_measure *
data_diff_row(const struct target *target, const char *id)
{
    for (const struct engine_measure *row = target->engine->data.measures;
         row->id != NULL; row++) {
        if (str_eq(row->id, id)) {
            return row;
        }
    }
    return NULL;
}

/* The measure's value now where it is another one; else NULL. */
static const struct measure *
data_diff_now(const struct member *p, const struct measure *was)
{
    const struct measure *is = engine_find_measure(&p->after, was->id, was->of);

    return is != NULL && is->value != was->value ? is : NULL;
}

/* Adds "12 tables -> 13 tables", if what people read of it has changed. */
static void
data_diff_add(const struct target *target, const struct member *p,
              const struct measure *was, char *line, size_t size)
{
    const struct engine_measure *row = data_diff_row(target, was->id);
    const struct measure *is = data_diff_now(p, was);
    char before[64];
    char after[64];

    if (row == NULL || is == NULL) {
        return;
    }
    engine_show_measure(row, was->value, before, sizeof before);
    engine_show_measure(row, is->value, after, sizeof after);
    if (!str_eq(before, after)) {
        str_append(line, size, "%s%s -> %s", line[0] != '\0' ? ", " : "", before, after);
    }
}

/* Whether an earlier measure is of the same database. */
static bool
data_diff_seen(const struct measures *m, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (str_eq(m->at[j].of, m->at[i].of)) {
            return true;
        }
    }
    return false;
}

size_t
data_diff_lines(const struct cluster *cluster, char **lines, size_t max)
{
    const struct member *p = data_diff_pod(cluster);
    size_t more = 0;
    size_t n = 0;

    for (size_t i = 0; p != NULL && i < p->before.n; i++) {
        const char *of = p->before.at[i].of;
        char line[256] = "";

        if (data_diff_seen(&p->before, i)) {
            continue;
        }
        for (size_t j = i; j < p->before.n; j++) {
            if (str_eq(p->before.at[j].of, of)) {
                data_diff_add(cluster->target, p, &p->before.at[j], line, sizeof line);
            }
        }
        if (line[0] != '\0' && n + 1 < max) {
            lines[n++] = mem_printf("%s: %s", of[0] != '\0' ? of : "all data", line);
        } else if (line[0] != '\0') {
            more++;
        }
    }
    if (more > 0) {
        lines[n++] = mem_printf(
            "and %zu more databases or tables (use -o json to list all)", more);
    }
    return n;
}

json_t *
data_diff_data(const struct cluster *cluster)
{
    const struct member *p = data_diff_pod(cluster);
    json_t *changed = mem_check(json_array());

    for (size_t i = 0; p != NULL && i < p->before.n; i++) {
        const struct measure *was = &p->before.at[i];
        const struct measure *is = data_diff_now(p, was);

        if (is != NULL) {
            (void)json_array_append_new(
                changed, json_pack("{s:o, s:s, s:I, s:I}", "of", json_visible(was->of),
                                   "measure", was->id, "before", (json_int_t)was->value,
                                   "after", (json_int_t)is->value));
        }
    }
    return changed;
}
