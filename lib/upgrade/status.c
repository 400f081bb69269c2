#include "upgrade/status.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/sig.h"
#include "base/str.h"
#include "engine/engine.h"
#include "kube/client.h"
#include "kubedb/journal_form.h"
#include "lock/journal.h"
#include "lock/lease.h"
#include "run/run.h"
#include "upgrade/status_private.h"

enum {
    STATUS_WATCH_MS = 6000, /* runs renew every four seconds */
    STATUS_PROBE_MS = 500,
    STATUS_SKEW_MS = 2000, /* a renewal so far in the future: the clocks differ */
};

static void
status_row_clear(struct status_row *r)
{
    json_decref(r->objects.lease);
    json_decref(r->objects.journal);
    json_decref(r->objects.request);
    json_decref(r->objects.database);
    json_decref(r->objects.pods);
    free(r->members);
    *r = (struct status_row){ 0 };
}

void
status_free(struct status_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        status_row_clear(&l->at[i]);
    }
    free(l->at);
    *l = (struct status_list){ 0 };
}

void
status_add(struct status_list *l, const struct status_row *row)
{
    l->at = mem_grow(l->at, l->n + 1, sizeof *l->at);
    l->at[l->n++] = *row;
}

/* -- one Lease -- */

static bool
status_looks_alive(const struct status_row *r)
{
    return r->lock.alive ||
           (r->lock.renewed_ms >= 0 && r->lock.seen_ms <= r->lock.lease_ms);
}

/* Reads the clocks: where they differ, `alive` knows more. */
static enum status_state
status_judge(const struct status_row *r)
{
    if (r->journal.format > JOURNAL_VERSION) {
        return STATUS_NEWER;
    }
    if (r->objects.journal == NULL) {
        return STATUS_UNREADABLE;
    }
    if (*r->lock.holder == '\0') {
        return STATUS_STOPPED;
    }
    if (!status_looks_alive(r)) {
        return STATUS_SILENT;
    }
    return *r->lock.held_by != '\0' ? STATUS_HELD : STATUS_RUNNING;
}

/* Reads a Lease (borrowed) into a row; false: it is none of an upgrade. Without a journal
 * it is a cleanup's. */
static bool
status_parse(json_t *lease, struct status_row *r)
{
    const struct engine *en = NULL;
    const char *name = lease_database(json_path_str(lease, "metadata.name"), &en);
    const char *text = lease_annotation(lease, LEASE_JOURNAL);
    const char *asked = lease_annotation(lease, LEASE_CTL);
    json_t *journal = NULL;
    json_t *request = NULL;
    struct err unread = { 0 };

    (void)journal_form_read(text, strlen(text), &journal, &unread);
    (void)journal_form_read_request(asked, strlen(asked), &request, &unread);

    *r = (struct status_row){
        .engine = en,
        .name_space = json_path_str(lease, "metadata.namespace"),
        .name = name,
        .journal.from = json_path_str(journal, "from"),
        .journal.to = json_path_str(journal, "to"),
        .journal.started = json_path_str(journal, "started"),
        .journal.by = json_path_str(journal, "by"),
        .journal.back = journal_direction(journal) == DIRECTION_BACK,
        .journal.step = lease_annotation(lease, LEASE_STEP),
        .lock.holder = json_path_str(lease, "spec.holderIdentity"),
        .lock.held_by = lease_annotation(lease, LEASE_HELD),
        .lock.asked = json_path_str(request, "verb"),
        .lock.asked_by = json_path_str(request, "by"),
        .lock.renewed = json_path_str(lease, "spec.renewTime"),
        .lock.lease_ms = lease_duration_ms(lease),
        .journal.format = journal_form_version(text, strlen(text)),
        .database.version = "",
        .database.phase = "",
        .database.paused_message = "",
        .objects.lease = json_incref(lease),
        .objects.journal = journal,
        .objects.request = request,
    };
    r->lock.renewed_ms = clock_parse_rfc3339(r->lock.renewed);
    r->lock.seen_ms = clock_wall_ms() - r->lock.renewed_ms;
    r->state = status_judge(r);
    if (name == NULL || *text == '\0') {
        status_row_clear(r);
        return false;
    }
    return true;
}

static bool
status_wanted(const struct status_query *q, const struct status_row *r)
{
    return (q->engine == NULL || q->engine == r->engine) &&
           (q->name == NULL || str_eq(q->name, r->name));
}

static void
status_take(const struct status_query *q, json_t *lease, struct status_list *l)
{
    struct status_row row;

    if (!status_parse(lease, &row)) {
        return;
    }
    if (status_wanted(q, &row)) {
        status_add(l, &row);
    } else {
        status_row_clear(&row);
    }
}

/* -- all of them -- */

/* One by its name: who may get it need not be able to list all. */
static int
status_get(const struct status_query *q, struct kube *k, struct status_list *l,
           struct err *e)
{
    auto_json json_t *lease = NULL;
    char name[LEASE_NAME_MAX];
    const struct kube_ref ref =
        lease_ref(q->name_space, lease_name(q->engine, q->name, name, sizeof name));

    if (kube_get(k, &ref, &lease, e) < 0) {
        return e->code == ERR_NOT_FOUND ? 0 : -1;
    }
    status_take(q, lease, l);
    return 0;
}

static int
status_list_all(const struct status_query *q, struct kube *k, struct status_list *l,
                struct err *e)
{
    const struct kube_ref ref = lease_ref(q->name_space, NULL);
    auto_json json_t *list = NULL;
    json_t *lease = NULL;
    size_t i = 0;

    if (kube_list(k, &ref, LEASE_LABEL, &list, e) < 0) {
        return -1;
    }
    json_array_foreach (json_object_get(list, "items"), i, lease) {
        status_take(q, lease, l);
    }
    return 0;
}

static int
status_find(const struct status_query *q, struct kube *k, struct status_list *l,
            struct err *e)
{
    bool one = q->name != NULL && q->engine != NULL && q->name_space != NULL;
    int got = one ? status_get(q, k, l, e) : status_list_all(q, k, l, e);

    if (got < 0 && e->code == ERR_FORBIDDEN) {
        err_hint(e, "the right to %s leases.coordination.k8s.io%s is required",
                 one ? "get" : "list", q->name_space == NULL ? " in all namespaces" : "");
    }
    return got;
}

/* -- the holders that look dead -- */

static bool
status_is_doubtful(const struct status_row *r)
{
    return !r->lock.alive && (r->state == STATUS_SILENT ||
                              ((r->state == STATUS_RUNNING || r->state == STATUS_HELD) &&
                               r->lock.seen_ms < -STATUS_SKEW_MS));
}

static void
status_remove(struct status_list *l, size_t i)
{
    status_row_clear(&l->at[i]);
    l->n--;
    memmove(&l->at[i], &l->at[i + 1], (l->n - i) * sizeof *l->at);
}

/* Looks again at a row; false: its run has ended meanwhile. */
static bool
status_look_again(struct kube *k, struct status_row *r)
{
    const struct kube_ref ref =
        lease_ref(r->name_space, json_path_str(r->objects.lease, "metadata.name"));
    auto_json json_t *lease = NULL;
    struct err e = { 0 };
    struct status_row now;

    if (kube_get(k, &ref, &lease, &e) < 0) {
        return e.code != ERR_NOT_FOUND;
    }
    if (str_eq(json_path_str(lease, "spec.renewTime"), r->lock.renewed) &&
        str_eq(json_path_str(lease, "spec.holderIdentity"), r->lock.holder)) {
        return true;
    }
    if (status_parse(lease, &now)) {
        now.lock.alive = true;
        now.state = status_judge(&now);
        status_row_clear(r);
        *r = now;
    }
    return true;
}

static size_t
status_look_at_doubtful(struct kube *k, struct status_list *l)
{
    size_t doubtful = 0;

    for (size_t i = 0; i < l->n; i++) {
        if (!status_is_doubtful(&l->at[i])) {
            continue;
        }
        if (!status_look_again(k, &l->at[i])) {
            status_remove(l, i--);
        } else if (status_is_doubtful(&l->at[i])) {
            doubtful++;
        }
    }
    return doubtful;
}

/* A renewal can be old only because the holder's clock is not ours: then the next one
 * comes while we look. One that never comes was made by somebody dead. */
static int
status_watch(struct kube *k, struct status_list *l, struct err *e)
{
    long long end = clock_ms() + STATUS_WATCH_MS;
    bool doubt = false;

    for (size_t i = 0; i < l->n; i++) {
        doubt |= status_is_doubtful(&l->at[i]);
    }
    while (doubt && clock_ms() < end) {
        kube_pump(k, STATUS_PROBE_MS);
        if (sig_asked() != SIG_STOP_NONE) {
            return err_set(e, ERR_INTERRUPTED, "interrupted by %s", sig_text());
        }
        doubt = status_look_at_doubtful(k, l) > 0;
    }
    for (size_t i = 0; doubt && i < l->n; i++) {
        if (status_is_doubtful(&l->at[i])) {
            l->at[i].state = STATUS_SILENT;
        }
    }
    return 0;
}

static int
status_compare(const void *a, const void *b)
{
    const struct status_row *x = a;
    const struct status_row *y = b;
    char left[320];
    char right[320];
    int order = strcmp(x->name_space, y->name_space);

    return order != 0 ? order
                      : strcmp(status_database(x, left, sizeof left),
                               status_database(y, right, sizeof right));
}

int
status_read(const struct status_query *q, struct kube *k, struct status_list *out,
            struct err *e)
{
    auto_status struct status_list l = { 0 };

    if (status_find(q, k, &l, e) < 0 || status_watch(k, &l, e) < 0 ||
        (q->engine != NULL && status_look_left(q, k, &l, e) < 0)) {
        return -1;
    }
    for (size_t i = 0; q->name != NULL && i < l.n; i++) {
        status_look(k, &l.at[i]);
    }
    if (l.n > 0) {
        qsort(l.at, l.n, sizeof *l.at, status_compare);
    }
    *out = l;
    l = (struct status_list){ 0 };
    return 0;
}
