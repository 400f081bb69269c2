/* The events of a pod and of its set; before them the pod's name.
 * parsers: lib/kubedb/pod_events.c */
#define FUZZ_JSON
#include "base/str.h"
#include "fuzz.h"
#include "kubedb/pod_events.h"

static void
check_trouble(bool found, const struct event_trouble *t)
{
    static const char *const reasons[] = { "POD_VOLUME", "POD_SANDBOX", "POD_QUOTA",
                                           "POD_CREATE" };
    bool known = false;

    if (!found) {
        fuzz_check(t->reason == NULL && t->text[0] == '\0');
        return;
    }
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        known = known || str_eq(t->reason, reasons[i]);
    }
    fuzz_check(known && t->hint != NULL);
    fuzz_check_line(t->text, sizeof t->text);
    fuzz_check(t->text[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_free char *pod = fuzz_text(&in);
    auto_json json_t *events = fuzz_json(&in);
    struct event_trouble of_pod = { 0 };
    struct event_trouble of_set = { 0 };

    check_trouble(events_of_pod(events, &of_pod), &of_pod);
    if (*pod != '\0') {
        check_trouble(events_of_set(events, pod, &of_set), &of_set);
    }
    return 0;
}
