#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "kubeconfig_case.h"

/* The merged view of the files of a case, or the error. */
static void
test_view(const struct kubeconfig_case *c)
{
    struct kubeconfig view = { 0 };
    struct err e = { 0 };
    auto_json json_t *got = NULL;

    if (kubeconfig_load(c->flags.kubeconfig, &c->env, &view, &e) < 0) {
        kubeconfig_case_no_secret(&e);
        assert_string_equal(e.msg, "");
    }
    got = mem_check(json_pack("{s:O, s:O, s:O, s:s*, s:s}", "contexts", view.contexts,
                              "clusters", view.clusters, "users", view.users,
                              "current_context", view.current_context, "looked_at",
                              view.looked_at));
    kubeconfig_case_equal(got, json_object_get(c->json, "view"));
    kubeconfig_free(&view);
}

int
main(void)
{
    return kubeconfig_cases_run("kubeconfig", "view", NULL, test_view);
}
