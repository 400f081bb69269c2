/* The set that an upgrade makes: its name, its mark, its claims; who can give it data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/new_set.h"
#include "kubedb/replacement_set.h"

static void
test_number(void **state)
{
    static const struct {
        const char *name;
        long long set, claim;
    } rows[] = {
        { "my-db", -1, -1 },
        { "my-db-1", 1, -1 },
        { "my-db-12", 12, -1 },
        { "my-db-1-0", -1, -1 },
        { "my-db-x", -1, -1 },
        { "my-db-", -1, -1 },
        { "my-dbase-1", -1, -1 },
        { "my-db-1234567890", -1, -1 },
        { "data-my-db-1", -1, -1 },
        { "data-my-db-1-0", -1, 1 },
        { "data-my-db-3-x", -1, -1 },
        { "data-my-db-rr-1-0", -1, -1 },
        { "my-db-my-db-2-0", -1, 2 },
        { "data-my-db-1-0-0", -1, -1 },
        { "tmp-data-my-db-7-2", -1, 7 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("# %s\n", rows[i].name);
        assert_int_equal(new_set_number("my-db", rows[i].name), rows[i].set);
        assert_int_equal(new_set_claim_number("my-db", rows[i].name), rows[i].claim);
    }
}

static json_t *
set_from(const char *text)
{
    return mem_check(json_loads(text, 0, NULL));
}

static void
test_claims(void **state)
{
    auto_json json_t *set = set_from(
        "{\"spec\":{\"volumeClaimTemplates\":[{\"metadata\":{\"name\":\"data\"}},"
        "{\"metadata\":{\"name\":\"tmp\"}}]}}");

    (void)state;
    assert_true(new_set_has_claim(set, "my-db-1", 3, "data-my-db-1-2"));
    assert_true(new_set_has_claim(set, "my-db-1", 3, "tmp-my-db-1-0"));
    assert_false(new_set_has_claim(set, "my-db-1", 3, "data-my-db-1-3"));
    assert_false(new_set_has_claim(set, "my-db-1", 3, "data-my-db-1"));
    assert_false(new_set_has_claim(set, "my-db", 3, "data-my-db-1-0"));
    assert_false(new_set_has_claim(set, "my-db-1", 3, "log-my-db-1-0"));
}

static void
test_mark(void **state)
{
    auto_json json_t *set =
        set_from("{\"metadata\":{\"annotations\":{\"" NEW_SET_MARK
                 "\":\"{\\\"uid\\\":\\\"u1\\\",\\\"to\\\":\\\"9\\\"}\"}}}");
    auto_json json_t *broken =
        set_from("{\"metadata\":{\"annotations\":{\"" NEW_SET_MARK "\":\"{\"}}}");
    auto_json json_t *bare = set_from("{}");
    auto_free char *to = new_set_mark(set, "to");
    auto_free char *none = new_set_mark(broken, "to");

    (void)state;
    assert_true(new_set_is_of(set, "u1"));
    assert_false(new_set_is_of(set, "u2"));
    assert_false(new_set_is_of(bare, ""));
    assert_false(new_set_is_of(broken, "u1"));
    assert_string_equal(to, "9");
    assert_string_equal(none, "");
}

static void
test_donor(void **state)
{
    static const struct {
        const char *said, *version, *to;
        bool copies;
    } rows[] = {
        { "copies\t1\ncomplete\t0\n", "9.7.4", "9.7.4", true },
        { "copies\t0\ncomplete\t1\n", "9.7.4", "9.7.4", false },
        { "", "9.7.4", "9.7.4", false },
        { "copies\t1\n", "8.0.36", "8.0.37", false }, /* not before 8.0.37 */
        { "copies\t1\n", "8.0.37", "8.0.39", true },
        { "copies\t1\n", "8.4.7-2", "8.4.8", true },
        { "copies\t1\n", "8.0.39", "8.4.8", false }, /* another series */
        { "copies\t1\n", "odd", "8.4.8", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct new_set_donor d = { 0 };

        print_message("# %s to %s\n", rows[i].version, rows[i].to);
        new_set_parse_donor(rows[i].said, &d);
        str_copy(d.version, sizeof d.version, rows[i].version);
        assert_int_equal(new_set_may_copy(engine_find("mysql"), &d, rows[i].to),
                         rows[i].copies);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number),
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_mark),
        cmocka_unit_test(test_donor),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("new_set", tests, NULL, NULL);
}
