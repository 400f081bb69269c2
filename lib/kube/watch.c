#include "kube/watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "kube/api_status.h"
#include "kube/client_private.h"
#include "kube/frame.h"
#include "kube/page.h"
#include "kube/path.h"
#include "kube/retry.h"
#include "kube/watch_mirror.h"

/*
 * The states are what `call` and `listing` say: no call, waiting for source.due_ms; a
 * call that lists; a call that watches. watch_serve moves on, in the client's loop;
 * libcurl's callback only applies events.
 */

enum {
    WATCH_LINE = 16 * 1024 * 1024,
    WATCH_PATH = 64 * 1024,
    WATCH_SECONDS = 240, /* and up to 60 more: the server ends the watch */
    WATCH_SPREAD = 60,
    WATCH_LIST_MS = 60 * 1000,
    WATCH_IDLE_MS = 100 * 1000, /* bookmarks come about every minute */
    WATCH_LASTED_MS = 5000,     /* shorter ones count as failures */
};

struct kube_watch {
    struct kube_source source; /* first: the loop has a pointer to it */
    struct kube *k;            /* NULL: the client was freed */
    char *path;                /* of the collection, with selectors */
    struct http_call *call;
    bool listing;   /* the next or present call lists */
    bool connected; /* the present call watches and was answered */
    struct page_list pages;
    struct frame frame;
    struct mirror mirror;
    unsigned failures;    /* in a row */
    long long began_ms;   /* of the present call */
    long long current_ms; /* when the mirror last was known to be current */
    struct err event;     /* what an event said that ended the watch */
    char why[256];        /* the trouble, "" for none */
};

static int
watch_on_line(void *ctx, const char *text, size_t len)
{
    struct kube_watch *w = ctx;
    json_t *event auto_json = json_parse(text, len, "a watch event", &w->event);
    unsigned long before = w->mirror.version;

    if (event == NULL || mirror_apply(&w->mirror, event, &w->event) < 0) {
        return -1;
    }
    loop_heard(w->k);
    if (w->mirror.version != before) {
        loop_wake(w->k);
    }
    return 0;
}

static int
watch_on_data(void *ctx, const char *data, size_t len)
{
    struct kube_watch *w = ctx;
    int rc = frame_add(&w->frame, data, len, watch_on_line, w);

    if (rc == -2) {
        (void)err_set(&w->event, ERR_PROTOCOL, "a watch event is too long");
    }
    return rc;
}

static int
watch_next_path(const struct kube_watch *w, struct buf *out)
{
    char seconds[16];

    if (w->listing) {
        return page_path(&w->pages, w->path, out);
    }
    (void)snprintf(seconds, sizeof seconds, "%u",
                   WATCH_SECONDS + loop_random() % (WATCH_SPREAD + 1));
    if (buf_puts(out, w->path) < 0 || path_query(out, "watch", "1") < 0 ||
        path_query(out, "resourceVersion", w->mirror.at) < 0 ||
        path_query(out, "allowWatchBookmarks", "true") < 0) {
        return -1;
    }
    return path_query(out, "timeoutSeconds", seconds);
}

static void
watch_start(struct kube_watch *w)
{
    struct buf path auto_buf = BUF_LIMIT(2 * WATCH_PATH);
    struct http_request rq = { .method = "GET" };

    (void)!watch_next_path(w, &path); /* bounded by what kube_watch_open checked */
    rq.path = buf_text(&path);
    if (w->listing) {
        rq.reply_limit = KUBE_REPLY_LIMIT;
        rq.timeout_ms = WATCH_LIST_MS;
    } else {
        rq.idle_ms = WATCH_IDLE_MS;
        rq.on_data = watch_on_data;
        rq.ctx = w;
    }
    err_clear(&w->event);
    buf_reset(&w->frame.rest);
    w->source.due_ms = 0;
    w->began_ms = clock_ms();
    w->call = http_start(loop_http(w->k), &rq);
}

/* Ends the present call, notes why, and says when to go on. */
static void
watch_fail(struct kube_watch *w, const char *why, long retry_after)
{
    long pause = retry_pause(w->failures, loop_random());

    if (retry_after * 1000 > pause) {
        pause = retry_after * 1000;
    }
    str_copy(w->why, sizeof w->why, why);
    log_debug(1, "watch %s: %s; again in %ld ms", w->path, why, pause);
    w->failures++;
    w->source.due_ms = clock_ms() + pause;
}

/* A list of a collection came in whole. */
static void
watch_listed(struct kube_watch *w)
{
    struct err e = { 0 };
    unsigned long before = w->mirror.version;

    if (mirror_set(&w->mirror, w->pages.all, &e) < 0) {
        watch_fail(w, e.msg, 0);
    } else {
        w->current_ms = clock_ms();
        w->listing = false;
        w->source.due_ms = w->current_ms;
    }
    if (w->mirror.version != before) {
        loop_wake(w->k);
    }
    page_clear(&w->pages);
}

static void
watch_take_page(struct kube_watch *w, const struct http_reply *reply)
{
    struct err e = { 0 };
    json_t *page auto_json =
        json_parse(buf_text(&reply->body), reply->body.len, "a list", &e);
    int more = page != NULL ? page_add(&w->pages, page) : -1;

    if (more < 0) {
        page_clear(&w->pages);
        watch_fail(w, page != NULL ? "the reply is not a list" : e.msg, 0);
    } else if (more > 0) {
        w->source.due_ms = clock_ms();
    } else {
        watch_listed(w);
    }
}

/* The server said no to a list or a watch. */
static void
watch_refused(struct kube_watch *w, const struct http_reply *reply)
{
    struct err e = { 0 };

    if (reply->status == 401 && http_refresh(loop_http(w->k), reply->credentials)) {
        w->source.due_ms = clock_ms();
        return;
    }
    (void)status_error(reply->status, buf_text(&reply->body), reply->body.len, false, &e);
    if (w->listing) {
        page_restart(&w->pages);
    }
    /* It does not know, or not yet, from where we want to watch: begin with a list. */
    w->listing = w->listing || reply->status == 410 || reply->status == 400 ||
                 reply->status == 422 || reply->status == 504;
    watch_fail(w, e.msg, reply->retry_after);
}

/* A watch was cut, or told something that ends it. */
static void
watch_cut(struct kube_watch *w, const struct http_reply *reply)
{
    bool lasted = clock_ms() - w->began_ms >= WATCH_LASTED_MS;

    if (reply->status / 100 == 2 && lasted) {
        w->failures = 0;
    }
    if (w->event.code != ERR_NONE) {
        w->listing = true;
        watch_fail(w, w->event.msg, w->event.retry_after);
    } else if (reply->end == HTTP_REPLIED && lasted) {
        w->source.due_ms = clock_ms(); /* its time was up */
    } else {
        watch_fail(w, reply->error[0] != '\0' ? reply->error : "the watch was closed", 0);
    }
}

/* One that was cut while it ran says nothing: the next attempt will. */
static void
watch_note(struct kube_watch *w, const struct http_reply *reply)
{
    if (reply->end == HTTP_REPLIED && policy_is_answer(reply->status, false)) {
        loop_heard(w->k);
    } else if (!policy_is_answer(reply->status, false)) {
        loop_missed(w->k, w->began_ms);
    }
}

static void
watch_end(struct kube_watch *w)
{
    struct http_call *call = w->call;
    const struct http_reply *reply = http_reply(call);

    w->call = NULL;
    watch_note(w, reply);
    if (w->connected) {
        w->current_ms = clock_ms();
        w->connected = false;
    }
    if (reply->end == HTTP_REPLIED && reply->status / 100 != 2) {
        watch_refused(w, reply);
    } else if (w->listing && reply->end == HTTP_REPLIED) {
        watch_take_page(w, reply);
    } else if (w->listing) {
        page_clear(&w->pages);
        watch_fail(w, reply->error, 0);
    } else {
        watch_cut(w, reply);
    }
    http_close(call);
}

static void
watch_serve(struct kube_source *s)
{
    struct kube_watch *w = (struct kube_watch *)s;
    const struct http_reply *reply = w->call != NULL ? http_reply(w->call) : NULL;

    if (reply != NULL && reply->end != HTTP_RUNNING) {
        watch_end(w);
    } else if (reply != NULL && !w->listing && !w->connected && reply->status == 200) {
        w->connected = true;
        w->why[0] = '\0';
        loop_heard(w->k);
    }
    if (w->call == NULL && clock_ms() >= w->source.due_ms) {
        watch_start(w);
    }
}

static void
watch_orphan(struct kube_source *s)
{
    struct kube_watch *w = (struct kube_watch *)s;

    http_close(w->call);
    w->call = NULL;
    w->k = NULL;
    if (w->connected) {
        w->current_ms = clock_ms();
        w->connected = false;
    }
    str_copy(w->why, sizeof w->why, "the client was closed");
}

/* The collection's path with the selectors; an object's name becomes one of them. */
static int
watch_path(const struct kube_ref *ref, const char *labels, const char *fields,
           struct buf *out, struct err *e)
{
    struct kube_ref all = *ref;
    auto_free char *by_name = NULL;

    all.name = NULL;
    if (ref->name != NULL) {
        by_name = mem_printf("metadata.name=%s%s%s", ref->name, fields != NULL ? "," : "",
                             fields != NULL ? fields : "");
        fields = by_name;
    }
    if (path_of(&all, out, e) < 0) {
        return -1;
    }
    if (path_query(out, "labelSelector", labels) < 0 ||
        path_query(out, "fieldSelector", fields) < 0) {
        return err_set(e, ERR_INTERNAL, "the path of a request is too long");
    }
    return 0;
}

struct kube_watch *
kube_watch_open(struct kube *k, const struct kube_ref *ref, const char *labels,
                const char *fields, struct err *e)
{
    struct kube_watch *w auto_watch = mem_alloc(sizeof *w);
    struct buf path auto_buf = BUF_LIMIT(WATCH_PATH);
    json_t *list auto_json = NULL;
    char title[512];

    w->source = (struct kube_source){ .serve = watch_serve, .orphan = watch_orphan };
    w->frame.rest.limit = WATCH_LINE;
    mirror_init(&w->mirror);
    if (watch_path(ref, labels, fields, &path, e) < 0 ||
        client_list(k, path_title(ref, title, sizeof title), buf_text(&path), &list, e) <
            0) {
        return NULL;
    }
    if (mirror_set(&w->mirror, list, e) < 0) {
        (void)err_wrap(e, "list %s", title);
        return NULL;
    }
    w->path = buf_take(&path);
    w->k = k;
    w->current_ms = clock_ms();
    watch_start(w);
    loop_add(k, &w->source);
    return scope_steal(&w);
}

const json_t *
kube_watch_objects(const struct kube_watch *w)
{
    return w->mirror.objects;
}

unsigned long
kube_watch_version(const struct kube_watch *w)
{
    return w->mirror.version;
}

long long
kube_watch_stale_ms(const struct kube_watch *w, const char **why)
{
    if (why != NULL) {
        *why = w->why;
    }
    return w->connected ? 0 : clock_ms() - w->current_ms;
}

void
kube_watch_close(struct kube_watch *w)
{
    if (w == NULL) {
        return;
    }
    if (w->k != NULL) {
        loop_remove(w->k, &w->source);
    }
    http_close(w->call);
    page_clear(&w->pages);
    frame_clear(&w->frame);
    mirror_clear(&w->mirror);
    free(w->path);
    free(w);
}
