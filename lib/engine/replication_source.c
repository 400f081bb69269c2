#include "engine/replication_source.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "base/sum.h"
#include "engine/parse.h"

/* Copies a value of rows; "" where there is none. */
static void
source_take(const char *out, const char *key, char *to, size_t size)
{
    auto_free char *value = parse_value(out, key);

    str_copy(to, size, value != NULL ? value : "");
}

/* The first line that reports an error, or NULL. */
static const char *
source_error(const struct engine *en, const char *out)
{
    const char *at = out;

    while (at != NULL && !str_starts(at, en->session.error_prefix)) {
        at = strchr(at, '\n');
        at = at != NULL ? at + 1 : NULL;
    }
    return at;
}

/* How long logs are kept; 0 where that is not said, or is for ever. */
static long long
source_keeps(const char *out)
{
    auto_free char *age = parse_value(out, "age_s");
    long long s = 0;

    return age != NULL && str_to_ll(age, &s) && s > 0 && s < LLONG_MAX / 1000 ? s * 1000
                                                                              : 0;
}

void
source_parse(const struct engine *en, const char *out, struct source *s)
{
    const char *bad = source_error(en, out);

    source_clear(s);
    source_take(out, "address", s->address, sizeof s->address);
    source_take(out, "version", s->version, sizeof s->version);
    source_take(out, "says", s->says, sizeof s->says);
    s->position = parse_value(out, "position");
    s->purged = parse_value(out, "purged");
    s->keeps_ms = source_keeps(out);
    if (s->position != NULL && s->version[0] != '\0') {
        return;
    }
    if (bad == NULL) {
        str_copy(s->trouble, sizeof s->trouble,
                 s->address[0] == '\0' ? "the replica does not report its source"
                                       : "it reported nothing");
        return;
    }
    str_append(s->trouble, sizeof s->trouble, "%.*s", (int)strcspn(bad, "\n"), bad);
    for (const char *const *prefix = en->session.lost_prefixes; *prefix != NULL;
         prefix++) {
        s->away = s->away || str_starts(bad, *prefix);
    }
}

void
source_clear(struct source *s)
{
    free(s->position);
    free(s->purged);
    *s = (struct source){ 0 };
}

/* An interval, "3-9" or "7"; a tag or a server's id is none. */
static long long
source_interval(const char *text, size_t len)
{
    auto_free char *first = mem_strndup(text, len);
    char *dash = strchr(first, '-');
    long long a = 0;
    long long b = 0;

    if (dash != NULL) {
        *dash = '\0';
    }
    if (!str_to_ll(first, &a)) {
        return 0;
    }
    if (dash == NULL) {
        return 1;
    }
    return str_to_ll(dash + 1, &b) && b >= a ? sum_add(sum_subtract(b, a), 1) : 0;
}

long long
source_count(const char *set)
{
    long long n = 0;

    while (*set != '\0') {
        bool interval = *set == ':';
        size_t len = 0;

        set += strspn(set, ":,\n ");
        len = strcspn(set, ":,\n ");
        n = sum_add(n, interval ? source_interval(set, len) : 0);
        set += len;
    }
    return n;
}

const char *
source_refusal(const struct engine *en, const char *source, const char *to)
{
    int from = engine_version_number(source);
    int at = engine_version_number(to);

    if (from > at && !engine_may_return(en, source, to)) {
        return "a replica must not be older than its source";
    }
    return engine_path_refusal(en, source, to);
}
