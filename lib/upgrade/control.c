#include "upgrade/control.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/sig.h"
#include "base/str.h"
#include "kube/client.h"
#include "lock/lease.h"

enum {
    CTL_LIMIT_MS = 30 * 1000, /* runs renew every four seconds, and wait out an outage */
    CTL_PROBE_MS = 500,
    CTL_TAKE_BACK_TRIES = 10,
};

const struct control_verb ctl_verbs[] = {
    { "pause", "will pause before the next member" },
    { "continue", "will continue" },
    { "abort", "will be rolled back, or will report why it cannot be" },
    { NULL, NULL },
};

const struct control_verb *
control_find(const char *word)
{
    for (const struct control_verb *v = ctl_verbs; v->word != NULL; v++) {
        if (str_eq(v->word, word)) {
            return v;
        }
    }
    return NULL;
}

struct control {
    const struct control_request *rq;
    struct kube *k;
    char lease_name[LEASE_NAME_MAX];
    char *text;   /* of the request; owned */
    bool written; /* it is there, or was */
    bool taken;
    char *holder; /* the caller's */
    size_t size;
};

static char *
control_text(const struct control_request *rq)
{
    char self[160];
    char now[40];
    auto_json json_t *o = mem_check(json_pack(
        "{s:s, s:s, s:s}", "verb", rq->verb->word, "by", lease_self(self, sizeof self),
        "at", clock_rfc3339_micro(clock_wall_ms(), now, sizeof now)));

    return json_text(o);
}

/* -- what the Lease says -- */

static int
control_say_none(const struct control *c, struct err *e)
{
    err_set(e, ERR_REFUSED, "no upgrade of %s/%s is in progress", c->rq->engine->name,
            c->rq->name);
    return err_reason(e, "NO_UPGRADE");
}

static void
control_hint_goes_on(const struct control *c, struct err *e)
{
    static const char *const commands[] = { "resume", "abort" };

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        err_hint(e, "kubectl dbupgrade %s %s %s%s", commands[i], c->rq->engine->name,
                 c->rq->name, c->rq->command_flags);
    }
}

static int
control_say_stopped(const struct control *c, struct err *e)
{
    err_set(e, ERR_REFUSED,
            "the upgrade of %s/%s is stopped; no run is there to receive the request",
            c->rq->engine->name, c->rq->name);
    err_reason(e, "NO_RUN");
    control_hint_goes_on(c, e);
    return -1;
}

/* The run that was asked is not there any more, and it is not known whether it saw it. */
static int
control_say_ended(const struct control *c, struct err *e)
{
    err_set(e, ERR_REFUSED, "the run of %s/%s (%s) ended before it received the request",
            c->rq->engine->name, c->rq->name, c->holder);
    err_reason(e, "RUN_ENDED");
    return err_hint(e, "check its state: kubectl dbupgrade status %s %s%s",
                    c->rq->engine->name, c->rq->name, c->rq->command_flags);
}

static int
control_patch(const struct control *c, const json_t *lease, const char *text,
              struct err *e)
{
    const struct kube_ref ref = lease_ref(c->rq->name_space, c->lease_name);
    json_t *value = text != NULL ? json_string(text) : json_null();
    auto_json json_t *patch =
        mem_check(json_pack("{s:{s:s, s:{s:o}}}", "metadata", "resourceVersion",
                            json_path_str(lease, "metadata.resourceVersion"),
                            "annotations", LEASE_CTL, mem_check(value)));

    return kube_patch(c->k, &ref, KUBE_MERGE_PATCH, patch, NULL, e);
}

/* Before it was asked. Another's request that the run has not taken yet comes first. */
static int
control_begin(struct control *c, const json_t *lease, struct err *e)
{
    const char *holder = json_path_str(lease, "spec.holderIdentity");
    struct err trouble = { 0 };

    if (*lease_annotation(lease, LEASE_JOURNAL) == '\0') {
        return control_say_none(c, e);
    }
    if (*holder == '\0') {
        return control_say_stopped(c, e);
    }
    str_copy(c->holder, c->size, holder);
    if (*lease_annotation(lease, LEASE_CTL) != '\0') {
        return 0;
    }
    if (control_patch(c, lease, c->text, &trouble) == 0) {
        c->written = true;
    } else if (!err_is_transient(&trouble)) {
        *e = trouble;
        return err_wrap(e, "Lease %s", c->lease_name);
    }
    return 0;
}

/* One look, and what follows from it. */
static int
control_look(struct control *c, struct err *e)
{
    const struct kube_ref ref = lease_ref(c->rq->name_space, c->lease_name);
    auto_json json_t *lease = NULL;
    bool there = false;

    if (kube_get(c->k, &ref, &lease, e) < 0) {
        if (e->code == ERR_NOT_FOUND) {
            return c->written ? control_say_ended(c, e) : control_say_none(c, e);
        }
        return err_is_transient(e) ? 0 : err_wrap(e, "Lease %s", c->lease_name);
    }
    there = str_eq(lease_annotation(lease, LEASE_CTL), c->text);
    if (!c->written && !there) {
        return control_begin(c, lease, e);
    }
    c->written = true; /* it may have been, although the reply was lost */
    if (!str_eq(json_path_str(lease, "spec.holderIdentity"), c->holder)) {
        return control_say_ended(c, e);
    }
    c->taken = !there;
    return 0;
}

enum ctl_left { CTL_TAKEN_BACK, CTL_TAKEN, CTL_GONE, CTL_STAYS };

/* Takes the request away again, so that no later run finds it. */
static enum ctl_left
control_take_back(const struct control *c)
{
    const struct kube_ref ref = lease_ref(c->rq->name_space, c->lease_name);

    for (int try = 0; try < CTL_TAKE_BACK_TRIES; try++) {
        auto_json json_t *lease = NULL;
        struct err e = { 0 };

        if (kube_get(c->k, &ref, &lease, &e) == 0) {
            if (!str_eq(lease_annotation(lease, LEASE_CTL), c->text)) {
                return CTL_TAKEN;
            }
            if (control_patch(c, lease, NULL, &e) == 0) {
                return CTL_TAKEN_BACK;
            }
        }
        if (!err_is_transient(&e) || sig_asked() == SIG_STOP_NOW) {
            return e.code == ERR_NOT_FOUND ? CTL_GONE : CTL_STAYS;
        }
        kube_pump(c->k, CTL_PROBE_MS);
    }
    return CTL_STAYS;
}

static int
control_say_silent(const struct control *c, struct err *e)
{
    char limit[32];

    clock_duration(CTL_LIMIT_MS, limit, sizeof limit);
    if (*c->holder == '\0') {
        err_set(e, ERR_TIMEOUT, "the Lease %s could not be read for %s", c->lease_name,
                limit);
    } else {
        err_set(e, ERR_TIMEOUT,
                "%s, which runs the upgrade of %s/%s, did not answer for %s", c->holder,
                c->rq->engine->name, c->rq->name, limit);
    }
    err_reason(e, "NO_ANSWER");
    err_hint(e, "check whether it is running: kubectl dbupgrade status %s %s%s; if not:",
             c->rq->engine->name, c->rq->name, c->rq->command_flags);
    control_hint_goes_on(c, e);
    return -1;
}

/* Waits until it is taken, refused, or the limit passed. */
static int
control_wait(struct control *c, struct err *e)
{
    long long end = clock_ms() + CTL_LIMIT_MS;

    for (;;) {
        if (control_look(c, e) < 0) {
            return -1;
        }
        if (c->taken) {
            return 0;
        }
        if (sig_asked() != SIG_STOP_NONE) {
            return err_set(e, ERR_INTERRUPTED, "interrupted by %s", sig_text());
        }
        if (clock_ms() >= end) {
            return control_say_silent(c, e);
        }
        kube_pump(c->k, CTL_PROBE_MS);
    }
}

int
control_ask(const struct control_request *rq, struct kube *k, char *holder, size_t size,
            struct err *e)
{
    struct control c = { .rq = rq, .k = k, .holder = holder, .size = size };
    auto_free char *text = control_text(rq);
    struct err why = { 0 };
    enum ctl_left left = CTL_GONE;

    c.text = text;
    str_copy(holder, size, "");
    lease_name(rq->engine, rq->name, c.lease_name, sizeof c.lease_name);
    if (control_wait(&c, &why) == 0) {
        return 0;
    }
    left = control_take_back(&c);
    if (left == CTL_TAKEN && c.written && why.code == ERR_TIMEOUT) {
        return 0; /* at the last moment */
    }
    *e = why;
    if (left == CTL_STAYS) {
        err_detail(e, "could not withdraw the request: annotation %s of Lease %s",
                   LEASE_CTL, c.lease_name);
    } else if (left == CTL_TAKEN_BACK) {
        err_detail(e, "the request was withdrawn");
    }
    return -1;
}
