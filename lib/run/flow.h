#ifndef RUN_FLOW_H
#define RUN_FLOW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/archive.h"
#include "cluster/blocker.h"
#include "cluster/sets.h"
#include "engine/databases.h"
#include "engine/engine.h"
#include "engine/postgres.h"
#include "kube/exec.h"
#include "kube/watch.h"
#include "kubedb/checks.h"
#include "kubedb/database.h"
#include "kubedb/journal_form.h"
#include "kubedb/pod.h"
#include "kubedb/workload.h"
#include "upgrade/upgrade.h"

/*
 * What the steps of one run share. Truth is in the cluster: the mirrors below are what
 * the API server last said, and the journal holds intent only.
 */

enum { FLOW_MEMBERS_MAX = 64 };

/* Which way a run goes: to the new version, or back to the old one. */
enum flow_direction { FLOW_FORWARD, FLOW_BACK };

/* What was asked of the run while it goes on, by a key or from elsewhere. */
struct steer {
    bool hold;      /* wait before the next member */
    bool turn;      /* walk back */
    bool tell;      /* the Lease does not say yet what is so now */
    char by[192];   /* who asked for the hold */
    char seen[512]; /* the request on the Lease, until it is taken away; "" */
};

/* The lock: a Lease, whose annotation is the journal. */
struct lock {
    char name[300];
    char holder[192];  /* user@host/pid/random */
    char uid[64];      /* of the Lease */
    char version[64];  /* its resourceVersion */
    bool held;         /* we wrote it last, as far as we know */
    long long renewed; /* clock_ms() when the last renewal that succeeded was sent */
    json_t *journal;   /* of the upgrade that this run carries on or out; NULL: none */
    json_t *read;      /* what the Lease had when it was read first; NULL: none */
    bool rewrite;      /* the Lease has another journal than this */
};

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

/* One member as this run sees it. */
struct flow_pod {
    char *name;
    struct flow_set *set;
    int ordinal; /* in its set */
    enum member_role role;
    bool verified; /* passed all gates in this run */
    bool revived;  /* was broken when the run began, and restarted once */
    bool lost;     /* of a set that goes: it serves nobody any more */
    struct session session;
    long long silent_ms; /* since when its server runs and is not ready */
    long long said_ms;   /* when its log was asked for */
    char said[200];      /* the last error in it, "" */
    unsigned
        said_times; /* how often it is there, in so much of the log as was asked for */
    struct measures before;
    struct measures after; /* when it passed its gates in this run */
    char *position;        /* that it must contain; owned */
    char version[64];
    struct obstacle obstacle;
    long long budget_ms; /* when its disruption budgets were asked for */
    char budget[256];    /* what stood in the way then; "" */
    bool tended;         /* a standby's data of the old version are cleared */
    long long tended_ms; /* when that was tried last */
    unsigned tended_in_vain;
    struct transfer *transfer; /* transfer.h; owned; may be NULL */
};

struct flow {
    const struct upgrade_request *rq;
    struct kube *k;
    struct ui *u;
    const struct engine *en;
    char db_api[16]; /* "v1", "v1alpha2" */
    bool petset;
    char *selector;

    struct kube_watch *w_db;
    struct kube_watch *w_set;
    struct kube_watch *w_pods;
    struct kube_watch *w_ops; /* NULL: the kind is not served */

    json_t *catalog;         /* list object */
    const json_t *from, *to; /* in it */
    char *from_name, *to_name;
    enum engine_topology topology;
    const struct engine_mode *mode;
    char *db_uid;

    struct flow_set sets[FLOW_SETS_MAX];
    struct front *front; /* front.h; owned; NULL: nothing is in front of the members */
    size_t n_sets;       /* 0: that of the members was not found */

    /* Set by set; the members come first. */
    struct flow_pod pods[FLOW_MEMBERS_MAX];
    size_t n_pods;

    enum engine_procedure procedure;
    enum flow_direction direction;
    struct steer steer;
    struct lock lock;
    bool resuming;    /* by a journal */
    bool midway;      /* and the cluster shows that it was begun: origin.h */
    bool walked_back; /* everything is old again, verified */
    bool gone;        /* the database was deleted */
    bool changed;
    bool paused_now;
    long long paused_ms; /* clock_ms() when this run had paused the operator; or 0 */
    bool settled;
    bool dry_refused;
    bool was_there; /* nothing had to be done */
    bool pending;   /* a dry run found changes */
    unsigned step, of;
    const char *step_title;
    char title[160];
    struct flow_pod *failed; /* the member that will not get well; NULL */
    struct outage outage;
    long long started;
    long long deadline;      /* clock_ms(), or 0 */
    bool had_lock;           /* it was taken in this run */
    long answer_ms;          /* how long a server may take to answer; 0: the usual */
    struct archive evidence; /* what was kept before it was mended */
    unsigned reverts;
    unsigned image_patches; /* sent in this run */
    char upgrade_mode[16];  /* of pg_upgrade: copy, link, clone */
    bool begun;             /* a major upgrade's new server may have written */
    struct pg_state volume; /* the first member's, as it was last told */
    long long volume_ms;    /* clock_ms() then; 0: it may be another by now */
    bool promoted;          /* the lead was moved, or that was tried, in this run */
    char *set_trouble;      /* why there is not the one set of members; owned */
    bool analyzed, cared;   /* in this run */
    bool estimates;         /* a major upgrade's new server has statistics */
    bool delete_old_data, update_extensions, reindex;
    struct wishes {
        bool delete_old_data, update_extensions, reindex;
    } wished; /* by the run that began it, and not said again to this one */
    long long away_ms, to_consent, consented; /* transfer.c: longest absence; bytes */
    struct seal *seal;      /* seal.h; owned; NULL: journals are not sealed */
    char *primary_position; /* what the primary had executed when last asked */
};

/* Closes and frees all that a run has, and itself. */
void flow_free(struct flow *f);

/* -- references -- */
struct kube_ref flow_ref_db(const struct flow *f, const char *subresource);
struct kube_ref flow_ref_set(const struct flow *f, const struct flow_set *s);
struct kube_ref flow_ref_pods(const struct flow *f);

/* -- direction.c -- */
bool flow_is_forward(const struct flow *f);
const char *flow_goal(const struct flow *f);          /* the wanted version's name */
const json_t *flow_goal_object(const struct flow *f); /* in the catalogue; NULL */
const struct flow_step *flow_table(const struct flow *f);

/* Once the version is patched the operator wants what we want. */
bool flow_needs_no_pause(const struct flow *f, const struct database *db);

/* -- gather.c: what the cluster holds -- */

/* Finds the served API versions, the database, its set and pods, the catalogue, the
 * lock; opens the mirrors. ERR_NOT_FOUND, ERR_REFUSED, ERR_FORBIDDEN say what is wrong.
 */
int gather_world(struct flow *f, struct err *e);

const json_t *flow_db(const struct flow *f); /* NULL: gone */
const json_t *flow_pod_object(const struct flow *f, const char *name);
struct flow_pod *flow_pod_find(struct flow *f, const char *name);

/* Reads the database object anew. New reference. ERR_REFUSED (DATABASE_GONE): there is
 * another of its name. */
int flow_get_db(struct flow *f, json_t **out, struct err *e);

/* -- rights.c -- */
enum { FLOW_RIGHTS_MAX = 48 };

/* What the user lacks: "create pods/exec", "patch mysqls.kubedb.com". */
struct rights {
    char *missing[FLOW_RIGHTS_MAX + 1]; /* ends with NULL */
    size_t n;
};
int rights_ask(struct flow *f, struct rights *out, struct err *e);
bool rights_may_exec(const struct rights *r);
bool rights_has(const struct rights *r, const char *right); /* "create pods" */
void rights_clear(struct rights *r);

/* -- preflight.c -- */

/* Gathers rights, runs the checks and tells them. ERR_REFUSED when one says no. */
int flow_preflight(struct flow *f, struct err *e);

/* -- lock.c -- */

/* Reads the Lease, if there is one, with its journal. */
int lock_read(struct flow *f, struct err *e);

/* Takes the lock and writes the journal (stolen; NULL: none, what is done needs nobody to
 * go on with it): at once where it is free, else after seeing for a whole lease time that
 * its holder does not renew it. ERR_LOCKED names a live holder. */
int lock_take(struct flow *f, json_t *journal, struct err *e);

/* Renews it when it is time. ERR_LOCK_LOST when somebody else has it. */
int lock_renew(struct flow *f, struct err *e);

/* Whether a mutation may be made; kube_guard. */
int lock_guard(void *ctx, const struct kube_ref *ref, long long *until, struct err *e);

/* The same for one that is made by a command or statement in a pod. The conversation for
 * a statement is open already (session_home): to open it takes time, too. */
int lock_guard_exec(struct flow *f, const struct flow_pod *p, struct err *e);

/* Writes another journal (stolen). It is there when this returns 0; whatever the error,
 * it may be there. */
int lock_store(struct flow *f, json_t *journal, struct err *e);

/* Lets go: deletes the Lease, or (keep) leaves the journal for the next run. */
int lock_release(struct flow *f, bool keep, struct err *e);

/* -- steer.c -- */

/* Acts on the text of a request on the Lease; "" is none. */
void steer_see(struct flow *f, const char *text);

/* Whether the Lease has to be written for what was asked; that it was. */
bool steer_has_news(const struct flow *f);
void steer_told(struct flow *f);

/* Acts on what was typed. */
void steer_keys(struct flow *f);

/* Waits while the run is held. */
int steer_hold(struct flow *f, struct err *e);

/* -- turn.c: walking back -- */

/* Runs the steps of the direction to their end; turns round when that is asked for, and
 * gives a member that cannot start its old images back. */
int turn_run(struct flow *f, struct err *e);

/* -- wait.c -- */

struct wait_state {
    bool done;
    char now[256];
    char want[256];
};

/* A wait is a predicate, asked again after each change in a mirror and every `probe_ms`.
 * Its errors that time may heal (ERR_NETWORK, ERR_TIMEOUT, server errors) are shown and
 * waited out; all others end the wait. */
struct wait {
    const char *id;
    const char *pod; /* "" */
    const char *text;
    long long limit_ms;
    long probe_ms;
    long long hold_ms; /* it must stay so for so long */
    bool watchful;     /* what others do to the database ends the wait */
    int (*check)(struct flow *f, void *ctx, struct wait_state *s, struct err *e);
    void *ctx;
};

int flow_wait(struct flow *f, const struct wait *w, struct err *e);

/* Whether waiting and trying again may help. */
bool flow_is_transient(const struct err *e);

/* ERR_INTERRUPTED after a signal, or when the run was asked to turn round; ERR_TIMEOUT
 * after the deadline. */
int flow_check_stop(struct flow *f, struct err *e);

/* -- world.c: what others may have done meanwhile -- */

/* Before each mutation of the roll: the object is there, not halted, still paused by us,
 * no OpsRequest wants it, the set is ours. The set's images taken back are set again. */
int world_check(struct flow *f, struct err *e);

/* The same by the mirrors alone, without changing anything; for waits. */
int world_glance(struct flow *f, struct err *e);

/* world_check() for what comes before the set's images are set. */
int world_check_early(struct flow *f, struct err *e);

/* ERR_REFUSED where the pause that is there is somebody else's. */
int world_foreign_pause(const struct flow *f, const struct database *db, struct err *e);

/* In a wait: whether all members that are to be there serve, with the wanted images, and
 * one leads. */
int step_look_whole(struct flow *f, void *ctx, struct wait_state *s, struct err *e);

/* -- member.c: one member's restart -- */

/* Whether the pod's images are the wanted ones: the new, or walking back the old. */
bool member_is_there(const struct flow *f, const struct flow_pod *p);

/* Ready, and not on its way out. */
bool flow_pod_is_ready(const struct flow *f, const struct flow_pod *p);

/* A member that is broken and has not the wanted images: a set whose pods are made in
 * order makes none behind it. `except`: another of this one's set; NULL: of any. NULL:
 * there is none. */
struct flow_pod *member_in_the_way(struct flow *f, const struct flow_pod *except);

/* A restarted pod that will not get well by waiting, now or after it once was ready:
 * ERR_UNHEALTHY with the last words of its container and what the others say. */
int member_check_broken(struct flow *f, const struct flow_pod *p, struct err *e);
int member_restart(struct flow *f, struct flow_pod *p, struct err *e);

/* In a wait: whether all members but `ctx`, one that is to go, are well. */
int member_look_others(struct flow *f, void *ctx, struct wait_state *s, struct err *e);

/* Waits for it; `but`: the one that is to go, NULL for none. */
int member_wait_others(struct flow *f, struct flow_pod *but, struct err *e);

enum { MEMBER_PROBE_MS = 1000 };

/* Evicts the pod that is there and waits until it is gone. `broken`: it serves nobody,
 * and the other members need not be well. */
int member_evict(struct flow *f, struct flow_pod *p, bool broken, struct err *e);
int member_settle(struct flow *f, struct flow_pod *p, struct err *e);

/* Of a pod that was broken already when this run came: once, it is started afresh. */
int member_revive(struct flow *f, struct flow_pod *p, struct err *e);

/* -- diagnose.c -- */

/* Add to an error's detail: the last lines of a container's log, of its end before the
 * last restart if there was one; what the other members say. */
void diagnose_log(struct flow *f, const struct flow_pod *p, const char *container,
                  struct err *e);
void diagnose_members(struct flow *f, const struct flow_pod *down, struct err *e);

/* In a wait for a pod whose server runs and is not ready: adds the last error in its log
 * to s->now, asked now and then. Fails with reason POD_SERVER when that error is repeated
 * and the engine says that no server gets well of it. */
int diagnose_silence(struct flow *f, struct flow_pod *p, struct wait_state *s,
                     struct err *e);

/* -- gates.c -- */
int gates_wait(struct flow *f, struct flow_pod *p, struct err *e);

/* -- plan.c -- */

/* Tells the plan; in a server-side dry run each mutation is tried first. */
int flow_plan(struct flow *f, struct err *e);

/* -- bundle.c: what is kept of a failure -- */

/* Keeps a member that cannot start, with its logs, before its pod is replaced. */
void bundle_keep_member(struct flow *f, const struct flow_pod *p);

/* Writes all there is into a new file, where the run's end asks for it. Limited in time;
 * a further signal ends it. Returns the file's path, which the caller frees, or NULL. */
char *bundle_write(struct flow *f, const struct ui_result *r);

#include "cluster/session.h"
#include "lock/journal.h"
#include "member/switchover.h"
#include "procedure/steps.h"
#include "run/emit.h"

#endif
