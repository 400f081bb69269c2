#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kube/choice.h"
#include "kubeconfig_case.h"

static void
target_add(json_t *o, const char *name, const char *value)
{
    if (value != NULL) {
        json_object_set_new(o, name, json_string(value));
    }
}

/* The second line of a PEM text stands for it. */
static void
target_add_pem(json_t *o, const char *name, const char *pem)
{
    if (pem != NULL) {
        const char *line = strchr(pem, '\n') + 1;

        json_object_set_new(o, name, json_stringn(line, strcspn(line, "\n")));
    }
}

static void
target_add_list(json_t *o, const char *name, char *const *list)
{
    json_t *array = NULL;

    if (list == NULL) {
        return;
    }
    array = json_array();
    for (size_t i = 0; list[i] != NULL; i++) {
        json_array_append_new(array, json_string(list[i]));
    }
    json_object_set_new(o, name, array);
}

static json_t *
target_json(const struct kube_target *t)
{
    json_t *o = mem_check(json_object());

    target_add(o, "server", t->server);
    target_add(o, "context", t->context);
    target_add(o, "name_space", t->name_space);
    target_add_pem(o, "ca_pem", t->ca_pem);
    target_add_pem(o, "cert_pem", t->cert_pem);
    target_add_pem(o, "key_pem", t->key_pem);
    target_add(o, "cert_file", t->cert_file);
    target_add(o, "key_file", t->key_file);
    target_add(o, "token", t->token);
    target_add(o, "token_file", t->token_file);
    target_add(o, "username", t->username);
    target_add(o, "password", t->password);
    target_add(o, "tls_server_name", t->tls_server_name);
    target_add(o, "as", t->as);
    target_add(o, "as_uid", t->as_uid);
    target_add_list(o, "as_groups", t->as_groups);
    target_add_list(o, "as_extras", t->as_extras);
    target_add(o, "insecure", t->insecure ? "true" : NULL);
    target_add(o, "disable_compression", t->disable_compression ? "true" : NULL);
    if (t->request_timeout_ms != 0) {
        json_object_set_new(o, "request_timeout_ms", json_integer(t->request_timeout_ms));
    }
    return o;
}

static void
test_error(const struct kubeconfig_case *c, const struct err *e)
{
    bool usage = str_eq(json_path_str(c->json, "code"), "usage");
    const char *hint = json_string_value(json_object_get(c->json, "hint"));

    kubeconfig_case_no_secret(e);
    assert_string_equal(e->msg, json_path_str(c->json, "error"));
    assert_int_equal(e->code, usage ? ERR_USAGE : ERR_CONFIG);
    if (hint != NULL) {
        assert_string_equal(e->hint, hint);
    }
}

static void
test_target(const struct kubeconfig_case *c)
{
    auto_target struct kube_target t = { 0 };
    auto_json json_t *got = NULL;
    struct err e = { 0 };

    if (kube_target_load_env(&c->flags, &c->env, &t, &e) < 0) {
        test_error(c, &e);
        return;
    }
    got = target_json(&t);
    kubeconfig_case_equal(got, json_object_get(c->json, "want"));
}

int
main(void)
{
    return kubeconfig_cases_run("target", "want", "error", test_target);
}
