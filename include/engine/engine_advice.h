#ifndef ENGINE_ENGINE_ADVICE_H
#define ENGINE_ENGINE_ADVICE_H

#include "engine/engine.h"

/* What a group leaves as it was when all of its members run the new version. */
struct engine_advice {
    int below;                    /* of servers that came from versions before this one */
    const struct engine_sql *sql; /* prints what there is to tell; nothing where there is
                                     nothing */
    const char *text;             /* %s: what was printed */
    const char *hint;             /* %s: the new version */
};

#endif
