#ifndef REPORT_ADVICE_H
#define REPORT_ADVICE_H

#include "cluster/cluster.h"

/* At the end of an upgrade: tells what the engine's row says is left to do. A member that
 * does not answer is passed over. */
void advice_tell(struct cluster *cluster);

#endif
