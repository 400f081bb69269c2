#include "kube/retry.h"

enum {
    RETRY_FIRST_MS = 100,
    RETRY_LONGEST_MS = 5000,
    RETRY_AFTER_MAX_S = 60,
    RETRY_READS = 4, /* of a read answered 5xx without Retry-After */
};

static long
retry_spread(long ms, unsigned random)
{
    return ms + (long)(random % (unsigned)(ms / 4 + 1));
}

long
retry_pause(unsigned attempt, unsigned random)
{
    long ms = RETRY_FIRST_MS;

    while (attempt-- > 0 && ms < RETRY_LONGEST_MS) {
        ms *= 2;
    }
    return retry_spread(ms < RETRY_LONGEST_MS ? ms : RETRY_LONGEST_MS, random);
}

static long
retry_no_reply(const struct retry *r)
{
    if ((r->sent && !r->safe) || r->spent_ms >= r->patience_ms) {
        return -1;
    }
    return retry_pause(r->attempt, r->random);
}

long
retry_wait(const struct retry *r)
{
    long after = r->retry_after < RETRY_AFTER_MAX_S ? r->retry_after : RETRY_AFTER_MAX_S;

    if (r->status == 0) {
        return retry_no_reply(r);
    }
    if (r->attempt >= RETRY_MAX || (r->status != 429 && r->status < 500)) {
        return -1;
    }
    if (after > 0 && r->spent_ms + after * 1000 > r->patience_ms) {
        return -1;
    }
    if (after > 0) {
        return retry_spread(after * 1000, r->random);
    }
    if (r->safe && r->status != 501 && r->attempt < RETRY_READS) {
        return retry_pause(r->attempt, r->random);
    }
    return -1;
}
