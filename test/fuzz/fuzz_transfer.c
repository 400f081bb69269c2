/* What a member keeps for others, twice, and how one came by its server's log; the same
 * text as what is kept for it, and as a copy.
 * parsers: lib/engine/transfer.c */
#include "base/str.h"
#include "engine/transfer.h"
#include "fuzz.h"

static bool
sample(const char *out, struct transfer_sample *s)
{
    struct err e = { 0 };

    if (transfer_parse(out, s, &e) < 0) {
        fuzz_check(e.code == ERR_PROTOCOL && s->history[0] == '\0');
        return false;
    }
    fuzz_check(memchr(s->history, '\0', sizeof s->history) != NULL);
    fuzz_check(memchr(s->donor, '\0', sizeof s->donor) != NULL);
    fuzz_check(s->kept_bytes >= 0);
    return true;
}

static void
check_samples(const struct transfer_sample *then, const struct transfer_sample *now)
{
    static const long long times[] = { -1, 0, 1, 500, 86400000 };

    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        fuzz_check(transfer_window_ms(then, now, times[i], now->last) >= -1);
        fuzz_check(transfer_window_ms(then, now, times[i], then->kept_from) >= -1);
        fuzz_check(transfer_held(then, now, times[i]) >= 0);
    }
}

/* What is kept for one, and how long that member may be away. */
static void
check_span(const struct transfer_sample *then, const struct transfer_sample *now,
           const char *out)
{
    struct transfer_donor donor = { .then = *then, .now = *now, .ms = 1000 };
    struct transfer_span span;

    transfer_parse_kept(out, &donor.kept);
    fuzz_check(donor.kept.told || !donor.kept.limited);
    fuzz_check(donor.kept.room >= 0);
    span = transfer_span_of(then, &donor);
    fuzz_check(span.ms >= -1);
    fuzz_check((span.limit == TRANSFER_UNTOLD) == (span.ms < 0));
    fuzz_check(span.limit < TRANSFER_LIMITS);
}

static void
check_copy(const char *out)
{
    auto_free char *ask = transfer_parse_ask(out);
    struct transfer_copy copy = { 0 };
    char text[96];

    fuzz_check(ask != NULL && strchr(ask, '\n') == NULL);
    if (!transfer_parse_copy(out, &copy)) {
        return;
    }
    fuzz_check(!copy.running || !copy.done);
    fuzz_check(copy.bytes >= 0 && copy.total >= 0 && transfer_rate(&copy) >= 0);
    fuzz_check(strlen(transfer_show_copy(&copy, text, sizeof text)) < sizeof text);
}

static void
check_log(const char *log)
{
    const struct transfer_log *t = engine_find("perconaxtradb")->transfer->log;
    struct transfer_told told;

    transfer_by_log(t, log, &told);
    fuzz_check(told.way == TRANSFER_UNKNOWN || told.way == TRANSFER_LATE ||
               told.way == TRANSFER_WHOLE);
    fuzz_check(told.missing >= -1);
    fuzz_check(told.missing == -1 || told.way == TRANSFER_LATE);
    fuzz_check(memchr(told.donor, '\0', sizeof told.donor) != NULL);
    fuzz_check(strpbrk(told.donor, ")\n") == NULL);
    fuzz_check(told.donor[0] == '\0' || told.way != TRANSFER_UNKNOWN);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_free char *then_out = fuzz_text(&in);
    auto_free char *now_out = fuzz_text(&in);
    auto_free char *log = fuzz_text(&in);
    struct transfer_sample then = { 0 };
    struct transfer_sample now = { 0 };

    if (sample(then_out, &then) && sample(now_out, &now)) {
        check_samples(&then, &now);
        check_span(&then, &now, log);
    }
    check_log(log);
    check_copy(log);
    return 0;
}
