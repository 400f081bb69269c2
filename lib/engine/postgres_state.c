/*
 * What the script of a major upgrade says: rows of "key<TAB>value".
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/parse.h"
#include "engine/postgres.h"

static void
pg_text(const char *out, const char *key, char *to, size_t size)
{
    auto_free char *value = parse_value(out, key);

    str_copy(to, size, value != NULL ? value : "");
}

/* A number, or 0 where there is none. */
static long long
pg_number(const char *out, const char *key)
{
    char text[32];
    long long n = 0;

    pg_text(out, key, text, sizeof text);
    return str_to_ll(text, &n) ? n : 0;
}

static bool
pg_is(const char *out, const char *key, const char *value)
{
    char text[32];

    pg_text(out, key, text, sizeof text);
    return str_eq(text, value);
}

int
pg_state_parse(const char *out, struct pg_state *s, struct err *e)
{
    struct pg_state got = {
        .binaries = (int)pg_number(out, "binaries"),
        .data = (int)pg_number(out, "data"),
        .kept = pg_is(out, "kept", "yes"),
        .fresh = pg_is(out, "new", "upgraded")  ? PG_NEW_UPGRADED
                 : pg_is(out, "new", "partial") ? PG_NEW_PARTIAL
                                                : PG_NEW_ABSENT,
        .swapped = pg_is(out, "swapped", "yes"),
        .started = pg_is(out, "started", "yes"),
        .analyzed = pg_is(out, "analyzed", "yes"),
        .up = pg_is(out, "server", "up"),
        .held = !pg_is(out, "role", "present"),
        .linked = pg_is(out, "linked", "yes"),
        .free = pg_number(out, "free"),
        .job_running = pg_is(out, "job_state", "running"),
        .job_done = pg_is(out, "job_state", "done"),
        .job_failed = pg_is(out, "job_state", "failed"),
        .job_lost = pg_is(out, "job_lost", "yes"),
    };

    if (got.binaries <= 0 || strstr(out, "job_error\t") == NULL) {
        return err_set(e, ERR_PROTOCOL, "the state of the data is not told: %.60s", out);
    }
    pg_text(out, "cluster", got.cluster, sizeof got.cluster);
    pg_text(out, "checkpoint", got.checkpoint, sizeof got.checkpoint);
    pg_text(out, "job", got.job, sizeof got.job);
    pg_text(out, "job_says", got.job_says, sizeof got.job_says);
    pg_text(out, "job_error", got.job_error, sizeof got.job_error);
    *s = got;
    return 0;
}

bool
pg_state_is_begun(const struct pg_state *s, int to)
{
    /* Without work folder and old data all is over, and those were removed at the end. A
     * pod that came anew between swap and mark may have started its server by itself. */
    return s->data == to && (s->started || !s->swapped || s->up);
}

/* Reads the fields of a row "kept". */
static bool
pg_kept_row(const char *line, struct pg_kept *k)
{
    enum { FROM, TO, BYTES, NUMBERS };
    long long numbers[NUMBERS] = { 0 };
    char word[32];

    for (size_t i = 0; i < NUMBERS; i++) {
        line += strcspn(line, "\t\n");
        line += *line == '\t' ? 1 : 0;
        str_copy(word, sizeof word, line);
        word[strcspn(word, "\t\n")] = '\0';
        if (!str_to_ll(word, &numbers[i])) {
            return false;
        }
    }
    line += strcspn(line, "\t\n");
    *k = (struct pg_kept){ .from = (int)numbers[FROM],
                           .to = (int)numbers[TO],
                           .bytes = numbers[BYTES],
                           .over = str_starts(line, "\tyes") };
    return k->over || str_starts(line, "\tno");
}

int
pg_leavings_parse(const char *out, struct pg_leavings *l, struct err *e)
{
    struct pg_leavings got = { .data = (int)pg_number(out, "data"),
                               .up = pg_is(out, "server", "up") };
    const char *line = out;

    if (strstr(out, "server\t") == NULL) {
        return err_set(e, ERR_PROTOCOL, "what was kept is not told: %.60s", out);
    }
    while (line != NULL && *line != '\0') {
        bool is = str_starts(line, "kept\t");

        if (is && (got.n == PG_KEPT_MAX || !pg_kept_row(line, &got.at[got.n++]))) {
            return err_set(e, ERR_PROTOCOL, "what was kept is not told: %.60s", line);
        }
        line = strchr(line, '\n');
        line += line != NULL ? 1 : 0;
    }
    *l = got;
    return 0;
}

char *
pg_error(const char *out)
{
    return parse_value(out, "error");
}
