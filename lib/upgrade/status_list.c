#include "base/mem.h"
#include "upgrade/status.h"
#include "upgrade/status_private.h"

/*
 * The rows of a list, in their order.
 */

void
status_add(struct status_list *l, const struct status_row *row)
{
    l->at = mem_grow(l->at, l->n + 1, sizeof *l->at);
    l->at[l->n++] = *row;
}
