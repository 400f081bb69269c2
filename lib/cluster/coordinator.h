#ifndef CLUSTER_COORDINATOR_H
#define CLUSTER_COORDINATOR_H

#include "base/err.h"

/*
 * The coordinators' HTTP interface, which every member's sidecar answers for the whole
 * cluster. Source: kubedb.dev/apimachinery, pkg/utils/raft/runtime/httpapi.go: port 2379,
 * plain HTTP with the superuser's name and password, a member's id is its ordinal plus 1.
 * It is spoken from within the server's container, whose environment has the password.
 */
struct run;
struct member;

/* The key that tells the coordinators what they may do, and its values
 * (kubedb.dev/apimachinery, apis/kubedb/constants.go). */
#define COORDINATOR_STATUS "Coordinator/Status"
#define COORDINATOR_RESUME "Resume"                /* anyone may become the primary */
#define COORDINATOR_PAUSE  "Pause"                 /* nothing is started or handed over */
#define COORDINATOR_STAY   "NonTransferableResume" /* only the present leader may be it */

/* All ask the sidecar of `p`. ERR_UNHEALTHY: it does not answer, or not as it should
 * (reason COORDINATOR); ERR_NETWORK, ERR_TIMEOUT: the pod cannot be asked at present. */

/* The ordinal of the member that leads; -1: none does. */
int coordinator_primary(struct run *run, const struct member *p, int *ordinal,
                        struct err *e);

/* Asks for the lead to go to another member; it goes later, if at all. */
int coordinator_transfer(struct run *run, const struct member *p, int ordinal,
                         struct err *e);

/* A shared value; *value is "" where the key is not set. */
int coordinator_get(struct run *run, const struct member *p, const char *key,
                    char **value, struct err *e);
int coordinator_set(struct run *run, const struct member *p, const char *key,
                    const char *value, struct err *e);

/* A reply of HTTP/1.0 or 1.1: its status, and the first line of its body, which the
 * caller frees. Pure. ERR_UNHEALTHY: it is none. */
int coordinator_parse(const char *said, int *status, char **answer, struct err *e);

#endif
