#include "engine/obstacle.h"

#include <string.h>

const struct engine_obstacle *
engine_find_obstacle(const struct engine *en, const char *text)
{
    const struct engine_obstacle *row = en->session.obstacles;

    while (row != NULL && row->said != NULL && strstr(text, row->said) == NULL) {
        row++;
    }
    return row != NULL && row->said != NULL ? row : NULL;
}
