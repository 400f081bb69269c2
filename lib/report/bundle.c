#include "report/bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/sig.h"
#include "base/str.h"
#include "base/visible.h"
#include "report/exit_status.h"

enum {
    BUNDLE_MS = 10 * 1000,       /* to ask for all of it; twice that to write it */
    BUNDLE_MEMBER_MS = 5 * 1000, /* of a member, before it is restarted */
    BUNDLE_README_MS = 2000,     /* to write that, which tells what is missing */
    BUNDLE_TRIES = 9,            /* names, where others exist */
    BUNDLE_STAMP = 32,
    BUNDLE_JSON_BYTES = 4 * 1024 * 1024, /* of one file of JSON */
    BUNDLE_RUN_BYTES = 32 * 1024 * 1024, /* of the run's events */
    BUNDLE_LAST_BYTES = BUNDLE_RUN_BYTES + 2 * 1024 * 1024,
};

/* -- what goes into it -- */

/* What may still be added. The run's events and the README come last, and have room. */
static size_t
bundle_room(const struct bundle *b)
{
    size_t most = b->last ? BUNDLE_BYTES : BUNDLE_BYTES - BUNDLE_LAST_BYTES;

    return b->files->bytes < most ? most - b->files->bytes : 0;
}

/* The only way into the archive. Names are partly of others: nothing but a file in the
 * bundle's folder comes of them. */
static void
bundle_put(struct bundle *b, const char *name, const char *data, size_t len)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-_./";
    auto_free char *file = mem_strdup(name);
    char *up = NULL;

    for (char *c = file; *(c += strspn(c, plain)) != '\0';) {
        *c = '_';
    }
    while ((up = strstr(file, "..")) != NULL) {
        up[0] = '_';
        up[1] = '_';
    }
    if (len > bundle_room(b)) {
        bundle_miss(b, file, "it would have made the bundle too large");
        return;
    }
    archive_add(b->files, file, data, len);
}

/* Made visible, so that the text does no harm to who reads it on a terminal. */
static void
bundle_put_text(struct bundle *b, const char *name, const char *text)
{
    auto_buf struct buf visible = BUF_LIMIT(bundle_room(b));

    if (visible_add(&visible, text, strlen(text), VISIBLE_LINES) < 0) {
        bundle_miss(b, name, "it would have made the bundle too large");
        return;
    }
    bundle_put(b, name, buf_text(&visible), visible.len);
}

/* After secrets were taken out of a file: whether all of it was looked through. */
static void
bundle_say_stopped(struct bundle *b, const char *name)
{
    if (b->secrets.watch.stopped) {
        bundle_miss(b, name, "there was no time to look through all of it for secrets");
    }
}

void
bundle_add(struct bundle *b, const char *name, const char *text)
{
    auto_free char *clean = redact_text(text, &b->secrets.watch);

    bundle_put_text(b, name, clean);
    bundle_say_stopped(b, name);
}

void
bundle_add_json(struct bundle *b, const char *name, const json_t *o)
{
    size_t room = bundle_room(b);
    size_t left_out = 0;
    auto_json json_t *copy = NULL;
    auto_free char *text = NULL;
    auto_free char *line = NULL;

    if (o == NULL) {
        bundle_miss(b, name, "there was none");
        return;
    }
    copy =
        json_copy_some(o, room < BUNDLE_JSON_BYTES ? room : BUNDLE_JSON_BYTES, &left_out);
    redact_json(copy, &b->secrets.watch);
    text = json_text_lines(copy);
    line = mem_printf("%s\n", text);
    if (left_out > 0) {
        bundle_miss(b, name, "is too large: notes in it say what is left out");
    }
    bundle_put(b, name, line, strlen(line));
    bundle_say_stopped(b, name);
}

void
bundle_miss(struct bundle *b, const char *what, const char *why)
{
    bundle_say(&b->missing, "  %-32s %s", what, why);
}

void
bundle_miss_reply(struct bundle *b, const char *what, const struct err *e)
{
    bundle_miss(b, what, e->msg);
}

bool
bundle_may_ask(const struct bundle *b)
{
    return !b->away && (int)sig_asked() == b->secrets.asked;
}

/* -- a member, before it is restarted -- */

static void
bundle_begin(struct bundle *b, struct flow *f, struct archive *files, long ms)
{
    kube_set_patience(f->k, BUNDLE_EACH_MS, clock_ms() + ms);
    f->answer_ms = BUNDLE_EACH_MS;
    *b = (struct bundle){
        .f = f,
        .files = files,
        .missing = BUF_LIMIT(256 * 1024),
    };
    secrets_begin(&b->secrets, f, 2 * ms);
}

static void
bundle_end(struct bundle *b)
{
    kube_set_patience(b->f->k, 0, 0);
    b->f->answer_ms = 0;
    buf_free(&b->missing);
}

void
bundle_keep_member(struct flow *f, const struct flow_pod *p)
{
    auto_free char *folder = mem_printf("before-rescue/%s", p->name);
    auto_free char *name = mem_printf("%s/pod.json", folder);
    struct bundle b;

    if (f->rq->bundle == NULL) {
        return;
    }
    bundle_begin(&b, f, &f->evidence, BUNDLE_MEMBER_MS);
    bundle_add_json(&b, name, flow_pod_object(f, p->name));
    bundle_logs(&b, p, folder);
    bundle_end(&b);
}

/* -- all of it -- */

/* The run's own events: parsed, so that they are still JSON without their secrets. */
static void
bundle_run(struct bundle *b)
{
    auto_free char *lines = ui_events(b->f->u);
    auto_buf struct buf out = BUF_LIMIT(BUNDLE_RUN_BYTES);
    struct err ignored = { 0 };

    for (const char *at = lines; *at != '\0';) {
        size_t len = strcspn(at, "\n");
        auto_json json_t *event = json_parse(at, len, "an event", &ignored);
        auto_free char *text = NULL;

        redact_json(event, &b->secrets.watch);
        text = event != NULL ? json_text(event) : mem_strdup("");
        (void)!buf_printf(&out, "%s\n", text);
        at += len + (at[len] == '\n');
    }
    bundle_put(b, "run.jsonl", buf_text(&out), out.len);
}

static void
bundle_add_evidence(struct bundle *b)
{
    const struct archive *kept = &b->f->evidence;

    for (size_t i = 0; i < kept->n; i++) {
        bundle_put(b, kept->files[i].name, kept->files[i].data, kept->files[i].len);
    }
}

static void
bundle_collect(struct bundle *b, const struct ui_result *r)
{
    ui_emit(b->f->u, &(struct ui_event){ .type = UI_WAIT,
                                         .id = "bundle",
                                         .pod = "",
                                         .text = "logs and events, to be kept",
                                         .now = "",
                                         .want = "",
                                         .limit_ms = BUNDLE_MS });
    bundle_plan(b);
    bundle_objects(b);
    bundle_add_evidence(b);
    bundle_ask(b);
    b->last = true;
    bundle_run(b);
    secrets_go_on(&b->secrets, BUNDLE_README_MS);
    bundle_readme(b, r);
}

/* "20261121T104302Z" */
static char *
bundle_stamp(long long wall_ms, char *out, size_t size)
{
    char time[BUNDLE_STAMP];
    size_t n = 0;

    clock_rfc3339(wall_ms, time, sizeof time);
    for (const char *c = time; *c != '\0' && n + 1 < size; c++) {
        if (*c != '-' && *c != ':') {
            out[n++] = *c;
        }
    }
    out[n] = '\0';
    return out;
}

/* All files lie in one folder, so that they can be unpacked anywhere. */
static void
bundle_set_folder(struct archive *files, const char *folder)
{
    for (size_t i = 0; i < files->n; i++) {
        char *name = mem_printf("%s/%s", folder, files->files[i].name);

        free(files->files[i].name);
        files->files[i].name = name;
    }
}

/* Under the first name that is free: a file that exists is never replaced. */
static int
bundle_save(const struct flow *f, struct archive *files, char **path, struct err *e)
{
    long long wall = clock_wall_ms();
    char stamp[BUNDLE_STAMP];
    auto_free char *name =
        mem_printf("%s-%s", f->rq->name, bundle_stamp(wall, stamp, sizeof stamp));
    int got = -1;

    bundle_set_folder(files, name);
    for (int n = 1; n <= BUNDLE_TRIES; n++) {
        char more[16] = "";
        auto_free char *file = NULL;

        if (n > 1) {
            (void)snprintf(more, sizeof more, "-%d", n);
        }
        file = mem_printf("%s/%s%s.tar.gz", f->rq->bundle, name, more);
        got = archive_write(files, file, wall / 1000, e);
        if (got == 0) {
            *path = scope_steal(&file);
        }
        if (got == 0 || !str_eq(e->reason, "FILE_EXISTS")) {
            break;
        }
        err_clear(e);
    }
    return got;
}

/* A run that had the lock and did not end well; what was refused is told in full. */
static bool
bundle_is_due(const struct flow *f, int status)
{
    static const int statuses[] = { EXIT_ERROR, EXIT_INCOMPLETE, EXIT_WALKED_BACK,
                                    EXIT_TIME, EXIT_INTERRUPTED };
    bool due = false;

    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        due = due || statuses[i] == status;
    }
    return due && f->rq->bundle != NULL && f->had_lock && sig_asked() != SIG_STOP_NOW;
}

char *
bundle_write(struct flow *f, const struct ui_result *r)
{
    auto_archive struct archive files = { 0 };
    enum kube_mode mode = kube_get_mode(f->k);
    struct err e = { 0 };
    struct bundle b;
    char *path = NULL;

    if (!bundle_is_due(f, r->exit_status)) {
        return NULL;
    }
    kube_set_mode(f->k, KUBE_READ_ONLY);
    bundle_begin(&b, f, &files, BUNDLE_MS);
    bundle_collect(&b, r);
    if ((int)sig_asked() == b.secrets.asked && bundle_save(f, &files, &path, &e) < 0 &&
        e.code != ERR_INTERRUPTED) {
        tell_warning(f, "--bundle DIR chooses another folder, --bundle none does without",
                     "logs and events could not be kept: %s", e.msg);
    }
    bundle_end(&b);
    kube_set_mode(f->k, mode);
    return path;
}
