/* The new server is asked whether it takes the configuration before a member goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_torture.h"

/* The set's template gets files of configuration, certificates, data and an option. */
static void
configure(void)
{
    json_t *set = world_edit("petsets", WORLD_DB);
    json_t *spec = json_path(set, "spec.template.spec");
    json_t *server =
        json_array_find(json_path(spec, "containers"), "name", "mysql", NULL);

    (void)json_object_set_new(
        spec, "volumes",
        world_json("[{'name': 'custom-config', 'secret': {'secretName': 'my-conf'}}, "
                   "{'name': 'scripts', 'emptyDir': {}}, {'name': 'certs', 'secret': "
                   "{'secretName': 'my-tls'}}]"));
    world_put("secrets", world_json("{'metadata': {'name': 'my-conf'}}"));
    world_put("secrets", world_json("{'metadata': {'name': 'my-tls'}}"));
    (void)json_object_set_new(
        server, "volumeMounts",
        world_json(
            "[{'name': 'data', 'mountPath': '/var/lib/mysql'}, {'name': 'scripts', "
            "'mountPath': '/etc/mysql/scripts'}, {'name': 'custom-config', "
            "'mountPath': '/etc/mysql/conf.d'}, {'name': 'certs', 'mountPath': "
            "'/certs'}]"));
    (void)json_object_set_new(server, "args",
                              world_json("['mysqld', '--server-id=$(ID)', '--log-bin']"));
    world_put("petsets", set);
    world.plugins = "--plugin-load-add=mysql_clone.so\n";
    world.trial_wants = "file /etc/mysql/conf.d\noption --log-bin\n"
                        "option --plugin-load-add=mysql_clone.so\nend\n";
}

static void
begin(void)
{
    world_new(3);
    configure();
}

/* Whatever came of it, its pod is gone. */
static void
end(void)
{
    assert_null(rehearsal_pod_object());
    fix_end();
}

static void
test_taken(void **state)
{
    (void)state;
    begin();
    fix_expect(flow_run_to(FIX_TO), EXIT_OK);
    fix_told("mysql.config ok: a server of 8.4.8 accepts the configuration");
    assert_true(
        str_starts(buf_text(&world.log), "create pods\ndelete pods\ncreate leases\n"));
    fix_is_at(FIX_TO);
    end();
    begin();
    world.trial_says = "2026-11-22T00:00:00.0Z 0 [ERROR] [MY-010932] [Server] Unknown "
                       "locale: 'xx'.\n";
    fix_expect(flow_run_to(FIX_TO), EXIT_OK);
    fix_told("mysql.config warning: a server of 8.4.8 accepts the configuration, with "
             "warnings: Unknown locale: 'xx'.");
    end();
}

static void
test_refused(void **state)
{
    static const char *const skip[] = { "mysql.config", NULL };
    struct upgrade_request rq = { 0 };

    (void)state;
    begin();
    world.trial_code = 1;
    world.trial_says = "2026-11-22T00:00:00.0Z 0 [ERROR] [MY-000067] [Server] unknown "
                       "variable 'query_cache_size=16M'.\n2026-11-22T00:00:00.0Z 0 "
                       "[ERROR] [MY-010119] [Server] Aborting\n";
    fix_expect(flow_run_to(FIX_TO), EXIT_REFUSED);
    fix_told("mysql.config error: the new server rejects the configuration: unknown "
             "variable 'query_cache_size'");
    fix_error("mysql.config");
    fix_changes("create pods\ndelete pods\n");
    fix_is_at(FIX_FROM);
    buf_reset(&world.log);
    rq = fix_request(FIX_TO);
    rq.checks.skipped = skip;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("mysql.config warning: the new server rejects the configuration");
    end();
    begin();
    world.bad_image = "r.example/mysql:8.4.8";
    fix_expect(flow_run_to(FIX_TO), EXIT_REFUSED);
    fix_told(
        "mysql.config error: the new image cannot be pulled: container new: ErrImage");
    end();
}

/* It cannot be told: a warning, and the upgrade goes on. */
static void
test_not_tried(void **state)
{
    (void)state;
    begin();
    world.denied = "create pods";
    fix_expect(flow_run_to(FIX_TO), EXIT_OK);
    fix_told("mysql.config warning: not rehearsed: not allowed: create pods");
    end();
    begin();
    world.trial_code = 127;
    fix_expect(flow_run_to(FIX_TO), EXIT_OK);
    fix_told("mysql.config warning: not rehearsed: its server cannot be run there");
    end();
    begin();
    (void)world_rule((struct rule){ .what = "rehearsal trial", .times = 1 });
    fix_expect(flow_run_to(FIX_TO), EXIT_OK);
    fix_told("mysql.config warning: not rehearsed: ");
    end();
}

static void
test_when(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    begin();
    rq = fix_request(FIX_TO);
    rq.checks.no_rehearsal = true;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("mysql.config ok: not rehearsed (--no-rehearsal): ");
    assert_false(fix_changed("create pods"));
    end();
    begin();
    rq = fix_request(FIX_TO);
    rq.dry_run = DRY_RUN_SERVER;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("mysql.config ok: the new server checks the configuration before anything "
             "is changed, in pod my-db-upgrade-rehearsal");
    fix_changes("");
    end();
    world_new(3); /* without a configuration there is nothing to try */
    fix_expect(flow_run_to(FIX_TO), EXIT_OK);
    fix_not_told("mysql.config");
    end();
    begin(); /* another name for what runs: no server is started */
    fix_expect(flow_run_to(FIX_FROM), EXIT_OK);
    fix_not_told("mysql.config");
    end();
}

static void
test_torture(void **state)
{
    (void)state;
    torture_ways("mysql", 3, FIX_FROM, FIX_TO, WAYS, configure, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_not_tried), cmocka_unit_test(test_when),
        cmocka_unit_test(test_torture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
