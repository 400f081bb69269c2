#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kube/config.h"

/* What the rules make of files and flags: test_target. Here: the process's environment,
 * and the end of a target. */

static int
setup(void **state)
{
    (void)state;
    return setenv("HOME", "test/data/kubeconfig/home/me", 1) + unsetenv("KUBECONFIG") +
           unsetenv("KUBERNETES_SERVICE_HOST");
}

static void
test_home(void **state)
{
    const struct kube_flags flags = { 0 };
    auto_target struct kube_target t = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(kube_target_load(&flags, &t, &e), 0);
    assert_string_equal(t.server, "https://api.example:6443");
}

static void
test_kubeconfig(void **state)
{
    const struct kube_flags flags = { 0 };
    auto_target struct kube_target t = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(setenv("KUBECONFIG", "test/data/kubeconfig/impersonate/config", 1),
                     0);
    assert_int_equal(kube_target_load(&flags, &t, &e), 0);
    assert_string_equal(t.as, "joe");
}

static void
test_free_twice(void **state)
{
    const struct kube_flags flags = { .kubeconfig =
                                          "test/data/kubeconfig/impersonate/config" };
    const struct kube_target empty = { 0 };
    struct kube_target t = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(kube_target_load(&flags, &t, &e), 0);
    kube_target_free(&t);
    assert_memory_equal(&t, &empty, sizeof t);
    kube_target_free(&t);
}

/* A failed load leaves nothing behind. */
static void
test_failure(void **state)
{
    const struct kube_flags flags = { .kubeconfig = "test/data/kubeconfig/exec/config" };
    const struct kube_target empty = { 0 };
    struct kube_target t = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(kube_target_load(&flags, &t, &e), -1);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_memory_equal(&t, &empty, sizeof t);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_home, setup),
        cmocka_unit_test_setup(test_kubeconfig, setup),
        cmocka_unit_test_setup(test_free_twice, setup),
        cmocka_unit_test_setup(test_failure, setup),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
