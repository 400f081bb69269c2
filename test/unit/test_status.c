#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "kube/api_status.h"

/* Replies as kube-apiserver 1.34 gave them, and others. */
#define STATUS(rest) \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\"," rest "}"

static const struct {
    long http;
    const char *body;
    bool json_patch;
    enum err_code code;
    const char *reason;
    const char *msg;
    const char *detail;
} rows[] = {
    { 404,
      STATUS("\"message\":\"pods \\\"x\\\" not "
             "found\",\"reason\":\"NotFound\",\"code\":404"),
      false, ERR_NOT_FOUND, "NotFound", "pods \"x\" not found", "" },
    { 401, STATUS("\"message\":\"Unauthorized\",\"reason\":\"Unauthorized\""), false,
      ERR_FORBIDDEN, "Unauthorized", "Unauthorized", "" },
    { 403, STATUS("\"message\":\"no\",\"reason\":\"Forbidden\""), false, ERR_FORBIDDEN,
      "Forbidden", "no", "" },
    { 409, STATUS("\"message\":\"modified\",\"reason\":\"Conflict\""), false,
      ERR_CONFLICT, "Conflict", "modified", "" },
    { 410, STATUS("\"message\":\"too old\",\"reason\":\"Expired\""), false, ERR_API,
      "Expired", "too old", "" },
    { 422,
      STATUS("\"message\":\"the server rejected our request due to an error in our "
             "request\",\"reason\":\"Invalid\",\"details\":{},\"code\":422"),
      true, ERR_CONFLICT, "TestFailed", "the object was changed by another client", "" },
    { 422,
      STATUS("\"message\":\"the server rejected our request\",\"reason\":\"Invalid\","
             "\"details\":{}"),
      false, ERR_API, "Invalid", "the server rejected our request", "" },
    { 422,
      STATUS(
          "\"message\":\"Namespace \\\"d\\\" is invalid\",\"reason\":\"Invalid\","
          "\"details\":{\"name\":\"d\",\"causes\":[{\"message\":\"field is immutable\","
          "\"field\":\"metadata.uid\"},{\"message\":\"field is "
          "immutable\",\"field\":\"x\"},"
          "{\"message\":\"is invalid\"},{\"message\":\"two\\nlines\"}]}"),
      true, ERR_API, "Invalid", "Namespace \"d\" is invalid",
      "metadata.uid: field is immutable\ntwo lines\n" },
    { 500, STATUS("\"message\":\"a\\n\\tb  c\\u0001d\\n\""), false, ERR_API, "",
      "a b c d", "" },
    { 500, STATUS("\"reason\":\"InternalError\""), false, ERR_API, "InternalError",
      "InternalError (HTTP 500)", "" },
    { 500, STATUS("\"code\":500"), false, ERR_API, "",
      "the API server refused the request (HTTP 500)", "" },
    { 502, "<html>\r\n<h1>Bad  Gateway</h1>\x01</html>", false, ERR_API, "",
      "HTTP 502: <html> <h1>Bad Gateway</h1> </html>", "" },
    { 404, "404 page not found\n", false, ERR_NOT_FOUND, "",
      "HTTP 404: 404 page not found", "" },
    { 403, "", false, ERR_FORBIDDEN, "", "HTTP 403", "" },
    { 301, "", false, ERR_API, "", "HTTP 301", "" },
    { 500, "{\"kind\":\"Pod\"}", false, ERR_API, "", "HTTP 500: {\"kind\":\"Pod\"}", "" },
    { 500, "[1,2", false, ERR_API, "", "HTTP 500: [1,2", "" },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e = { 0 };

        print_message("# row %zu\n", i);
        assert_int_equal(status_error(rows[i].http, rows[i].body, strlen(rows[i].body),
                                      rows[i].json_patch, &e),
                         -1);
        assert_int_equal(e.code, rows[i].code);
        assert_int_equal(e.status, rows[i].http);
        assert_string_equal(e.reason, rows[i].reason);
        assert_string_equal(e.msg, rows[i].msg);
        assert_string_equal(e.detail, rows[i].detail);
    }
}

static void
test_retry_after(void **state)
{
    static const char body[] = STATUS("\"details\":{\"retryAfterSeconds\":7}");
    struct err e = { 0 };

    (void)state;
    (void)status_error(429, body, sizeof body - 1, false, &e);
    assert_int_equal(e.retry_after, 7);
}

static void
test_event(void **state)
{
    json_t *status auto_json = json_pack("{s:s, s:s, s:i}", "message", "too old",
                                         "reason", "Expired", "code", 410);
    struct err e = { 0 };

    (void)state;
    assert_int_equal(status_object_error(status, &e), -1);
    assert_int_equal(e.status, 410);
    assert_int_equal(status_object_error(NULL, &e), -1);
    assert_int_equal(e.status, 500);
}

static void
test_bounded(void **state)
{
    char body[5000];
    struct err e = { 0 };

    (void)state;
    memset(body, 'x', sizeof body);
    (void)status_error(500, body, sizeof body, false, &e);
    assert_true(strlen(e.msg) < 300);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_event),
        cmocka_unit_test(test_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
