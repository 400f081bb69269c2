#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kube/channel.h"

static int
take(struct channels *c, char number, const char *text)
{
    struct buf b auto_buf = BUF_LIMIT(4096);

    assert_int_equal(buf_add(&b, &number, 1), 0);
    assert_int_equal(buf_puts(&b, text), 0);
    return channel_take(c, b.data, b.len);
}

static void
test_streams(void **state)
{
    struct channels c = { .out = BUF_LIMIT(8), .err_out = BUF_LIMIT(8) };

    (void)state;
    assert_int_equal(channel_take(&c, "", 0), 0);
    assert_int_equal(take(&c, 1, ""), 0);
    assert_int_equal(take(&c, 1, "ab"), 0);
    assert_int_equal(take(&c, 2, "E"), 0);
    assert_int_equal(take(&c, 1, "cd"), 0);
    assert_int_equal(take(&c, 4, "resize"), 0);
    assert_int_equal(take(&c, (char)255, "\001"), 0);
    assert_string_equal(buf_text(&c.out), "abcd");
    assert_string_equal(buf_text(&c.err_out), "E");
    assert_false(c.done);
    assert_int_equal(take(&c, 1, "12345"), -1);
    assert_int_equal(c.failure.code, ERR_PROTOCOL);
    channel_clear(&c);
}

#define EXITED(code)                                                                    \
    "{\"status\":\"Failure\",\"reason\":\"NonZeroExitCode\",\"details\":{\"causes\":[{" \
    "\"reason\":\"ExitCode\",\"message\":\"" code "\"}]}}"

static const struct {
    const char *status;
    int rc;
    int exit_code;
    enum err_code failure;
} rows[] = {
    { "{\"metadata\":{},\"status\":\"Success\"}", 0, 0, ERR_NONE },
    { EXITED("3"), 0, 3, ERR_NONE },
    { EXITED("137"), 0, 137, ERR_NONE },
    { EXITED("0"), 0, -1, ERR_API },
    { EXITED("x"), 0, -1, ERR_API },
    { "{\"status\":\"Failure\",\"message\":\"no such container\",\"code\":500}", 0, -1,
      ERR_API },
    { "{\"status\":\"Failure\",\"code\":404}", 0, -1, ERR_NOT_FOUND },
    { "{}", 0, -1, ERR_API },
    { "not JSON", -1, 0, ERR_PROTOCOL },
};

static void
test_status(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct channels c = { 0 };

        print_message("# row %zu\n", i);
        assert_int_equal(take(&c, 3, rows[i].status), rows[i].rc);
        assert_int_equal(c.failure.code, rows[i].failure);
        assert_int_equal(c.done, rows[i].rc == 0);
        assert_int_equal(c.exit_code, rows[i].exit_code);
        channel_clear(&c);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
