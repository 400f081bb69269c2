#ifndef UPGRADE_STATUS_H
#define UPGRADE_STATUS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/scope.h"
#include "engine/engine.h"
#include "kube/client.h"

/*
 * What is in progress: the Leases of runs, read and put into words. Nothing is changed.
 * The right to get and list leases is enough; what else is looked at (the database, its
 * pods) is left out where it is forbidden, and the row says so.
 */

enum status_state {
    STATUS_RUNNING,
    STATUS_HELD,       /* runs, but waits before its next member: somebody asked it to */
    STATUS_STOPPED,    /* nobody holds it: it stopped safely */
    STATUS_SILENT,     /* its holder does not renew it */
    STATUS_NEWER,      /* its journal is of a format that this program does not read */
    STATUS_UNREADABLE, /* its journal is none */
    STATUS_LEFT,       /* the database is paused by this program, but there is no Lease */
};

enum status_images { STATUS_OLD, STATUS_NEW, STATUS_SAME, STATUS_MIXED };

struct status_member {
    const char *name, *role; /* borrowed from the row; role "" if it has none */
    size_t set;              /* 0: the members'; others follow them */
    int ordinal;
    enum status_images images;
    bool ready, deleting;
};

/* One upgrade. Strings are never NULL, and borrowed from the row's objects. */
/* Of the journal; "" where it has none. */
struct status_journal {
    const char *from, *to, *started, *by;
    bool back;
    const char *step; /* "3/9 restart my-db-1" */
    long long format; /* 0: there is no journal */
};

struct status_lock {
    const char *holder;             /* "": nobody */
    const char *held_by;            /* who asked it to pause */
    const char *asked, *asked_by;   /* a request that it has not taken yet */
    const char *renewed;            /* RFC 3339, by the holder's clock */
    long long renewed_ms, lease_ms; /* the same as wall time, -1: none; lease time */
    long long seen_ms;              /* how long ago that is by our clock; may be < 0 */
    bool alive;                     /* it was seen to renew, whatever the clocks say */
};

struct status_database {
    const char *version, *phase;
    bool paused;
    const char *paused_message;
};

/* What a row's texts are borrowed from; owned. */
struct status_objects {
    json_t *lease, *journal, *request, *database, *pods;
};

struct status_row {
    const struct engine *engine; /* NULL: of a kind that this program does not know */
    const char *name_space, *name;
    enum status_state state;
    struct status_journal journal;
    struct status_lock lock;

    /* only where a name was asked for */
    struct status_database database;
    struct status_member *members;
    size_t n_members;
    char left_out[256]; /* what could not be looked at, and why */

    struct status_objects objects;
};

struct status_list {
    struct status_row *at; /* by namespace, kind and name */
    size_t n;
    char left_out[256]; /* what could not be looked at, and why; "" */
};

struct status_query {
    const struct engine *engine; /* NULL: every kind */
    const char *name_space;      /* NULL: all of them */
    const char *name;            /* NULL: all; else with details */
};

/* Reads what is in progress. A Lease that looks dead by its holder's clock is watched
 * for some seconds first: the clocks may differ. ERR_FORBIDDEN where leases may not be
 * read; ERR_NOT_FOUND where the database that was named is not there. */
int status_read(const struct status_query *q, struct kube *k, struct status_list *out,
                struct err *e);

void status_free(struct status_list *l);
#define auto_status scope_cleanup(status_free)

/* "running", "held", ...: for scripts. */
const char *status_id(enum status_state state);
const char *status_images_id(enum status_images images);

/* The state in plain words: "not renewed for 3m: ...". Returns out. */
char *status_say(const struct status_row *r, char *out, size_t size);

/* "mysql/my-db". Returns out. */
char *status_database(const struct status_row *r, char *out, size_t size);

/* The JSON patch that takes the condition Paused from a database that was left so: for
 * kubectl patch --subresource=status --type=json. The caller frees it; NULL: not
 * paused. */
char *status_unpause_patch(const struct status_row *r);

#endif
