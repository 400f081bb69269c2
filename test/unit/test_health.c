/* What preflight makes of what members say of themselves, of each topology:
 * test/data/health/rows.json. A member is its state, role, how many it sees, how many of
 * those online, its view and its queue; or silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/checks.h"
#include "testdata.h"

enum { MEMBERS_MAX = 5 };

/* The next word of a text, which it moves behind. */
static const char *
next_word(const char **text, char *out, size_t size)
{
    size_t n = strcspn(*text, " ");

    assert_in_range(n, 1, size - 1);
    memcpy(out, *text, n);
    out[n] = '\0';
    *text += n + ((*text)[n] == ' ' ? 1 : 0);
    return out;
}

static long long
next_number(const char **text)
{
    char word[24];
    long long n = 0;

    assert_true(str_to_ll(next_word(text, word, sizeof word), &n));
    return n;
}

static void
read_member(const char *text, struct member_report *m)
{
    static const char *const roles[] = { "none", "primary", "secondary", "peer" };
    char role[16];

    next_word(&text, m->state, sizeof m->state);
    next_word(&text, role, sizeof role);
    m->members = (unsigned)next_number(&text);
    m->online = (unsigned)next_number(&text);
    next_word(&text, m->view, sizeof m->view);
    m->queue = next_number(&text);
    assert_string_equal(text, "");
    while (!str_eq(roles[m->role], role)) {
        m->role++;
        assert_true(m->role <= MEMBER_PEER);
    }
}

static size_t
read_members(const json_t *row, struct preflight_member *seen,
             struct member_report *members)
{
    static const char *const pods[] = { "p-0", "p-1", "p-2", "p-3", "p-4" };
    size_t n = json_array_size(json_path(row, "members"));
    size_t following = (size_t)json_path_int(row, "following", 0);
    size_t i = 0;
    json_t *text = NULL;

    assert_in_range(n, 1, MEMBERS_MAX);
    json_array_foreach (json_path(row, "members"), i, text) {
        bool silent = str_eq(json_string_value(text), "silent");

        if (!silent) {
            read_member(json_string_value(text), &members[i]);
        }
        seen[i] = (struct preflight_member){ .pod = pods[i],
                                             .answered = !silent,
                                             .follows = i + following >= n,
                                             .member = &members[i] };
    }
    return n;
}

static const struct preflight_result *
find(const struct preflight_result *r, size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(r[i].id, id)) {
            return &r[i];
        }
    }
    return NULL;
}

static void
compare(const json_t *row, const struct preflight_result *r, size_t n)
{
    static const char *const severities[] = { "ok", "warning", "error" };
    const struct preflight_result *at = find(r, n, json_path_str(row, "row"));
    const char *want = json_string_value(json_path(row, "want"));
    auto_free char *is =
        at != NULL ? mem_printf("%s %s", severities[at->severity], at->text) : NULL;

    if (is == NULL ? want != NULL : !str_eq(is, want)) {
        fail_msg("it is  %s\nbut should be  %s", is != NULL ? is : "not there",
                 want != NULL ? want : "not there");
    }
}

static void
judge(const json_t *row)
{
    const struct engine *en = engine_find(json_path_str(row, "engine"));
    const char *topology = json_path_str(row, "topology");
    const char *to = json_path_str(row, "to");
    auto_json json_t *from = testdata_quoted("{'spec':{'version':'8.0.36'}}");
    auto_json json_t *other =
        json_pack("{s:{s:s}}", "spec", "version", *to != '\0' ? to : "8.4.8");
    struct member_report members[MEMBERS_MAX] = { 0 };
    struct preflight_member seen[MEMBERS_MAX] = { 0 };
    long long n = (long long)read_members(row, seen, members);
    const struct database db = { .name = "my-db",
                                 .version = "x",
                                 .phase = "Ready",
                                 .topology_value = topology,
                                 .mode = engine_find_mode(en, topology,
                                                          json_path_str(row, "mode"), n),
                                 .replicas = n };
    const struct workload set = { .kind = "PetSet",
                                  .name = "p",
                                  .strategy = "OnDelete",
                                  .update_revision = "",
                                  .replicas = n };
    const struct image_changes images = { 0 };
    const struct preflight_facts f = { .engine = en,
                                       .object = json_path(row, "object"),
                                       .db = &db,
                                       .flags = "",
                                       .version.wanted = "t",
                                       .version.from = from,
                                       .version.to = other,
                                       .set.workload = &set,
                                       .set.images = &images,
                                       .members = seen,
                                       .n_members = (size_t)n };
    struct preflight_result r[PREFLIGHT_MAX];

    compare(row, r, preflight_run(&f, r, PREFLIGHT_MAX));
}

static void
test_rows(void **state)
{
    auto_json json_t *rows = testdata_need("health/rows.json");
    size_t i = 0;
    json_t *row = NULL;

    (void)state;
    json_array_foreach (rows, i, row) {
        print_message("# row %zu: %s\n", i, json_path_str(row, "row"));
        judge(row);
    }
    assert_true(i > 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
