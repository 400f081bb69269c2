#ifndef FLOW_ORIGIN_H
#define FLOW_ORIGIN_H

#include "flow/flow_private.h"

/* Whether the images and variables of the journal that this run goes on with are the
 * catalogue's, or the sets' own, as the cluster has them. ERR_REFUSED names the first one
 * in doubt, and what can be done. Nothing where there is no journal. */
int origin_check(struct flow *f, struct err *e);

#endif
