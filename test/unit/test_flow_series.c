/* A MySQL that goes to another series is asked what would fail or change there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"
#include "engine/engine_advice.h"

static void
begin(size_t members, const char *from, const char *finds)
{
    world_new_at(members, from, "petsets");
    world.probe_finds = finds;
}

/* What would fail stops it before anything is changed. */
static void
test_refused(void **state)
{
    (void)state;
    begin(3, "8.4.7", "mysql_native_password");
    fix_expect(flow_run_to("9.7.4"), EXIT_REFUSED);
    fix_told("my.native_password error: accounts that use mysql_native_password, which "
             "was removed: they cannot log in any more: it");
    fix_changes("");
    fix_is_at("8.4.7");
    fix_end();
    begin(1, "5.7.44", "INNODB_SYS_FOREIGN");
    fix_expect(flow_run_to("8.0.43"), EXIT_REFUSED);
    fix_told(
        "my.foreign_key_names error: foreign key names longer than 64 characters: it");
    fix_changes("");
    fix_end();
}

/* What would change is told. */
static void
test_warned(void **state)
{
    (void)state;
    begin(3, "8.0.43", "mysql_native_password");
    fix_expect(flow_run_to("8.4.7"), EXIT_OK);
    fix_told("my.native_password warning: accounts that use mysql_native_password");
    fix_told("database.asked ok: my-db-1 answered all queries");
    fix_is_at("8.4.7");
    fix_end();
    begin(1, "8.0.43", NULL); /* a server that is no primary of others is asked, too */
    fix_expect(flow_run_to("8.4.7"), EXIT_OK);
    fix_told("database.asked ok: my-db-0 answered all queries");
    fix_end();
}

/* A group keeps speaking as its oldest member did. */
static void
test_protocol(void **state)
{
    auto_free char *hint = NULL;

    (void)state;
    begin(3, "5.7.44", NULL);
    world.protocol = "5.7.14\n";
    fix_expect(flow_run_to("8.0.43"), EXIT_OK);
    fix_told("the group still uses the communication protocol of 5.7.14");
    hint = engine_format(world_engine()->advice->hint, "8.0.43");
    assert_non_null(
        strstr(hint, "SELECT group_replication_set_communication_protocol('8.0.43')"));
    fix_end();
    begin(3, "5.7.44", NULL);
    fix_expect(flow_run_to("8.0.43"), EXIT_OK);
    fix_not_told("protocol");
    fix_end();
    begin(3, "8.0.43", NULL);
    world.protocol = "8.0.16\n";
    fix_expect(flow_run_to("8.4.7"), EXIT_OK);
    fix_not_told("protocol");
    fix_end();
}

/* Within a series there is nothing to ask. */
static void
test_same_series(void **state)
{
    (void)state;
    begin(3, "8.4.7", "information_schema");
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("database.asked ok: my-db-1 answered all queries");
    fix_not_told("my.");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_warned),
        cmocka_unit_test(test_protocol),
        cmocka_unit_test(test_same_series),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
