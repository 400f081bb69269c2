#include <string.h>

#include "base/clock.h"
#include "base/sig.h"
#include "base/str.h"
#include "kube/api_status.h"
#include "kube/client_private.h"
#include "kube/retry.h"

/*
 * One request: sent, waited for, sent again where that is right, and its failure put
 * into words.
 */

enum {
    REQUEST_LAST_MS = 3000, /* a change under way when the user says "now" gets this */
};

struct request {
    struct kube *k;
    const struct client_request *what;
    unsigned attempt;
    bool refreshed;      /* the token was read again after a 401 */
    enum sig_stop asked; /* what the user had asked for before it began */
    long long started_ms;
    long long send_by; /* of the present attempt, by the guard; 0: whenever */
    bool late;         /* an attempt was not sent in time: perhaps the machine slept */
    bool doubt;        /* an attempt before it may have been carried out */
};

/* Whether the next attempt may be made: much may have happened since the last. */
static int
request_ask_guard(struct request *r, struct err *e)
{
    if (policy_ask(&r->k->policy, r->what->changes, &r->send_by, e) == 0) {
        return 0;
    }
    return r->doubt ? err_detail(e, "%s %s: an earlier attempt may have succeeded",
                                 r->what->verb, r->what->title)
                    : -1;
}

/* Whether the wait for a reply ends because the user wants to stop at once. A change
 * that is under way gets a little time, so that its outcome is known; what is asked
 * after the signal (cleaning up) is answered. */
static bool
request_is_stopped(const struct request *r, long long *asked_ms)
{
    long long now = clock_ms();

    if (sig_asked() != SIG_STOP_NOW || r->asked == SIG_STOP_NOW) {
        return false;
    }
    if (*asked_ms == 0) {
        *asked_ms = now;
    }
    return r->what->safe || now - *asked_ms > REQUEST_LAST_MS;
}

static int
request_wait(const struct request *r, struct http_call *c, struct err *e)
{
    long long asked_ms = 0;

    while (http_reply(c)->end == HTTP_RUNNING) {
        if (request_is_stopped(r, &asked_ms)) {
            return r->what->safe ? err_set(e, ERR_INTERRUPTED, "interrupted")
                                 : client_unknown_outcome(r->what, ERR_INTERRUPTED,
                                                          "interrupted", e);
        }
        loop_round(r->k, KUBE_REQUEST_MS);
        sig_drain();
    }
    return 0;
}

int
client_unknown_outcome(const struct client_request *rq, enum err_code code,
                       const char *why, struct err *e)
{
    err_set(e, code, "%s %s: %s; it is unknown whether the change was made", rq->verb,
            rq->title, why);
    return err_reason(e, "OUTCOME_UNKNOWN");
}

static int
request_no_reply(const struct request *r, const struct http_reply *reply, struct err *e)
{
    const struct client_request *rq = r->what;
    const char *server = kube_server(r->k);

    switch (reply->end) {
    case HTTP_TOO_LARGE:
        return err_set(e, ERR_PROTOCOL, "%s %s: the reply of %s is too large", rq->verb,
                       rq->title, server);
    case HTTP_UNTRUSTED:
        return err_set(e, ERR_NETWORK, "%s %s: no trusted connection to %s: %s", rq->verb,
                       rq->title, server, reply->error);
    case HTTP_UNREACHABLE:
        return err_set(e, ERR_NETWORK, "%s %s: cannot reach %s: %s", rq->verb, rq->title,
                       server, reply->error);
    case HTTP_RUNNING:
    case HTTP_REPLIED:
    case HTTP_CUT:
    case HTTP_SILENT:
    case HTTP_STOPPED:
    default:
        break;
    }
    if (!rq->safe && reply->sent) {
        return client_unknown_outcome(rq, ERR_NETWORK, reply->error, e);
    }
    return err_set(e, ERR_NETWORK, "%s %s: %s did not answer: %s", rq->verb, rq->title,
                   server, reply->error);
}

/* Of a 5xx: whether the change may have been made all the same. No reason: not the API
 * server's own words, a proxy that lost it may have sent it on; or those of its store,
 * which it hands on as they are (k8s.io/apiserver endpoints/handlers/responsewriters
 * ErrorToAPIStatus): "etcdserver: leader changed", "etcdserver: request timed out". */
static bool
request_is_in_doubt(const struct err *e)
{
    return e->reason[0] == '\0' || str_eq(e->reason, "Timeout") ||
           str_eq(e->reason, "ServerTimeout") || strstr(e->msg, "etcdserver:") != NULL;
}

static int
request_refused(const struct request *r, const struct http_reply *reply, struct err *e)
{
    const struct client_request *rq = r->what;

    status_error(reply->status, buf_text(&reply->body), reply->body.len, rq->json_patch,
                 e);
    if (reply->retry_after > 0) {
        e->retry_after = (int)reply->retry_after;
    }
    if (!rq->safe && reply->status >= 500 && request_is_in_doubt(e)) {
        err_reason(e, "OUTCOME_UNKNOWN");
    }
    return err_wrap(e, "%s %s", rq->verb, rq->title);
}

static bool
request_is_final(enum http_end end)
{
    return end == HTTP_UNTRUSTED || end == HTTP_TOO_LARGE || end == HTTP_STOPPED;
}

/* What to do with an attempt that failed: the pause before the next, or -1. */
static long
request_again(struct request *r, const struct http_reply *reply)
{
    struct retry again = {
        .status = reply->end == HTTP_REPLIED ? reply->status : 0,
        .retry_after = reply->retry_after,
        .safe = r->what->safe,
        .sent = reply->sent,
        .patience_ms = r->k->reached ? r->k->away_max_ms : KUBE_UNKNOWN_MS,
        .attempt = r->attempt,
        .spent_ms = clock_ms() - r->started_ms,
        .random = loop_random(),
    };

    if (r->k->each_ms > 0 || sig_asked() > r->asked) {
        return -1;
    }
    if (request_is_final(reply->end) || (again.status == 429 && r->what->eviction)) {
        return -1;
    }
    if (again.status == 401 && !r->refreshed &&
        http_refresh(r->k->http, reply->credentials)) {
        r->refreshed = true;
        return 0;
    }
    return retry_wait(&again);
}

static void
request_note(const struct request *r, const struct http_reply *reply, long long began_ms)
{
    if (!request_is_final(reply->end) ||
        policy_is_answer(reply->status, r->what->eviction)) {
        policy_note(&r->k->policy, reply->status, r->what->safe, r->what->eviction,
                    began_ms);
    }
}

static void
request_scope_close(struct http_call **c)
{
    http_close(*c);
}

/* One attempt. Returns 1 when it should be made again, else 0 or -1. */
static int
request_try(struct request *r, struct buf *out, struct err *e)
{
    const struct client_request *rq = r->what;
    long usual = r->k->target.request_timeout_ms;
    long timeout = loop_patience(r->k, usual > 0 ? usual : KUBE_REQUEST_MS);
    struct http_request hr = {
        .method = rq->method,
        .path = rq->path,
        .content_type = rq->content_type,
        .accept = rq->accept,
        .body = rq->body,
        .reply_limit = rq->reply_limit > 0 ? rq->reply_limit : KUBE_REPLY_LIMIT,
        .timeout_ms = timeout,
        .send_by = r->send_by,
    };
    struct http_call *c scope_cleanup(request_scope_close) = http_start(r->k->http, &hr);
    const struct http_reply *reply = http_reply(c);
    long long began_ms = clock_ms();
    long pause = 0;

    if (request_wait(r, c, e) < 0) {
        return -1;
    }
    r->k->reached |= reply->status != 0;
    request_note(r, reply, began_ms);
    if (reply->late && !r->late) { /* patience with the server begins when we wake up */
        r->late = true;
        r->started_ms = clock_ms();
    }
    if (reply->end == HTTP_REPLIED && reply->status / 100 == 2) {
        return buf_add(out, buf_text(&reply->body), reply->body.len) == 0
                   ? 0
                   : err_set(e, ERR_PROTOCOL, "%s %s: the reply is too large", rq->verb,
                             rq->title);
    }
    pause = request_again(r, reply);
    if (pause >= 0 && loop_sleep(r->k, pause, e) < 0) {
        return -1;
    }
    if (pause >= 0 && sig_asked() <= r->asked) {
        r->doubt |= reply->end == HTTP_REPLIED && reply->status >= 500;
        return 1;
    }
    return reply->end == HTTP_REPLIED ? request_refused(r, reply, e)
                                      : request_no_reply(r, reply, e);
}

int
client_send(struct kube *k, const struct client_request *rq, struct buf *out,
            struct err *e)
{
    struct request r = {
        .k = k,
        .what = rq,
        .asked = sig_asked(),
        .started_ms = clock_ms(),
    };
    int rc = 0;

    if (loop_patience(k, KUBE_REQUEST_MS) == 0) {
        return err_set(e, ERR_TIMEOUT, "%s %s: deadline exceeded", rq->verb, rq->title);
    }
    do {
        rc = request_ask_guard(&r, e) < 0 ? -1 : request_try(&r, out, e);
        r.attempt++;
    } while (rc > 0);
    return rc;
}
