#include "double_rehearsal.h"

enum { REHEARSAL_STARTS_MS = 1500, REHEARSAL_WORK_MS = 2000 };

bool
world_has_labels(const json_t *object, const char *labels)
{
    for (size_t n = 0; *labels != '\0'; labels += n + (labels[n] == ',' ? 1 : 0)) {
        size_t key = strcspn(labels, "=");
        auto_free char *name = mem_strndup(labels, key);
        const char *has = json_string_value(
            json_object_get(json_path(object, "metadata.labels"), name));

        n = strcspn(labels, ",");
        if (has == NULL || strncmp(has, labels + key + 1, n - key - 1) != 0) {
            return false;
        }
    }
    return true;
}

const json_t *
rehearsal_pod_object(void)
{
    return world_find("pods", REHEARSAL_POD);
}

bool
rehearsal_is_it(const char *resource, const char *name)
{
    return str_eq(resource, "pods") && str_eq(name, REHEARSAL_POD);
}

/* Before anything is changed: nobody may be paused, nor an upgrade be on its way. That
 * there is a journal is not enough for that. */
static void
rehearsal_observe(const char *what)
{
    auto_json json_t *journal = world_journal();

    if (world_paused() ||
        (journal != NULL && str_eq(json_path_str(journal, "to"),
                                   json_path_str(world_db(), "spec.version")))) {
        observe_violation("%s of the rehearsal in the midst of an upgrade", what);
    }
}

void
rehearsal_made(void)
{
    const json_t *labels = json_path(rehearsal_pod_object(), "metadata.labels");

    rehearsal_observe("making the pod");
    if (json_object_get(labels, "app.kubernetes.io/instance") != NULL) {
        observe_violation("the rehearsal's pod is taken for a member");
    }
    world.rehearsal =
        (struct rehearsal_model){ .start_at = double_now + REHEARSAL_STARTS_MS };
}

void
rehearsal_gone(void)
{
    world.rehearsal = (struct rehearsal_model){ 0 };
}

static json_t *
rehearsal_status(const char *name, bool bad)
{
    return json_pack("{s:s, s:b, s:i, s:o}", "name", name, "ready", !bad, "restartCount",
                     0, "state",
                     bad ? json_pack("{s:{s:s}}", "waiting", "reason", "ErrImagePull")
                         : json_pack("{s:{}}", "running"));
}

static void
rehearsal_start(void)
{
    json_t *pod = world_edit("pods", REHEARSAL_POD);
    bool bad =
        str_eq(world_image(json_path(pod, "spec"), "containers", "new"), world.bad_image);
    json_t *all = NULL;

    world.rehearsal.start_at = 0;
    if (world.rehearsal_unscheduled) {
        json_decref(pod);
        return;
    }
    all = json_array();
    world_set_path(pod, "spec.nodeName", json_string("node-1"));
    world_set_path(pod, "status",
                   json_pack("{s:s, s:o}", "phase", bad ? "Pending" : "Running",
                             "containerStatuses", all));
    if (*world_image(json_path(pod, "spec"), "containers", "old") != '\0') {
        (void)json_array_append_new(all, rehearsal_status("old", false));
    }
    (void)json_array_append_new(all, rehearsal_status("new", bad));
    world_put("pods", pod);
    world.rehearsal.running = true;
}

void
rehearsal_pass(void)
{
    struct rehearsal_model *r = &world.rehearsal;

    if (r->start_at != 0 && double_now >= r->start_at) {
        rehearsal_start();
    }
    if (r->job_ends != 0 && double_now >= r->job_ends) {
        r->job_ends = 0;
        r->copied |= str_eq(r->job, "copy");
        r->failed = str_eq(r->job, world.rehearsal_failing);
    }
}

/* -- the script -- */

static int
rehearsal_state(struct buf *out)
{
    const struct rehearsal_model *r = &world.rehearsal;

    (void)!buf_printf(out,
                      "binaries\t15\ndata\t15\nnew\tabsent\nserver\tdown\njob\t%s\n"
                      "job_state\t%s\njob_lost\tno\njob_full\t%s\n"
                      "job_says\t\"working\"\n",
                      r->job,
                      r->job[0] == '\0'  ? ""
                      : r->job_ends != 0 ? "running"
                      : r->failed        ? "failed"
                                         : "done",
                      world.rehearsal_full ? "yes" : "no");
    world_say_text(out, "job_error", r->failed ? world.rehearsal_fails : "");
    return 0;
}

static int
rehearsal_begin(const char *job, struct buf *out)
{
    struct rehearsal_model *r = &world.rehearsal;

    rehearsal_observe(job);
    if (!(str_eq(job, "copy") ? r->schema : r->copied)) {
        observe_violation("%s of the rehearsal before its time", job);
    }
    if (r->job_ends == 0) {
        str_copy(r->job, sizeof r->job, job);
        r->job_ends = double_now + REHEARSAL_WORK_MS;
    }
    return rehearsal_state(out);
}

int
rehearsal_try(const char *lines, bool live, struct buf *out)
{
    rehearsal_observe("a trial of the configuration");
    if (!live) {
        observe_violation("a trial of the configuration in a dry run");
    }
    if (world.trial_wants != NULL && !str_eq(lines, world.trial_wants)) {
        observe_violation("a trial of another configuration: %s", lines);
    }
    (void)!buf_puts(out, world.trial_says != NULL ? world.trial_says : "");
    return world.trial_code;
}

int
rehearsal_answer(const char *const *argv, bool live, struct buf *out)
{
    if (!live) {
        observe_violation("%s of the rehearsal in a dry run", argv[4]);
    }
    if (str_eq(argv[4], "state")) {
        return rehearsal_state(out);
    }
    if (str_eq(argv[4], "missed")) {
        (void)!buf_printf(out, "missed\t%s\n",
                          world.rehearsal_missed != NULL ? world.rehearsal_missed
                                                         : "[0, \"\"]");
        return 0;
    }
    if (str_eq(argv[4], "copy") || str_eq(argv[4], "upgrade")) {
        return rehearsal_begin(argv[4], out);
    }
    observe_violation("%s in the rehearsal's pod", argv[4]);
    return 1;
}
