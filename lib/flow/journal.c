#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "flow/flow_private.h"

static json_t *
journal_measures(const struct measures *m)
{
    json_t *o = mem_check(json_object());

    for (size_t i = 0; i < m->n; i++) {
        (void)json_object_set_new(o, m->at[i].id, json_integer(m->at[i].value));
    }
    return o;
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

    for (size_t i = 0; i < f->n_pods; i++) {
        (void)json_object_set_new(pods, f->pods[i].name,
                                  journal_measures(&f->pods[i].before));
    }
    return mem_check(json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "version",
        JOURNAL_VERSION, "direction", journal_directions[f->direction], "kind",
        f->en->kind, "name", f->rq->name, "uid", f->db_uid, "from", f->from_name, "to",
        f->to_name, "set", f->set_name, "started",
        journal_kept(f, "started", clock_rfc3339(clock_wall_ms(), now, sizeof now)), "by",
        journal_kept(f, "by", f->lock.holder), "images",
        image_changes_to_json(&f->images), "pods", pods));
}

int
journal_check(const json_t *j, struct err *e)
{
    long long version = json_path_int(j, "version", 0);

    if (version < 1 || json_path_str(j, "to")[0] == '\0' ||
        json_path_str(j, "from")[0] == '\0' || json_path_str(j, "uid")[0] == '\0') {
        return err_set(e, ERR_REFUSED, "the journal of an earlier run cannot be read");
    }
    if (version > JOURNAL_VERSION) {
        err_set(
            e, ERR_REFUSED,
            "the journal was written by a newer kubectl-dbupgrade (format %lld, this one "
            "reads up to %d)",
            version, JOURNAL_VERSION);
        return err_hint(e, "go on with the newer program");
    }
    return 0;
}
