#ifndef KUBE_CHANNEL_H
#define KUBE_CHANNEL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Kubernetes' remote command protocol, versions 4 and 5: each message begins with the
 * number of a channel. Pure.
 */

enum channel_number {
    CHANNEL_STDIN = 0,
    CHANNEL_STDOUT = 1,
    CHANNEL_STDERR = 2,
    CHANNEL_STATUS = 3,
    CHANNEL_CLOSE = 255, /* version 5: the next byte names a channel that ends */
};

struct channels {
    struct buf out;
    struct buf err_out;
    bool done; /* the status came: exit_code, or failure */
    int exit_code;
    struct err failure; /* ERR_NONE: the command ran */
};

/* Takes a message. -1: it breaks the protocol or a limit; `failure` says how. */
int channel_take(struct channels *c, const char *data, size_t len);

void channel_clear(struct channels *c);

#endif
