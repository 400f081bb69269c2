#ifndef LIB_CLUSTER_MEMBER_CLEAR_H
#define LIB_CLUSTER_MEMBER_CLEAR_H

struct member;

/* Ends a member's session, and frees what belongs to it; it may be zeroed. */
void member_clear(struct member *p);

#endif
