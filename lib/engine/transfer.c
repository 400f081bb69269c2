#include "engine/transfer.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "base/sum.h"
#include "engine/new_set.h"
#include "engine/parse.h"
#include "engine/replication_source.h"

/* -- what members say -- */

/* Numbers of transactions, and of bytes and nanoseconds in a server's life: what is more
 * is none, so that sums of two stay numbers. */
#define TRANSFER_MAX (LLONG_MAX / 4)

/* Transactions a second: KubeDB's own health check writes one each 10 s. */
#define TRANSFER_LEAST_RATE 0.1

static bool
transfer_number(const char *out, const char *key, long long *to)
{
    auto_free char *value = parse_value(out, key);

    return value != NULL && str_to_ll(value, to) && *to >= -1 && *to <= TRANSFER_MAX;
}

/* The same, but 0 where there is none. */
static long long
transfer_amount(const char *out, const char *key)
{
    long long n = 0;

    return transfer_number(out, key, &n) && n > 0 ? n : 0;
}

static bool
transfer_yes(const char *out, const char *key)
{
    auto_free char *value = parse_value(out, key);

    return str_eq(value, "1");
}

/* Room for what is kept: a size, or "all". */
static long long
transfer_room(const char *out)
{
    auto_free char *room = parse_value(out, "room");
    long long bytes = 0;

    if (str_eq(room, "all")) {
        return TRANSFER_BOUNDLESS;
    }
    return room != NULL && str_to_bytes(room, &bytes) ? bytes : 0;
}

int
transfer_parse(const char *out, struct transfer_sample *s, struct err *e)
{
    struct transfer_sample got = { .kept_bytes = transfer_room(out),
                                   .age_ms = transfer_amount(out, "age_s"),
                                   .threshold = transfer_amount(out, "threshold"),
                                   .copies = transfer_yes(out, "copies"),
                                   .elsewhere = transfer_yes(out, "elsewhere") };
    auto_free char *history = parse_value(out, "history");
    auto_free char *donor = parse_value(out, "donor");
    auto_free char *executed = parse_value(out, "executed");

    got.bytes = executed != NULL ? source_count(executed) : 0;
    got.age_ms = got.age_ms < TRANSFER_MAX / 1000 ? got.age_ms * 1000 : 0;
    if (history == NULL || !transfer_number(out, "last", &got.last) ||
        !transfer_number(out, "kept_from", &got.kept_from) ||
        (executed == NULL && !transfer_number(out, "bytes", &got.bytes)) ||
        !transfer_number(out, "held_ns", &got.held_ns)) {
        return err_set(e, ERR_PROTOCOL,
                       "the server did not report its recent transactions");
    }
    str_copy(got.history, sizeof got.history, history);
    str_copy(got.donor, sizeof got.donor, donor != NULL ? donor : "");
    *s = got;
    return 0;
}

char *
transfer_parse_ask(const char *out)
{
    auto_free char *executed = parse_value(out, "executed");
    auto_free char *received = parse_value(out, "received");
    auto_free char *ask = parse_value(out, "ask");

    if (executed == NULL) {
        return mem_strdup(ask != NULL ? ask : "");
    }
    return received != NULL && *received != '\0' ? mem_printf("%s,%s", executed, received)
                                                 : mem_strdup(executed);
}

void
transfer_parse_kept(const char *out, struct transfer_kept *k)
{
    auto_free char *reaches = parse_value(out, "reaches");
    auto_free char *room = parse_value(out, "room");

    *k = (struct transfer_kept){ .told = reaches != NULL,
                                 .reaches = str_eq(reaches, "1"),
                                 .limited = reaches != NULL && room != NULL,
                                 .room = transfer_room(out) };
}

/* -- for how long a member may be away -- */

/* What is written in a second; negative where it is not known. */
static double
transfer_written(const struct transfer_sample *then, const struct transfer_sample *now,
                 long long ms)
{
    double written = (double)now->bytes - (double)then->bytes;

    return ms > 0 && written >= 0 ? written / (double)ms * 1000 : -1;
}

/* How long it takes to write so much; -1 where that is not known. */
static long long
transfer_time_for(double amount, double rate)
{
    double ms = rate > 0 ? amount / rate * 1000 : 0;

    if (rate < 0) {
        return -1;
    }
    return rate == 0 || ms >= (double)(LLONG_MAX / 2) ? LLONG_MAX : (long long)ms;
}

long long
transfer_window_ms(const struct transfer_sample *then, const struct transfer_sample *now,
                   long long ms, long long from)
{
    if (now->kept_from > sum_add(from, 1)) {
        return 0;
    }
    if (now->kept_bytes == TRANSFER_BOUNDLESS) {
        return LLONG_MAX;
    }
    return now->kept_bytes > 0 ? transfer_time_for((double)now->kept_bytes,
                                                   transfer_written(then, now, ms))
                               : -1;
}

/* How far what a donor keeps reaches. */
static struct transfer_span
transfer_reach(const struct transfer_sample *member, const struct transfer_donor *donor)
{
    struct transfer_sample now = donor->now;
    long long ms = 0;

    if (member->elsewhere) {
        return (struct transfer_span){ .ms = LLONG_MAX, .limit = TRANSFER_ALL };
    }
    if (donor->kept.limited) { /* no room is told here, and not just not known */
        now.kept_bytes = donor->kept.room > 0 ? donor->kept.room : 1;
    }
    now.kept_from = donor->kept.told ? 0 : now.kept_from;
    if ((donor->kept.told && !donor->kept.reaches) ||
        now.kept_from > sum_add(member->last, 1)) {
        return (struct transfer_span){ .limit = TRANSFER_GONE };
    }
    ms = transfer_window_ms(&donor->then, &now, donor->ms, member->last);
    return (struct transfer_span){ .ms = ms,
                                   .limit = ms < 0           ? TRANSFER_UNTOLD
                                            : ms < LLONG_MAX ? TRANSFER_ROOM
                                            : now.kept_bytes == TRANSFER_BOUNDLESS
                                                ? TRANSFER_ALL
                                                : TRANSFER_IDLE };
}

/* The shorter of two; what is not known may be shorter than any. */
static void
transfer_shorten(struct transfer_span *span, long long ms, enum transfer_limit limit)
{
    if (span->ms >= 0 && ms < span->ms) {
        span->ms = ms;
        span->limit = ms < 0 ? TRANSFER_UNTOLD : limit;
    }
}

struct transfer_span
transfer_span_of(const struct transfer_sample *member, const struct transfer_donor *donor)
{
    struct transfer_span span = transfer_reach(member, donor);
    double rate = transfer_written(&donor->then, &donor->now, donor->ms);

    if (donor->now.age_ms > 0) {
        transfer_shorten(&span, donor->now.age_ms, TRANSFER_AGE);
    }
    if (member->threshold > 0) { /* a database is never wholly idle for long */
        rate = rate >= 0 && rate < TRANSFER_LEAST_RATE ? TRANSFER_LEAST_RATE : rate;
        transfer_shorten(&span, transfer_time_for((double)member->threshold, rate),
                         TRANSFER_COUNT);
    }
    span.rate = rate;
    return span;
}

/* -- a copy -- */

bool
transfer_may_copy(const struct engine *en, const char *from, const char *to)
{
    struct new_set_donor donor = { .copies = true };

    str_copy(donor.version, sizeof donor.version, from);
    return en->new_set == NULL || new_set_may_copy(en, &donor, to);
}

bool
transfer_parse_copy(const char *out, struct transfer_copy *c)
{
    auto_free char *state = parse_value(out, "state");
    auto_free char *begun = parse_value(out, "begun");
    auto_free char *source = parse_value(out, "from");

    *c = (struct transfer_copy){ .running = str_eq(state, "In Progress"),
                                 .done = str_eq(state, "Completed"),
                                 .bytes = transfer_amount(out, "done"),
                                 .total = transfer_amount(out, "total"),
                                 .ms = transfer_amount(out, "ms") };
    str_copy(c->begun, sizeof c->begun, begun != NULL ? begun : "");
    str_copy(c->source, sizeof c->source, source != NULL ? source : "");
    return state != NULL;
}

long long
transfer_rate(const struct transfer_copy *c)
{
    double rate = c->ms > 0 ? (double)c->bytes / (double)c->ms * 1000 : 0;

    return rate < (double)TRANSFER_MAX ? (long long)rate : 0;
}

char *
transfer_show_copy(const struct transfer_copy *c, char *out, size_t size)
{
    long long rate = transfer_rate(c);
    char text[32];

    str_copy(out, size, str_bytes(c->bytes, text, sizeof text));
    if (c->total >= c->bytes && c->total > 0) {
        str_append(out, size, " of %s (%.0f%%)", str_bytes(c->total, text, sizeof text),
                   100 * (double)c->bytes / (double)c->total);
    }
    if (rate > 0 && c->total > c->bytes) {
        str_append(out, size, ", about %s left",
                   clock_duration(
                       (long long)((double)(c->total - c->bytes) / (double)rate * 1000),
                       text, sizeof text));
    }
    return out;
}

double
transfer_held(const struct transfer_sample *then, const struct transfer_sample *now,
              long long ms)
{
    double held = ((double)now->held_ns - (double)then->held_ns) / 1e6;

    return ms > 0 && held > 0 ? 100 * held / (double)ms : 0;
}

/* -- what a log says -- */

/* The last place in a text that is behind `mark`, or NULL. */
static const char *
transfer_last(const char *text, const char *mark)
{
    const char *found = NULL;

    while ((text = strstr(text, mark)) != NULL) {
        text += strlen(mark);
        found = text;
    }
    return found;
}

/* Reads "HISTORY:NUMBER"; returns the length of HISTORY, or 0. The number is -1 at least,
 * which is before the first one. */
static size_t
transfer_position(const char *at, long long *number)
{
    size_t len = at != NULL ? strspn(at, "0123456789abcdefABCDEF-") : 0;
    char digits[32];

    if (len == 0 || at[len] != ':') {
        return 0;
    }
    str_copy(digits, sizeof digits, at + len + 1);
    digits[strspn(digits, "-0123456789")] = '\0';
    return str_to_ll(digits, number) && *number >= -1 && *number <= TRANSFER_MAX ? len
                                                                                 : 0;
}

static void
transfer_read_donor(const struct transfer_log *marks, const char *log, char *out,
                    size_t size)
{
    const char *at = transfer_last(log, marks->donor);
    size_t skip = at != NULL ? strcspn(at, "(\n") : 0;
    size_t len = at != NULL && at[skip] == '(' ? strcspn(at + skip + 1, ")\n") : 0;
    auto_free char *name = len > 0 ? mem_strndup(at + skip + 1, len) : mem_strdup("");

    str_copy(out, size, name);
}

void
transfer_by_log(const struct transfer_log *marks, const char *log,
                struct transfer_told *out)
{
    const char *group = transfer_last(log, marks->group);
    const char *had = transfer_last(log, marks->had);
    const char *got = had != NULL ? transfer_last(had, marks->got) : NULL;
    long long group_number = 0;
    long long had_number = 0;
    long long got_number = 0;
    size_t had_len = transfer_position(had, &had_number);
    size_t got_len = transfer_position(got, &got_number);

    *out = (struct transfer_told){ .missing = -1 };
    if (had == NULL || got == NULL || had_len == 0 || got_len == 0) {
        return;
    }
    /* Where all data come anew, they come as they are then, which is later. The group's
     * may be the line of an earlier time, and less. */
    out->way =
        had_len == got_len && strncmp(had, got, had_len) == 0 && had_number == got_number
            ? TRANSFER_LATE
            : TRANSFER_WHOLE;
    if (out->way == TRANSFER_LATE && transfer_position(group, &group_number) > 0 &&
        group_number >= had_number) {
        out->missing = group_number - had_number;
    }
    transfer_read_donor(marks, had, out->donor, sizeof out->donor);
}
