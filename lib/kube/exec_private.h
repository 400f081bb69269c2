#ifndef KUBE_EXEC_PRIVATE_H
#define KUBE_EXEC_PRIVATE_H

#include "kube/channel.h"
#include "kube/exec.h"
#include "kube/exec_wire.h"
#include "kube/http_upgrade.h"
#include "kube/loop.h"
#include "kube/ws.h"

/* What exec.c (the interface) and exec_session.c (the state machine) share. */

enum exec_state { EXEC_CONNECTING, EXEC_ASKING, EXEC_OPEN, EXEC_ENDED };

struct kube_exec {
    struct kube_source source; /* first: the loop has a pointer to it */
    struct kube *k;            /* NULL: the client was freed */
    enum exec_state state;
    struct exec_wire *wire;
    char *title;
    char key[UPGRADE_KEY];
    struct buf request; /* not sent yet */
    struct buf reply;   /* to the upgrade; then frames that came with it */
    struct upgrade_reply head;
    struct ws *ws;
    struct channels channels;
    bool with_stdin;
    long long opened_ms;
    long open_ms; /* how long opening it may take */
    long long heard_ms;
    long long pinged_ms;
    long long done_ms;  /* when the status came */
    struct err failure; /* why it ended without a status */
};

/* End a session: with an error, with one in words, or well (NULL). Once. */
void exec_end(struct kube_exec *x, const struct err *why);
void exec_fail(struct kube_exec *x, enum err_code code, const char *why);

/* The loop's view of a session. */
void exec_serve(struct kube_source *s);
void exec_orphan(struct kube_source *s);
size_t exec_fds(struct kube_source *s, struct http_fd *out, size_t max);

#endif
