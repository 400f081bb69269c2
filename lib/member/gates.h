#ifndef MEMBER_GATES_H
#define MEMBER_GATES_H

#include "base/err.h"

struct cluster;
struct member;

int gates_wait(struct cluster *cluster, struct member *p, struct err *e);

#endif
