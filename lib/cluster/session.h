#ifndef CLUSTER_SESSION_H
#define CLUSTER_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "engine/databases.h"
#include "engine/engine.h"
#include "kube/exec.h"

/*
 * Conversations with the servers, by their own client in their pods.
 */

struct cluster;
struct member;

/* A conversation with the server in one pod. */
struct session {
    char *pod;
    char *uid;
    struct kube_exec *exec;
    int version;            /* engine_version_number of the server, 0 while unknown */
    unsigned long database; /* that it is in; 0: the one that it began in */
    bool pinned;            /* its settings are the ones that it needs */
    long limit_ms;          /* of statements there; 0: as it began */
};

/* Asks the server in a pod one statement; *answer (owned) is what it printed. Opens
 * the session when there is none to this pod. ERR_UNHEALTHY: the server refused the
 * statement; ERR_NETWORK, ERR_TIMEOUT: no answer. */
int session_ask(struct cluster *cluster, struct member *p, const char *sql, char **answer,
                struct err *e);

/* The same in a certain database of the server, by its oid (0: as session_home). The
 * conversation stays there until something else is asked, or session_home. ERR_UNHEALTHY
 * with the reason NO_ENTRY: the server answers, but lets nobody into this database. */
int session_ask_in(struct cluster *cluster, struct member *p, unsigned long database,
                   const char *sql, char **answer, struct err *e);
int session_home(struct cluster *cluster, struct member *p, struct err *e);

/* A statement that may take minutes, and whose answer nobody needs; "" is none. */
int session_order(struct cluster *cluster, struct member *p, const char *sql,
                  struct err *e);

/* The databases that can be entered, by falling size: databases_clear. None where the
 * engine's conversations see all. */
int session_databases(struct cluster *cluster, struct member *p, struct databases *list,
                      struct err *e);
/* The row of a table that suits the server, with its "%s" replaced by a value. */
int session_ask_row(struct cluster *cluster, struct member *p,
                    const struct engine_sql *rows, const char *value, char **answer,
                    struct err *e);

int session_member(struct cluster *cluster, struct member *p, struct member_report *m,
                   struct err *e);

/* By the engine's measures_sql: of all databases together. */
int session_measures(struct cluster *cluster, struct member *p, struct measures *m,
                     struct err *e);
int session_reached(struct cluster *cluster, struct member *p, const char *position,
                    bool *reached, struct err *e);

/* What the server says of its replication: statements and answers, to be read. Also of
 * an error what came before it. */
int session_status(struct cluster *cluster, struct member *p, struct buf *out,
                   struct err *e);
void session_close(struct session *s);

/* How long servers may take to answer while the scope lasts. */
struct patience {
    struct cluster *cluster;
    long usual;
};
struct patience session_be_patient(struct cluster *cluster, long long ms);
void session_patience_end(struct patience *p);
#define auto_patience __attribute__((unused)) scope_cleanup(session_patience_end)

/* How much data the server in a pod has, in all and in each of its databases. `before`:
 * what it is to be compared with, so that the same is measured; NULL: nothing yet. Errors
 * as session_ask. */
int measures_ask(struct cluster *cluster, struct member *p, const struct measures *before,
                 struct measures *m, struct err *e);

#endif
