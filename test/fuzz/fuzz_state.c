/* What the script of a major upgrade says of a member's volume, be it anything.
 * parsers: lib/engine/postgres_state.c */
#include "base/str.h"
#include "engine/parse.h"
#include "engine/postgres.h"
#include "fuzz.h"

/* A number is what the row says, or 0 where it says none that may be. */
static void
check_number(const char *out, const char *key, long long got)
{
    auto_free char *value = parse_value(out, key);
    long long n = 0;

    fuzz_check(got >= 0);
    fuzz_check(got == 0 || (value != NULL && str_to_ll(value, &n) && n == got));
}

static void
check_state(const char *out)
{
    struct pg_state s = { 0 };
    struct err e = { 0 };

    if (pg_state_parse(out, &s, &e) < 0) {
        fuzz_check(e.code == ERR_PROTOCOL && s.binaries == 0);
        return;
    }
    fuzz_check(s.binaries > 0);
    check_number(out, "binaries", s.binaries);
    check_number(out, "data", s.data);
    check_number(out, "free", s.free);
    fuzz_check(memchr(s.cluster, '\0', sizeof s.cluster) != NULL);
    fuzz_check(memchr(s.checkpoint, '\0', sizeof s.checkpoint) != NULL);
    fuzz_check(memchr(s.job.name, '\0', sizeof s.job.name) != NULL);
    fuzz_check(memchr(s.job.says, '\0', sizeof s.job.says) != NULL);
    fuzz_check(memchr(s.job.error, '\0', sizeof s.job.error) != NULL);
    fuzz_check(s.job.running + s.job.done + s.job.failed <= 1);
    fuzz_check(!pg_state_is_begun(&s, s.data + 1));
    fuzz_check(pg_state_is_begun(&s, s.data) == (s.started || !s.swapped || s.up));
}

static void
check_leavings(const char *out)
{
    struct pg_leavings l = { 0 };
    struct err e = { 0 };

    if (pg_leavings_parse(out, &l, &e) < 0) {
        fuzz_check(e.code == ERR_PROTOCOL && l.n == 0);
        return;
    }
    fuzz_check(l.n <= PG_KEPT_MAX);
    check_number(out, "data", l.data);
    for (size_t i = 0; i < l.n; i++) {
        auto_free char *row =
            mem_printf("kept\t%d\t%d\t%lld\t%s", l.at[i].from, l.at[i].to, l.at[i].bytes,
                       l.at[i].over ? "yes" : "no");

        fuzz_check(l.at[i].from >= 0 && l.at[i].to >= 0 && l.at[i].bytes >= 0);
        /* Without leading zeroes it stands there so. */
        fuzz_check(strstr(out, row) != NULL || strstr(out, "\t0") != NULL ||
                   strstr(out, "\t-0") != NULL);
    }
}

static void
check_rows(const char *out)
{
    const char *at = out;
    struct pg_row row;

    while (pg_row_next(&at, &row)) {
        fuzz_check(at > out && at <= out + strlen(out) && row.key[0] != '\0');
        fuzz_check(strpbrk(row.key, "\t\n") == NULL);
        for (size_t i = 0; i < PG_ROW_FIELDS; i++) {
            fuzz_check(memchr(row.fields[i], '\0', sizeof row.fields[i]) != NULL);
            fuzz_check(strpbrk(row.fields[i], "\t\n\033") == NULL);
        }
    }
}

/* A shell reads them, between single quotes. */
static void
check_places(const char *out)
{
    struct err e = { 0 };
    auto_free char *places = pg_places(out, &e);

    fuzz_check((places == NULL) == (e.code == ERR_PROTOCOL));
    fuzz_check(places == NULL ||
               strspn(places, "dbupgrade_places='0123456789abcdefABCDEF \n") ==
                   strlen(places));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_free char *out = fuzz_text(&in);
    auto_free char *error = pg_error(out);

    fuzz_check(error == NULL || strchr(error, '\n') == NULL);
    check_state(out);
    check_leavings(out);
    check_rows(out);
    check_places(out);
    return 0;
}
