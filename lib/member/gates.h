#ifndef MEMBER_GATES_H
#define MEMBER_GATES_H

#include "base/err.h"

struct cluster;
struct flow_pod;

int gates_wait(struct cluster *cluster, struct flow_pod *p, struct err *e);

#endif
