#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/role.h"

/* Each role is found by what statements call it, and nothing else is one. */
static void
test_said(void **state)
{
    (void)state;
    for (int role = MEMBER_ROLE_NONE; role <= MEMBER_PEER; role++) {
        assert_int_equal(role_said(role_words((enum member_role)role)->said), role);
    }
    assert_int_equal(role_said(NULL), MEMBER_ROLE_NONE);
    assert_int_equal(role_said("primary"), MEMBER_ROLE_NONE);
}

static void
test_words(void **state)
{
    (void)state;
    assert_string_equal(role_words(MEMBER_ROLE_NONE)->shown, "");
    assert_string_equal(role_words(MEMBER_PEER)->shown, "node");
    assert_string_equal(role_words(MEMBER_PRIMARY)->label, "primary");
    assert_string_equal(role_words(MEMBER_SECONDARY)->label, "standby");
    assert_null(role_words(MEMBER_PEER)->label);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_said),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
