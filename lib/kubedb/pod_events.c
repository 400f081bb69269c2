#include "kubedb/pod_events.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

/* What an event means to us: a trouble, or the end of one (no reason). */
struct event_row {
    const char *event;
    const char *reason;
    const char *hint;
};

#define EVENT_VOLUME_HINT "to see the events of its volumes: kubectl describe pod"

static const struct event_row events_pod_rows[] = {
    { "FailedAttachVolume", "POD_VOLUME", EVENT_VOLUME_HINT },
    { "FailedMount", "POD_VOLUME", EVENT_VOLUME_HINT },
    { "FailedMapVolume", "POD_VOLUME", EVENT_VOLUME_HINT },
    { "VolumeResizeFailed", "POD_VOLUME", EVENT_VOLUME_HINT },
    { "FailedCreatePodSandBox", "POD_SANDBOX", "its node cannot set up its network" },
    { "SuccessfulAttachVolume", NULL, NULL },
    { "Pulling", NULL, NULL },
    { "Pulled", NULL, NULL },
    { "Created", NULL, NULL },
    { "Started", NULL, NULL },
    { NULL, NULL, NULL },
};

/* What autoscalers say; the one that has no reason is good news. */
static const struct event_row events_node_rows[] = {
    { "TriggeredScaleUp", NULL, NULL },
    { "Nominated", NULL, NULL },
    { "NotTriggerScaleUp", "POD_UNSCHEDULABLE", "" },
    { "FailedScaleUp", "POD_UNSCHEDULABLE", "" },
    { NULL, NULL, NULL },
};

static const struct event_row events_set_rows[] = {
    { "FailedCreate", "POD_CREATE",
      "the pod is created automatically once this is fixed" },
    { "SuccessfulCreate", NULL, NULL },
    { NULL, NULL, NULL },
};

/* When it was seen last: in seconds' precision from the older recorders, which count
 * repetitions, or from a series of the newer ones. */
static long long
event_last(const json_t *event)
{
    static const char *const times[] = { "lastTimestamp", "series.lastObservedTime",
                                         "eventTime", "metadata.creationTimestamp" };
    long long last = 0;

    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        long long at = clock_parse_rfc3339(json_path_str(event, times[i]));

        last = at > last ? at : last;
    }
    return last;
}

static const struct event_row *
event_row_of(const struct event_row *rows, const json_t *event)
{
    const char *reason = json_path_str(event, "reason");

    while (rows->event != NULL && !str_eq(rows->event, reason)) {
        rows++;
    }
    return rows->event != NULL ? rows : NULL;
}

/* Whether a text names a pod, and not one whose name only begins so. */
static bool
event_names(const char *text, const char *pod)
{
    size_t len = strlen(pod);

    for (const char *at = strstr(text, pod); at != NULL; at = strstr(at + 1, pod)) {
        bool begins = at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '-');

        if (begins && !isalnum((unsigned char)at[len]) && at[len] != '-') {
            return true;
        }
    }
    return false;
}

/* The trouble that was heard of last, unless something good came with it or after it.
 * `pod` NULL: all events count. */
static const json_t *
events_latest(const json_t *events, const struct event_row *rows, const char *pod,
              const struct event_row **which)
{
    const json_t *found = NULL;
    long long latest = -1;
    size_t i = 0;
    json_t *event = NULL;

    json_array_foreach (events, i, event) {
        const struct event_row *row = event_row_of(rows, event);
        long long at = event_last(event);

        if (row == NULL ||
            (pod != NULL && !event_names(json_path_str(event, "message"), pod))) {
            continue;
        }
        if (at > latest || (at == latest && row->reason == NULL)) {
            latest = at;
            found = event;
            *which = row;
        }
    }
    return found;
}

/* A message on one line. */
static void
event_text(const char *message, char *out, size_t size)
{
    str_copy(out, size, message);
    for (char *c = out; *c != '\0'; c++) {
        *c = (char)(iscntrl((unsigned char)*c) ? ' ' : *c);
    }
}

bool
events_of_pod(const json_t *events, struct event_trouble *out)
{
    const struct event_row *row = NULL;
    const json_t *event = events_latest(events, events_pod_rows, NULL, &row);
    char text[500];

    if (event == NULL || row->reason == NULL) {
        return false;
    }
    event_text(json_path_str(event, "message"), text, sizeof text);
    *out = (struct event_trouble){ .reason = row->reason, .hint = row->hint };
    (void)snprintf(out->text, sizeof out->text, "%s: %s", row->event, text);
    return true;
}

bool
events_of_set(const json_t *events, const char *pod, struct event_trouble *out)
{
    static const char marker[] = "failed error: ";
    const struct event_row *row = NULL;
    const json_t *event = events_latest(events, events_set_rows, pod, &row);
    const char *message = json_path_str(event, "message");
    const char *why = strstr(message, marker);
    char text[500];

    if (event == NULL || row->reason == NULL) {
        return false;
    }
    event_text(why != NULL ? why + strlen(marker) : message, text, sizeof text);
    *out = (struct event_trouble){ .reason = row->reason, .hint = row->hint };
    /* The admission plugin's words (k8s.io/apiserver plugin/pkg/admission/resourcequota):
     * "exceeded quota: ..." and "failed quota: ...: must specify ...". */
    if (strstr(text, "exceeded quota:") != NULL ||
        strstr(text, "failed quota:") != NULL) {
        out->reason = "POD_QUOTA";
        out->hint = "raise that ResourceQuota, or free some of it; the pod is then "
                    "created automatically";
    }
    (void)snprintf(out->text, sizeof out->text, "the pod cannot be created: %s", text);
    return true;
}

bool
events_await_node(const json_t *events)
{
    const struct event_row *row = NULL;
    const json_t *event = events_latest(events, events_node_rows, NULL, &row);

    return event != NULL && row->reason == NULL;
}
