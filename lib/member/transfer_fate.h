#ifndef MEMBER_TRANSFER_FATE_H
#define MEMBER_TRANSFER_FATE_H

#include "engine/transfer.h"

/*
 * What a member that goes is to expect when it comes back, by what all members said last.
 */
struct cluster;
struct member;

struct transfer_fate {
    enum transfer_way way;
    struct transfer_span span; /* of the donor that keeps most */
    char donors[128];
    long long bytes;  /* of data */
    char unable[160]; /* why it cannot be copied to; "" */
};

/* The most data that anybody has: a member's own may be lost. */
long long transfer_bytes(const struct cluster *cluster);

/* Asks the donors what they keep for it. */
void transfer_foretell(struct cluster *cluster, struct member *p,
                       struct transfer_fate *fate);

/* "IST expected: the other members keep ...". Returns out. */
char *transfer_describe(const struct cluster *cluster, const struct member *p,
                        const struct transfer_fate *fate, char *out, size_t size);

/* A statement that keeps the limit from being reached: "; to avoid it: ..."; "" where
 * there is none. Returns out. */
char *transfer_avoid(const struct cluster *cluster, const struct transfer_fate *fate,
                     char *out, size_t size);

#endif
