/* What is shown of a cluster whose every string may be hostile: status, versions, ctl,
 * cleanup, completion. */
#define _DEFAULT_SOURCE /* forkpty, setenv */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "double_hostile.h"
#include "double_status.h"

/* A world with a run that has stopped, or that goes on elsewhere. */
static void
begin(const char *holder)
{
    json_t *db = NULL;

    world_new(2);
    lease_put(holder, JOURNAL, 1000);
    lease_annotate("kubectl-dbupgrade/step", "3/9 restart my-db-1");
    lease_annotate("kubectl-dbupgrade/held", "eve@h/7");
    lease_annotate("kubectl-dbupgrade/ctl", "{\"verb\": \"abort\", \"by\": \"joe@h/8\"}");
    db = world_edit("mysqls", WORLD_DB);
    world_set_path(db, "status.conditions",
                   world_json("[{'type': 'Ready', 'status': 'True', 'reason': 'Fine', "
                              "'message': 'a message'}]"));
    world_put("mysqls", db);
    world_put("namespaces", world_json("{'metadata': {'name': 'demo'}}"));
}

static void
look_all(const char *const *lines, const char *planted)
{
    for (; *lines != NULL; lines++) {
        hostile_shows(*lines, planted);
    }
}

static void
look_status(const char *planted)
{
    static const char *const lines[] = {
        "status -A",
        "tty status mysql -n demo",
        "status mysql my-db -n demo",
        "status mysql my-db -n demo -o json",
        "status mysql -o name",
        NULL,
    };

    look_all(lines, planted);
}

static void
test_status(void **state)
{
    (void)state;
    begin("root@h/1/a");
    plant_everywhere(look_status);
    begin("");
    plant_in(world_all("leases"), "leases", look_status);
    hostile_end(500);
}

static void
look_runs(const char *planted)
{
    static const char *const lines[] = {
        "ctl mysql my-db pause -n demo",
        "tty ctl mysql my-db dance -n demo",
        "resume mysql my-db -n demo --bundle none",
        "abort mysql my-db -n demo --yes --bundle none -o jsonl",
        "mysql my-db --to 8.4.8 -n demo --yes --bundle none -o json",
        NULL,
    };

    look_all(lines, planted);
}

static void
test_runs(void **state)
{
    (void)state;
    begin("root@h/1/a");
    plant_in(world_all("leases"), "leases", look_runs);
    begin("");
    plant_in(world_all("leases"), "leases", look_runs);
    hostile_end(100);
}

static void
look_versions(const char *planted)
{
    static const char *const lines[] = {
        "versions mysql",
        "tty versions mysql my-db -n demo",
        "versions mysql my-db -n demo",
        "versions mysql my-db -n demo -o json",
        "versions mysql -o name",
        NULL,
    };

    look_all(lines, planted);
}

static void
test_versions(void **state)
{
    (void)state;
    begin("");
    plant_in(world_all("mysqlversions"), "mysqlversions", look_versions);
    plant_in(world_all("mysqls"), "mysqls", look_versions);
    hostile_end(200);
}

static void
test_cleanup(void **state)
{
    static const char *const lines[] = {
        "cleanup postgres my-db -n demo --yes",
        "cleanup postgres my-db -n demo --dry-run",
        NULL,
    };

    (void)state;
    for (unsigned long at = 0; at < 30; at++) {
        world_new_of("postgres", 2, "17.9", "petsets");
        world.servers[0].volume.kept = true;
        world.servers[0].volume.started = true;
        world.servers[0].volume.old_data = true;
        world.may_delete = true;
        world.taint.text = EVIL_BYTES;
        world.taint.field = at + 1;
        look_all(lines, "what the volume holds");
    }
    hostile_end(60);
}

/* A word that is offered stands on the user's command line then: it must be harmless to
 * the shell, too. */
static void
check_words(const char *planted)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-._/:@%+=,";

    for (const char *at = buf_text(&hostile.output); *at != '\0';) {
        size_t word = strspn(at, plain);

        if (word == 0 || (at[word] != '\n' && at[word] != '\t') ||
            str_starts(at, "--yes")) {
            hostile.bad++;
            print_error("offered with %s: %.*s...\n", planted, (int)word, at);
        }
        at += strcspn(at, "\n");
        at += *at == '\n' ? 1 : 0;
    }
}

static void
look_completion(const char *planted)
{
    static const char *const lines[] = {
        "__complete mysql ~",
        "__complete mysql my-db -n demo --to ~",
        "__complete versions mysql/~",
        "__complete mysql my-db --namespace=~",
        NULL,
    };

    for (const char *const *line = lines; *line != NULL; line++) {
        hostile_shows(*line, planted);
        check_words(planted);
    }
}

static void
test_completion(void **state)
{
    static const char *const names[] = { "$(reboot)", "`reboot`", "a b", "a;reboot",
                                         "--yes",     "a'b",      "a\\", "~root" };

    (void)state;
    begin("");
    plant_everywhere(look_completion);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        world_change("mysqls", WORLD_DB, "metadata.name", json_string(names[i]));
        look_completion(names[i]);
        begin("");
    }
    hostile_end(400);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),     cmocka_unit_test(test_runs),
        cmocka_unit_test(test_versions),   cmocka_unit_test(test_cleanup),
        cmocka_unit_test(test_completion),
    };

    return hostile_main(tests, sizeof tests / sizeof *tests);
}
