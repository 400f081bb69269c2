/* What pods wait for besides their servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "kubedb/pod.h"

#define RUNS  "'state': {'running': {}}"
#define READY "{'type': 'Ready', 'status': 'False'}"
#define TWO   "'spec': {'nodeName': 'n1', 'containers': [{}, {}]}"
#define DELETED                                                  \
    "'metadata': {'deletionTimestamp': '2026-11-18T00:00:30Z', " \
    "'deletionGracePeriodSeconds': 30}"

static const struct {
    const char *pod;
    const char *doing;
} rows[] = {
    /* a proxy that is injected, and not ready */
    { "{" TWO ", 'status': {'conditions': [" READY "], 'containerStatuses': [{'name': "
      "'mysql', 'ready': true, " RUNS "}, {'name': 'istio-proxy', 'ready': false, " RUNS
      "}]}}",
      "not ready 1/2: istio-proxy" },
    /* one that runs among the init containers */
    { "{'spec': {'containers': [{}]}, 'status': {'conditions': [" READY
      "], 'initContainerStatuses': [{'name': 'linkerd-proxy', 'ready': false, 'started': "
      "true, " RUNS "}], 'containerStatuses': [{'name': 'mysql', 'ready': true, " RUNS
      "}]}}",
      "not ready 1/1: linkerd-proxy" },
    /* an agent that waits for its secrets before all others */
    { "{" TWO ", 'status': {'conditions': [" READY
      "], 'initContainerStatuses': [{'name': 'vault-agent-init', 'ready': false, " RUNS
      "}], 'containerStatuses': [{'name': 'mysql', 'ready': false}]}}",
      "not ready 0/2: init container vault-agent-init is running" },
    { "{'spec': {'containers': [{}], 'readinessGates': [{'conditionType': 'a/b'}]}, "
      "'status': {'conditions': [" READY
      "], 'containerStatuses': [{'name': 'mysql', 'ready': true, " RUNS "}]}}",
      "not ready 1/1: readiness gate a/b" },
    /* the node's controller says that it is not ready, its containers were */
    { "{'spec': {'nodeName': 'n1', 'containers': [{}]}, 'status': {'conditions': [" READY
      "], 'containerStatuses': [{'name': 'mysql', 'ready': true, " RUNS "}]}}",
      "not ready 1/1: node n1 may be down" },
    { "{" TWO ", 'status': {'conditions': [" READY "], 'containerStatuses': [{'name': "
      "'mysql', 'ready': false, " RUNS "}, {'name': 'x', 'ready': false, " RUNS "}]}}",
      "not ready 0/2" },
    /* a sidecar that does not end with the server */
    { "{" DELETED ", " TWO ", 'status': {'containerStatuses': [{'name': 'mysql', "
      "'state': {'terminated': {}}}, {'name': 'istio-proxy', " RUNS "}]}}",
      "terminating since 10s, container istio-proxy is running" },
    { "{" DELETED ", " TWO ", 'status': {'containerStatuses': [{'name': 'mysql', " RUNS
      "}]}}",
      "terminating since 10s" },
    /* a node that is away */
    { "{'metadata': {'deletionTimestamp': '2026-11-17T23:59:00Z', "
      "'deletionGracePeriodSeconds': 30}, " TWO
      ", 'status': {'containerStatuses': [{'name': 'mysql', " RUNS "}]}}",
      "terminating since 1m40s, node n1 does not confirm it" },
};

static void
test_doing(void **state)
{
    long long now = clock_parse_rfc3339("2026-11-18T00:00:10Z");

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_free char *text = mem_strdup(rows[i].pod);
        auto_json json_t *pod = NULL;
        struct err e = { 0 };
        char doing[200];

        for (char *c = text; *c != '\0'; c++) {
            *c = *c == '\'' ? '"' : *c;
        }
        pod = json_parse(text, strlen(text), "row", &e);
        print_message("# row %zu %s\n", i, e.msg);
        assert_non_null(pod);
        assert_string_equal(pod_doing(pod, now, doing, sizeof doing), rows[i].doing);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
