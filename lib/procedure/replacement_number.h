#ifndef PROCEDURE_REPLACEMENT_NUMBER_H
#define PROCEDURE_REPLACEMENT_NUMBER_H

#include "base/err.h"

struct cluster;
struct flow_pod;

/* Waits until a new member's server answers; tells if another one has its number.
 * ERR_UNHEALTHY with reason SERVER_ID: it has none. */
int newset_check_number(struct cluster *cluster, struct flow_pod *p, struct err *e);

#endif
