#ifndef KUBE_HTTP_UPGRADE_H
#define KUBE_HTTP_UPGRADE_H

#include <stdbool.h>

#include "base/buf.h"
#include "kube/exec.h"

/*
 * The HTTP exchange that turns a connection into a WebSocket (RFC 6455 section 4) with
 * one of Kubernetes' remote command protocols. Pure text in and out.
 */

enum { UPGRADE_KEY = 32, UPGRADE_ACCEPT = 32 };

/* A new random Sec-WebSocket-Key, and what the server must make of one. */
void upgrade_new_key(char key[UPGRADE_KEY]);
void upgrade_accept(const char *key, char accept[UPGRADE_ACCEPT]);

struct upgrade_request {
    const struct kube_exec_spec *spec;
    const char *prefix; /* of the server's paths */
    const char *host;
    const char *key;
    const char *headers; /* lines with who we are */
};
int upgrade_write(const struct upgrade_request *u, struct buf *out, struct err *e);

struct upgrade_reply {
    long status;
    size_t head;      /* bytes up to the body or the first frame */
    size_t body;      /* bytes of a body, or SIZE_MAX when the reply does not say */
    unsigned version; /* of the protocol that was chosen: 5 or 4; 0: none */
    bool accepted;    /* Sec-WebSocket-Accept is right */
};

/* 1: the head is whole; 0: more must come; -1: this is no HTTP. */
int upgrade_parse(const struct buf *text, const char *key, struct upgrade_reply *out);

#endif
