#ifndef KUBEDB_CHECKS_H
#define KUBEDB_CHECKS_H

#include <jansson.h>
#include <stdbool.h>

#include "engine/engine.h"
#include "engine/replication_source.h"
#include "kubedb/database.h"
#include "kubedb/workload.h"

/*
 * The checks before anything is changed, as rows. What they look at was gathered
 * before; they only judge.
 */
enum { PREFLIGHT_SETS_MAX = 8 };

enum check_severity { CHECK_OK, CHECK_WARNING, CHECK_ERROR };

/* What is known of a member before the upgrade. */
struct preflight_member {
    const char *pod;
    bool follows; /* it is of a set whose servers never lead */
    bool answered;
    const char *trouble; /* why it did not answer */
    const struct member_report *member;
    const struct source
        *source;     /* whom it follows elsewhere; NULL: nobody, or not asked */
    long long lacks; /* transactions of it that the member has not; -1: not known */
};

struct preflight_facts {
    const struct engine *engine;
    const json_t *object; /* the database */
    const struct database *db;
    const char *flags; /* of commands in hints: " -n demo --context prod" */
    struct preflight_version {
        const json_t *catalog;   /* the list */
        const char *wanted;      /* its name */
        const json_t *from, *to; /* catalogue objects; NULL if unknown */
    } version;
    struct preflight_main_set {
        const json_t *object; /* NULL: none found */
        /* Why there is no (single) set, or why its images cannot be told; else NULL. */
        const char *trouble;
        const struct workload *workload;
        const struct image_changes *images;
    } set;
    /* The sets whose servers follow the members, and that of what is in front of them. */
    struct preflight_set {
        struct workload workload;
        const struct image_changes *images;
        bool made;         /* by the upgrade: its servers do not follow, they join */
        const char *front; /* what its pods are (engine_front); NULL: servers */
    } followers[PREFLIGHT_SETS_MAX + 1];
    size_t n_followers;
    const json_t *pods;    /* name -> object */
    const json_t *ops;     /* OpsRequests, name -> object; NULL: the kind is not served */
    const json_t *budgets; /* PodDisruptionBudgets, an array; NULL: not known */
    const struct preflight_member *members;
    size_t n_members;
    /* "patch petsets.apps.k8s.appscode.com", "get pods/log"; NULL-terminated. */
    const char *const *missing_rights;
    struct preflight_course {
        /* Our own interrupted run goes on: paused, mixed members are expected. */
        bool resuming;
        bool back;     /* it goes back to the old version */
        bool converts; /* the first member's data, by pg_upgrade */
        bool begun;    /* where it converts: the new server may have written */
    } course;
    const struct preflight_new_set *new_set; /* of an upgrade by a new set; else NULL */
};

/* What an upgrade by a new set finds. */
struct preflight_new_set {
    const char *set;    /* the new one's name */
    const char *old;    /* that of the one from before */
    bool old_gone;      /* it is deleted */
    size_t old_serving; /* how many of its members take part in the group */
    size_t old_silent;  /* how many do not answer */
    const struct new_set_donor *donors; /* engine/new_set.h: all members that answer */
    size_t n_donors;
    long long bytes;      /* that a member has; -1: not known */
    const json_t *quotas; /* ResourceQuotas, an array; NULL: not known */
};

struct preflight_result {
    const char *id;
    enum check_severity severity;
    char text[512];
    char hint[1024]; /* "" */
};

/* Sets a result's severity and text. */
void check_say(struct preflight_result *r, enum check_severity severity, const char *fmt,
               ...) __attribute__((format(printf, 3, 4)));

enum { PREFLIGHT_MAX = 64 };

/* Runs all rows that apply. Returns how many results were written. With `resuming`,
 * errors of rows that such a run itself may cause are warnings. */
size_t preflight_run(const struct preflight_facts *f, struct preflight_result *out,
                     size_t max);

/* The rights that an upgrade needs. The text is static. */
struct preflight_right {
    const char *verb, *group, *resource; /* resource with "/subresource" */
    bool cluster;                        /* asked for without a namespace */
    bool optional;                       /* without it only diagnosis is poorer */
};
/* What an upgrade deals with: flags for preflight_rights(). */
enum {
    PREFLIGHT_PETSET = 1,
    PREFLIGHT_REHEARSAL = 2,
    PREFLIGHT_BY_NEW_SET = 4,
    PREFLIGHT_OWN_IMAGES = 8, /* a set has others than the catalogue's: a mirror's */
};

/* Fills rows for this engine and what an upgrade of it deals with (PREFLIGHT_...);
 * returns how many. */
size_t preflight_rights(const struct engine *en, unsigned with,
                        struct preflight_right *out, size_t max);

/* Whether a member (its pod; NULL: gone) can run with the old images again: it has them,
 * or its server never was started with others, or a server of version `old` reads what
 * one of version `ran` wrote. */
bool preflight_may_return(const struct engine *en, const json_t *pod,
                          const struct image_changes *images, const char *ran,
                          const char *old);

/* Whether an OpsRequest in this phase ("" is new) works on its database or is about
 * to. */
bool preflight_ops_is_active(const char *phase);

/* Whether the rules of a SelfSubjectRulesReview (status) grant a right. A rule that is
 * limited to some names grants none. */
bool preflight_granted(const json_t *review_status, const struct preflight_right *right);

#endif
