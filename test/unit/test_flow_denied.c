/* One call is refused: how each run ends, by what was refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_innodb.h"
#include "double_newset_runs.h"
#include "double_transcript.h"

/* An error that is passed over is one of the next call, or none at all. */
struct denied {
    const char *name; /* of the file */
    void (*begin)(void);
    const char *to;
    const char *strategy;
    const char *stop; /* an upgrade died behind this, and is walked back; may be NULL */
};

/* How a run ends whose n-th call is refused; false: it had no such call. */
static bool
denied_once(const struct denied *d, unsigned long n)
{
    struct upgrade_request rq = { 0 };
    const struct rule *fault = NULL;
    int status = 0;

    d->begin();
    rq = fix_request(d->to);
    rq.strategy = d->strategy;
    if (d->stop != NULL) {
        (void)world_rule((struct rule){ .what = d->stop, .how = RULE_DIE_AFTER });
        (void)flow_run(&rq);
        torture_revive();
        rq.to = NULL;
        rq.abort = true;
        rq.strategy = NULL;
        world.calls = 0;
        world_wait(20000); /* its lock has run out */
    }
    fault = world_rule((struct rule){ .after = n - 1, .how = RULE_FAIL, .status = 400 });
    status = flow_run(&rq);
    if (fault->seen > 0) {
        transcript_add(true, "%d%s%s %s%s%s%s", status, told.changed ? " changed" : "",
                       told.paused ? " paused" : "", told.err.msg,
                       told.err.reason[0] != '\0' ? " reason{" : "", told.err.reason,
                       told.err.reason[0] != '\0' ? "}" : "");
    }
    n = fault->seen;
    world_free();
    return n > 0;
}

/* Each tenth call under valgrind: then nothing new may be among the lines. */
static unsigned long
denied_stride(void)
{
    return torture_stride() > 9 ? torture_stride() / 9 : 1;
}

static void
denied_each_call(const struct denied *d)
{
    auto_free char *file = mem_printf("flow/denied-%s", d->name);

    buf_reset(&transcript);
    transcript_waits = 0;
    for (unsigned long n = 1; denied_once(d, n); n += denied_stride()) {
    }
    if (denied_stride() == 1) {
        golden_check(file, buf_text(&transcript));
    } else {
        golden_check_lines(file, buf_text(&transcript));
    }
    buf_free(&transcript);
}

static void
denied_all(const struct denied *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        denied_each_call(&all[i]);
    }
}

static void
group(void)
{
    world_new(3);
}

static void
galera(void)
{
    world_new_of("perconaxtradb", 3, "8.4.3", "petsets");
}

static void
proxysql(void)
{
    world_new_of("proxysql", 2, "2.7.3-debian", "petsets");
}

static void
postgres(void)
{
    world_new_with("postgres", (struct fix_size){ .members = 2, .followers = 1 }, "15.18",
                   "petsets");
}

static void
major(void)
{
    world_new_of("postgres", 2, "15.20", "petsets");
}

static void
test_rolling(void **state)
{
    static const struct denied all[] = {
        { "group", group, "8.4.8", NULL, NULL },
        { "group-abort", group, "8.4.8", NULL, "evict my-db-0" },
        { "innodb", world_new_innodb, "8.4.8", NULL, NULL },
        { "galera", galera, "8.4.5", NULL, NULL },
        { "proxysql", proxysql, "3.0.1-debian", NULL, NULL },
        { "postgres", postgres, "15.20", NULL, NULL },
    };

    (void)state;
    denied_all(all, sizeof all / sizeof *all);
}

static void
test_major(void **state)
{
    static const struct denied all[] = {
        { "major", major, "17.9", NULL, NULL },
        { "major-abort", major, "17.9", NULL, "evict my-db-0" },
    };

    (void)state;
    denied_all(all, sizeof all / sizeof *all);
}

static void
test_new_set(void **state)
{
    static const struct denied all[] = {
        { "new-set", world_new_set, "8.4.8", "new-set", NULL },
        { "new-set-abort", world_new_set, "8.4.8", "new-set", "scale my-db 1" },
    };

    (void)state;
    denied_all(all, sizeof all / sizeof *all);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rolling),
        cmocka_unit_test(test_major),
        cmocka_unit_test(test_new_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
