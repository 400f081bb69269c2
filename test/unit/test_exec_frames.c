#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "kube/exec.h"
#include "kube_case.h"

/* What may come over a session, and how much. */

#define SUCCESS "{\"metadata\":{},\"status\":\"Success\"}"

static const char *const argv[] = { "mysql", "-N", NULL };
static const struct kube_exec_spec without = { "demo", "db-0", "mysql", argv, false };

/* Frames that come in the same packet as the reply to the upgrade, and a byte at a time.
 */
static void
test_frames_with_the_reply(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_UPGRADE, "\x82\x03\x01hi", 5 },
        { PEER_SAY, "\x82\x04\x01 yo", 1 },
        { PEER_MESSAGE, SUCCESS, 3 },
        { PEER_BYE, NULL, 1000 },
        { PEER_END },
    };
    struct buf out auto_buf = BUF_LIMIT(100);
    struct kube_case c;
    int code = -1;

    (void)state;
    kube_case_start(&c, script);
    assert_int_equal(kube_exec_run(c.k, &without, 5000, &out, NULL, &code, &c.e), 0);
    assert_string_equal(buf_text(&out), "hi yo");
    kube_case_finish(&c);
}

static void
test_broken_frames(void **state)
{
    static const struct {
        const char *data;
        size_t len;
    } rows[] = {
        { "\xf2\x00", 2 },                          /* reserved bits */
        { "\x83\x00", 2 },                          /* an opcode that does not exist */
        { "\x80\x01x", 3 },                         /* goes on with nothing */
        { "\x89\xfe\x01\x00", 4 },                  /* a masked, long ping */
        { "\x82\x7f\x00\x00\x00\xff\0\0\0\0", 10 }, /* a terabyte */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_UPGRADE, NULL, 5 },
            { PEER_FRAME, rows[i].data, 0, 0, rows[i].len },
            { PEER_SLEEP, NULL, 100 },
            { PEER_END },
        };
        struct kube_case c;
        int code = -1;

        print_message("# row %zu\n", i);
        kube_case_start(&c, script);
        assert_int_equal(kube_exec_run(c.k, &without, 5000, NULL, NULL, &code, &c.e), -1);
        assert_int_equal(c.e.code, ERR_NETWORK);
        kube_case_finish(&c);
    }
}

/* A session that nobody reads is ended at its limit; one that is collected has only
 * the collector's. */
static void
test_limits(void **state)
{
    enum { PIECE = 1024 * 1024 };
    static char piece[PIECE + 1];
    const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_UPGRADE, NULL, 5 },
        { PEER_MESSAGE, piece, 1 },
        { PEER_MESSAGE, piece, 1 },
        { PEER_MESSAGE, piece, 1 },
        { PEER_MESSAGE, piece, 1 },
        { PEER_MESSAGE, piece, 1 },
        { PEER_MESSAGE, piece, 1 },
        { PEER_MESSAGE, piece, 1 },
        { PEER_MESSAGE, piece, 1 },
        { PEER_MESSAGE, "x", 1 },
        { PEER_SLEEP, NULL, 300 },
        { PEER_END },
    };
    struct buf small auto_buf = BUF_LIMIT(3 * PIECE);
    struct kube_case c;
    struct kube_exec *x = NULL;
    int code = -1;

    (void)state;
    memset(piece, 'y', PIECE);
    kube_case_start(&c, script);
    x = kube_case_exec(&c, &without);
    kube_case_wait_end(&c, x);
    assert_int_equal(kube_exec_result(x, &code, &c.e), -1);
    assert_int_equal(c.e.code, ERR_PROTOCOL);
    kube_exec_close(x);
    kube_case_finish(&c);

    kube_case_start(&c, (const struct peer_step[]){ { PEER_ACCEPT },
                                                    { PEER_UPGRADE, NULL, 5 },
                                                    { PEER_MESSAGE, piece, 1 },
                                                    { PEER_MESSAGE, piece, 1 },
                                                    { PEER_MESSAGE, piece, 1 },
                                                    { PEER_MESSAGE, "x", 1 },
                                                    { PEER_SLEEP, NULL, 300 },
                                                    { PEER_END } });
    assert_int_equal(kube_exec_run(c.k, &without, 5000, &small, NULL, &code, &c.e), -1);
    assert_int_equal(c.e.code, ERR_PROTOCOL);
    kube_case_finish(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_with_the_reply),
        cmocka_unit_test(test_broken_frames),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
