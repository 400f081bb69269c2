#include "asked_probe.h"

#include "base/str.h"
#include "engine/engine.h"

bool
probe_is_asked(const char *engine, const char *id, const struct probe_case *c)
{
    for (const struct engine_probe *row = engine_find(engine)->probes; row->id != NULL;
         row++) {
        if (str_eq(row->id, id) && probe_applies(row, c)) {
            return true;
        }
    }
    return false;
}
