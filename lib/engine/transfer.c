#include "engine/transfer.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "base/sum.h"
#include "engine/parse.h"

/* -- what members say -- */

/* Numbers of transactions, and of bytes and nanoseconds in a server's life: what is more
 * is none, so that sums of two stay numbers. */
#define TRANSFER_MAX (LLONG_MAX / 4)

static bool
transfer_number(const char *out, const char *key, long long *to)
{
    auto_free char *value = parse_value(out, key);

    return value != NULL && str_to_ll(value, to) && *to >= -1 && *to <= TRANSFER_MAX;
}

int
transfer_parse(const char *out, struct transfer_sample *s, struct err *e)
{
    struct transfer_sample got = { 0 };
    auto_free char *history = parse_value(out, "history");
    auto_free char *donor = parse_value(out, "donor");
    auto_free char *room = parse_value(out, "room");

    if (history == NULL || !transfer_number(out, "last", &got.last) ||
        !transfer_number(out, "kept_from", &got.kept_from) ||
        !transfer_number(out, "bytes", &got.bytes) ||
        !transfer_number(out, "held_ns", &got.held_ns)) {
        return err_set(e, ERR_PROTOCOL,
                       "the server did not report its recent transactions");
    }
    if (room == NULL || !str_to_bytes(room, &got.kept_bytes)) {
        got.kept_bytes = 0;
    }
    str_copy(got.history, sizeof got.history, history);
    str_copy(got.donor, sizeof got.donor, donor != NULL ? donor : "");
    *s = got;
    return 0;
}

long long
transfer_window_ms(const struct transfer_sample *then, const struct transfer_sample *now,
                   long long ms, long long from)
{
    double written = (double)now->bytes - (double)then->bytes;
    double window = 0;

    if (now->kept_from > sum_add(from, 1)) {
        return 0;
    }
    if (now->kept_bytes <= 0 || ms <= 0 || written < 0) {
        return -1;
    }
    if (written == 0) {
        return LLONG_MAX;
    }
    window = (double)now->kept_bytes / written * (double)ms;
    return window < (double)(LLONG_MAX / 2) ? (long long)window : LLONG_MAX;
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
transfer_donor(const struct engine_transfer *t, const char *log, char *out, size_t size)
{
    const char *at = transfer_last(log, t->log_donor);
    size_t skip = at != NULL ? strcspn(at, "(\n") : 0;
    size_t len = at != NULL && at[skip] == '(' ? strcspn(at + skip + 1, ")\n") : 0;
    auto_free char *name = len > 0 ? mem_strndup(at + skip + 1, len) : mem_strdup("");

    str_copy(out, size, name);
}

void
transfer_by_log(const struct engine_transfer *t, const char *log,
                struct transfer_told *out)
{
    const char *group = transfer_last(log, t->log_group);
    const char *had = transfer_last(log, t->log_had);
    const char *got = had != NULL ? transfer_last(had, t->log_got) : NULL;
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
    transfer_donor(t, had, out->donor, sizeof out->donor);
}
