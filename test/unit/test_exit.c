#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/exit_status.h"

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < exit_n_rows; i++) {
        assert_true(strlen(exit_rows[i].meaning) > 10);
        assert_null(strchr(exit_rows[i].meaning, '|')); /* it stands in a table */
        assert_true(i == 0 || exit_rows[i].status > exit_rows[i - 1].status);
    }
}

static bool
has_row(int status)
{
    for (size_t i = 0; i < exit_n_rows; i++) {
        if (exit_rows[i].status == status) {
            return true;
        }
    }
    return false;
}

static void
test_errors(void **state)
{
    static const struct {
        enum err_code code;
        int unchanged, changed;
    } cases[] = {
        { ERR_USAGE, 2, 4 },           { ERR_CONFIG, 1, 4 },
        { ERR_NETWORK, 1, 4 },         { ERR_API, 1, 4 },
        { ERR_NOT_FOUND, 1, 4 },       { ERR_CONFLICT, 1, 4 },
        { ERR_FORBIDDEN, 1, 4 },       { ERR_REFUSED, 3, 4 },
        { ERR_LOCKED, 6, 6 },          { ERR_LOCK_LOST, 6, 4 },
        { ERR_UNHEALTHY, 1, 4 },       { ERR_TIMEOUT, 1, 7 },
        { ERR_INTERRUPTED, 130, 130 }, { ERR_PROTOCOL, 1, 4 },
        { ERR_INTERNAL, 1, 4 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct err e = { .code = cases[i].code };

        assert_int_equal(exit_status_for(&e, false), cases[i].unchanged);
        assert_int_equal(exit_status_for(&e, true), cases[i].changed);
        assert_true(has_row(cases[i].unchanged));
        assert_true(has_row(cases[i].changed));
    }
}

/* An error is never a success. */
static void
test_never_zero(void **state)
{
    (void)state;
    for (int code = ERR_NONE; code <= ERR_INTERNAL; code++) {
        const struct err e = { .code = (enum err_code)code };

        assert_int_not_equal(exit_status_for(&e, false), 0);
        assert_int_not_equal(exit_status_for(&e, true), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_never_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
