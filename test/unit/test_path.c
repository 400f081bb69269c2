#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kube/path.h"

static const struct {
    struct kube_ref ref;
    const char *want; /* NULL: refused */
    const char *title;
} rows[] = {
    { { "", "v1", "pods", "demo", NULL, NULL },
      "/api/v1/namespaces/demo/pods",
      "pods in demo" },
    { { NULL, "v1", "nodes", NULL, "n1", NULL }, "/api/v1/nodes/n1", "nodes/n1" },
    { { "apps", "v1", "statefulsets", "demo", "db", "scale" },
      "/apis/apps/v1/namespaces/demo/statefulsets/db/scale",
      "statefulsets/db/scale in demo" },
    { { "kubedb.com", "v1", "mysqls", "a/../b", "x?y#z", NULL },
      "/apis/kubedb.com/v1/namespaces/a%2F..%2Fb/mysqls/x%3Fy%23z",
      "mysqls/x?y#z in a/../b" },
    { { "", "v1", "pods", "demo", "", NULL }, NULL, NULL },
    { { "", "v1", "pods", "demo", "..", NULL }, NULL, NULL },
    { { "", "v1", "pods", "", "x", NULL }, NULL, NULL },
    { { "", "v1", "pods", "demo", NULL, "eviction" }, NULL, NULL },
};

static void
test_of(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out auto_buf = BUF_LIMIT(1024);
        struct err e = { 0 };
        char title[128];
        int rc = path_of(&rows[i].ref, &out, &e);

        if (rows[i].want == NULL) {
            assert_int_equal(rc, -1);
            assert_int_equal(e.code, ERR_INTERNAL);
            continue;
        }
        assert_int_equal(rc, 0);
        assert_string_equal(buf_text(&out), rows[i].want);
        assert_string_equal(path_title(&rows[i].ref, title, sizeof title), rows[i].title);
    }
}

static void
test_too_long(void **state)
{
    struct buf out auto_buf = BUF_LIMIT(20);
    struct err e = { 0 };
    struct kube_ref ref = { "", "v1", "pods", "demo", "mysql-0", NULL };

    (void)state;
    assert_int_equal(path_of(&ref, &out, &e), -1);
    assert_int_equal(path_query(&out, "a", "bcdefghijklmn"), -1);
}

static void
test_query(void **state)
{
    struct buf out auto_buf = BUF_LIMIT(1024);

    (void)state;
    assert_int_equal(buf_puts(&out, "/x"), 0);
    assert_int_equal(path_query(&out, "a", NULL), 0);
    assert_int_equal(path_query(&out, "a", "1 2"), 0);
    assert_int_equal(path_query(&out, "b", "x=y,z in (\xc3\xa9)&%+"), 0);
    assert_int_equal(path_query(&out, "c", ""), 0);
    assert_string_equal(buf_text(&out),
                        "/x?a=1%202&b=x%3Dy%2Cz%20in%20%28%C3%A9%29%26%25%2B&c=");
}

/* Every byte: what is not unreserved (RFC 3986) is escaped, the rest is not. */
static void
test_escape_all(void **state)
{
    (void)state;
    for (int c = 1; c < 256; c++) {
        struct buf out auto_buf = BUF_LIMIT(16);
        char one[2] = { (char)c };
        const char *plain =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

        assert_int_equal(path_escape(&out, one), 0);
        assert_int_equal(out.len, strchr(plain, c) != NULL ? 1 : 3);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_escape_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
