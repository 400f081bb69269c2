#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/sig.h"
#include "kube_case.h"

/* What changes are made of, and what keeps them from being made. */

#define ONE     "/api/v1/namespaces/demo/configmaps/c"
#define ALL     "/api/v1/namespaces/demo/configmaps"
#define MANAGED "?fieldManager=kubectl-dbupgrade"
#define DRY     "&dryRun=All"

static int
do_merge(struct kube_case *c)
{
    json_t *o auto_json = json_pack("{s:i}", "a", 1);

    return kube_patch(c->k, &kube_case_one, KUBE_MERGE_PATCH, o, NULL, &c->e);
}

static int
do_json_patch(struct kube_case *c)
{
    json_t *o auto_json = json_pack("[{s:s}]", "op", "test");

    return kube_patch(c->k, &kube_case_one, KUBE_JSON_PATCH, o, NULL, &c->e);
}

static int
do_create(struct kube_case *c)
{
    json_t *o auto_json = json_pack("{s:s}", "kind", "ConfigMap");

    return kube_create(c->k, &kube_case_one, o, NULL, &c->e);
}

static int
do_replace(struct kube_case *c)
{
    json_t *o auto_json = json_pack("{s:s}", "kind", "ConfigMap");

    return kube_replace(c->k, &kube_case_one, o, NULL, &c->e);
}

static int
do_delete(struct kube_case *c)
{
    return kube_delete(c->k, &kube_case_one, "u-1", NULL, &c->e);
}

static int
do_evict(struct kube_case *c)
{
    return kube_evict(c->k, "demo", "db-0", "u-2", "7", &c->e);
}

static const struct {
    int (*change)(struct kube_case *c);
    const char *request;
    const char *dry_request;
    const char *head;
    const char *body;
    const char *dry_body;
} changes[] = {
    { do_merge, "PATCH " ONE MANAGED " ", "PATCH " ONE MANAGED DRY " ",
      "application/merge-patch+json", "{\"a\":1}", "{\"a\":1}" },
    { do_json_patch, "PATCH " ONE MANAGED " ", "PATCH " ONE MANAGED DRY " ",
      "application/json-patch+json", "[{\"op\":\"test\"}]", "[{\"op\":\"test\"}]" },
    { do_create, "POST " ALL MANAGED " ", "POST " ALL MANAGED DRY " ", "application/json",
      "{\"kind\":\"ConfigMap\"}", "{\"kind\":\"ConfigMap\"}" },
    { do_replace, "PUT " ONE MANAGED " ", "PUT " ONE MANAGED DRY " ", "application/json",
      "{\"kind\":\"ConfigMap\"}", "{\"kind\":\"ConfigMap\"}" },
    { do_delete, "DELETE " ONE " ", "DELETE " ONE "?dryRun=All ", "application/json",
      "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\",\"preconditions\":{\"uid\":\"u-"
      "1\"}}",
      "\"preconditions\":{\"uid\":\"u-1\"},\"dryRun\":[\"All\"]}" },
    { do_evict, "POST /api/v1/namespaces/demo/pods/db-0/eviction ",
      "POST /api/v1/namespaces/demo/pods/db-0/eviction?dryRun=All ", "application/json",
      "{\"apiVersion\":\"policy/"
      "v1\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\"db-0\","
      "\"namespace\":\"demo\"},\"deleteOptions\":{\"kind\":\"DeleteOptions\","
      "\"apiVersion\":\"v1\",\"preconditions\":{\"uid\":\"u-2\",\"resourceVersion\":"
      "\"7\"}}}",
      "\"preconditions\":{\"uid\":\"u-2\",\"resourceVersion\":\"7\"},\"dryRun\":[\"All\"]"
      "}}" },
};

enum { CHANGES = sizeof changes / sizeof *changes };

static void
test_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHANGES; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_EXPECT, changes[i].request },
            { PEER_HAS, changes[i].head },
            { PEER_BODY, changes[i].body },
            { PEER_REPLY, "{}", 200 },
            { PEER_EXPECT, changes[i].dry_request },
            { PEER_BODY, changes[i].dry_body },
            { PEER_REPLY, "{}", 200 },
            { PEER_GONE },
            { PEER_END },
        };
        struct kube_case c;

        kube_case_start(&c, script);
        assert_int_equal(kube_get_mode(c.k), KUBE_LIVE);
        assert_int_equal(changes[i].change(&c), 0);
        kube_set_mode(c.k, KUBE_DRY_SERVER);
        assert_int_equal(changes[i].change(&c), 0);
        kube_set_mode(c.k, KUBE_READ_ONLY);
        assert_int_equal(changes[i].change(&c), -1);
        assert_int_equal(c.e.code, ERR_REFUSED);
        assert_int_equal(kube_requests(c.k), 2);
        kube_case_finish(&c);
    }
}

static int
refuse(void *ctx, const struct kube_ref *ref, long long *until, struct err *e)
{
    int *calls = ctx;

    *until = 0;

    ++*calls;
    assert_non_null(ref->resource);
    return err_set(e, ERR_LOCK_LOST, "the lock is lost");
}

static void
test_guard(void **state)
{
    static const struct peer_step script[] = {
        { PEER_QUIET, NULL, 100 },
        { PEER_END },
    };
    struct kube_case c;
    int calls = 0;

    (void)state;
    kube_case_start(&c, script);
    kube_set_guard(c.k, refuse, &calls);
    for (size_t i = 0; i < CHANGES; i++) {
        assert_int_equal(changes[i].change(&c), -1);
        assert_int_equal(c.e.code, ERR_LOCK_LOST);
    }
    assert_int_equal(calls, CHANGES);
    assert_int_equal(kube_requests(c.k), 0);
    kube_case_finish(&c);
}

/* Objects of which a change would be one of a whole collection. */
static void
test_no_name(void **state)
{
    static const struct peer_step script[] = {
        { PEER_QUIET, NULL, 50 },
        { PEER_END },
    };
    struct kube_ref empty = kube_case_one;
    struct kube_case c;
    json_t *body auto_json = json_object();

    (void)state;
    empty.name = "";
    kube_case_start(&c, script);
    assert_int_equal(kube_delete(c.k, &kube_case_all, NULL, NULL, &c.e), -1);
    assert_int_equal(kube_delete(c.k, &empty, NULL, NULL, &c.e), -1);
    assert_int_equal(kube_patch(c.k, &kube_case_all, KUBE_MERGE_PATCH, body, NULL, &c.e),
                     -1);
    assert_int_equal(kube_replace(c.k, &kube_case_all, body, NULL, &c.e), -1);
    assert_int_equal(kube_evict(c.k, "demo", "", NULL, NULL, &c.e), -1);
    assert_int_equal(c.e.code, ERR_INTERNAL);
    kube_case_finish(&c);
}

static const struct {
    int (*change)(struct kube_case *c);
    const char *body;
    long status;
    enum err_code code;
} refusals[] = {
    { do_merge, STATUS(409, "Conflict"), 409, ERR_CONFLICT },
    { do_create, STATUS(409, "AlreadyExists"), 409, ERR_CONFLICT },
    { do_json_patch, STATUS(422, "Invalid"), 422, ERR_CONFLICT },
    { do_merge, STATUS(422, "Invalid"), 422, ERR_API },
    { do_merge, STATUS(503, "ServiceUnavailable"), 503, ERR_API },
    { do_evict, STATUS(429, "TooManyRequests"), 429, ERR_API },
};

static void
test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_EXPECT, "P" },
            { PEER_REPLY, refusals[i].body, refusals[i].status },
            { PEER_GONE },
            { PEER_END },
        };
        struct kube_case c;

        print_message("# row %zu\n", i);
        kube_case_start(&c, script);
        assert_int_equal(refusals[i].change(&c), -1);
        assert_int_equal(c.e.code, refusals[i].code);
        assert_int_equal(c.e.status, refusals[i].status);
        kube_case_finish(&c);
    }
}

/* A disruption budget answers 429 with Retry-After: it is the caller's to wait. */
static void
test_budget(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "POST " },
        { PEER_SAY, "HTTP/1.1 429 No\r\nRetry-After: 10\r\nContent-Length: 0\r\n\r\n" },
        { PEER_GONE },
        { PEER_END },
    };
    struct kube_case c;

    (void)state;
    kube_case_start(&c, script);
    assert_int_equal(do_evict(&c), -1);
    assert_int_equal(c.e.status, 429);
    assert_int_equal(c.e.retry_after, 10);
    kube_case_finish(&c);
}

static void
test_new_object(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "PATCH " },
        { PEER_REPLY, OBJECT("c", "9"), 200 },
        { PEER_EXPECT, "POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews " },
        { PEER_BODY, "{\"x\":1}" },
        { PEER_REPLY, "{\"status\":{\"incomplete\":true}}", 201 },
        { PEER_END },
    };
    const struct kube_ref review = {
        "authorization.k8s.io", "v1", "selfsubjectrulesreviews", NULL, NULL, NULL
    };
    json_t *body auto_json = json_pack("{s:i}", "x", 1);
    json_t *object auto_json = NULL;
    json_t *answer auto_json = NULL;
    struct kube_case c;

    (void)state;
    kube_case_start(&c, script);
    assert_int_equal(
        kube_patch(c.k, &kube_case_one, KUBE_MERGE_PATCH, body, &object, &c.e), 0);
    assert_string_equal(json_path_str(object, "metadata.resourceVersion"), "9");
    kube_set_mode(c.k, KUBE_READ_ONLY);
    assert_int_equal(kube_review(c.k, &review, body, &answer, &c.e), 0);
    assert_true(json_path_true(answer, "status.incomplete"));
    kube_case_finish(&c);
}

static void
count(void *ctx)
{
    ++*(int *)ctx;
}

static void
test_tick(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "PATCH " },
        { PEER_SLEEP, NULL, 1000 },
        { PEER_REPLY, "{}", 200 },
        { PEER_END },
    };
    struct kube_case c;
    int ticks = 0;

    (void)state;
    kube_case_start(&c, script);
    kube_set_tick(c.k, count, &ticks);
    assert_int_equal(do_merge(&c), 0);
    assert_in_range(ticks, 4, 50);
    kube_case_finish(&c);
}

static void
stop_now(void *ctx)
{
    long long *at = ctx;

    if (clock_ms() >= *at && sig_asked() != SIG_STOP_NOW) {
        sig_request(SIGINT);
        sig_request(SIGINT);
    }
}

/* These stop the process for good: they come last, in this order. */
static void
test_stop_while_it_waits(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "PATCH " },
        { PEER_SAY, "HTTP/1.1 429 No\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n" },
        { PEER_END },
    };
    struct kube_case c;
    long long at = clock_ms() + 500;

    (void)state;
    kube_case_start(&c, script);
    kube_set_tick(c.k, stop_now, &at);
    assert_int_equal(do_merge(&c), -1);
    assert_int_equal(c.e.code, ERR_INTERRUPTED);
    assert_true(clock_ms() - at < 2000);
    kube_case_finish(&c);
}

/* What is asked after the signal is asked once. */
static void
test_after_the_stop(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "PATCH " },
        { PEER_SLEEP, NULL, 300 },
        { PEER_REPLY, "{}", 200 },
        { PEER_EXPECT, "PATCH " },
        { PEER_SAY, "HTTP/1.1 429 No\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n" },
        { PEER_END },
    };
    struct kube_case c;

    (void)state;
    kube_case_start(&c, script);
    assert_int_equal(do_merge(&c), 0);
    assert_int_equal(do_merge(&c), -1);
    assert_int_equal(c.e.code, ERR_INTERRUPTED);
    kube_case_finish(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),       cmocka_unit_test(test_guard),
        cmocka_unit_test(test_no_name),        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_budget),         cmocka_unit_test(test_new_object),
        cmocka_unit_test(test_tick),           cmocka_unit_test(test_stop_while_it_waits),
        cmocka_unit_test(test_after_the_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
