#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/engine_list.h"
#include "engine/rows.h"
#include "engine/topology.h"

#define ENGINE_ADDRESS(name) &engine_##name,

const struct engine *const engine_all[] = { ENGINE_LIST(ENGINE_ADDRESS) NULL };

/* Whether a space-separated list has a word, in any case. */
static bool
engine_has_word(const char *list, const char *word)
{
    size_t len = strlen(word);

    while (*list != '\0') {
        size_t n = strcspn(list, " ");

        if (n == len && strncasecmp(list, word, n) == 0) {
            return true;
        }
        list += n + (list[n] == ' ' ? 1 : 0);
    }
    return false;
}

const struct engine *
engine_find(const char *name)
{
    for (const struct engine *const *en = engine_all; *en != NULL; en++) {
        if (strcasecmp((*en)->name, name) == 0 ||
            strcasecmp((*en)->api.kind, name) == 0 ||
            strcasecmp((*en)->api.resource, name) == 0 ||
            engine_has_word((*en)->aliases, name)) {
            return *en;
        }
    }
    return NULL;
}

const struct engine_mode *
engine_find_mode(const struct engine *en, const char *value, const char *more,
                 long long replicas)
{
    for (const struct engine_mode *m = en->object.modes; m->value != NULL; m++) {
        if (str_eq(m->value, value) && (m->more == NULL || str_eq(m->more, more)) &&
            (!m->single || replicas <= 1)) {
            return m;
        }
    }
    return NULL;
}

enum engine_procedure
engine_procedure_for(const struct engine *en, const char *from_version,
                     const char *to_version)
{
    int from = engine_version_number(from_version);
    int to = engine_version_number(to_version);

    return from > 0 && to > 0 && from / 10000 != to / 10000 ? en->versions.major
                                                            : PROCEDURE_ROLL;
}

char *
engine_format(const char *sql, const char *value)
{
    const char *hole = strstr(sql, "%s");
    auto_free char *safe = mem_strdup(value);
    size_t n = 0;

    for (const char *c = value; *c != '\0'; c++) {
        if (*c != '\'' && *c != '"' && *c != '\\' && *c != '\n') {
            safe[n++] = *c;
        }
    }
    safe[n] = '\0';
    return hole == NULL ? mem_strdup(sql)
                        : mem_printf("%.*s%s%s", (int)(hole - sql), sql, safe, hole + 2);
}

const struct engine_handover *
engine_handover_for(const struct engine *en, enum engine_topology topology,
                    const char *from_version, const char *to_version)
{
    int from = engine_version_number(from_version);
    int to = engine_version_number(to_version);

    for (const struct engine_handover *h = en->member.handovers; h->id != NULL; h++) {
        if (h->topology == topology && h->since <= from && h->since <= to &&
            (!h->same_version_only || from == to)) {
            return h;
        }
    }
    return NULL;
}

const struct engine_handover *
engine_handover_named(const struct engine *en, enum engine_topology topology,
                      const char *id)
{
    for (const struct engine_handover *h = en->member.handovers; h->id != NULL; h++) {
        if (h->topology == topology && str_eq(h->id, id)) {
            return h;
        }
    }
    return NULL;
}
