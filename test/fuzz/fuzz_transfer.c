/* What a Galera node keeps for others, twice, and how one came by its server's log.
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
    }
    check_log(log);
    return 0;
}
