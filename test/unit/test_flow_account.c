/* The account by which servers are asked: it is not let in, has limits, or loses both on
 * the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

/* What clients say, and what the user is told of it before anything is changed. */
static void
test_not_let_in(void **state)
{
    static const struct {
        const char *engine, *from, *to, *says, *told, *hint;
    } rows[] = {
        { "mysql", "8.4.7", "8.4.8",
          "ERROR 1862 (HY000): Your password has expired. To log in you must change it\n",
          "its password has expired", "ALTER USER USER() PASSWORD EXPIRE NEVER" },
        { "mysql", "8.4.7", "8.4.8",
          "ERROR 1820 (HY000) at line 1: You must reset your password using ALTER USER\n",
          "its password has expired", "--connect-expired-password" },
        { "mysql", "8.4.7", "8.4.8",
          "ERROR 3118 (HY000): Access denied for user 'root'@'127.0.0.1'. Account is "
          "locked.\n",
          "it is locked", "ACCOUNT UNLOCK" },
        { "mysql", "8.4.7", "8.4.8",
          "ERROR 1226 (42000): User 'root' has exceeded the 'max_questions' resource\n",
          "it has used up a limit", "MAX_QUERIES_PER_HOUR 0" },
        { "mysql", "8.4.7", "8.4.8",
          "ERROR 1045 (28000): Access denied for user 'root'@'127.0.0.1'\n",
          "its password is another one", "auth Secret" },
        { "mysql", "8.4.7", "8.4.8",
          "ERROR 1184 (08S01): Aborted connection 9 to db: 'unconnected' user: 'root' "
          "(init_connect command failed)\n",
          "init_connect fails for it", "init_connect = ''" },
        { "perconaxtradb", "8.4.3", "8.4.5",
          "ERROR 4151 (HY000): Access denied, this account is locked\n", "it is locked",
          "ACCOUNT UNLOCK" },
        { "proxysql", "2.7.3-debian", "3.0.1-debian",
          "ERROR 1045 (28000): ProxySQL Error: Access denied for user 'admin'\n",
          "the admin interface has none", "admin-admin_credentials" },
        { "postgres", "15.18", "15.20",
          "psql: error: FATAL:  role \"postgres\" is not permitted to log in\n",
          "its role may not log in", "ALTER ROLE ... LOGIN" },
        { "postgres", "15.18", "15.20",
          "psql: error: FATAL:  password authentication failed for user \"postgres\"\n",
          "its password is another one, or has expired", "VALID UNTIL 'infinity'" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("# %s: %s", rows[i].engine, rows[i].says);
        world_new_of(rows[i].engine, 3, rows[i].from, "petsets");
        world.clients_say = rows[i].says;
        fix_expect(flow_run_to(rows[i].to), EXIT_REFUSED);
        fix_error("the server does not answer the program's account: ");
        fix_error(rows[i].told);
        fix_error(rows[i].hint);
        fix_changes("");
        fix_end();
    }
}

static void
use_up(void)
{
    world.clients_say =
        "ERROR 1226 (42000) at line 1: User 'root' has exceeded the 'max_questions'\n";
}

static void
crowd(void)
{
    world.clients_say = "ERROR 1040 (HY000): Too many connections\n";
}

static void
end_it(void)
{
    world.clients_say = NULL;
}

/* On the way: what no time heals ends the run at once, and it can go on later. */
static void
test_used_up(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-2", 0, use_up);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("it has used up a limit that was set for it");
    fix_error("MAX_QUERIES_PER_HOUR 0");
    end_it();
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
crowd_for_a_while(void)
{
    crowd();
    world_deed("evict my-db-2", 5000, end_it);
    world.deed_at = double_now + 5000;
}

static void
test_crowded(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-2", 0, crowd_for_a_while);
    world.wait = "the server has no connection left";
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    assert_true(world.waited > 0);
    fix_is_at("8.4.8");
    fix_end();
}

/* Limits and passwords that would end it on the way are found before. */
static void
test_limits(void **state)
{
    static const struct {
        const char *engine, *from, *to, *finds, *id;
    } rows[] = {
        { "mysql", "8.4.7", "8.4.8", "max_questions>0", "my.account" },
        { "mysql", "8.4.7", "8.4.8", "password_last_changed", "my.account" },
        { "perconaxtradb", "8.4.3", "8.4.5", "max_questions>0", "px.account" },
        { "postgres", "15.18", "15.20", "rolvaliduntil <", "pg.account" },
        { "postgres", "15.18", "15.20", "rolconnlimit BETWEEN", "pg.account" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_new_of(rows[i].engine, 3, rows[i].from, "petsets");
        world.probe_finds = rows[i].finds;
        fix_expect(flow_run_to(rows[i].to), EXIT_REFUSED);
        fix_error(rows[i].id);
        fix_changes("");
        fix_end();
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_let_in),
        cmocka_unit_test(test_used_up),
        cmocka_unit_test(test_crowded),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
