#include "engine/probe.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "base/sum.h"
#include "engine/name.h"

bool
probe_applies(const struct engine_probe *row, const struct probe_case *c)
{
    return ((row->flags & PROBE_MAJOR) == 0 ||
            c->from / c->series != c->to / c->series) &&
           ((row->flags & PROBE_STANDBYS) == 0 || c->topology == TOPOLOGY_STANDBYS) &&
           c->from >= row->since && (row->below == 0 || c->from < row->below) &&
           c->to >= row->to;
}

char *
probe_sql(const struct engine *en, const struct engine_probe *row, size_t key)
{
    const struct probe_frame *f = en->probe_frame;
    const char *word = f->hex ? "hex" : "object";

    if (f->twice) {
        return mem_printf("SELECT 'count %zu',%s FROM (%s) probe HAVING count(*) > 0"
                          " UNION ALL (SELECT '%s %zu',%s FROM (%s) probe"
                          " ORDER BY 2 LIMIT %d)",
                          key, f->count, row->sql, word, key, f->object, row->sql,
                          PROBE_NAMED);
    }
    return mem_printf("WITH probe(o) AS (%s) SELECT 'count %zu',%s FROM probe"
                      " HAVING count(*) > 0 UNION ALL (SELECT '%s %zu',%s FROM probe"
                      " ORDER BY 2 LIMIT %d)",
                      row->sql, key, f->count, word, key, f->object, PROBE_NAMED);
}

/* What follows "WORD KEY<TAB>" in a line, or NULL. */
static const char *
probe_value(const char *line, const char *word, size_t key)
{
    char head[48];

    (void)snprintf(head, sizeof head, "%s %zu\t", word, key);
    return str_starts(line, head) ? line + strlen(head) : NULL;
}

static void
probe_name(struct probe_found *found, const char *database, const char *object)
{
    char *to = NULL;

    if (found->named == PROBE_NAMED) {
        return;
    }
    to = found->names[found->named++];
    if (database != NULL) {
        str_append(to, PROBE_NAME, "%s: ", database);
    }
    str_append(to, PROBE_NAME, "%s", object);
}

void
probe_take(struct probe_found *found, const char *answer, size_t key,
           const char *database)
{
    while (*answer != '\0') {
        size_t n = strcspn(answer, "\n");
        auto_free char *line = mem_strndup(answer, n);
        const char *count = probe_value(line, "count", key);
        const char *object = probe_value(line, "object", key);
        const char *hex = probe_value(line, "hex", key);
        auto_free char *name = hex != NULL ? name_from_hex(hex, strlen(hex)) : NULL;
        long long more = 0;

        answer += n + (answer[n] == '\n' ? 1 : 0);
        if (count != NULL && str_to_ll(count, &more) && more > 0) {
            found->n = sum_add(found->n, more);
        }
        if (object != NULL || name != NULL) {
            probe_name(found, database, object != NULL ? object : name);
        }
    }
}

char *
probe_say(const struct engine_probe *row, const struct probe_found *found, char *out,
          size_t size)
{
    enum { PROBE_REST = 40 }; /* room for "and N more", which is never cut */

    str_copy(out, size, row->text);
    for (size_t i = 0; i < found->named; i++) {
        str_append(out, size - PROBE_REST, "%s%s", i == 0 ? ": " : ", ", found->names[i]);
    }
    if (found->n > (long long)found->named) {
        str_append(out, size, " and %lld more", found->n - (long long)found->named);
    }
    return out;
}
