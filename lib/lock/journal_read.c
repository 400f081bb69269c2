#include <jansson.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/engine.h"
#include "kubedb/journal_form.h"
#include "lock/journal.h"
#include "lock/lease.h"
#include "lock/lock.h"
#include "run/run.h"
#include "run/target.h"

/*
 * What a journal says.
 */

static const char *const journal_directions[] = {
    [DIRECTION_FORWARD] = "forward",
    [DIRECTION_BACK] = "back",
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

enum direction
journal_direction(const json_t *j)
{
    return str_eq(json_path_str(j, "direction"), journal_directions[DIRECTION_BACK])
               ? DIRECTION_BACK
               : DIRECTION_FORWARD;
}

const char *
journal_direction_word(enum direction direction)
{
    return journal_directions[direction];
}

/* Whether what is written is about this database; its uid is looked at later, when there
 * may be another one of its name. */
static int
journal_is_about(const struct target *target, const json_t *j, struct err *e)
{
    const char *kind = json_path_str(j, "kind");
    const char *name = json_path_str(j, "name");

    if (!str_eq(kind, target->engine->api.kind)) {
        return err_set(e, ERR_REFUSED,
                       "the journal of an earlier run cannot be read: kind: it is for a "
                       "%s, but this is a %s",
                       kind, target->engine->api.kind);
    }
    if (!str_eq(name, target->request->name)) {
        return err_set(e, ERR_REFUSED,
                       "the journal of an earlier run cannot be read: name: it is for "
                       "%s, but this is %s",
                       name, target->request->name);
    }
    return 0;
}

int
journal_hint_remove(const struct lock *lock, struct err *e)
{
    err_reason(e, "JOURNAL");
    err_hint(
        e,
        "find out who wrote it: kubectl get lease %s -n %s -o yaml --show-managed-fields",
        lock->name, lock->target->request->name_space);
    return err_hint(e,
                    "remove it: kubectl annotate lease %s -n %s " LEASE_JOURNAL
                    "-, and start again: kubectl dbupgrade %s %s --to VERSION%s",
                    lock->name, lock->target->request->name_space,
                    lock->target->engine->name, lock->target->request->name,
                    lock->target->request->command_flags);
}

int
journal_read(const struct lock *lock, const char *text, json_t **out, struct err *e)
{
    auto_json json_t *j = NULL;

    if (journal_form_read(text, strlen(text), &j, e) < 0 ||
        journal_is_about(lock->target, j, e) < 0) {
        return e->hint[0] != '\0' ? -1 : journal_hint_remove(lock, e);
    }
    *out = scope_steal(&j);
    return 0;
}
