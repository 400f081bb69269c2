#ifndef FLOW_ADVICE_H
#define FLOW_ADVICE_H

#include "flow/flow_private.h"

/* At the end of an upgrade: tells what the engine's row says is left to do. A member that
 * does not answer is passed over. */
void advice_tell(struct flow *f);

#endif
