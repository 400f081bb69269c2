/* Streams that sleep, fill up, or go away while a run goes on. */
#define _XOPEN_SOURCE 700 /* posix_openpt */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "lib/base/sig.c" /* so that a wish to stop can be forgotten */
#include "ui/ui_private.h"

enum { FILL = 300 }; /* notes of 1000 bytes: more than any pipe or terminal holds */

struct pair {
    int ours; /* the reader's end */
    FILE *out;
    FILE *errors;
    struct ui *ui;
};

static void
forget_signals(void)
{
    assert_int_equal(sig_init(), 0);
    sig_count = 0;
    sig_first = 0;
    (void)alarm(30); /* what blocks fails */
}

static void
open_ui(struct pair *p, int fd)
{
    forget_signals();
    p->out = mem_check(fdopen(fd, "w"));
    p->errors = mem_check(fopen("/dev/null", "w"));
    p->ui = ui_new(&(struct ui_options){ .format = UI_JSONL }, p->out, p->errors);
    ui_emit(p->ui, &(struct ui_event){ .type = UI_START });
}

static void
open_pipe(struct pair *p)
{
    int fds[2];

    assert_int_equal(pipe(fds), 0);
    p->ours = fds[0];
    open_ui(p, fds[1]);
}

static void
open_pty(struct pair *p)
{
    int fd = -1;

    p->ours = posix_openpt(O_RDWR | O_NOCTTY);
    if (p->ours < 0 || grantpt(p->ours) < 0 || unlockpt(p->ours) < 0) {
        skip();
    }
    fd = open(ptsname(p->ours), O_RDWR | O_NOCTTY);
    assert_true(fd >= 0);
    open_ui(p, fd);
}

static void
close_pair(struct pair *p)
{
    ui_free(p->ui);
    (void)fclose(p->out);
    (void)fclose(p->errors);
    if (p->ours >= 0) {
        (void)close(p->ours);
    }
    forget_signals();
    (void)alarm(0);
}

static void
tell(struct ui *u, unsigned n)
{
    char text[1001];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (unsigned i = 0; i < n; i++) {
        ui_emit(u, &(struct ui_event){ .type = UI_NOTE, .text = text });
    }
}

/* Reads lines until the last; each must be whole, and follow the one before. */
static void
read_lines(struct pair *p, long long last)
{
    long long seq = 0;
    struct buf b = BUF_LIMIT(4 * 1024 * 1024);

    while (seq < last) {
        char *end = NULL;
        char some[4096];
        ssize_t got = read(p->ours, some, sizeof some);

        assert_true(got > 0);
        assert_int_equal(buf_add(&b, some, (size_t)got), 0);
        while (b.len > 0 && (end = memchr(b.data, '\n', b.len)) != NULL) {
            json_t *o = json_loadb(b.data, (size_t)(end - b.data), 0, NULL);

            assert_non_null(o);
            assert_int_equal(json_integer_value(json_object_get(o, "seq")), ++seq);
            json_decref(o);
            buf_drop(&b, (size_t)(end - b.data) + 1);
        }
        ui_tick(p->ui);
    }
    assert_int_equal(b.len, 0);
    buf_free(&b);
}

static void
check_sleeper(struct pair *p)
{
    tell(p->ui, FILL);
    ui_tick(p->ui);
    assert_true(p->ui->out.queue.len > 0);
    read_lines(p, FILL + 1);
    assert_int_equal(p->ui->out.queue.len, 0);
    assert_int_equal(sig_asked(), SIG_STOP_NONE);
    close_pair(p);
}

/* A reader that sleeps holds nothing up, and misses nothing when it wakes. */
static void
test_sleeping_reader(void **state)
{
    struct pair p;

    (void)state;
    open_pipe(&p);
    check_sleeper(&p);
}

static void
test_sleeping_terminal(void **state)
{
    struct pair p;

    (void)state;
    open_pty(&p);
    check_sleeper(&p);
}

/* ^S, then ^Q. */
static void
test_held_terminal(void **state)
{
    struct pair p;

    (void)state;
    open_pty(&p);
    assert_int_equal(tcflow(fileno(p.out), TCOOFF), 0);
    tell(p.ui, 3);
    ui_tick(p.ui);
    assert_true(p.ui->out.queue.len > 0);
    assert_int_equal(tcflow(fileno(p.out), TCOON), 0);
    ui_tick(p.ui);
    read_lines(&p, 4);
    close_pair(&p);
}

/* Another program may have made the stream so; libraries of scripts do. */
static void
test_nonblocking_stream(void **state)
{
    struct pair p;

    (void)state;
    open_pipe(&p);
    assert_int_equal(fcntl(fileno(p.out), F_SETFL, O_NONBLOCK), 0);
    check_sleeper(&p);
}

static void
check_gone(struct pair *p, int number)
{
    assert_int_equal(close(p->ours), 0);
    p->ours = -1;
    for (int i = 0; i < 3; i++) { /* it is one wish, however often it is seen */
        ui_tick(p->ui);
        tell(p->ui, 1);
    }
    assert_true(p->ui->out.broken);
    assert_int_equal(sig_asked(), SIG_STOP_SAFELY);
    assert_int_equal(sig_number(), number);
    close_pair(p);
}

/* Who reads goes away: noticed without a word to write, and taken for ^C. */
static void
test_reader_gone(void **state)
{
    struct pair p;

    (void)state;
    open_pipe(&p);
    check_gone(&p, SIGPIPE);
}

static void
test_terminal_gone(void **state)
{
    struct pair p;

    (void)state;
    open_pty(&p);
    check_gone(&p, SIGHUP);
}

/* stderr on a terminal that has gone concerns nobody while the events go to a file. */
static void
test_errors_terminal_gone(void **state)
{
    struct pair p;
    FILE *out = mem_check(fopen("/dev/null", "w"));

    (void)state;
    open_pty(&p);
    ui_free(p.ui);
    p.ui = ui_new(&(struct ui_options){ .format = UI_JSONL }, out, p.out);
    assert_int_equal(close(p.ours), 0);
    p.ours = -1;
    ui_emit(p.ui, &(struct ui_event){ .type = UI_START });
    ui_tick(p.ui);
    assert_true(p.ui->errors.broken);
    assert_int_equal(sig_asked(), SIG_STOP_NONE);
    close_pair(&p);
    (void)fclose(out);
}

/* Who asked to stop is not kept waiting for a reader that sleeps. */
static void
test_end_while_asleep(void **state)
{
    struct pair p;

    (void)state;
    open_pipe(&p);
    tell(p.ui, FILL);
    sig_request(SIGTERM);
    (void)alarm(10);
    close_pair(&p);
}

static struct sigaction before_alarm;

static void
interrupt(int n)
{
    (void)n;
    sig_request(SIGINT);
}

/* And who has not asked yet does so then. */
static void
test_signal_ends_the_wait(void **state)
{
    struct sigaction a = { .sa_handler = interrupt };
    struct pair p;

    (void)state;
    open_pipe(&p);
    tell(p.ui, FILL);
    assert_int_equal(sigaction(SIGALRM, &a, &before_alarm), 0);
    (void)alarm(1);
    ui_suspend(p.ui);
    assert_int_equal(sigaction(SIGALRM, &before_alarm, NULL), 0);
    assert_int_equal(sig_asked(), SIG_STOP_SAFELY);
    close_pair(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {

        cmocka_unit_test(test_sleeping_reader),
        cmocka_unit_test(test_sleeping_terminal),
        cmocka_unit_test(test_held_terminal),
        cmocka_unit_test(test_nonblocking_stream),
        cmocka_unit_test(test_reader_gone),
        cmocka_unit_test(test_terminal_gone),
        cmocka_unit_test(test_errors_terminal_gone),
        cmocka_unit_test(test_end_while_asleep),
        cmocka_unit_test(test_signal_ends_the_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
