/* Times and durations of others: what is read is printed so again, and what is printed is
 * read.
 * parsers: lib/base/clock.c */
#include "base/clock.h"
#include "base/str.h"
#include "fuzz.h"

enum { TIME_TEXT = 32, TIME_SECONDS = sizeof "2026-11-21T10:40:59" - 1 };

static const long long year_9999_ms = 253402300799999;

static void
check_time(long long ms)
{
    char text[TIME_TEXT];

    fuzz_check(str_ends(clock_rfc3339(ms, text, sizeof text), "Z"));
    fuzz_check(clock_parse_rfc3339(text) == ms / 1000 * 1000);
    fuzz_check(str_ends(clock_rfc3339_micro(ms, text, sizeof text), "000Z"));
    fuzz_check(clock_parse_rfc3339(text) == ms);
}

/* What was read is the time that it says, not one near it. */
static void
check_text(const char *text)
{
    long long ms = clock_parse_rfc3339(text);
    char again[TIME_TEXT];

    fuzz_check(ms >= -1 && ms <= year_9999_ms);
    if (ms >= 0) {
        clock_rfc3339_micro(ms, again, sizeof again);
        fuzz_check(strncmp(text, again, TIME_SECONDS) == 0);
        check_time(ms);
    }
}

static void
check_duration(long long ms)
{
    char text[TIME_TEXT] = "";
    long long back = 0;

    clock_duration(ms, text, sizeof text);
    fuzz_check_line(text, sizeof text);
    back = clock_parse_duration(text);
    /* It is cut to the two largest units; more than 31 years are none. */
    fuzz_check(back < 0 ? ms >= 1000000000000 : back <= (ms > 0 ? ms : 0));
    fuzz_check(back < 0 || ms - back < 60000 || ms < 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_free char *text = fuzz_text(&in);
    long long ms = 0;

    check_text(text);
    memcpy(&ms, data, size < sizeof ms ? size : sizeof ms);
    check_duration(ms);
    check_time(ms < 0 ? 0 : ms % (year_9999_ms + 1));
    ms = clock_parse_duration(text);
    fuzz_check(ms >= -1);
    check_duration(ms);
    fuzz_check(clock_ms() > 0 && clock_wall_ms() > 0);
    return 0;
}
