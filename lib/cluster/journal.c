#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/replacement.h"
#include "lock/lease.h"

/* Where a database's measures are kept; "": those of all together. NULL for a name that
 * JSON cannot hold: its encoding may be any. */
static json_t *
journal_measures_of(json_t *o, const char *database)
{
    json_t *of = json_object_get(o, "of");
    json_t *to = json_object_get(of, database);

    if (database[0] == '\0') {
        return o;
    }
    if (of == NULL) {
        of = mem_check(json_object());
        (void)json_object_set_new(o, "of", of);
    }
    if (to == NULL && json_object_set_new(of, database, mem_check(json_object())) == 0) {
        to = json_object_get(of, database);
    }
    return to;
}

static json_t *
journal_measures(const struct measures *m)
{
    json_t *o = mem_check(json_object());

    for (size_t i = 0; i < m->n; i++) {
        json_t *to = journal_measures_of(o, m->at[i].of);

        (void)json_object_set_new(to, m->at[i].id, json_integer(m->at[i].value));
    }
    return o;
}

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

static const char *const journal_directions[] = {
    [FLOW_FORWARD] = "forward",
    [FLOW_BACK] = "back",
};

enum flow_direction
journal_direction(const json_t *j)
{
    return str_eq(json_path_str(j, "direction"), journal_directions[FLOW_BACK])
               ? FLOW_BACK
               : FLOW_FORWARD;
}

/* A field of the journal that this run goes on with; else its own. */
static const char *
journal_kept(const struct flow *f, const char *key, const char *own)
{
    const char *kept = json_path_str(f->lock.journal, key);

    return kept[0] != '\0' ? kept : own;
}

json_t *
journal_new(const struct flow *f)
{
    char now[32];
    json_t *pods = mem_check(json_object());
    json_t *j = NULL;

    for (size_t i = 0; i < f->n_pods; i++) {
        (void)json_object_set_new(pods, f->pods[i].name,
                                  journal_measures(&f->pods[i].before));
    }
    j = mem_check(json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "version",
        JOURNAL_VERSION, "direction", journal_directions[f->direction], "kind",
        f->en->kind, "name", f->rq->name, "uid", f->db_uid, "from", f->from_name, "to",
        f->to_name, "set", f->sets[0].name, "started",
        journal_kept(f, "started", clock_rfc3339(clock_wall_ms(), now, sizeof now)), "by",
        journal_kept(f, "by", f->lock.holder), "images",
        image_changes_to_json(&f->sets[0].images), "pods", pods));
    sets_to_journal(f, j);
    newset_to_journal(f, j);
    if (f->procedure == PROCEDURE_PG_UPGRADE) {
        (void)json_object_set_new(
            j, "pg_upgrade",
            json_pack(
                "{s:s, s:b, s:b, s:b, s:b}", "mode", f->upgrade_mode, "begun", f->begun,
                "delete_old_data", f->delete_old_data || f->wished.delete_old_data,
                "update_extensions", f->update_extensions || f->wished.update_extensions,
                "reindex", f->reindex || f->wished.reindex));
    }
    return j;
}

/* Whether what is written is about this database; its uid is looked at later, when there
 * may be another one of its name. */
static int
journal_is_about(const struct flow *f, const json_t *j, struct err *e)
{
    const char *kind = json_path_str(j, "kind");
    const char *name = json_path_str(j, "name");

    if (!str_eq(kind, f->en->kind)) {
        return err_set(
            e, ERR_REFUSED,
            "the journal of an earlier run cannot be read: kind: it is about a "
            "%s, and this is a %s",
            kind, f->en->kind);
    }
    if (!str_eq(name, f->rq->name)) {
        return err_set(e, ERR_REFUSED,
                       "the journal of an earlier run cannot be read: name: it is about "
                       "%s, and this is %s",
                       name, f->rq->name);
    }
    return 0;
}

int
journal_hint_remove(const struct flow *f, struct err *e)
{
    err_reason(e, "JOURNAL");
    err_hint(e, "who wrote it: kubectl get lease %s -n %s -o yaml --show-managed-fields",
             f->lock.name, f->rq->name_space);
    return err_hint(
        e,
        "take it away: kubectl annotate lease %s -n %s " LEASE_JOURNAL "-, and "
        "begin anew: kubectl dbupgrade %s %s --to VERSION%s",
        f->lock.name, f->rq->name_space, f->en->name, f->rq->name, f->rq->command_flags);
}

int
journal_read(const struct flow *f, const char *text, json_t **out, struct err *e)
{
    auto_json json_t *j = NULL;

    if (journal_form_read(text, strlen(text), &j, e) < 0 ||
        journal_is_about(f, j, e) < 0) {
        return e->hint[0] != '\0' ? -1 : journal_hint_remove(f, e);
    }
    *out = scope_steal(&j);
    return 0;
}
