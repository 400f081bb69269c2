#ifndef RUN_REQUEST_H
#define RUN_REQUEST_H

#include <stdbool.h>

#include "engine/engine.h"

/*
 * What a user asks of a run.
 */
enum dry_run { DRY_RUN_NONE, DRY_RUN_CLIENT, DRY_RUN_SERVER };

/* How long a run may take, and what its members may lack or lose meanwhile. */
struct upgrade_limits {
    long long timeout_ms;       /* whole run; 0: no limit */
    long long pod_timeout_ms;   /* one pod */
    long long drain_timeout_ms; /* for a proxy's clients to go elsewhere; 0: they are cut
                                   off at once */
    long long max_lag;  /* what a member may have to apply before the primary goes, in the
                           engine's lag_unit */
    long long max_copy; /* bytes of data that a member may get anew without a consent */
    double size_tolerance; /* percent; negative: the engine's own */
};

/* How thoroughly it is checked. */
struct upgrade_checks {
    bool force;                 /* do it although the phase is not Ready */
    bool no_rehearsal;          /* in a pod of its own, before anything is changed */
    bool exact_counts;          /* count the rows of the largest tables */
    bool accept_data_loss;      /* restart members whose data go with their pods */
    const char *const *skipped; /* ids, NULL-terminated, or NULL */
};

/* Of an upgrade that converts data for another major version. */
struct upgrade_major {
    const char *mode;     /* of pg_upgrade: copy, link, clone; NULL: that of the one in
                             progress, or copy */
    bool delete_old_data; /* at its end */
    bool update_extensions;
    bool reindex; /* what changed collations order */
    const char
        *after; /* run by sh in the primary's container at its end; NULL: nothing */
};

/* How a member gives way before its pod goes. */
struct upgrade_lead {
    const char *handover; /* id of a hand-over to use, "none", or NULL: the best */
    bool stop_channels;   /* by which members replicate from elsewhere, and start them
                             again */
};

/* Asked once the checks have passed and before anything is changed; false ends the run
 * (exit status 2). */
struct upgrade_consent {
    bool (*ask)(void *ctx, const char *text); /* may be NULL */
    void *ctx;
};

struct upgrade_request {
    const struct engine *engine;
    const char *name_space;
    const char *name;
    const char *to;       /* NULL: go on with the one in progress, whatever it is */
    bool abort;           /* walk back the one in progress; `to` is NULL */
    const char *strategy; /* in-place, new-set; NULL: that of the one in progress, or in
                             place */
    bool no_rescue;       /* leave a member that cannot start with its new images */
    enum dry_run dry_run;
    bool detailed_exitcode; /* of a dry run: 10 for pending changes */
    struct upgrade_limits limits;
    struct upgrade_checks checks;
    struct upgrade_major major;
    bool save_runtime_config; /* of proxies: what is not on disk yet */
    const char *journal_key;  /* "SECRET" or "SECRET/KEY", whose key seals the journal;
                                 NULL: it is not sealed */
    struct upgrade_lead lead;
    const char *bundle;  /* folder for what is kept of a failure; NULL: nothing is kept */
    const char *context; /* for texts; may be "" */
    const char *command_flags; /* " -n demo --context prod": for commands in hints */

    struct upgrade_consent consent;
};

#endif
