#include "flow/rehearsal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "domain/rehearsal.h"
#include "flow/major.h"
#include "flow/rehearsal_pod.h"

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

bool
rehearsal_is_due(const struct flow *f)
{
    return f->procedure == PROCEDURE_PG_UPGRADE && flow_is_forward(f) && !f->resuming &&
           !f->paused_now && !f->rq->no_rehearsal;
}

/* A standby where one serves: reading the schema takes locks. */
static struct flow_pod *
rehearsal_source(struct flow *f)
{
    struct flow_pod *found = NULL;

    for (size_t i = 0; i < f->n_pods; i++) {
        struct flow_pod *p = &f->pods[i];

        if (p->set == &f->sets[0] && p->session.version > 0 &&
            (found == NULL || p->role == MEMBER_SECONDARY)) {
            found = p;
        }
    }
    return found;
}

static int
rehearsal_call(struct rehearsal *r, const char *container, const char *command,
               const char *arg, struct pod_said *said, struct err *e)
{
    const char *const args[] = { arg, NULL };
    const struct major_call call = { .from = major_from(r->f),
                                     .to = major_to(r->f),
                                     .command = command,
                                     .args = args,
                                     .container = container,
                                     .waits = true };

    return major_run_call(r->f, &r->pod, &call, said, e);
}

/* -- the schema, from the database's pod to the rehearsal's -- */

static int
rehearsal_read(struct rehearsal *r, struct pod_said *schema, struct err *e)
{
    const struct major_call call = { .from = major_from(r->f),
                                     .to = major_to(r->f),
                                     .command = "schema",
                                     .limit_ms = REHEARSAL_SCHEMA_MS,
                                     .most = REHEARSAL_SCHEMA_MAX,
                                     .waits = true };
    struct flow_pod *p = rehearsal_source(r->f);

    if (p == NULL) {
        return err_set(e, ERR_UNHEALTHY, "no server answers that could tell its schema");
    }
    return major_run_call(r->f, p, &call, schema, e);
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
    if (pod_exec(r->f, &r->pod,
                 &(struct pod_command){ .argv = argv,
                                        .input = schema,
                                        .what = "the schema",
                                        .limit_ms = REHEARSAL_SCHEMA_MS,
                                        .container = REHEARSAL_OLD,
                                        .waits = true },
                 &said, e) < 0) {
        return -1;
    }
    return said.code == 0 ? 0
                          : err_set(e, ERR_UNHEALTHY,
                                    "the schema could not be written: %.200s", said.err);
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
rehearsal_look_job(struct flow *f, void *ctx, struct wait_state *state, struct err *e)
{
    struct rehearsal_job *job = ctx;
    struct pg_state s = { 0 };

    (void)f;
    str_copy(state->now, sizeof state->now, "starting");
    if (rehearsal_check_pod(job->r, e) < 0 || rehearsal_ask(job, &s, e) < 0) {
        return -1;
    }
    state->done = str_eq(s.job, job->name) && s.job_done;
    if (s.job_failed) {
        err_set(e, ERR_UNHEALTHY, "%s", s.job_error);
        return err_reason(e, s.job_lost ? "JOB_LOST" : "JOB_FAILED");
    }
    str_copy(state->now, sizeof state->now,
             s.job_says[0] != '\0' ? s.job_says : "running");
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
                            .ctx = job };

    return flow_wait(job->r->f, &w, e);
}

/* pg_upgrade, with the new image. Only what it says itself is a refusal. */
static int
rehearsal_upgrade(struct rehearsal *r, struct err *e)
{
    /* Another file system than the volume's may not be able to clone. */
    const char *mode = str_eq(r->f->upgrade_mode, "clone") ? "copy" : r->f->upgrade_mode;
    struct rehearsal_job job = { r, REHEARSAL_NEW, "upgrade", mode, false };

    if (rehearsal_do(&job, "pg_upgrade to convert a copy of the schema", e) == 0) {
        return 0;
    }
    if (str_eq(e->reason, "JOB_FAILED") && strstr(e->msg, "the volume is full") == NULL) {
        err_reason(e, "REHEARSAL_REFUSED");
    }
    return -1;
}

static int
rehearsal_go(struct rehearsal *r, char *missed, size_t size, struct err *e)
{
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
    str_copy(missed, size, str_starts(said.out, "missed\t") ? said.out + 7 : "");
    missed[strcspn(missed, "\n")] = '\0';
    return rehearsal_upgrade(r, e);
}

/* -- what came of it -- */

static void
rehearsal_say_refused(const struct flow *f, const struct err *why,
                      struct preflight_result *out)
{
    check_say(out, CHECK_ERROR, "%s%s",
              str_eq(why->reason, "REHEARSAL_IMAGE")
                  ? "the new image cannot be had: "
                  : "pg_upgrade refuses an empty copy of the schema: ",
              why->msg);
    out->forceable = true;
    (void)snprintf(
        out->hint, sizeof out->hint,
        "with %s/%s down it would be the same; correct what is named, or go on "
        "with --no-rehearsal%s%s",
        f->en->name, f->rq->name, why->detail[0] != '\0' ? "\n" : "", why->detail);
}

static void
rehearsal_say_good(char *missed, long long ms, struct preflight_result *out)
{
    char took[32];
    char *first = strchr(missed, '\t');

    check_say(out, CHECK_OK,
              "pg_upgrade converted an empty copy of the schema in %s; data, prepared "
              "transactions and slots are no part of it",
              clock_duration(ms, took, sizeof took));
    if (first != NULL && !str_starts(missed, "0\t")) {
        *first = '\0';
        check_say(out, CHECK_WARNING,
                  "pg_upgrade converted an empty copy of the schema in %s, without %s "
                  "statements that failed there; the first: %.250s",
                  took, missed, first + 1);
        (void)snprintf(out->hint, sizeof out->hint,
                       "what they make is not rehearsed: pg_upgrade looks at it when the "
                       "database is down");
    }
}

/* Whether the user, or the whole run's limit, ends the run. */
static int
rehearsal_conclude(struct rehearsal *r, int got, char *missed, const struct err *why,
                   struct preflight_result *out, struct err *e)
{
    if (got == 0) {
        rehearsal_say_good(missed, clock_ms() - r->made_ms, out);
        return 0;
    }
    if (flow_check_stop(r->f, e) < 0) {
        return -1;
    }
    if (str_starts(why->reason, "REHEARSAL_")) {
        rehearsal_say_refused(r->f, why, out);
        return 0;
    }
    check_say(out, CHECK_WARNING, "not rehearsed: %.400s", why->msg);
    str_copy(out->hint, sizeof out->hint,
             "what pg_upgrade refuses shows only when the database is down; all goes "
             "back by itself then");
    return 0;
}

/* Why it cannot even be tried; "" where it can. */
static void
rehearsal_obstacle(const struct flow *f, const struct rights *rights, char *text,
                   size_t size)
{
    static const char *const needed[] = { "create pods", "get pods", "delete pods" };

    str_copy(text, size, "");
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (!rights_has(rights, needed[i])) {
            str_append(text, size, "%s%s", text[0] == '\0' ? "not allowed: " : ", ",
                       needed[i]);
        }
    }
    if (text[0] == '\0' && (f->n_pods == 0 || flow_db(f) == NULL)) {
        str_copy(text, size, "there is no member to ask");
    }
}

static int
rehearsal_perform(struct flow *f, const struct rights *rights,
                  struct preflight_result *out, struct err *e)
{
    auto_free char *name = mem_printf("%s-upgrade-rehearsal", f->rq->name);
    struct rehearsal r = { .f = f, .pod = { .name = name } };
    struct err why = { 0 };
    char missed[300] = "";
    int got = -1;

    rehearsal_obstacle(f, rights, why.msg, sizeof why.msg);
    if (why.msg[0] != '\0') {
        return rehearsal_conclude(&r, -1, missed, &why, out, e);
    }
    if (f->rq->dry_run != FLOW_REAL) {
        check_say(out, CHECK_OK,
                  "before anything is changed, pg_upgrade is tried on an empty copy "
                  "of the schema, in a pod %s; not in a dry run",
                  name);
        return 0;
    }
    if (rehearsal_choose_images(&r)) {
        tell_note(f, "rehearsing the upgrade on an empty copy of the schema, in pod %s",
                  name);
        got = rehearsal_go(&r, missed, sizeof missed, &why);
    } else {
        err_set(&why, ERR_UNHEALTHY, "the images are not known");
    }
    rehearsal_end_pod(&r);
    return rehearsal_conclude(&r, got, missed, &why, out, e);
}

int
rehearsal_run(struct flow *f, const struct rights *rights, struct preflight_result *out,
              struct err *e)
{
    *out = (struct preflight_result){ .id = "pg.rehearsal" };
    if (rehearsal_is_due(f)) {
        return rehearsal_perform(f, rights, out, e);
    }
    if (f->procedure == PROCEDURE_PG_UPGRADE && flow_is_forward(f) && !f->resuming &&
        f->rq->no_rehearsal) {
        check_say(out, CHECK_OK,
                  "not rehearsed, as was asked for: pg_upgrade looks at the schema "
                  "when the database is down");
    }
    return 0;
}
