#include "kubeconfig_case.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

#define CASES "test/data/kubeconfig"

struct field {
    const char *name;
    size_t offset;
};

static const struct field flag_strings[] = {
    { "kubeconfig", offsetof(struct kube_flags, kubeconfig) },
    { "context", offsetof(struct kube_flags, context) },
    { "cluster", offsetof(struct kube_flags, cluster) },
    { "user", offsetof(struct kube_flags, user) },
    { "name_space", offsetof(struct kube_flags, name_space) },
    { "server", offsetof(struct kube_flags, server) },
    { "token", offsetof(struct kube_flags, token) },
    { "client_certificate", offsetof(struct kube_flags, client_certificate) },
    { "client_key", offsetof(struct kube_flags, client_key) },
    { "certificate_authority", offsetof(struct kube_flags, certificate_authority) },
    { "tls_server_name", offsetof(struct kube_flags, tls_server_name) },
    { "username", offsetof(struct kube_flags, username) },
    { "password", offsetof(struct kube_flags, password) },
    { "as", offsetof(struct kube_flags, as) },
    { "as_uid", offsetof(struct kube_flags, as_uid) },
    { "request_timeout", offsetof(struct kube_flags, request_timeout) },
    { 0 },
};

static const struct field env_strings[] = {
    { "kubeconfig", offsetof(struct kube_env, kubeconfig) },
    { "home", offsetof(struct kube_env, home) },
    { "service_host", offsetof(struct kube_env, service_host) },
    { "service_port", offsetof(struct kube_env, service_port) },
    { "pod_namespace", offsetof(struct kube_env, pod_namespace) },
    { "service_account", offsetof(struct kube_env, service_account) },
    { 0 },
};

static void
fill_strings(const struct field *fields, const json_t *from, void *to)
{
    for (const struct field *f = fields; f->name != NULL; f++) {
        const char *value = json_string_value(json_object_get(from, f->name));

        memcpy((char *)to + f->offset, &value, sizeof value);
    }
}

static const char *const *
fill_list(const json_t *from, const char **to)
{
    size_t i = 0;
    json_t *value = NULL;

    json_array_foreach (from, i, value) {
        to[i] = json_string_value(value);
    }
    return from != NULL ? to : NULL;
}

static int
case_setup(void **state)
{
    const char *dir = *state;
    struct kubeconfig_case *c = mem_alloc(sizeof *c);
    struct err e = { 0 };
    auto_free char *text = NULL;
    size_t len = 0;
    const json_t *flags = NULL;

    *state = c;
    assert_int_equal(chdir(dir), 0);
    assert_int_equal(file_read("case.json", 65536, &text, &len, &e), 0);
    c->json = json_parse(text, len, dir, &e);
    assert_string_equal(e.msg, "");
    flags = json_object_get(c->json, "flags");
    fill_strings(flag_strings, flags, &c->flags);
    fill_strings(env_strings, json_object_get(c->json, "env"), &c->env);
    c->flags.insecure_skip_tls_verify = json_path_true(flags, "insecure_skip_tls_verify");
    c->flags.disable_compression = json_path_true(flags, "disable_compression");
    c->flags.as_groups = fill_list(json_object_get(flags, "as_groups"), c->lists[0]);
    c->flags.as_extras = fill_list(json_object_get(flags, "as_extras"), c->lists[1]);
    return 0;
}

static int
case_teardown(void **state)
{
    struct kubeconfig_case *c = *state;

    json_decref(c->json);
    free(c);
    return chdir("../../../..");
}

static void (*case_test)(const struct kubeconfig_case *c);

static void
case_run(void **state)
{
    case_test(*state);
}

static int
case_is_folder(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Whether the case has something for this program. */
static bool
case_has(const char *dir, const char *member, const char *or_member)
{
    auto_free char *path = file_join(dir, "case.json");
    auto_json json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);

    return json == NULL || json_object_get(json, member) != NULL ||
           (or_member != NULL && json_object_get(json, or_member) != NULL);
}

int
kubeconfig_cases_run(const char *group, const char *member, const char *or_member,
                     void (*test)(const struct kubeconfig_case *c))
{
    struct dirent **entries = NULL;
    int count = scandir(CASES, &entries, case_is_folder, alphasort);
    struct CMUnitTest *tests = mem_alloc((size_t)(count > 0 ? count : 1) * sizeof *tests);
    size_t n = 0;
    int failed = 0;

    case_test = test;
    for (int i = 0; i < count; i++) {
        char *dir = mem_printf(CASES "/%s", entries[i]->d_name);

        free(entries[i]);
        if (!case_has(dir, member, or_member)) {
            free(dir);
            continue;
        }
        tests[n++] = (struct CMUnitTest){ .name = strrchr(dir, '/') + 1,
                                          .test_func = case_run,
                                          .setup_func = case_setup,
                                          .teardown_func = case_teardown,
                                          .initial_state = dir };
    }
    free(entries);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    failed = n == 0 ? 1 : _cmocka_run_group_tests(group, tests, n, NULL, NULL);
    for (size_t i = 0; i < n; i++) {
        free(tests[i].initial_state);
    }
    free(tests);
    return failed;
}

void
kubeconfig_case_equal(const json_t *got, const json_t *want)
{
    auto_free char *got_text = json_dumps(got, JSON_INDENT(2) | JSON_SORT_KEYS);
    auto_free char *want_text = json_dumps(want, JSON_INDENT(2) | JSON_SORT_KEYS);

    assert_non_null(want_text);
    assert_string_equal(got_text, want_text);
}

void
kubeconfig_case_no_secret(const struct err *e)
{
    assert_null(strstr(e->msg, "sesame"));
    assert_null(strstr(e->detail, "sesame"));
    assert_null(strstr(e->hint, "sesame"));
}
