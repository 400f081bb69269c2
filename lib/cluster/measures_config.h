#ifndef CLUSTER_MEASURES_CONFIG_H
#define CLUSTER_MEASURES_CONFIG_H

#include "base/err.h"
#include "engine/config_tables.h"
#include "engine/engine.h"

struct cluster;
struct member;

/* How many rows a member's tables have at runtime, and their checksums. Errors as
 * session_ask. */
int measures_config_measure(struct cluster *cluster, struct member *p, struct measures *m,
                            struct err *e);

/* How many rows a part has, and their sum. */
int measures_config_count(struct cluster *cluster, struct member *p,
                          const struct engine_config *c, struct config_sum *sum,
                          struct err *e);

#endif
