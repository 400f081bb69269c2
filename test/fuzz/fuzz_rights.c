/* The rules of a SelfSubjectRulesReview: which rights they grant.
 * parsers: lib/kubedb/rights_rows.c */
#define FUZZ_JSON
#include "base/str.h"
#include "fuzz.h"
#include "kubedb/check.h"

enum { RIGHTS = 64 };

static const struct engine *
engine_of(const json_t *review)
{
    const struct engine *en = engine_find(json_path_str(review, "kind"));

    return en != NULL ? en : engine_all[0];
}

static void
check_said(const struct engine *en, const char *const *missing, bool all)
{
    struct database db = { .name_space = "demo" };
    struct preflight_facts f = { .engine = en, .db = &db, .missing_rights = missing };
    struct preflight_result r = { .severity = CHECK_OK };

    check_rbac(&f, &r);
    fuzz_check(all == (r.severity == CHECK_OK));
    fuzz_check_line(r.text, sizeof r.text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_json json_t *review = fuzz_json(&in);
    auto_json json_t *names =
        json_pack("{s:[{s:[s], s:[s], s:[s], s:[s]}]}", "resourceRules", "verbs", "*",
                  "apiGroups", "*", "resources", "*", "resourceNames", "x");
    const struct engine *en = engine_of(review);
    struct preflight_right rights[RIGHTS];
    size_t n = preflight_rights(en, size % 16, rights, RIGHTS);
    char text[RIGHTS][96];
    const char *missing[RIGHTS + 1] = { NULL };
    size_t lacks = 0;

    fuzz_check(n > 0 && n < RIGHTS);
    for (size_t i = 0; i < n; i++) {
        fuzz_check(!preflight_granted(names, &rights[i]));
        if (!preflight_granted(review, &rights[i])) {
            (void)snprintf(text[lacks], sizeof *text, "%s %s%s%s", rights[i].verb,
                           rights[i].resource, rights[i].group[0] != '\0' ? "." : "",
                           rights[i].group);
            missing[lacks] = text[lacks];
            lacks++;
        }
    }
    fuzz_check(lacks == n || json_array_size(json_path(review, "resourceRules")) > 0);
    check_said(en, missing, lacks == 0);
    return 0;
}
