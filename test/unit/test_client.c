#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "kube/watch.h"
#include "kube_case.h"

#define ONE     "/api/v1/namespaces/demo/configmaps/c"
#define ALL     "/api/v1/namespaces/demo/configmaps"
#define MANAGED "?fieldManager=kubectl-dbupgrade"

static void
test_get(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " ONE " HTTP/1.1" },
        { PEER_HAS, "\r\nAccept: application/json\r\n" },
        { PEER_HAS, "\r\nUser-Agent: kubectl-dbupgrade/" },
        { PEER_LACKS, "Authorization" },
        { PEER_LACKS, "Accept-Encoding" },
        { PEER_SAY, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":5}", 1 },
        { PEER_EXPECT, "GET " ONE },
        { PEER_SAY,
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
          "chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":6}\r\n"
          "0\r\n\r\n",
          3 },
        { PEER_GONE },
        { PEER_END },
    };
    struct kube_case c;

    (void)state;
    kube_case_start(&c, script);
    for (int i = 5; i <= 6; i++) {
        json_t *o auto_json = NULL;

        assert_int_equal(kube_get(c.k, &kube_case_one, &o, &c.e), 0);
        assert_int_equal(json_path_int(o, "a", 0), i);
    }
    assert_int_equal(kube_requests(c.k), 2);
    kube_case_finish(&c);
}

static void
test_who_we_are(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " ONE },
        { PEER_HAS, "\r\nAuthorization: Bearer secret\r\n" },
        { PEER_HAS, "\r\nImpersonate-User: jane\r\n" },
        { PEER_REPLY, "{}", 200 },
        { PEER_END },
    };
    const struct kube_target t = { .token = (char[]){ "secret" },
                                   .as = (char[]){ "jane" } };
    struct kube_case c;

    (void)state;
    kube_case_start_as(&c, script, &t);
    assert_int_equal(kube_case_get(&c), 0);
    kube_case_finish(&c);
}

static void
write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    (void)fputs(text, f);
    (void)fclose(f);
}

/* A token that has run out is read again from its file, once a request; a change may be
 * sent again then, since nobody let it in. */
static void
test_token_runs_out(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "PATCH " ONE },
        { PEER_HAS, "\r\nAuthorization: Bearer one\r\n" },
        { PEER_REPLY, STATUS(401, "Unauthorized"), 401 },
        { PEER_EXPECT, "PATCH " ONE },
        { PEER_HAS, "\r\nAuthorization: Bearer two\r\n" },
        { PEER_REPLY, "{}", 200 },
        { PEER_EXPECT, "GET " ONE },
        { PEER_REPLY, STATUS(401, "Unauthorized"), 401 },
        { PEER_GONE },
        { PEER_END },
    };
    char path[] = "/tmp/dbupgrade-token-XXXXXX";
    const struct kube_target t = { .token_file = path };
    int fd = mkstemp(path);
    struct kube_case c;

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    write_file(path, "one");
    kube_case_start_as(&c, script, &t);
    write_file(path, "two");
    assert_int_equal(kube_case_patch(&c), 0);
    assert_int_equal(kube_case_get(&c), -1);
    assert_int_equal(c.e.code, ERR_FORBIDDEN);
    (void)unlink(path);
    kube_case_finish(&c);
}

/* Two requests are sent with the old token, and the first 401 reads the new one: the
 * second still knows that there is another than it was sent with. */
static void
test_token_was_read_meanwhile(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET /api/v1/namespaces/demo/configmaps?" },
        { PEER_REPLY, LIST("5", ""), 200 },
        { PEER_EXPECT, "GET /api/v1/namespaces/demo/configmaps?" },
        { PEER_ACCEPT, NULL, 0, 1 },
        { PEER_EXPECT, "PATCH " ONE, 0, 1 },
        { PEER_HAS, "\r\nAuthorization: Bearer one\r\n", 0, 1 },
        { PEER_REPLY, STATUS(401, "Unauthorized"), 401, 0 },
        { PEER_EXPECT, "GET /api/v1/namespaces/demo/configmaps?" },
        { PEER_HAS, "\r\nAuthorization: Bearer two\r\n" },
        { PEER_REPLY, STATUS(401, "Unauthorized"), 401, 1 },
        { PEER_EXPECT, "PATCH " ONE, 0, 1 },
        { PEER_HAS, "\r\nAuthorization: Bearer two\r\n", 0, 1 },
        { PEER_REPLY, "{}", 200, 1 },
        { PEER_END },
    };
    char path[] = "/tmp/dbupgrade-token-XXXXXX";
    const struct kube_target t = { .token_file = path };
    int fd = mkstemp(path);
    struct kube_watch *w auto_watch = NULL;
    struct kube_case c;

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    write_file(path, "one");
    kube_case_start_as(&c, script, &t);
    w = kube_watch_open(c.k, &kube_case_all, NULL, NULL, &c.e);
    assert_non_null(w);
    write_file(path, "two");
    assert_int_equal(kube_case_patch(&c), 0);
    (void)unlink(path);
    kube_case_finish(&c);
}

/* Replies that are errors at once. */
static const struct {
    const char *body;
    long status;
    enum err_code code;
    const char *text;
} refusals[] = {
    { STATUS(404, "NotFound"), 404, ERR_NOT_FOUND,
      "get configmaps/c in demo: it says NotFound" },
    { STATUS(403, "Forbidden"), 403, ERR_FORBIDDEN, "it says Forbidden" },
    { STATUS(401, "Unauthorized"), 401, ERR_FORBIDDEN, "it says Unauthorized" },
    { STATUS(400, "BadRequest"), 400, ERR_API, "it says BadRequest" },
    { "<html>no</html>", 501, ERR_API, "HTTP 501: <html>no</html>" },
    { "garbage", 200, ERR_PROTOCOL, "not JSON" },
    { "[1]", 200, ERR_PROTOCOL, "not an object" },
    { "", 200, ERR_PROTOCOL, "not JSON" },
    { "", 302, ERR_API, "HTTP 302" },
};

static void
test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_EXPECT, "GET " ONE },
            { PEER_REPLY, refusals[i].body, refusals[i].status },
            { PEER_GONE },
            { PEER_END },
        };
        struct kube_case c;

        kube_case_start(&c, script);
        assert_int_equal(kube_case_get(&c), -1);
        assert_int_equal(c.e.code, refusals[i].code);
        if (strstr(c.e.msg, refusals[i].text) == NULL) {
            fail_msg("\"%s\" is not in \"%s\"", refusals[i].text, c.e.msg);
        }
        kube_case_finish(&c);
    }
}

static void
test_retry_after(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "PATCH " ONE MANAGED " " },
        { PEER_SAY,
          "HTTP/1.1 429 Too Many\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n" },
        { PEER_EXPECT, "PATCH " ONE },
        { PEER_BODY, "{\"a\":1}" },
        { PEER_SAY, "HTTP/1.1 503 No\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n" },
        { PEER_EXPECT, "PATCH " ONE },
        { PEER_REPLY, "{}", 200 },
        { PEER_END },
    };
    struct kube_case c;
    long long start = clock_ms();

    (void)state;
    kube_case_start(&c, script);
    assert_int_equal(kube_case_patch(&c), 0);
    assert_true(clock_ms() - start >= 2000);
    assert_int_equal(kube_requests(c.k), 3);
    kube_case_finish(&c);
}

static void
test_endless(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT }, { PEER_EXPECT, "GET /log" },
        { PEER_STREAM }, { PEER_REPEAT, "0123456789abcdef0123456789abcdef", 100000 },
        { PEER_END },
    };
    struct buf out auto_buf = BUF_LIMIT(100000);
    struct kube_case c;

    (void)state;
    kube_case_start(&c, script);
    assert_int_equal(kube_get_raw(c.k, "/log?tailLines=20", &out, &c.e), -1);
    assert_int_equal(c.e.code, ERR_PROTOCOL);
    assert_int_equal(kube_requests(c.k), 1);
    kube_case_finish(&c);
}

static void
test_raw(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET /api/v1/x/log?tailLines=2 " },
        { PEER_REPLY, "some\ntext", 200 },
        { PEER_END },
    };
    struct buf out auto_buf = BUF_LIMIT(9);
    struct kube_case c;

    (void)state;
    kube_case_start(&c, script);
    assert_int_equal(kube_get_raw(c.k, "/api/v1/x/log?tailLines=2", &out, &c.e), 0);
    assert_string_equal(buf_text(&out), "some\ntext");
    assert_int_equal(kube_get_raw(c.k, "x", &out, &c.e), -1);
    assert_int_equal(kube_get_raw(c.k, "/a b", &out, &c.e), -1);
    kube_case_finish(&c);
}

static void
test_pages(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " ALL "?labelSelector=a%3Db%2Cc&limit=500 " },
        { PEER_REPLY,
          "{\"metadata\":{\"resourceVersion\":\"7\",\"continue\":\"t/"
          "1\"},\"items\":[1,2]}",
          200 },
        { PEER_EXPECT, "GET " ALL "?labelSelector=a%3Db%2Cc&limit=500&continue=t%2F1 " },
        { PEER_REPLY, STATUS(410, "Expired"), 410 },
        { PEER_EXPECT, "GET " ALL "?labelSelector=a%3Db%2Cc&limit=500 " },
        { PEER_REPLY,
          "{\"metadata\":{\"resourceVersion\":\"9\",\"continue\":\"t2\"},\"items\":[3,4]"
          "}",
          200 },
        { PEER_EXPECT, "GET " ALL "?labelSelector=a%3Db%2Cc&limit=500&continue=t2 " },
        { PEER_REPLY, "{\"metadata\":{\"resourceVersion\":\"9\"},\"items\":[5]}", 200 },
        { PEER_EXPECT, "GET " ALL "?limit=500 " },
        { PEER_REPLY, "{\"kind\":\"Pod\"}", 200 },
        { PEER_END },
    };
    json_t *list auto_json = NULL;
    struct kube_case c;

    (void)state;
    kube_case_start(&c, script);
    assert_int_equal(kube_list(c.k, &kube_case_all, "a=b,c", &list, &c.e), 0);
    assert_int_equal(json_array_size(json_object_get(list, "items")), 3);
    assert_int_equal(json_path_int(list, "items.0", 0), 3);
    assert_int_equal(kube_list(c.k, &kube_case_all, NULL, &list, &c.e), -1);
    assert_int_equal(c.e.code, ERR_PROTOCOL);
    kube_case_finish(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_who_we_are),
        cmocka_unit_test(test_token_runs_out),
        cmocka_unit_test(test_token_was_read_meanwhile),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_endless),
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
