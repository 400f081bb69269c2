#ifndef PROCEDURE_PG_H
#define PROCEDURE_PG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cluster/cluster.h"
#include "engine/postgres.h"
#include "kubedb/checks.h"
#include "run/plan.h"
#include "run/pod_exec.h"
#include "run/run.h"

/*
 * A major upgrade of Postgres: the first member's data are converted by pg_upgrade, the
 * standbys copy them anew. Its data work is a script that runs in the members' pods
 * (engine/postgres_major.h); here it is told what to do, and asked how things are.
 */

/* -- pg_script.c: the script -- */

enum { MAJOR_ARGS_MAX = 24 };

/* The first member: the one whose data are converted. */
struct member *pg_upgrade_first(struct cluster *cluster);

/* Runs a command of the script in a member's pod. `args`: more arguments,
 * NULL-terminated, or NULL. ERR_UNHEALTHY with what it says is wrong (reason PG_UPGRADE).
 */
int pg_upgrade_run(struct run *run, const struct member *p, const char *command,
                   const char *const *args, struct pod_said *said, struct err *e);

/* The same between any major versions: of an upgrade that is over. */
struct pg_upgrade_call {
    int from, to;
    const char *command;
    const char *const *args; /* NULL-terminated, or NULL */
    bool waits;              /* for a job, or only asks: it may be left */
    const char *before;      /* text that goes before the script's; NULL: none */
    const char *container;   /* NULL: the server's */
    long limit_ms;           /* 0: the usual */
    size_t most;             /* bytes that it may print; 0: the usual */
};
int pg_upgrade_run_call(struct run *run, const struct member *p,
                        const struct pg_upgrade_call *call, struct pod_said *said,
                        struct err *e);

/* How things are on a member's volume. Where the script has just told, and nothing was
 * done since, it is not asked again. */
int pg_upgrade_state(struct cluster *cluster, const struct member *p, struct pg_state *s,
                     struct err *e);

/* The same, asked anew; while a job runs there, its end is waited for so long. */
int pg_upgrade_ask(struct cluster *cluster, const struct member *p, int seconds,
                   struct pg_state *s, struct err *e);

/* What the script told may be otherwise by now. */
void pg_upgrade_forget(struct cluster *cluster);

/* Before a change made by way of a member's pod: as for every mutation the lock must be
 * held, and the world be the one that this run knows. */
int pg_upgrade_may(struct cluster *cluster, const struct member *p, struct err *e);

/* Runs a command that changes something, and needs no answer, if it may be. */
int pg_upgrade_change(struct cluster *cluster, const struct member *p,
                      const char *command, const char *const *args, struct err *e);

/* Long work in the first member's pod: started, where it is not running or done, and
 * waited for. */
struct pg_upgrade_job {
    const char *name;    /* the command, and what the script calls the job, but for... */
    const char *text;    /* of the wait: "the old server to stop" */
    const char *arg;     /* NULL: none */
    const char *runs_as; /* ... this; NULL: the same */
    bool (*is_done)(const struct pg_state *s);
};
int pg_upgrade_do_job(struct cluster *cluster, const struct pg_upgrade_job *job,
                      struct err *e);

/* pg_upgrade_state() of the first member, and whether its new server may have written:
 * then the steps before that are done. An error that will not pass names it as failed. */
int pg_upgrade_look_first(struct cluster *cluster, struct pg_state *s, bool *begun,
                          struct err *e);

/* The old and the new version's first numbers. */
int pg_upgrade_from(const struct plan *plan);
int pg_upgrade_to(const struct plan *plan);

/* -- pg_lead.c: who leads, and whether the lead may move -- */

bool pg_upgrade_has_standbys(const struct cluster *cluster);

/* Whether a pod is another one than the first, which earlier rows see to. */
bool pg_upgrade_is_standby(const struct cluster *cluster, const struct member *p);

/* Whether a commit waits until a standby has it (spec.streamingMode). */
bool pg_upgrade_commits_wait(const struct cluster *cluster);

/* COORDINATOR_..., asked of whichever member answers. The caller frees it. */
int pg_upgrade_failover(struct cluster *cluster, char **status, struct err *e);

/* Sets it and waits until it is read back. */
int pg_upgrade_set_failover(struct cluster *cluster, const char *status, struct err *e);

/* -- pg_upgrade_serve.c: the first member's pod and server, forward and back -- */

/* Whether its pod is there with the images of where the run goes. */
bool pg_upgrade_has_pod(const struct cluster *cluster, const struct member *p);

/* Waits until it is, and its container answers. `text`: "the new pod". */
int pg_upgrade_wait_pod(struct cluster *cluster, const char *text, struct err *e);

/* Lets its server start, and waits until it has passed the gates. */
int pg_upgrade_serve(struct cluster *cluster, struct err *e);

/* -- pg_check.c -- */

/* More rows of the preflight of a major upgrade; returns how many. */
size_t pg_check_preflight(struct cluster *cluster, struct preflight_result *out,
                          size_t max);

/* -- pg_back.c: the way back -- */

/* Whether the new server may have written: then there is none. By the journal of this
 * run, or what the volume said. */
bool pg_upgrade_is_begun(const struct cluster *cluster);

/* Asks the volume of a run that goes on: the mark there is the fact, and while the old
 * data are in their place no new server has written, whatever the journal says. One that
 * cannot be asked now is asked again before its data are moved. */
void pg_upgrade_learn_begun(struct cluster *cluster);

/* What an end in the midst of it means for those who use the database. */
void pg_upgrade_explain(struct cluster *cluster, struct err *e);

/* -- pg_hook.c -- */

/* Whether the user has a command to be run at the end. */
bool pg_upgrade_has_hook(const struct cluster *cluster);

/* -- pg_standby.c -- */

/* In a wait for a standby's new pod that is not ready: clears the data of the old
 * version, so that they are copied anew. */
void pg_upgrade_tend_standby(struct cluster *cluster, struct member *p);

#endif
