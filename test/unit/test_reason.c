/* The table of reasons against the codes of errors and the gates of the engines. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/reason.h"
#include "base/str.h"
#include "engine/engine.h"

static void
test_rows(void **state)
{
    const struct reason *row = NULL;

    (void)state;
    for (size_t i = 0; (row = reason_at(i)) != NULL; i++) {
        assert_ptr_equal(reason_find(row->id), row); /* none is there twice */
        assert_true(strlen(row->id) < sizeof((struct err *)0)->reason);
        if (strlen(row->meaning) < 8 || strchr(row->meaning, '.') != NULL) {
            fail_msg("%s: %s", row->id, row->meaning);
        }
        assert_int_equal(row->unchanged != 0, i <= ERR_INTERNAL);
    }
    assert_null(reason_find("NotFound"));
    assert_null(reason_find(""));
}

static void
test_codes(void **state)
{
    (void)state;
    assert_string_equal(reason_of_code(ERR_NONE)->id, "UNKNOWN");
    assert_string_equal(reason_of_code(ERR_USAGE)->id, "USAGE");
    assert_string_equal(reason_of_code(ERR_LOCK_LOST)->id, "LOCK_LOST");
    assert_string_equal(reason_of_code(ERR_INTERNAL)->id, "INTERNAL");
}

/* Each gate of an engine has a reason, and each such reason a gate. */
static void
test_gates(void **state)
{
    const struct reason *row = NULL;
    size_t found[128] = { 0 };

    (void)state;
    for (size_t i = 0; engine_all[i] != NULL; i++) {
        for (const struct engine_gate *g = engine_all[i]->member.gates; g->id != NULL;
             g++) {
            char id[48];

            (void)snprintf(id, sizeof id, "GATE_%s", g->id);
            for (char *c = id; *c != '\0'; c++) {
                *c = (char)toupper((unsigned char)*c);
            }
            row = reason_find(id);
            if (row == NULL) {
                fail_msg("%s is no reason", id);
                return;
            }
            found[row - reason_at(0)]++;
        }
    }
    for (size_t i = 0; (row = reason_at(i)) != NULL; i++) {
        assert_true(i < sizeof found / sizeof *found);
        assert_int_equal(found[i] > 0, str_starts(row->id, "GATE_"));
    }
}

/* What is around a pod, data that are missing, and all that is no trouble of a member,
 * old images do not mend. */
static void
test_curable(void **state)
{
    static const struct {
        const char *reason;
        enum err_code code;
        bool curable;
    } cases[] = {
        { "POD_CRASHLOOP", ERR_UNHEALTHY, true },
        { "POD_OOM", ERR_UNHEALTHY, true },
        { "POD_IMAGE_PULL", ERR_UNHEALTHY, true },
        { "POD_INVALID_IMAGE", ERR_UNHEALTHY, true },
        { "POD_CONFIG", ERR_UNHEALTHY, true },
        { "POD_FAILED", ERR_UNHEALTHY, true },
        { "POD_SERVER", ERR_UNHEALTHY, true },
        { "PG_UPGRADE", ERR_UNHEALTHY, true },
        { "GATE_VERSION", ERR_UNHEALTHY, true },
        { "SERVER_ID", ERR_UNHEALTHY, true },
        { "POD_QUOTA", ERR_UNHEALTHY, false },
        { "POD_CREATE", ERR_UNHEALTHY, true },
        { "POD_VOLUME", ERR_UNHEALTHY, true },
        { "POD_SANDBOX", ERR_UNHEALTHY, false },
        { "POD_UNSCHEDULABLE", ERR_UNHEALTHY, false },
        { "GATE_SIZE", ERR_UNHEALTHY, false },
        { "UNHEALTHY", ERR_UNHEALTHY, false },
        { "", ERR_UNHEALTHY, false },
        { "POD_OOM", ERR_TIMEOUT, false },
        { "POD_OOM", ERR_API, false }, /* so the API server called it */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = { .code = cases[i].code };

        err_reason(&e, cases[i].reason);
        if (reason_is_curable(&e) != cases[i].curable) {
            fail_msg("%s", cases[i].reason);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_gates),
        cmocka_unit_test(test_curable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
