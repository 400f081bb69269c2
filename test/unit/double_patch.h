#ifndef DOUBLE_PATCH_H
#define DOUBLE_PATCH_H

#include "double_world.h"

/* A merge patch (RFC 7386); both are objects. */
void patch_merge(json_t *target, const json_t *patch);

bool patch_json(json_t *target, const json_t *patch);

#endif
