#ifndef DOUBLE_INNODB_H
#define DOUBLE_INNODB_H

#include "double_fixture.h"

/* An InnoDB cluster of three members with two routers. */

#define CLUSTER                                                                        \
    "{'mode': 'InnoDBCluster', 'innoDBCluster': {'mode': 'Single-Primary', 'router': " \
    "{'replicas': 2}}}"
#define ROUTERS "evict my-db-router-0\nevict my-db-router-1\n"

void world_new_innodb(void);
void assert_routers_at(const char *version);

#endif
