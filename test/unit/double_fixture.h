#ifndef DOUBLE_FIXTURE_H
#define DOUBLE_FIXTURE_H

#include "double_exec.h"
#include "double_kube.h"
#include "double_objects.h"
#include "double_ui.h"
#include "report/exit_status.h"
#include "upgrade/upgrade.h"

/*
 * A database to upgrade, and runs of the flow on it. world_new() makes a healthy one at
 * FROM; a test then spoils what it wants and calls flow_run().
 */

#define FIX_FROM  "8.4.7"
#define FIX_TO    "8.4.8"
#define FIX_LEASE "dbupgrade-mysqls-" WORLD_DB

/* The Lease of another run; journal may be NULL. */
void fix_lease(const char *holder, const char *journal);

void world_free(void);

/* So many members and, in another set, read replicas. */
struct fix_size {
    size_t members, followers;
    const char *topology; /* spec.topology with ' for "; NULL: a usual one */
    const char *volume;   /* of their data: "'emptyDir': {}"; NULL: claims */
    bool renamed;         /* the servers are told their set's name */
    size_t routers;       /* in front of them */
};

void world_new_with(const char *engine, struct fix_size size, const char *version,
                    const char *sets);
void world_new_of(const char *engine, size_t members, const char *version,
                  const char *sets);
void world_new_at(size_t members, const char *version, const char *sets);
void world_new(size_t members);

/* -- runs -- */

struct upgrade_request fix_request(const char *to);

/* The last run's user interface; its text is released by the next. */
extern struct ui told;

int flow_run(const struct upgrade_request *rq);
int flow_run_to(const char *to);

/* Walks back what an upgrade before it has left. */
int flow_abort(void);

/* -- what tests ask -- */

void fix_show(void);
void fix_expect(int got, int want);

/* What was told has this text. */
void fix_told(const char *text);

void fix_not_told(const char *text);

/* The error's message, reason, detail or hint has this text. */
void fix_error(const char *text);

/* The changes that were made, in this order and no others. */
void fix_changes(const char *log);

bool fix_changed(const char *line);

/* Every member runs it, and the database is at it, Ready and not paused, unlocked. */
void fix_is_at(const char *version);

void fix_end(void);

/* Time passes without the program. */
void world_wait(long long ms);

#endif
