#ifndef REPORT_BUNDLE_H
#define REPORT_BUNDLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/archive.h"
#include "base/buf.h"
#include "base/err.h"
#include "cluster/cluster.h"
#include "lock/secrets.h"
#include "ui/ui.h"

/*
 * What is kept for those who look for the cause of a failure. It changes nothing, asks
 * for a few seconds at the most, and takes what it can get: what could not be had is
 * named in the README of the bundle.
 */

enum {
    BUNDLE_EACH_MS = 2000,
    BUNDLE_BYTES = 64 * 1024 * 1024,
    BUNDLE_RUN_BYTES = 32 * 1024 * 1024, /* of the run's events */
};

struct bundle {
    struct cluster *cluster;
    struct archive *files;  /* names are relative to the bundle's folder */
    struct buf missing;     /* a line for each thing that could not be had */
    struct secrets secrets; /* what is taken out; .asked: when it began */
    bool away;              /* the API server does not answer */
    bool last;              /* all that is not of the run itself is there */
};

/* -- bundle_files.c -- */

/* How many bytes there is room for; adds bytes as they are, as far as there is. */
size_t bundle_room(const struct bundle *b);
void bundle_put(struct bundle *b, const char *name, const char *data, size_t len);

/* Adds a text, without its secrets, made visible (base/visible.h): people read these
 * files with cat. Line ends and tabs stay. */
void bundle_add(struct bundle *b, const char *name, const char *text);

/* Adds a copy of an object, without its secrets; NULL: it is missing. Of one that is too
 * large some is left out, which notes in it say. */
void bundle_add_json(struct bundle *b, const char *name, const json_t *o);

void bundle_miss(struct bundle *b, const char *what, const char *why);

/* The same for a request that failed; notices that the server is away. */
void bundle_miss_reply(struct bundle *b, const char *what, const struct err *e);

/* Whether more may be asked: the server answers, and nobody is in a hurry. */
bool bundle_may_ask(const struct bundle *b);

/* -- bundle_cluster.c -- */

/* What is at hand: the mirrors, which are as old as the server is away. */
void bundle_objects(struct bundle *b);

/* Lease, events, disruption budgets, the cluster's version, logs, replication. */
void bundle_ask(struct bundle *b);

/* The last lines of each container, of the one before it too, into a folder. */
void bundle_logs(struct bundle *b, const struct member *p, const char *folder);

/* -- bundle_text.c -- */

void bundle_plan(struct bundle *b);
void bundle_readme(struct bundle *b, const struct ui_result *r);

/* Adds one line of a text for people, whatever the arguments hold, and its line end. */
void bundle_say(struct buf *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A pod and its containers for people, a few lines. */
void bundle_tell_pod(struct buf *out, const json_t *pod);

/* The events of a list object that are about one of the names or a claim of theirs
 * ("data-my-db-0"), oldest first. New reference. */
json_t *bundle_choose_events(const json_t *list, const char *const *names);

/* The same for people, a line each. */
void bundle_tell_events(struct buf *out, const json_t *events);

/* Keeps a member that cannot start, with its logs, before its pod is replaced. */
void bundle_keep_member(struct cluster *cluster, const struct member *p);

/* Writes all there is into a new file, where the run's end asks for it. Limited in time;
 * a further signal ends it. Returns the file's path, which the caller frees, or NULL. */
char *bundle_write(struct cluster *cluster, const struct ui_result *r);

#endif
