#ifndef REPORT_DATA_DIFF_H
#define REPORT_DATA_DIFF_H

#include <jansson.h>
#include <stddef.h>

#include "cluster/cluster.h"

/*
 * What is more or less after a run than before it, for its end.
 */

/* One line a database or table, "app: 12 tables -> 13 tables", at most `max` (at least
 * 1); what does not fit is summed up in the last. The lines are the caller's to free.
 * Returns how many. */
size_t data_diff_lines(const struct cluster *cluster, char **lines, size_t max);

/* All that differs: [{"of": "app", "measure": "tables", "before": 12, "after": 13}]; "of"
 * is "" for all databases together. New reference. Names that are no UTF-8 are left out.
 */
json_t *data_diff_data(const struct cluster *cluster);

#endif
