#include "report/bundle.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/archive.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/sig.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "kube/client.h"
#include "kubedb/redact.h"
#include "lock/lock.h"
#include "lock/secrets.h"
#include "report/exit_status.h"
#include "run/emit.h"
#include "run/target.h"
#include "ui/ui.h"

enum {
    BUNDLE_MS = 10 * 1000,       /* to ask for all of it; twice that to write it */
    BUNDLE_MEMBER_MS = 5 * 1000, /* of a member, before it is restarted */
    BUNDLE_README_MS = 2000,     /* to write that, which tells what is missing */
    BUNDLE_TRIES = 9,            /* names, where others exist */
    BUNDLE_STAMP = 32,
};

/* -- what goes into it -- */

/* -- a member, before it is restarted -- */

static void
bundle_begin(struct bundle *b, struct cluster *cluster, struct archive *files, long ms)
{
    kube_set_patience(cluster->target->kube, BUNDLE_EACH_MS, clock_ms() + ms);
    cluster->answer_ms = BUNDLE_EACH_MS;
    *b = (struct bundle){
        .cluster = cluster,
        .files = files,
        .missing = BUF_LIMIT(256 * 1024),
    };
    secrets_begin(&b->secrets, cluster->run, 2 * ms);
}

static void
bundle_end(struct bundle *b)
{
    kube_set_patience(b->cluster->target->kube, 0, 0);
    b->cluster->answer_ms = 0;
    buf_free(&b->missing);
}

void
bundle_keep_member(struct cluster *cluster, const struct member *p)
{
    auto_free char *folder = mem_printf("before-rescue/%s", p->name);
    auto_free char *name = mem_printf("%s/pod.json", folder);
    struct bundle b;

    if (cluster->target->request->bundle == NULL) {
        return;
    }
    bundle_begin(&b, cluster, &cluster->progress.evidence, BUNDLE_MEMBER_MS);
    bundle_add_json(&b, name, mirror_pod_object(cluster, p->name));
    bundle_logs(&b, p, folder);
    bundle_end(&b);
}

/* -- all of it -- */

/* The run's own events: parsed, so that they are still JSON without their secrets. */
static void
bundle_run(struct bundle *b)
{
    auto_free char *lines = ui_events(b->cluster->run->ui);
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
    const struct archive *kept = &b->cluster->progress.evidence;

    for (size_t i = 0; i < kept->n; i++) {
        bundle_put(b, kept->files[i].name, kept->files[i].data, kept->files[i].len);
    }
}

static void
bundle_collect(struct bundle *b, const struct ui_result *r)
{
    ui_emit(b->cluster->run->ui,
            &(struct ui_event){ .type = UI_WAIT,
                                .id = "bundle",
                                .pod.name = "",
                                .text = "logs and events for the bundle",
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
bundle_save(const struct target *target, struct archive *files, char **path,
            struct err *e)
{
    long long wall = clock_wall_ms();
    char stamp[BUNDLE_STAMP];
    auto_free char *name = mem_printf("%s-%s", target->request->name,
                                      bundle_stamp(wall, stamp, sizeof stamp));
    int got = -1;

    bundle_set_folder(files, name);
    for (int n = 1; n <= BUNDLE_TRIES; n++) {
        char more[16] = "";
        auto_free char *file = NULL;

        if (n > 1) {
            (void)snprintf(more, sizeof more, "-%d", n);
        }
        file = mem_printf("%s/%s%s.tar.gz", target->request->bundle, name, more);
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
bundle_is_due(const struct lock *lock, int status)
{
    static const int statuses[] = { EXIT_ERROR, EXIT_INCOMPLETE, EXIT_WALKED_BACK,
                                    EXIT_TIME, EXIT_INTERRUPTED };
    bool due = false;

    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        due = due || statuses[i] == status;
    }
    return due && lock->target->request->bundle != NULL && lock->taken &&
           sig_asked() != SIG_STOP_NOW;
}

char *
bundle_write(struct cluster *cluster, const struct ui_result *r)
{
    auto_archive struct archive files = { 0 };
    enum kube_mode mode = kube_get_mode(cluster->target->kube);
    struct err e = { 0 };
    struct bundle b;
    char *path = NULL;

    if (!bundle_is_due(cluster->lock, r->exit_status)) {
        return NULL;
    }
    kube_set_mode(cluster->target->kube, KUBE_READ_ONLY);
    bundle_begin(&b, cluster, &files, BUNDLE_MS);
    bundle_collect(&b, r);
    if ((int)sig_asked() == b.secrets.asked &&
        bundle_save(cluster->target, &files, &path, &e) < 0 &&
        e.code != ERR_INTERRUPTED) {
        emit_warning(cluster->run,
                     "use --bundle DIR to choose another directory, or --bundle none to "
                     "skip the bundle",
                     "could not write the diagnostic bundle: %s", e.msg);
    }
    bundle_end(&b);
    kube_set_mode(cluster->target->kube, mode);
    return path;
}
