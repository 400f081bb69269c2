/* What is written can be read by tar, is nobody else's to read, and replaces nothing. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/archive.h"
#include "base/mem.h"
#include "base/sig.h"
#include "shell.h"

enum { TIME = 1795257659 };

static struct shell sh;

static int
open_shell(void **state)
{
    (void)state;
    return shell_open(&sh);
}

static int
close_shell(void **state)
{
    (void)state;
    shell_close(&sh);
    return 0;
}

static void
expect(const char *command, const char *want)
{
    auto_free char *got = shell_run(&sh, command);

    assert_string_equal(got, want);
}

static void
test_tar_reads_it(void **state)
{
    auto_archive struct archive a = { 0 };
    auto_free char *file = shell_path(&sh, "a.tar.gz");
    auto_free char *long_name =
        mem_printf("%0120d/%0120d/%099d", 1, 2, 3); /* does not fit: prefix too long */
    auto_free char *split_name = mem_printf("%0120d/%099d", 1, 3);
    char block[1025];
    struct err e = { 0 };

    (void)state;
    memset(block, 'x', sizeof block);
    archive_add(&a, "top/README.txt", "hello\n", 6);
    archive_add(&a, "top/empty", "", 0);
    archive_add(&a, "top/512", block, 512);
    archive_add(&a, "top/1025", block, 1025);
    archive_add(&a, split_name, "deep\n", 5);
    assert_int_equal(archive_write(&a, file, TIME, &e), 0);
    expect("ls", "a.tar.gz\n");
    expect("stat -c %a a.tar.gz", "600\n");
    expect("tar xzf a.tar.gz 2>&1 && cat top/README.txt", "hello\n");
    expect("wc -c <top/empty; wc -c <top/512; wc -c <top/1025", "0\n512\n1025\n");
    expect("cat 000*/000*", "deep\n");
    expect("stat -c '%a %Y' top/README.txt", "600 1795257659\n");
    expect("gzip -t a.tar.gz 2>&1", "");
    archive_add(&a, long_name, "", 0);
    assert_int_equal(archive_write(&a, file, TIME, &e), -1);
    assert_int_equal(e.code, ERR_INTERNAL);
}

static void
test_nothing_is_replaced(void **state)
{
    auto_archive struct archive a = { 0 };
    auto_free char *file = shell_path(&sh, "a.tar.gz");
    struct err e = { 0 };

    (void)state;
    expect("echo precious >a.tar.gz", "");
    archive_add(&a, "a", "b", 1);
    assert_int_equal(archive_write(&a, file, TIME, &e), -1);
    assert_string_equal(e.reason, "FILE_EXISTS");
    expect("ls; cat a.tar.gz", "a.tar.gz\nprecious\n");
    expect("rm a.tar.gz; ln -s elsewhere a.tar.gz", "");
    assert_int_equal(archive_write(&a, file, TIME, &e), -1);
    assert_string_equal(e.reason, "FILE_EXISTS");
    expect("ls -A", "a.tar.gz\n"); /* no elsewhere */
}

static void
test_no_folder(void **state)
{
    auto_archive struct archive a = { 0 };
    auto_free char *file = shell_path(&sh, "none/a.tar.gz");
    struct err e = { 0 };

    (void)state;
    archive_add(&a, "a", "b", 1);
    assert_int_equal(archive_write(&a, file, TIME, &e), -1);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_non_null(strstr(e.msg, "No such file or directory"));
}

/* A file that may not grow is what a full disk is. */
static void
test_full_disk(void **state)
{
    auto_archive struct archive a = { 0 };
    auto_free char *file = shell_path(&sh, "a.tar.gz");
    auto_free char *noise = mem_alloc(1 << 20);
    struct rlimit old = { 0 };
    struct rlimit small = { .rlim_cur = 4096 };
    struct err e = { 0 };
    unsigned random = 1;

    (void)state;
    for (size_t i = 0; i < 1 << 20; i++) {
        random = random * 1103515245U + 12345U;
        noise[i] = (char)(random >> 16);
    }
    archive_add(&a, "noise", noise, 1 << 20);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(archive_write(&a, file, TIME, &e), -1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_non_null(strstr(e.msg, "File too large"));
    expect("ls -A", "");
}

/* The last of the tests: a signal cannot be taken back. */
static void
test_stopped_at_once(void **state)
{
    auto_archive struct archive a = { 0 };
    auto_free char *file = shell_path(&sh, "a.tar.gz");
    struct err e = { 0 };

    (void)state;
    archive_add(&a, "a", "b", 1);
    sig_request(SIGINT);
    assert_int_equal(archive_write(&a, file, TIME, &e), 0);
    expect("rm a.tar.gz", "");
    sig_request(SIGINT);
    assert_int_equal(archive_write(&a, file, TIME, &e), -1);
    assert_int_equal(e.code, ERR_INTERRUPTED);
    expect("ls -A", "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tar_reads_it, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_nothing_is_replaced, open_shell,
                                        close_shell),
        cmocka_unit_test_setup_teardown(test_no_folder, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_full_disk, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_stopped_at_once, open_shell, close_shell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
