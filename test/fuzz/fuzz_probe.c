/* Answers of two databases to one of an engine's questions; the first byte says which.
 * parsers: lib/engine/probe.c */
#include "base/str.h"
#include "engine/probe.h"
#include "fuzz.h"

static const struct engine_probe *
probe_row(const struct engine *en, unsigned which)
{
    size_t n = 0;

    while (en->probes[n].id != NULL) {
        n++;
    }
    return &en->probes[which % n];
}

static void
check_sql(const struct engine *en, const struct engine_probe *row, size_t key)
{
    auto_free char *sql = probe_sql(en, row, key);
    auto_free char *mark = mem_printf("'count %zu'", key);
    struct probe_case c = { 80000, 80400, TOPOLOGY_GROUP, en->versions.series_size };

    fuzz_check(strstr(sql, mark) != NULL && strchr(sql, ';') == NULL);
    (void)probe_applies(row, &c);
}

static void
check_found(const struct probe_found *found)
{
    fuzz_check(found->named <= PROBE_NAMED);
    for (size_t i = 0; i < found->named; i++) {
        fuzz_check(memchr(found->names[i], '\0', PROBE_NAME) != NULL);
        fuzz_check(strchr(found->names[i], '\n') == NULL);
    }
}

static void
check_said(const struct engine_probe *row, const struct probe_found *found)
{
    char text[512];
    char more[48];

    probe_say(row, found, text, sizeof text);
    fuzz_check(memchr(text, '\0', sizeof text) != NULL);
    (void)snprintf(more, sizeof more, " and %lld more",
                   found->n - (long long)found->named);
    fuzz_check(found->n >= 0);
    fuzz_check(found->n <= (long long)found->named || str_ends(text, more));
    fuzz_check(str_starts(text, row->text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    unsigned which = fuzz_byte(&in);
    auto_free char *one = fuzz_text(&in);
    auto_free char *two = fuzz_text(&in);
    const struct engine *en = engine_find(which % 2 != 0 ? "pg" : "mysql");
    const struct engine_probe *row = probe_row(en, which / 2);
    struct probe_found found = { 0 };

    check_sql(en, row, which % 4);
    probe_take(&found, one, which % 4, NULL);
    check_found(&found);
    probe_take(&found, two, which % 4, "app");
    check_found(&found);
    check_said(row, &found);
    return 0;
}
