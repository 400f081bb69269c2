#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "base/visible.h"
#include "cluster/cluster.h"
#include "cluster/routers.h"
#include "cluster/sets.h"
#include "engine/engine.h"
#include "engine/role.h"
#include "kube/client.h"
#include "kubedb/pod.h"
#include "kubedb/redact.h"
#include "kubedb/workload.h"
#include "procedure/steps.h"
#include "report/bundle.h"
#include "run/course.h"
#include "run/run.h"
#include "ui/ui.h"

#ifndef DBU_VERSION
#define DBU_VERSION "unknown"
#endif

enum { BUNDLE_LINE = 16 * 1024 };

/* -- the plan, and where it stands -- */

static json_t *
bundle_steps(const struct cluster *cluster)
{
    json_t *steps = mem_check(json_array());
    unsigned n = 1;

    for (const struct step *s = procedure_steps(cluster->run); s->name != NULL; s++) {
        unsigned width = step_count(cluster, s);
        const char *state = cluster->run->step.number >= n + width ? "done"
                            : cluster->run->step.number >= n       ? "here"
                                                                   : "pending";

        (void)json_array_append_new(
            steps,
            mem_check(json_pack("{s:i, s:s, s:s, s:i, s:b, s:s}", "n", (int)n, "id",
                                s->name, "title", s->title, "times", (int)width,
                                "reversible", s->reversible, "state", state)));
        n += width;
    }
    return steps;
}

static void
bundle_add_pod(const struct cluster *cluster, json_t *members, const struct member *p,
               const char *role)
{
    (void)json_array_append_new(
        members, mem_check(json_pack("{s:s, s:s, s:s, s:b, s:b}", "pod", p->name, "role",
                                     role, "version", p->version, "verified", p->verified,
                                     "failed", p == cluster->progress.failed)));
}

/* And what is in front of them. */
static json_t *
bundle_members(const struct cluster *cluster)
{
    json_t *members = mem_check(json_array());

    for (size_t i = 0; i < cluster->n_pods; i++) {
        bundle_add_pod(cluster, members, &cluster->pods[i],
                       role_words(cluster->pods[i].role)->shown);
    }
    for (size_t i = 0; i < routers_count(cluster); i++) {
        bundle_add_pod(cluster, members, &cluster->routers->pods[i],
                       cluster->routers->set.role);
    }
    return members;
}

void
bundle_plan(struct bundle *b)
{
    const struct cluster *cluster = b->cluster;
    auto_json json_t *plan = mem_check(json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:b, s:i, s:i, s:s, s:o, s:o, s:o}", "database",
        cluster->target->request->name, "namespace", cluster->target->request->name_space,
        "from", cluster->plan->from_name, "to", cluster->plan->to_name, "direction",
        course_is_forward(cluster->run) ? "forward" : "back", "resumed",
        cluster->plan->resuming, "step", (int)cluster->run->step.number, "of",
        (int)cluster->run->step.of, "title",
        cluster->run->step.title != NULL ? cluster->run->step.title : "", "steps",
        bundle_steps(cluster), "members", bundle_members(cluster), "images",
        image_changes_to_json(&cluster->sets[0].images)));

    sets_to_journal(cluster, plan);
    bundle_add_json(b, "plan.json", plan);
}

/* -- README -- */

void
bundle_say(struct buf *out, const char *fmt, ...)
{
    auto_buf struct buf line = BUF_LIMIT(BUNDLE_LINE);
    char text[BUNDLE_LINE];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)!visible_add(&line, text, strlen(text), VISIBLE_LINE);
    (void)!buf_printf(out, "%s\n", buf_text(&line));
}

static void
bundle_say_lines(struct buf *out, const char *label, const char *lines)
{
    while (*lines != '\0') {
        size_t len = strcspn(lines, "\n");

        bundle_say(out, "%-8s%.*s", label, (int)len, lines);
        lines += len + (lines[len] == '\n');
    }
}

static void
bundle_say_run(struct buf *out, const struct run *run, const struct ui_result *r)
{
    char now[32];

    (void)!buf_printf(out,
                      "kubectl-dbupgrade %s wrote this bundle at %s,\n"
                      "when a run ended with exit status %d.\n"
                      "\n",
                      DBU_VERSION, clock_rfc3339(clock_wall_ms(), now, sizeof now),
                      r->exit_status);
    bundle_say(out, "%s/%s in namespace %s, context %s, %s", run->target->engine->name,
               run->target->request->name, run->target->request->name_space,
               run->target->request->context, kube_server(run->target->kube));
    bundle_say(out, "%s from %s to %s, step %u of %u (%s)",
               course_is_forward(run) ? "forward" : "rollback", run->plan->from_name,
               run->plan->to_name, run->step.number, run->step.of,
               run->step.title != NULL ? run->step.title : "start");
    (void)!buf_puts(out, "\n");
    bundle_say_lines(out, "ERROR", r->err->msg);
    bundle_say_lines(out, "DETAIL", r->err->detail);
    bundle_say_lines(out, "STATE", r->state != NULL ? r->state : "");
    bundle_say_lines(out, "HINT", r->err->hint);
    bundle_say_lines(out, "HINT", r->resume != NULL ? r->resume : "");
}

static const char bundle_files[] =
    "\n"
    "Files (some are present only if there was something to keep)\n"
    "  run.jsonl                  the last 2,000 events of this run\n"
    "  plan.json                  the steps, members and images, and the state of each\n"
    "  journal.json, lease.json   the journal and the lock, which a resume reads\n"
    "  database.json, set.json    the database object; its PetSet or StatefulSet\n"
    "  set-NAME.json              its other workloads, as of read replicas or routers\n"
    "  pods/, containers.txt      the members; a summary of their containers\n"
    "  opsrequests.json           the OpsRequests for this database\n"
    "  poddisruptionbudgets.json  the PodDisruptionBudgets of the namespace\n"
    "  events.txt, events.json    the namespace's events about these objects\n"
    "  logs/POD/                  the last 500 lines of each container, and of its\n"
    "                             previous instance (.previous)\n"
    "  before-rescue/POD/         a member that could not start, before its previous\n"
    "                             images were restored\n"
    "  replication/               the replication state of each server at the end\n"
    "  kubernetes-version.json    the API server's version\n"
    "\n"
    "Secrets\n"
    "  " REDACT_MARK
    " replaces passwords, tokens, keys and the values of variables with such names.\n"
    "  Kubernetes Secrets are never included. Logs may contain sensitive data of yours\n"
    "  that looks like none of these: review them before you share this bundle.\n";

void
bundle_readme(struct bundle *b, const struct ui_result *r)
{
    auto_buf struct buf text = BUF_LIMIT(1024 * 1024);

    bundle_say_run(&text, b->cluster->run, r);
    (void)!buf_puts(&text, bundle_files);
    if (b->missing.len > 0) {
        (void)!buf_printf(&text,
                          "\n"
                          "Missing or not current\n"
                          "%s",
                          buf_text(&b->missing));
    }
    bundle_add(b, "README.txt", buf_text(&text));
}

/* -- pods -- */

static void
bundle_tell_state(struct buf *out, const char *label, const json_t *state)
{
    const char *kind = NULL;
    json_t *value = NULL;

    json_object_foreach (json_mutable(state), kind, value) {
        auto_free char *text = json_text(value);

        bundle_say(out, "      %-8s %s %s", label, kind, text);
    }
}

void
bundle_tell_pod(struct buf *out, const json_t *pod)
{
    static const char *const lists[] = { "status.initContainerStatuses",
                                         "status.containerStatuses" };
    char doing[512];

    bundle_say(out, "%s  %s  uid %s  node %s", json_path_str(pod, "metadata.name"),
               json_path_str(pod, "status.phase"), json_path_str(pod, "metadata.uid"),
               json_path_str(pod, "spec.nodeName"));
    bundle_say(out, "  %s", pod_doing(pod, clock_wall_ms(), doing, sizeof doing));
    for (size_t list = 0; list < sizeof lists / sizeof *lists; list++) {
        size_t i = 0;
        json_t *s = NULL;

        json_array_foreach (json_path(pod, lists[list]), i, s) {
            bundle_say(out, "    %s  %s  %lld restarts  %s", json_path_str(s, "name"),
                       json_path_true(s, "ready") ? "ready" : "not ready",
                       json_path_int(s, "restartCount", 0), json_path_str(s, "image"));
            bundle_tell_state(out, "now", json_path(s, "state"));
            bundle_tell_state(out, "before", json_path(s, "lastState"));
        }
    }
}

/* -- events -- */

static bool
bundle_is_about(const json_t *event, const char *const *names)
{
    const char *of = json_path_str(event, "involvedObject.name");

    for (; *names != NULL; names++) {
        size_t n = strlen(*names);
        size_t len = strlen(of);

        if (str_eq(of, *names) ||
            (len > n && of[len - n - 1] == '-' && str_ends(of, *names))) {
            return true;
        }
    }
    return false;
}

/* Kubernetes has two ways to write an event, and each may leave out the other's time. */
static const char *
bundle_event_time(const json_t *event)
{
    static const char *const paths[] = { "series.lastObservedTime", "lastTimestamp",
                                         "eventTime", "firstTimestamp",
                                         "metadata.creationTimestamp" };
    const char *time = "";

    for (size_t i = 0; i < sizeof paths / sizeof *paths && *time == '\0'; i++) {
        time = json_path_str(event, paths[i]);
    }
    return time;
}

struct bundle_event {
    json_t *event;
};

static int
bundle_compare_events(const void *a, const void *b)
{
    const struct bundle_event *x = a;
    const struct bundle_event *y = b;

    return strcmp(bundle_event_time(x->event), bundle_event_time(y->event));
}

json_t *
bundle_choose_events(const json_t *list, const char *const *names)
{
    json_t *items = json_path(list, "items");
    auto_free struct bundle_event *all =
        mem_grow(NULL, json_array_size(items) + 1, sizeof *all);
    json_t *chosen = mem_check(json_array());
    size_t n = 0;
    size_t i = 0;
    json_t *event = NULL;

    json_array_foreach (items, i, event) {
        if (bundle_is_about(event, names)) {
            all[n++].event = event;
        }
    }
    qsort(all, n, sizeof *all, bundle_compare_events);
    for (i = 0; i < n; i++) {
        (void)json_array_append(chosen, all[i].event);
    }
    return chosen;
}

void
bundle_tell_events(struct buf *out, const json_t *events)
{
    size_t i = 0;
    json_t *ev = NULL;

    json_array_foreach (events, i, ev) {
        long long count =
            json_path_int(ev, "series.count", json_path_int(ev, "count", 1));

        bundle_say(out, "%s  %-7s  %s/%s  %s  x%lld  %s", bundle_event_time(ev),
                   json_path_str(ev, "type"), json_path_str(ev, "involvedObject.kind"),
                   json_path_str(ev, "involvedObject.name"), json_path_str(ev, "reason"),
                   count, json_path_str(ev, "message"));
    }
}
