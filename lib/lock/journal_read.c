#include <jansson.h>

#include "base/json.h"
#include "base/str.h"
#include "engine/engine.h"
#include "kube/client.h"
#include "lock/journal.h"
#include "run/run.h"

/*
 * What a journal says.
 */

static const char *const journal_directions[] = {
    [FLOW_FORWARD] = "forward",
    [FLOW_BACK] = "back",
};

static void
journal_recall_of(const json_t *o, const char *database, struct measures *m)
{
    const char *id = NULL;
    json_t *value = NULL;

    json_object_foreach (json_mutable(o), id, value) {
        if (m->n < MEASURE_MAX && json_is_integer(value)) {
            struct measure *to = &m->at[m->n++];

            str_copy(to->id, sizeof to->id, id);
            str_copy(to->of, sizeof to->of, database);
            to->value = json_integer_value(value);
        }
    }
}

void
journal_recall(const json_t *j, const char *pod, struct measures *m)
{
    const json_t *was = json_object_get(json_object_get(j, "pods"), pod);
    const char *database = NULL;
    json_t *of = NULL;

    *m = (struct measures){ 0 };
    journal_recall_of(was, "", m);
    json_object_foreach (json_object_get(was, "of"), database, of) {
        journal_recall_of(of, database, m);
    }
}

enum flow_direction
journal_direction(const json_t *j)
{
    return str_eq(json_path_str(j, "direction"), journal_directions[FLOW_BACK])
               ? FLOW_BACK
               : FLOW_FORWARD;
}

const char *
journal_direction_word(enum flow_direction direction)
{
    return journal_directions[direction];
}
