#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/procedure.h"
#include "engine/postgres.h"
#include "kubedb/checks.h"
#include "kubedb/rehearsal_job.h"
#include "preflight/rehearsal_kinds.h"
#include "preflight/rehearsal_pod.h"
#include "procedure/pg.h"
#include "run/pod_exec.h"
#include "run/wait.h"

enum {
    REHEARSAL_SCHEMA_MS = 5 * 60 * 1000,
    REHEARSAL_JOB_MS = 10 * 60 * 1000,
    REHEARSAL_POLL_MS = 100,
    REHEARSAL_SCHEMA_MAX = 64 * 1024 * 1024,
};

/* How long the script waits for a job's end before it tells how that goes. */
#define REHEARSAL_WAIT_S "2"

/* Where the script looks for what the database's schema is (postgres_major_rehearse.sh).
 */
#define REHEARSAL_SCHEMA REHEARSAL_VOLUME "/schema"

static int
rehearsal_call(struct rehearsal *r, const char *container, const char *command,
               const char *arg, struct pod_said *said, struct err *e)
{
    const char *const args[] = { arg, NULL };
    const struct pg_upgrade_call call = { .from = pg_upgrade_from(r->cluster->plan),
                                          .to = pg_upgrade_to(r->cluster->plan),
                                          .command = command,
                                          .args = args,
                                          .container = container,
                                          .waits = true };

    return pg_upgrade_run_call(r->cluster->run, &r->pod, &call, said, e);
}

/* -- the schema, from the database's pod to the rehearsal's -- */

static int
rehearsal_read(struct rehearsal *r, struct pod_said *schema, struct err *e)
{
    const struct pg_upgrade_call call = { .from = pg_upgrade_from(r->cluster->plan),
                                          .to = pg_upgrade_to(r->cluster->plan),
                                          .command = "schema",
                                          .limit_ms = REHEARSAL_SCHEMA_MS,
                                          .most = REHEARSAL_SCHEMA_MAX,
                                          .waits = true };
    /* A standby where one serves: it takes locks. */
    struct member *p = rehearsal_source(r->cluster);

    if (p == NULL) {
        return err_set(e, ERR_UNHEALTHY, "no server answers to dump its schema");
    }
    return pg_upgrade_run_call(r->cluster->run, p, &call, schema, e);
}

/* The input stays open: its end is told by its length. */
static int
rehearsal_write(struct rehearsal *r, const char *schema, struct err *e)
{
    static const char target[] = REHEARSAL_SCHEMA;
    char length[32];
    const char *const argv[] = { "sh",   "-c", "head -c \"$1\" >\"$2\"", "schema", length,
                                 target, NULL };
    auto_said struct pod_said said = { 0 };

    (void)snprintf(length, sizeof length, "%zu", strlen(schema));
    if (pod_exec(r->cluster->run, r->pod.name,
                 &(struct pod_command){ .argv = argv,
                                        .input = schema,
                                        .what = "writing the schema",
                                        .limit_ms = REHEARSAL_SCHEMA_MS,
                                        .container = REHEARSAL_OLD,
                                        .waits = true },
                 &said, e) < 0) {
        return -1;
    }
    return said.code == 0 ? 0
                          : err_set(e, ERR_UNHEALTHY,
                                    "could not write the schema: %.200s", said.err);
}

/* -- its jobs -- */

struct rehearsal_job {
    struct rehearsal *r;
    const char *container;
    const char *name, *arg; /* of the script's command; arg: "" for none */
    bool begun;
};

/* Begins it, or waits for it a little; both tell how things are. */
static int
rehearsal_ask(struct rehearsal_job *job, struct pg_state *s, struct err *e)
{
    auto_said struct pod_said said = { 0 };

    if (rehearsal_call(job->r, job->container, job->begun ? "state" : job->name,
                       job->begun ? REHEARSAL_WAIT_S : job->arg, &said, e) < 0) {
        return -1;
    }
    job->begun = true;
    return pg_state_parse(said.out, s, e);
}

static int
rehearsal_look_job(void *on, void *ctx, struct wait_state *state, struct err *e)
{
    struct rehearsal_job *job = ctx;
    struct pg_state s = { 0 };

    (void)on;
    str_copy(state->now, sizeof state->now, "starting");
    if (rehearsal_check_pod(job->r, e) < 0 || rehearsal_ask(job, &s, e) < 0) {
        return -1;
    }
    state->done = str_eq(s.job.name, job->name) && s.job.done;
    if (s.job.failed) {
        err_set(e, ERR_UNHEALTHY, "%s", s.job.error);
        return err_reason(e, s.job.lost   ? "JOB_LOST"
                             : s.job.full ? "JOB_FULL"
                                          : "JOB_FAILED");
    }
    str_copy(state->now, sizeof state->now,
             s.job.says[0] != '\0' ? s.job.says : "running");
    return 0;
}

static int
rehearsal_do(struct rehearsal_job *job, const char *text, struct err *e)
{
    const struct wait w = { .id = "rehearsal",
                            .pod = job->r->pod.name,
                            .text = text,
                            .limit_ms = REHEARSAL_JOB_MS,
                            .probe_ms = REHEARSAL_POLL_MS,
                            .check = rehearsal_look_job,
                            .on = job->r->cluster->run,
                            .ctx = job };

    return wait_until(job->r->cluster->run, &w, e);
}

/* pg_upgrade, with the new image. Only what it says itself is a refusal. */
static int
rehearsal_upgrade(struct rehearsal *r, struct err *e)
{
    /* Another file system than the volume's may not be able to clone. */
    const char *mode = str_eq(r->cluster->plan->pg_upgrade_mode, "clone")
                           ? "copy"
                           : r->cluster->plan->pg_upgrade_mode;
    struct rehearsal_job job = { r, REHEARSAL_NEW, "upgrade", mode, false };

    if (rehearsal_do(&job, "pg_upgrade to convert a copy of the schema", e) == 0) {
        return 0;
    }
    if (str_eq(e->reason, "JOB_FAILED")) {
        const char *cause = pg_cause(e->msg);

        if (cause != NULL) {
            err_detail(e, "%s", cause);
        }
        err_reason(e, "REHEARSAL_REFUSED");
    }
    return -1;
}

static void
rehearsal_say_good(const struct pg_row *missed, long long ms,
                   struct preflight_result *out)
{
    char took[32];

    check_say(out, CHECK_OK,
              "pg_upgrade converted an empty copy of the schema in %s; data and prepared "
              "transactions are not part of it",
              clock_duration(ms, took, sizeof took));
    if (!str_eq(missed->fields[0], "0")) {
        check_say(out, CHECK_WARNING,
                  "pg_upgrade converted an empty copy of the schema in %s, without %s "
                  "statements that failed there; the first: %.250s",
                  took, missed->fields[0], missed->fields[1]);
        (void)snprintf(out->hint, sizeof out->hint,
                       "objects of these statements are not rehearsed: pg_upgrade checks "
                       "them while the database is down");
    }
}

static int
rehearsal_go(struct rehearsal *r, struct preflight_result *out, struct err *e)
{
    struct pg_row missed = { 0 };
    const char *rows = NULL;
    struct rehearsal_job copy = { r, REHEARSAL_OLD, "copy", NULL, false };
    auto_said struct pod_said schema = { 0 };
    auto_said struct pod_said said = { 0 };

    if (rehearsal_make_pod(r, e) < 0 || rehearsal_read(r, &schema, e) < 0 ||
        rehearsal_await_pod(r, e) < 0 ||
        rehearsal_write(r, schema.out != NULL ? schema.out : "", e) < 0 ||
        rehearsal_do(&copy, "a copy of the schema", e) < 0 ||
        rehearsal_call(r, REHEARSAL_OLD, "missed", NULL, &said, e) < 0) {
        return -1;
    }
    rows = said.out;
    if (!pg_row_next(&rows, &missed) || !str_eq(missed.key, "missed")) {
        return err_set(e, ERR_PROTOCOL, "unexpected report of what the copy lacks: %.60s",
                       said.out);
    }
    if (rehearsal_upgrade(r, e) < 0) {
        return -1;
    }
    rehearsal_say_good(&missed, clock_ms() - r->made_ms, out);
    return 0;
}

static bool
rehearsal_is_for(const struct cluster *cluster)
{
    return cluster->plan->procedure->converts;
}

const struct rehearsal_kind rehearsal_schema = {
    .id = "pg.rehearsal",
    .trying = "rehearsing the upgrade on an empty copy of the schema",
    .would = "pg_upgrade runs on an empty copy of the schema",
    .refusal = "pg_upgrade rejects an empty copy of the schema",
    .without = "pg_upgrade checks the schema while the database is down",
    .doubt = "what pg_upgrade rejects shows only while the database is down; the upgrade "
             "is then rolled back automatically",
    .is_for = rehearsal_is_for,
    .go = rehearsal_go,
};
