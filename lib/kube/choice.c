#include "kube/choice.h"

#include <jansson.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "kube/config.h"
#include "kube/kubeconfig.h"

void
choice_free(struct choice *c)
{
    free(c->context);
    free(c->name_space);
    free(c->cluster_name);
    free(c->user_name);
    json_decref(c->cluster);
    json_decref(c->user);
    *c = (struct choice){ 0 };
}

static bool
choice_given(const char *s)
{
    return s != NULL && s[0] != '\0';
}

/* --- in a pod ------------------------------------------------------------------ */

bool
choice_in_cluster(const struct kube_env *env)
{
    auto_free char *token = NULL;

    if (!choice_given(env->service_host) || !choice_given(env->service_port) ||
        !choice_given(env->service_account)) {
        return false;
    }
    token = file_join(env->service_account, "token");
    return access(token, F_OK) == 0;
}

/* The service account as cluster and user, as client-go's rest.InClusterConfig(). */
static void
choice_service_account(const struct kube_env *env, struct choice *out)
{
    auto_free char *token = file_join(env->service_account, "token");
    auto_free char *ca = file_join(env->service_account, "ca.crt");
    bool ipv6 = strchr(env->service_host, ':') != NULL;
    auto_free char *server =
        mem_printf("https://%s%s%s:%s", ipv6 ? "[" : "", env->service_host,
                   ipv6 ? "]" : "", env->service_port);

    log_debug(1, "no kubeconfig: using the service account of this pod");
    *out = (struct choice){
        .context = mem_strdup(""),
        .cluster_name = mem_strdup("in-cluster"),
        .user_name = mem_strdup("service account"),
        .cluster = mem_check(json_pack("{s:s}", "server", server)),
        .user = mem_check(json_pack("{s:s}", "tokenFile", token)),
    };
    if (access(ca, R_OK) == 0) {
        json_object_set_new(out->cluster, "certificate-authority", json_string(ca));
    }
}

/* --- by name ------------------------------------------------------------------- */

/* Adds to the error which names there are, the nearest first. */
static int
choice_hint(json_t *map, const char *what, const char *name, struct err *e)
{
    size_t n = 0;
    auto_free const char **names = mem_alloc((json_object_size(map) + 1) * sizeof *names);
    const char *nearest = NULL;
    const char *key = NULL;
    json_t *ignored = NULL;
    char list[256] = "";

    json_object_foreach (map, key, ignored) {
        names[n++] = key;
    }
    nearest = str_nearest(name, names, n);
    if (nearest != NULL) {
        return err_hint(e, "did you mean \"%s\"?", nearest);
    }
    for (size_t i = 0; i < n; i++) {
        str_append(list, sizeof list, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    return n > 0 ? err_hint(e, "%s: %s", what, list) : -1;
}

static int
choice_no_config(const struct kubeconfig *config, struct err *e)
{
    if (json_object_size(config->contexts) > 0) {
        err_set(e, ERR_CONFIG, "no context is selected: %s does not set current-context",
                config->looked_at);
        err_hint(e,
                 "select one with --context, or with: kubectl config use-context NAME");
        return choice_hint(config->contexts, "contexts", "", e);
    }
    if (config->looked_at[0] == '\0') {
        err_set(e, ERR_CONFIG, "no kubeconfig found: neither KUBECONFIG nor HOME is set");
    } else {
        err_set(e, ERR_CONFIG, "no kubeconfig found: looked at %s", config->looked_at);
    }
    return err_hint(e, "set KUBECONFIG, or use --kubeconfig FILE");
}

/* The context that flags or files name; *out is NULL where nothing does. */
static int
choice_context(const struct kube_flags *flags, const struct kubeconfig *config,
               const char **name, const json_t **out, struct err *e)
{
    bool by_flag = choice_given(flags->context);

    *name = by_flag ? flags->context : config->current_context;
    *out = NULL;
    if (!choice_given(*name)) {
        *name = "";
        return 0;
    }
    *out = json_object_get(config->contexts, *name);
    if (*out != NULL) {
        return 0;
    }
    if (by_flag) {
        err_set(e, ERR_CONFIG, "context \"%s\" does not exist", *name);
    } else {
        err_set(e, ERR_CONFIG, "context was not found for specified context: %s", *name);
    }
    return choice_hint(config->contexts, "contexts", *name, e);
}

/* What differs between choosing a cluster and a user. */
struct choice_part {
    const char *member;  /* of the context */
    const char *list;    /* of the kubeconfig */
    const char *in_flag; /* what client-go calls it in the error about the flag */
    const char *flag;    /* the flag's value */
    json_t *map;
    bool may_lack; /* flags say enough without the entry */
};

/* A copy of the entry that the flag names, else the context; empty where neither does. */
static int
choice_entry(const struct choice_part *p, const json_t *context, const char *context_name,
             char **name, json_t **out, struct err *e)
{
    bool by_flag = choice_given(p->flag);
    const char *wanted = by_flag ? p->flag : json_path_str(context, p->member);
    const json_t *entry = json_object_get(p->map, wanted);

    if (wanted[0] != '\0' && entry == NULL && by_flag) {
        err_set(e, ERR_CONFIG, "%s \"%s\" does not exist", p->in_flag, wanted);
        return choice_hint(p->map, p->list, wanted, e);
    }
    if (wanted[0] != '\0' && entry == NULL && !p->may_lack) {
        err_set(e, ERR_CONFIG, "%s \"%s\" was not found for context \"%s\"", p->member,
                wanted, context_name);
        return choice_hint(p->map, p->list, wanted, e);
    }
    *name = mem_strdup(wanted);
    *out = mem_check(entry != NULL ? json_deep_copy(entry) : json_object());
    return 0;
}

int
choice_make(const struct kube_flags *flags, const struct kube_env *env,
            const struct kubeconfig *config, struct choice *out, struct err *e)
{
    const json_t *context = NULL;
    const char *name = NULL;
    const struct choice_part cluster = { "cluster",        "clusters",
                                         "cluster",        flags->cluster,
                                         config->clusters, choice_given(flags->server) };
    const struct choice_part user = { "user",
                                      "users",
                                      "auth info",
                                      flags->user,
                                      config->users,
                                      choice_given(flags->token) ||
                                          choice_given(flags->client_certificate) ||
                                          choice_given(flags->username) };

    if (choice_context(flags, config, &name, &context, e) < 0) {
        return -1;
    }
    if (context == NULL && !choice_given(flags->cluster) &&
        !choice_given(flags->server)) {
        if (!choice_in_cluster(env)) {
            return choice_no_config(config, e);
        }
        choice_service_account(env, out);
        return 0;
    }
    if (choice_entry(&cluster, context, name, &out->cluster_name, &out->cluster, e) < 0 ||
        choice_entry(&user, context, name, &out->user_name, &out->user, e) < 0) {
        return -1;
    }
    out->context = mem_strdup(name);
    out->name_space =
        mem_strdup(json_string_value(json_object_get(context, "namespace")));
    return 0;
}

void
kube_secret_free(char **secret)
{
    if (*secret != NULL) {
        OPENSSL_cleanse(*secret, strlen(*secret));
        free(*secret);
        *secret = NULL;
    }
}
