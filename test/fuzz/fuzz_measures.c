/* What a server has: measures before and after, a member, and its databases.
 * parsers: lib/engine/parse.c lib/engine/gate.c */
#include "base/str.h"
#include "engine/databases.h"
#include "engine/engine.h"
#include "fuzz.h"

static bool
measure(const char *out, struct measures *m)
{
    struct err e = { 0 };

    if (engine_parse_measures(out, m, &e) < 0) {
        fuzz_check(e.code == ERR_PROTOCOL && m->n == 0);
        return false;
    }
    fuzz_check(m->n > 0 && m->n <= MEASURE_MAX);
    for (size_t i = 0; i < m->n; i++) {
        fuzz_check(m->at[i].id[0] != '\0');
        fuzz_check(memchr(m->at[i].id, '\0', sizeof m->at[i].id) != NULL);
        fuzz_check(memchr(m->at[i].of, '\0', sizeof m->at[i].of) != NULL);
    }
    return true;
}

static void
check_gates(const struct engine *en, const struct gate_want *w, const struct gate_seen *s)
{
    char now[160];
    char want[160];

    for (const struct engine_gate *g = en->member.gates; g->id != NULL; g++) {
        enum gate_verdict v = g->eval(w, s, now, want, sizeof now);

        fuzz_check(v == GATE_WAIT || v == GATE_OK || v == GATE_FAILED);
        fuzz_check(memchr(now, '\0', sizeof now) != NULL);
        fuzz_check(memchr(want, '\0', sizeof want) != NULL && want[0] != '\0');
        /* What has not changed has not become less. */
        fuzz_check(w->before == NULL || w->before != s->now || !g->needs_measures ||
                   v == GATE_OK);
    }
}

static void
check_databases(const char *out)
{
    struct databases list;

    engine_parse_databases(out, &list);
    for (size_t i = 0; i < list.n; i++) {
        fuzz_check(list.at[i].name[0] != '\0' && strchr(list.at[i].name, '\n') == NULL);
    }
    databases_clear(&list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    const struct engine *en = engine_all[fuzz_byte(&in) % 4];
    auto_free char *before_out = fuzz_text(&in);
    auto_free char *after_out = fuzz_text(&in);
    auto_free char *member_out = fuzz_text(&in);
    auto_free char *databases_out = fuzz_text(&in);
    static struct measures before, after;
    bool has_before = measure(before_out, &before);
    bool has_after = measure(after_out, &after);
    struct member_report m = { .version = "8.4.8", .state = "ONLINE" };
    struct gate_want want = {
        TOPOLOGY_GROUP, "8.4.8", 3, "1", &before, -1, false, false
    };
    struct gate_seen seen = { &m, size % 2 != 0, &before };
    struct err e = { 0 };

    (void)engine_parse_member(member_out, &m, &e);
    want.before = has_before ? &before : NULL;
    check_gates(en, &want, &seen);
    seen.now = has_after ? &after : NULL;
    want.another_major = size % 3 == 0;
    want.size_tolerance = (double)(size % 5) * 30 - 30;
    check_gates(en, &want, &seen);
    check_databases(databases_out);
    member_report_clear(&m);
    before.n = 0;
    after.n = 0;
    return 0;
}
