#ifndef DOUBLE_KUBE_H
#define DOUBLE_KUBE_H

#include "double_call.h"
#include "double_change.h"
#include "double_condition.h"
#include "double_observe.h"
#include "double_patch.h"
#include "double_pods.h"

/*
 * kube/client.h over the world: reads and changes. A change that fails its guard, its
 * mode, a rule or a precondition (double_condition.h) is not made; every one that is made
 * is in world.log.
 */

#endif
