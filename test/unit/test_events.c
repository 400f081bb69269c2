/* What events say about pods that do not come to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/str.h"
#include "kubedb/pod_events.h"
#include "testdata.h"

#define AT(time) "'lastTimestamp':'2026-11-21T10:00:" time "Z'"
#define EVENT(reason, time, message) \
    "{'reason':'" reason "'," AT(time) ",'message':'" message "'}"
#define MOUNT EVENT("FailedMount", "10", "MountVolume.SetUp failed: no configmap")

static const struct {
    const char *events;
    const char *pod;    /* NULL: the events are the pod's own */
    const char *reason; /* NULL: no trouble */
    const char *text;
} rows[] = {
    { "[]", NULL, NULL, "" },
    { "[" MOUNT "]", NULL, "POD_VOLUME",
      "FailedMount: MountVolume.SetUp failed: no configmap" },
    { "[" MOUNT "," EVENT("FailedAttachVolume", "12", "Multi-Attach error") "]", NULL,
      "POD_VOLUME", "FailedAttachVolume: Multi-Attach error" },
    { "[" EVENT("FailedCreatePodSandBox", "10", "no IP\\naddress") "]", NULL,
      "POD_SANDBOX", "FailedCreatePodSandBox: no IP address" },
    { "[" EVENT("Pulling", "10", "") "," MOUNT "]", NULL, NULL, "" },
    { "[" EVENT("Pulling", "09", "") "," MOUNT "]", NULL, "POD_VOLUME",
      "FailedMount: M" },
    { "[" MOUNT "," EVENT("SuccessfulAttachVolume", "11", "") "]", NULL, NULL, "" },
    { "[" EVENT("Unhealthy", "10", "probe failed") "]", NULL, NULL, "" },
    { "[{'reason':'FailedMount','message':'new','eventTime':'2026-11-21T10:00:01.5Z',"
      "'series':{'lastObservedTime':'2026-11-21T10:00:30.25Z'}}," EVENT("Pulled", "20",
                                                                        "") "]",
      NULL, "POD_VOLUME", "FailedMount: new" },
    { "[" EVENT(
          "FailedCreate", "10",
          "create Pod my-db-1 in StatefulSet my-db failed error: pods \\\"my-db-1\\\" "
          "is forbidden: exceeded quota: q, requested: pods=1, used: pods=5, "
          "limited: pods=5") "]",
      "my-db-1", "POD_QUOTA",
      "the pod cannot be created: pods \"my-db-1\" is forbidden: exceeded quota: q, "
      "requested: pods=1, used: pods=5, limited: pods=5" },
    { "[" EVENT("FailedCreate", "10",
                "create Pod my-db-1 in PetSet my-db failed error: "
                "admission webhook denied the request") "]",
      "my-db-1", "POD_CREATE", "the pod cannot be created: admission webhook denied" },
    { "[" EVENT("FailedCreate", "10", "create Pod my-db-10 in PetSet my-db failed") "]",
      "my-db-1", NULL, "" },
    { "[" EVENT("FailedCreate", "10",
                "create Claim data-my-db-1 Pod my-db-1 in PetSet "
                "my-db failed error: no class") "]",
      "my-db-1", "POD_CREATE", "the pod cannot be created: no class" },
    { "[" EVENT(
          "FailedCreate", "10",
          "create Pod my-db-1 in PetSet my-db failed") "," EVENT("SuccessfulCreate", "20",
                                                                 "create Pod my-db-1 in "
                                                                 "PetSet my-db") "]",
      "my-db-1", NULL, "" },
    { "[" EVENT(
          "FailedCreate", "10",
          "create Pod my-db-1 in PetSet my-db failed") "," EVENT("SuccessfulCreate", "20",
                                                                 "create Pod my-db-2 in "
                                                                 "PetSet my-db") "]",
      "my-db-1", "POD_CREATE", "the pod cannot be created: create Pod my-db-1" },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_json json_t *events = testdata_quoted(rows[i].events);
        struct event_trouble t = { 0 };
        bool found = rows[i].pod == NULL ? events_of_pod(events, &t)
                                         : events_of_set(events, rows[i].pod, &t);

        if (found != (rows[i].reason != NULL) ||
            (found &&
             (!str_eq(t.reason, rows[i].reason) || !str_starts(t.text, rows[i].text)))) {
            fail_msg("row %zu: %s %s", i, found ? t.reason : "none", t.text);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
