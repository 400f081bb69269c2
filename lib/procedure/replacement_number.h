#ifndef PROCEDURE_REPLACEMENT_NUMBER_H
#define PROCEDURE_REPLACEMENT_NUMBER_H

#include "base/err.h"

struct cluster;
struct member;

/* Waits until a new member's server answers; tells if another one has its number.
 * ERR_UNHEALTHY with reason SERVER_ID: it has none. */
int replacement_check_number(struct cluster *cluster, struct member *p, struct err *e);

#endif
