#include "double_bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct shell sh;

int
open_shell(void **state)
{
    (void)state;
    return shell_open(&sh);
}

int
close_shell(void **state)
{
    (void)state;
    shell_close(&sh);
    return 0;
}

int
run_to(const char *to, bool rescue)
{
    struct upgrade_request rq = fix_request(to);

    rq.bundle = sh.dir;
    rq.no_rescue = !rescue;
    return flow_run(&rq);
}

void
expect(const char *command, const char *want)
{
    auto_free char *got = shell_run(&sh, command);

    if (!str_eq(got, want)) {
        fix_show();
    }
    assert_string_equal(got, want);
}

void
expect_in(const char *file, const char *text)
{
    auto_free char *got =
        mem_printf("grep -qF -- '%s' */%s || { ls -R; cat */%s; }", text, file, file);

    expect(got, "");
}

static void
crash(void)
{
    world.servers[2].crashes = true;
}

void
start_crashing(void)
{
    world_new(3);
    world_deed("evict my-db-2", 1, crash);
}

void
unpack(void)
{
    expect("ls | wc -l; stat -c %a *", "1\n600\n");
    assert_true(str_starts(told.bundle, sh.dir));
    expect("ls | sed 's/[0-9]/9/g'", "my-db-99999999T999999Z.tar.gz\n");
    expect("tar xzf *.tar.gz && rm *.tar.gz && ls | sed 's/[0-9]/9/g'",
           "my-db-99999999T999999Z\n");
}
