#ifndef CLUSTER_CLUSTER_H
#define CLUSTER_CLUSTER_H

/*
 * The room "cluster": what the cluster holds and what the servers say: discovery,
 * mirrors, sets of pods and their images, sessions, data stats, coordinators, what keeps
 * a pod from coming. It changes nothing but its own view. It may use the room "lock" and
 * those below.
 */

#include <jansson.h>
#include <stdbool.h>

#include "base/archive.h"
#include "cluster/blocker.h"
#include "cluster/session.h"
#include "cluster/sets.h"
#include "engine/databases.h"
#include "engine/engine.h"
#include "engine/postgres.h"
#include "kube/exec.h"
#include "kube/watch.h"
#include "lock/lock.h"
#include "run/plan.h"
#include "run/run.h"
#include "run/target.h"

/*
 * The cluster as this run sees it. Truth is there: the mirrors are what the API server
 * last said, and the journal holds intent only.
 */

enum { MEMBERS_MAX = 64 };

/* A server that runs and is not ready. */
struct member_silence {
    long long since_ms;  /* 0: it is not silent */
    long long asked_ms;  /* when its log was asked for */
    char said[200];      /* the last error in it, "" */
    unsigned times;      /* it is there, in so much of the log as was asked for */
    long long broken_ms; /* since when its pod fails; 0: it does not */
};

/* A member's disruption budgets, as they were read last. */
struct member_budget {
    long long asked_ms;
    char text[256]; /* what stood in the way then; "" */
};

/* What a standby of a major upgrade needs before it copies the new data. */
struct member_tending {
    bool done; /* its data of the old version are cleared */
    long long tried_ms;
    unsigned in_vain;
};

/* What its data are in. */
struct member_storage {
    json_t *claims; /* of its pod when it was last to go: name -> uid; owned; NULL: none
                       went in this run */
    char verified_of[64]; /* uid of the pod whose claims were compared with them */
    bool given_up;        /* its data went with the pod, as the user accepts */
};

/* One member as this run sees it. */
struct member {
    char *name;
    struct member_set *set;
    int ordinal; /* in its set */
    enum member_role role;
    bool verified;  /* passed all gates in this run */
    bool revived;   /* was broken when the run began, and restarted once */
    bool lost;      /* of a set that goes: it serves nobody any more */
    bool otherwise; /* it came with other images in this run already */
    struct session session;
    struct member_silence silence;
    struct measures before;
    struct measures after; /* when it passed its gates in this run */
    char *position;        /* that it must contain; owned */
    char version[64];
    struct blocker blocker;
    struct member_budget budget;
    struct member_tending tending;
    struct member_storage storage;
    struct transfer *transfer; /* state_transfer.h; owned; may be NULL */
    struct async_channels
        *stopped; /* channels.h: those of it that a run stopped; owned; may be NULL */
};

/* Mirrors of what the run depends on. */
struct cluster_watch {
    struct kube_watch *db;
    struct kube_watch *sets;
    struct kube_watch *pods;
    struct kube_watch *ops; /* NULL: the kind is not served */
};

/* Of a run that converts the first member's data. */
struct progress_major {
    bool begun;             /* the new server may have written */
    struct pg_state volume; /* the first member's, as it was last told */
    char volume_of[64];     /* uid of its pod then */
    long long volume_ms;    /* clock_ms() then; 0: it may be another by now */
    bool promoted;          /* the lead was moved, or that was tried, in this run */
    bool analyzed, cared;   /* in this run */
    bool complete;          /* the new server has all that the old one had */
    bool hooked;            /* the user's own command was run */
    bool estimates;         /* the new server has statistics */
};

/* Of copies of all data to members. */
struct progress_copy {
    long long away_ms;               /* the longest absence of a member */
    long long to_consent, consented; /* bytes */
    long long rate;                  /* bytes a second; 0: not known */
};

/* What this run has seen or done that later steps go by. */
struct progress {
    bool paused_now;
    long long paused_ms; /* clock_ms() when this run had paused the operator; or 0 */
    bool dry_refused;
    struct member *failed;   /* the member that will not get well; NULL */
    struct archive evidence; /* what was kept before it was mended */
    unsigned reverts;
    unsigned image_patches; /* sent in this run */
    unsigned version_patches;
    long long reverted_ms; /* since when the sets are not as set, after all; or 0 */
    struct progress_major major;
    struct progress_copy copy;
    char *primary_position; /* what the primary had executed when last asked */
};

struct cluster {
    struct target *target;
    struct plan *plan;
    struct run *run;
    struct lock *lock;
    struct cluster_watch watch;
    struct member_set sets[SETS_MAX];
    size_t n_sets; /* 0: that of the members was not found */
    struct routers
        *routers;      /* routers.h; owned; NULL: nothing is in front of the members */
    char *set_trouble; /* why there is not the one set of members; owned */

    /* Set by set; the members come first. */
    struct member *pods; /* MEMBERS_MAX; owned */
    size_t n_pods;
    long answer_ms; /* how long a server may take to answer; 0: the usual */
    struct progress progress;

    const struct procedure *procedures; /* by enum engine_procedure */
};

#endif
