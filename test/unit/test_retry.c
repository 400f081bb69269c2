#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kube/retry.h"

static const struct {
    const char *what;
    struct retry r;
    long least;
    long most;
} rows[] = {
    { "429 with Retry-After", { .status = 429, .retry_after = 2 }, 2000, 2500 },
    { "503 with Retry-After, a change", { .status = 503, .retry_after = 1 }, 1000, 1250 },
    { "the longest Retry-After", { .status = 429, .retry_after = 9999 }, 60000, 75000 },
    { "429 without", { .status = 429 }, -1, -1 },
    { "429 without, a read", { .status = 429, .safe = true }, 100, 125 },
    { "500, a change", { .status = 500 }, -1, -1 },
    { "503, a read", { .status = 503, .safe = true, .attempt = 2 }, 400, 500 },
    { "503, a read, too often", { .status = 503, .safe = true, .attempt = 4 }, -1, -1 },
    { "501, a read", { .status = 501, .safe = true }, -1, -1 },
    { "Retry-After beyond the patience",
      { .status = 503, .retry_after = 5, .spent_ms = 6000, .patience_ms = 10000 },
      -1,
      -1 },
    { "Retry-After within it",
      { .status = 503, .retry_after = 4, .spent_ms = 6000, .patience_ms = 10000 },
      4000,
      5000 },
    { "ten times", { .status = 429, .retry_after = 1, .attempt = 9 }, 1000, 1250 },
    { "eleven times", { .status = 429, .retry_after = 1, .attempt = 10 }, -1, -1 },
    { "404", { .status = 404, .safe = true }, -1, -1 },
    { "409", { .status = 409, .retry_after = 1 }, -1, -1 },
    { "cut, a read", { .sent = true, .safe = true, .patience_ms = 60000 }, 100, 125 },
    { "cut, a change", { .sent = true, .patience_ms = 60000 }, -1, -1 },
    { "not sent, a change", { .patience_ms = 60000, .attempt = 3 }, 800, 1000 },
    { "not sent, long pause", { .patience_ms = 60000, .attempt = 30 }, 5000, 6250 },
    { "a minute later", { .patience_ms = 60000, .spent_ms = 60000 }, -1, -1 },
    { "never answered", { .spent_ms = 1400, .patience_ms = 1500 }, 100, 125 },
    { "never answered, later", { .spent_ms = 1500, .patience_ms = 1500 }, -1, -1 },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (unsigned random = 0; random < 5000; random += 7) {
            struct retry r = rows[i].r;
            long ms = 0;

            r.patience_ms = r.patience_ms > 0 ? r.patience_ms : 60000;
            r.random = random * 2654435761U;
            ms = retry_wait(&r);
            if (ms < rows[i].least || ms > rows[i].most) {
                fail_msg("%s: %ld ms", rows[i].what, ms);
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
