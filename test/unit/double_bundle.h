#ifndef DOUBLE_BUNDLE_H
#define DOUBLE_BUNDLE_H

#include "double_fixture.h"
#include "shell.h"

/* Upgrades that fail, and what is kept of them in a folder. */

static struct shell sh;

static inline int
open_shell(void **state)
{
    (void)state;
    return shell_open(&sh);
}

static inline int
close_shell(void **state)
{
    (void)state;
    shell_close(&sh);
    return 0;
}

static inline int
run_to(const char *to, bool rescue)
{
    struct upgrade_request rq = fix_request(to);

    rq.bundle = sh.dir;
    rq.no_rescue = !rescue;
    return flow_run(&rq);
}

static inline void
expect(const char *command, const char *want)
{
    auto_free char *got = shell_run(&sh, command);

    if (!str_eq(got, want)) {
        fix_show();
    }
    assert_string_equal(got, want);
}

/* The file, or one of those that match, has the text. */
static inline void
expect_in(const char *file, const char *text)
{
    auto_free char *got =
        mem_printf("grep -qF -- '%s' */%s || { ls -R; cat */%s; }", text, file, file);

    expect(got, "");
}

static inline void
crash(void)
{
    world.servers[2].crashes = true;
}

static inline void
start_crashing(void)
{
    world_new(3);
    world_deed("evict my-db-2", 1, crash);
}

/* Exactly one file, readable for its owner only; it is unpacked into its folder. */
static inline void
unpack(void)
{
    expect("ls | wc -l; stat -c %a *", "1\n600\n");
    assert_true(str_starts(told.bundle, sh.dir));
    expect("ls | sed 's/[0-9]/9/g'", "my-db-99999999T999999Z.tar.gz\n");
    expect("tar xzf *.tar.gz && rm *.tar.gz && ls | sed 's/[0-9]/9/g'",
           "my-db-99999999T999999Z\n");
}

#endif
