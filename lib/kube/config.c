#include "kube/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/scope.h"
#include "kube/choice.h"
#include "kube/kubeconfig.h"

static void
config_free_list(char **list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        free(list[i]);
    }
    free(list);
}

void
kube_target_free(struct kube_target *t)
{
    char **const strings[] = {
        &t->server,          &t->context, &t->name_space, &t->ca_pem,    &t->cert_pem,
        &t->key_pem,         &t->token,   &t->token_file, &t->username,  &t->password,
        &t->tls_server_name, &t->as,      &t->as_uid,     &t->cert_file, &t->key_file,
    };

    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        kube_secret_free(strings[i]);
    }
    config_free_list(t->as_groups);
    config_free_list(t->as_extras);
    *t = (struct kube_target){ 0 };
}

/* RFC 1123 label, as every namespace is named. */
static bool
config_is_label(const char *s)
{
    size_t len = strlen(s);

    return len > 0 && len <= 63 && s[0] != '-' && s[len - 1] != '-' &&
           strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* Of the pod that we run in; NULL when that does not say. Caller frees. */
static char *
config_pod_namespace(const struct kube_env *env)
{
    auto_free char *path = NULL;
    char *text = NULL;
    struct err ignored = { 0 };

    if (env->pod_namespace != NULL && env->pod_namespace[0] != '\0') {
        return mem_strdup(env->pod_namespace);
    }
    path = file_join(env->service_account, "namespace");
    if (file_read(path, 4096, &text, NULL, &ignored) < 0) {
        return NULL;
    }
    text[strcspn(text, " \t\r\n")] = '\0';
    if (text[0] == '\0') {
        free(text);
        return NULL;
    }
    return text;
}

/* Flag, context, the pod that we run in, "default": client-go's order. */
static int
config_namespace(const struct kube_flags *flags, const struct kube_env *env,
                 struct choice *c, char **out, struct err *e)
{
    bool by_flag = flags->name_space != NULL && flags->name_space[0] != '\0';

    if (by_flag) {
        *out = mem_strdup(flags->name_space);
    } else if (c->name_space != NULL) {
        *out = mem_strdup(c->name_space);
    } else if (choice_in_cluster(env)) {
        *out = config_pod_namespace(env);
    }
    if (*out == NULL) {
        *out = mem_strdup("default");
    }
    if (!config_is_label(*out)) {
        return err_set(e, by_flag ? ERR_USAGE : ERR_CONFIG,
                       "\"%s\" is not a namespace name", *out);
    }
    return 0;
}

static int
config_timeout(const struct kube_flags *flags, long *out, struct err *e)
{
    long long ms = 0;

    if (flags->request_timeout == NULL || flags->request_timeout[0] == '\0') {
        return 0;
    }
    ms = clock_parse_duration(flags->request_timeout);
    if (ms < 0) {
        return err_set(
            e, ERR_USAGE,
            "--request-timeout must be seconds, or a number with a unit such as "
            "1s, 2m or 3h, not \"%s\"",
            flags->request_timeout);
    }
    *out = (long)ms;
    return 0;
}

int
kube_target_load_env(const struct kube_flags *flags, const struct kube_env *env,
                     struct kube_target *out, struct err *e)
{
    auto_kubeconfig struct kubeconfig config = { 0 };
    auto_choice struct choice c = { 0 };
    auto_target struct kube_target t = { 0 };

    if (config_timeout(flags, &t.request_timeout_ms, e) < 0 ||
        kubeconfig_load(flags->kubeconfig, env, &config, e) < 0 ||
        choice_make(flags, env, &config, &c, e) < 0 || override_apply(flags, &c, e) < 0 ||
        config_namespace(flags, env, &c, &t.name_space, e) < 0 ||
        address_apply(&c, e) < 0 || credential_fill(&c, &t, e) < 0) {
        return -1;
    }
    t.context = scope_steal(&c.context);
    *out = t;
    t = (struct kube_target){ 0 };
    return 0;
}

int
kube_target_load(const struct kube_flags *flags, struct kube_target *out, struct err *e)
{
    struct kube_env env = { 0 };

    kube_env_read(&env);
    return kube_target_load_env(flags, &env, out, e);
}
