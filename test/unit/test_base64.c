#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/scope.h"
#include "kube/base64.h"

static const struct {
    const char *text;
    const char *want; /* NULL: refused */
    size_t len;
} rows[] = {
    { "", "", 0 },
    { "Zg==", "f", 1 },
    { "Zm8=", "fo", 2 },
    { "Zm9v", "foo", 3 },
    { "Zm9vYg==", "foob", 4 },
    { "Zm9v\nYg=\r\n=\n", "foob", 4 }, /* wrapped lines */
    { "AP+/", "\0\xff\xbf", 3 },
    { "Zg", NULL, 0 }, /* padding is missing */
    { "Zg=", NULL, 0 },
    { "Zg===", NULL, 0 },
    { "Zm9v=", NULL, 0 },
    { "====", NULL, 0 },
    { "Z===", NULL, 0 },
    { "=", NULL, 0 },
    { "Zg==Zm9v", NULL, 0 }, /* more behind the end */
    { "Zg=v", NULL, 0 },
    { "Zh==", NULL, 0 }, /* bits that are cut off */
    { "Zm9=", NULL, 0 },
    { "Zm9v Yg==", NULL, 0 },
    { "Zm9-", NULL, 0 }, /* the alphabet of URLs */
    { "Zm9\xc3", NULL, 0 },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_free char *out = NULL;
        size_t len = 0;

        print_message("# row %zu\n", i);
        if (rows[i].want == NULL) {
            assert_int_equal(kube_base64_decode(rows[i].text, &out, &len), -1);
            assert_null(out);
            continue;
        }
        assert_int_equal(kube_base64_decode(rows[i].text, &out, &len), 0);
        assert_int_equal(len, rows[i].len);
        assert_memory_equal(out, rows[i].want, len + 1);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
