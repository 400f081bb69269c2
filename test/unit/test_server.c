#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kube/target.h"

static const struct {
    const char *url;
    bool tls;
    const char *host; /* NULL: refused */
    int port;
    const char *prefix;
} rows[] = {
    { "https://10.0.0.1:6443", true, "10.0.0.1", 6443, "" },
    { "https://api.example.com", true, "api.example.com", 443, "" },
    { "http://localhost/", false, "localhost", 80, "" },
    { "https://[fd00::1]:6443", true, "[fd00::1]", 6443, "" },
    { "https://[fd00::1]", true, "[fd00::1]", 443, "" },
    { "https://rancher/k8s/clusters/c-1/", true, "rancher", 443, "/k8s/clusters/c-1" },
    { "https://h:1/a//", true, "h", 1, "/a" },
    { "ftp://h", false, NULL, 0, NULL },
    { "h:6443", false, NULL, 0, NULL },
    { "", false, NULL, 0, NULL },
    { "https://", false, NULL, 0, NULL },
    { "https://h:", false, NULL, 0, NULL },
    { "https://h:0", false, NULL, 0, NULL },
    { "https://h:65536", false, NULL, 0, NULL },
    { "https://h:99999999999999999999", false, NULL, 0, NULL },
    { "https://h:12x", false, NULL, 0, NULL },
    { "https://user@h", false, NULL, 0, NULL },
    { "https://h/?a=b", false, NULL, 0, NULL },
    { "https://h/a b", false, NULL, 0, NULL },
    { "https://h\r\nX: y", false, NULL, 0, NULL },
    { "https://h?x", false, NULL, 0, NULL },
};

static void
test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct server s = { 0 };
        struct err e = { 0 };
        int rc = server_parse(rows[i].url, &s, &e);

        print_message("# %s\n", rows[i].url);
        if (rows[i].host == NULL) {
            assert_int_equal(rc, -1);
            assert_int_equal(e.code, ERR_CONFIG);
            continue;
        }
        assert_int_equal(rc, 0);
        assert_int_equal(s.tls, rows[i].tls);
        assert_string_equal(s.host, rows[i].host);
        assert_int_equal(s.port, rows[i].port);
        assert_string_equal(s.prefix, rows[i].prefix);
        server_free(&s);
    }
}

static void
test_copy(void **state)
{
    char *groups[] = { (char[]){ "a" }, (char[]){ "b" }, NULL };
    struct kube_target t = { .server = (char[]){ "https://h" },
                             .token = (char[]){ "t" },
                             .as_groups = groups,
                             .insecure = true,
                             .request_timeout_ms = 7 };
    struct kube_target copy = { 0 };

    (void)state;
    target_copy(&copy, &t);
    assert_string_equal(copy.server, "https://h");
    assert_ptr_not_equal(copy.server, t.server);
    assert_string_equal(copy.as_groups[1], "b");
    assert_null(copy.as_groups[2]);
    assert_null(copy.as_extras);
    assert_true(copy.insecure);
    assert_int_equal(copy.request_timeout_ms, 7);
    kube_target_free(&copy);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
