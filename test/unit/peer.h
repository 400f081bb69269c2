#ifndef TEST_PEER_H
#define TEST_PEER_H

#include <stddef.h>
#include <sys/types.h>

/*
 * A server that plays a script on loopback, in a child process: what it must be asked,
 * what it answers, and how badly. A step that goes wrong is told on stderr and ends the
 * child; peer_finish then fails the test.
 */

enum peer_do {
    PEER_END,
    PEER_ACCEPT,  /* a connection into the slot */
    PEER_TLS,     /* a TLS handshake on it that succeeds, as enum peer_cert `n` */
    PEER_NO_TLS,  /* ... that the client breaks off, or its certificate does not pass */
    PEER_EXPECT,  /* reads a request; its first line begins with `text` */
    PEER_BODY,    /* the last request's body has `text` */
    PEER_HAS,     /* the last request's head has `text` */
    PEER_LACKS,   /* the last request's head does not have it */
    PEER_SAY,     /* sends `text`, `n` bytes at a time with pauses (0: all) */
    PEER_REPLY,   /* sends a JSON reply with status `n` and the body `text` */
    PEER_STREAM,  /* sends the head of a watch */
    PEER_REPEAT,  /* sends `text` `n` times; it may be cut off */
    PEER_SLEEP,   /* for `n` ms */
    PEER_CLOSE,   /* ends the connection; of TLS with the words for it */
    PEER_CUT,     /* ends it without them */
    PEER_RESET,   /* ends it by a reset */
    PEER_GONE,    /* the client ends the connection, without another request */
    PEER_QUIET,   /* no request on a new connection for `n` ms */
    PEER_DEAF,    /* stops to listen */
    PEER_LISTEN,  /* listens again */
    PEER_UPGRADE, /* reads an exec request, chooses protocol version `n` */
    PEER_MESSAGE, /* sends a message on channel `n` */
    PEER_PART,  /* sends a message on channel `n` in two fragments with a ping between */
    PEER_FRAME, /* sends `len` bytes as they are */
    PEER_GET,   /* reads a message: channel `n`, `text` */
    PEER_GET_PING, /* reads a ping and answers it */
    PEER_BYE,      /* sends a close frame with code `n`, and reads until the end */
};

struct peer_step {
    enum peer_do what;
    const char *text;
    long n;
    int slot; /* which connection */
    size_t len;
};

/* What a peer shows of itself. All but the last of these names are of 127.0.0.1. */
enum peer_cert {
    PEER_GOOD,
    PEER_OTHER_CA,
    PEER_SELF_SIGNED,
    PEER_EXPIRED,
    PEER_NOT_YET,
    PEER_TLS_11,     /* the good one, by no newer protocol */
    PEER_TLS_12,     /* ... */
    PEER_ASKS,       /* the good one; the client may show one of its own */
    PEER_DEMANDS,    /* ... must show one that is signed by the good CA */
    PEER_OTHER_NAME, /* the good CA's, of "db.example" */
    PEER_CERTS
};

struct peer {
    pid_t pid;
    int port;
    char url[64]; /* "http://127.0.0.1:PORT" */
};

/* Before peer_start(), once in a test program that plays with TLS: makes keys and
 * certificates. Then: the good CA; a client's certificate of it, and the key. */
void peer_tls_init(void);
void peer_tls_free(void);
char *peer_tls_ca(void);
char *peer_tls_client(void);
char *peer_tls_client_key(void);

/* The script ends with PEER_END. */
void peer_start(struct peer *p, const struct peer_step *script);

/* Waits for the child; fails the test unless all of the script was played. */
void peer_finish(struct peer *p);

/* A port on which nobody listens. */
int peer_dead_port(void);

#endif
