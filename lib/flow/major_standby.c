#include "flow/major.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/name.h"

/*
 * A standby copies the new primary's data: its own, of the old version, and its part of
 * the tablespaces have to go first.
 */

enum { STANDBY_TOLD = 12, STANDBY_EACH_MS = 500, STANDBY_PLACES_MAX = 64 };

static int
standby_clear(struct flow *f, struct flow_pod *p, struct err *e)
{
    auto_free char *places = NULL;
    char *args[STANDBY_PLACES_MAX + 1] = { 0 };
    size_t n = 0;
    int result = 0;

    if (session_ask(f, major_first(f), pg_places_sql, &places, e) < 0) {
        return -1;
    }
    for (const char *line = places; *line != '\0' && result == 0;) {
        size_t len = strcspn(line, "\n");
        char *place = n < STANDBY_PLACES_MAX ? name_bytes(line, len) : NULL;

        result = place != NULL
                     ? 0
                     : err_set(e, ERR_PROTOCOL, "no place of a tablespace: %.*s",
                               (int)len, line);
        args[n] = place;
        n += place != NULL ? 1 : 0;
        line += len + (line[len] != '\0' ? 1 : 0);
    }
    if (result == 0) {
        result = major_change(f, p, "rebuild", (const char *const *)args, e);
    }
    for (size_t i = 0; i < n; i++) {
        free(args[i]);
    }
    return result;
}

void
major_tend_standby(struct flow *f, struct flow_pod *p)
{
    const json_t *object = flow_pod_object(f, p->name);
    struct err trouble = { 0 };

    if (f->procedure != PROCEDURE_PG_UPGRADE || !flow_is_forward(f) ||
        p == major_first(f) || p->tended || clock_ms() - p->tended_ms < STANDBY_EACH_MS ||
        object == NULL || !pod_has_run(f->en, object)) {
        return;
    }
    p->tended_ms = clock_ms();
    p->tended = standby_clear(f, p, &trouble) == 0;
    /* Its own script may clear the same files at the same time: the next try tells. */
    if (!p->tended && ++p->tended_in_vain == STANDBY_TOLD) {
        tell_note(f, "the old data cannot be removed yet, for the new to be copied: %s",
                  trouble.msg);
    }
}
