#include "kubedb/check_registry.h"

#include <string.h>

#include "base/str.h"
#include "engine/engine.h"
#include "engine/probe.h"
#include "kubedb/check.h"

enum { CHECK_IDS_MAX = 256 }; /* of one engine */

bool
check_is_for(const struct check_row *row, const struct engine *en)
{
    return row->engine != NULL ? row->engine == en
                               : row->is_for == NULL || row->is_for(en);
}

/* Rows of several versions may share an id: the first of them stands for all. */
static bool
check_is_repeated(const struct engine_probe *rows, const struct engine_probe *row)
{
    for (; rows < row; rows++) {
        if (str_eq(rows->id, row->id)) {
            return true;
        }
    }
    return false;
}

static struct check_row
check_of_probe(const struct engine *en, const struct engine_probe *row)
{
    struct check_row out = { .id = row->id,
                             .severity = CHECK_WARNING,
                             .title = row->text,
                             .advice = row->hint,
                             .engine = en,
                             .asked_by = CHECK_BY_PROBES };

    for (; row->id != NULL; row++) {
        if (str_eq(row->id, out.id) && (row->flags & PROBE_ERROR) != 0) {
            out.severity = CHECK_ERROR;
        }
    }
    return out;
}

/* The *i-th question of an engine; *i goes down by those that were counted. */
static bool
check_probe_at(const struct engine *en, size_t *i, struct check_row *out)
{
    for (const struct engine_probe *p = en->probes; p != NULL && p->id != NULL; p++) {
        if (check_is_repeated(en->probes, p)) {
            continue;
        }
        if (*i == 0) {
            *out = check_of_probe(en, p);
            return true;
        }
        --*i;
    }
    return false;
}

static bool
check_probes_at(const struct engine *en, size_t *i, struct check_row *out)
{
    for (const struct engine *const *of = engine_all; *of != NULL; of++) {
        if ((en == NULL || *of == en) && check_probe_at(*of, i, out)) {
            return true;
        }
    }
    return false;
}

bool
check_at(const struct engine *en, size_t i, struct check_row *out)
{
    for (const struct check_row *row = check_rows; row < check_rows + check_rows_count;
         row++) {
        if (row->id == NULL) {
            if (check_probes_at(en, &i, out)) {
                return true;
            }
        } else if (en == NULL || check_is_for(row, en)) {
            if (i == 0) {
                *out = *row;
                return true;
            }
            i--;
        }
    }
    return false;
}

bool
check_find(const struct engine *en, const char *id, struct check_row *out)
{
    for (size_t i = 0; check_at(en, i, out); i++) {
        if (str_eq(out->id, id)) {
            return true;
        }
    }
    return false;
}

bool
check_is_forceable(const char *id)
{
    struct check_row row;

    return check_find(NULL, id, &row) && row.forceable;
}

const char *
check_nearest(const struct engine *en, const char *word)
{
    const char *ids[CHECK_IDS_MAX];
    struct check_row row;
    size_t n = 0;

    while (n < CHECK_IDS_MAX && check_at(en, n, &row)) {
        ids[n++] = row.id;
    }
    return str_nearest(word, ids, n);
}

const char *
check_severity_word(enum check_severity severity)
{
    static const char *const words[] = {
        [CHECK_OK] = "info", [CHECK_WARNING] = "warning", [CHECK_ERROR] = "error"
    };

    return words[severity];
}

bool
check_is_skippable(const struct check_row *row)
{
    return row->severity == CHECK_WARNING || row->forceable;
}

bool
check_is_asked_by(const struct engine *en, enum check_asker asker)
{
    struct check_row row;

    for (size_t i = 0; check_at(en, i, &row); i++) {
        if (row.asked_by == asker) {
            return true;
        }
    }
    return false;
}
