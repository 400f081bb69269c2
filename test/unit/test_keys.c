/* Keys on a terminal: what is typed, and whose mode the terminal is in. */
#define _XOPEN_SOURCE 700 /* posix_openpt */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/sig.h"
#include "ui/keys.h"

static enum ui_key
typed(struct ui_keys *k, const char *text, long long now)
{
    enum ui_key got;

    keys_feed(k, text, strlen(text), now);
    got = k->got;
    k->got = UI_KEY_NONE;
    return got;
}

static void
test_letters(void **state)
{
    struct ui_keys k = { .fd = -1 };

    (void)state;
    assert_int_equal(typed(&k, "x", 1), UI_KEY_NONE);
    assert_int_equal(typed(&k, "p", 1), UI_KEY_PAUSE);
    assert_true(k.pausing);
    assert_int_equal(typed(&k, "c", 1), UI_KEY_CONTINUE);
    assert_false(k.pausing);
    assert_int_equal(typed(&k, "P", 1), UI_KEY_NONE);
    assert_int_equal(typed(&k, "pc", 1), UI_KEY_CONTINUE);
}

static void
test_abort_takes_two(void **state)
{
    struct ui_keys k = { .fd = -1 };

    (void)state;
    assert_string_equal(keys_notice(&k, 1000), "");
    assert_int_equal(typed(&k, "a", 1000), UI_KEY_NONE);
    assert_non_null(strstr(keys_notice(&k, 1000), "press [a] again"));
    assert_int_equal(typed(&k, "a", 1000 + KEYS_TWICE_MS - 1), UI_KEY_NONE); /* held */
    assert_int_equal(typed(&k, "a", 2000), UI_KEY_ABORT);
    assert_string_equal(keys_notice(&k, 2000), "");
    assert_int_equal(typed(&k, "a", 3000), UI_KEY_NONE);
    assert_int_equal(typed(&k, "a", 3001 + KEYS_ABORT_MS), UI_KEY_NONE); /* too late */
    assert_int_equal(typed(&k, "xa", 9000), UI_KEY_NONE); /* another key: not meant */
    assert_int_equal(typed(&k, "a", 10000), UI_KEY_ABORT);
    assert_int_equal(typed(&k, "aa", 20000), UI_KEY_NONE);
}

/* Function keys, answers of the terminal and pasted text are no commands. */
static void
test_not_typed(void **state)
{
    static const char *const texts[] = { "\033[A",   "\033OP",     "\033[1;5c",
                                         "\033[15~", "\033[?1;2c", "pasted text" };
    struct ui_keys k = { .fd = -1 };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(typed(&k, texts[i], 1000), UI_KEY_NONE);
        assert_int_equal(k.aborting, 0);
        assert_int_equal(k.helping, 0);
    }
    assert_int_equal(typed(&k, "\033", 1000), UI_KEY_NONE);
    assert_int_equal(typed(&k, "p", 1000), UI_KEY_PAUSE);
}

static void
test_help(void **state)
{
    struct ui_keys k = { .fd = -1 };

    (void)state;
    assert_int_equal(typed(&k, "?", 1000), UI_KEY_NONE);
    assert_non_null(strstr(keys_notice(&k, 2000), "c continue  a abort"));
    assert_string_equal(keys_notice(&k, 1001 + KEYS_HELP_MS), "");
}

/* -- on a terminal of its own -- */

/* What the child of a test tells: a step that failed, or 0. */
static int
terminal_child(const char *name, int (*body)(int fd, int master), int master)
{
    int fd = -1;

    (void)setsid();
    fd = open(name, O_RDWR); /* becomes the controlling terminal */
    return fd < 0 || tcgetpgrp(fd) != getpgrp() ? 99 : body(fd, master);
}

static void
with_terminal(int (*body)(int fd, int master))
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    int status = 0;
    pid_t pid = 0;

    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) {
        skip();
    }
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)alarm(20);
        _exit(terminal_child(ptsname(master), body, master));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(close(master), 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static bool
is_raw(int fd)
{
    struct termios t;

    return tcgetattr(fd, &t) == 0 && (t.c_lflag & (tcflag_t)(ICANON | ECHO)) == 0 &&
           (t.c_lflag & (tcflag_t)ISIG) != 0;
}

static bool
is_cooked(int fd)
{
    struct termios t;

    return tcgetattr(fd, &t) == 0 && (t.c_lflag & (tcflag_t)ICANON) != 0 &&
           (t.c_lflag & (tcflag_t)ECHO) != 0;
}

/* Polls until a key comes; a pty hands over what was written to it after a while. */
static enum ui_key
poll_key(struct ui_keys *k)
{
    long long until = clock_ms() + 5000;

    while (k->got == UI_KEY_NONE && clock_ms() < until) {
        keys_poll(k, clock_ms());
    }
    return k->got;
}

static int
body_mode(int fd, int master)
{
    struct ui_keys k;

    keys_init(&k, fd);
    keys_poll(&k, 1);
    if (!is_cooked(fd)) {
        return 1; /* touched before the run */
    }
    keys_begin(&k);
    keys_poll(&k, 1);
    if (!is_raw(fd)) {
        return 2;
    }
    if (write(master, "p", 1) != 1 || poll_key(&k) != UI_KEY_PAUSE) {
        return 3;
    }
    keys_restore(&k);
    if (!is_cooked(fd)) {
        return 4;
    }
    keys_poll(&k, 1); /* goes on by itself */
    if (!is_raw(fd)) {
        return 5;
    }
    keys_end(&k);
    keys_poll(&k, 1);
    return is_cooked(fd) ? 0 : 6;
}

static void
test_mode(void **state)
{
    (void)state;
    with_terminal(body_mode);
}

/* A shell that took the terminal back while the program was stopped. */
static int
body_taken_back(int fd, int master)
{
    struct termios cooked;
    struct ui_keys k;

    (void)master;
    if (tcgetattr(fd, &cooked) < 0) {
        return 1;
    }
    keys_init(&k, fd);
    keys_begin(&k);
    keys_poll(&k, 1);
    if (tcsetattr(fd, TCSANOW, &cooked) < 0) {
        return 2;
    }
    keys_poll(&k, 1);
    if (!is_raw(fd)) {
        return 3;
    }
    keys_end(&k);
    return is_cooked(fd) ? 0 : 4;
}

static void
test_taken_back(void **state)
{
    (void)state;
    with_terminal(body_taken_back);
}

/* In the background nothing is read and nothing is set, and nothing stops the program. */
static int
body_background(int fd, int master)
{
    struct ui_keys k;
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        (void)setpgid(0, 0);
        (void)sig_init();
        keys_init(&k, fd);
        keys_begin(&k);
        if (write(master, "p\n", 2) != 2) {
            _exit(1);
        }
        for (int i = 0; i < 50; i++) {
            keys_poll(&k, 1);
        }
        if (keys_in_front(fd) || !is_cooked(fd) || k.got != UI_KEY_NONE) {
            _exit(2);
        }
        keys_end(&k);
        _exit(write(fd, "x", 1) == 1 ? 0 : 3);
    }
    if (waitpid(pid, &status, WUNTRACED) != pid || WIFSTOPPED(status)) {
        (void)kill(pid, SIGKILL);
        return 4;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 5;
}

static void
test_background(void **state)
{
    (void)state;
    with_terminal(body_background);
}

/* ^Z and ^C come through while keys are taken. */
static int
body_signals(int fd, int master)
{
    struct ui_keys k;
    long long until = clock_ms() + 5000;

    (void)sig_init();
    keys_init(&k, fd);
    keys_begin(&k);
    keys_poll(&k, 1);
    if (write(master, "\032", 1) != 1) {
        return 1;
    }
    while (!sig_suspended() && clock_ms() < until) {
        keys_poll(&k, 1);
    }
    if (!sig_suspended()) {
        return 2;
    }
    if (write(master, "\003", 1) != 1) {
        return 3;
    }
    while (sig_asked() == SIG_STOP_NONE && clock_ms() < until) {
        keys_poll(&k, 1);
    }
    return sig_asked() == SIG_STOP_SAFELY && sig_number() == SIGINT ? 0 : 4;
}

static void
test_signals(void **state)
{
    (void)state;
    with_terminal(body_signals);
}

/* q stops safely; not at once, however often it is pressed. */
static void
test_quit(void **state)
{
    struct ui_keys k = { .fd = -1 };

    (void)state;
    assert_int_equal(typed(&k, "q", 1), UI_KEY_QUIT);
    assert_int_equal(typed(&k, "qq", 1), UI_KEY_QUIT);
    assert_int_equal(sig_asked(), SIG_STOP_SAFELY);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters),    cmocka_unit_test(test_abort_takes_two),
        cmocka_unit_test(test_not_typed),  cmocka_unit_test(test_help),
        cmocka_unit_test(test_mode),       cmocka_unit_test(test_taken_back),
        cmocka_unit_test(test_background), cmocka_unit_test(test_signals),
        cmocka_unit_test(test_quit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
