#include <stddef.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kube/choice.h"

/*
 * Flags over kubeconfig: a flag that is given is the value of its member, and takes
 * away the members that would otherwise win over it or contradict it. As client-go's
 * getCluster() and getAuthInfo(), and where those leave the kubeconfig's tokenFile and
 * *-data in force over a flag, the flag wins here.
 */
struct override {
    size_t flag; /* offset of a string in struct kube_flags */
    const char *member;
    const char *clears[3];
};

static const struct override cluster_overrides[] = {
    /* The name belongs to the server that is replaced. */
    { offsetof(struct kube_flags, server), "server", { "tls-server-name" } },
    { offsetof(struct kube_flags, tls_server_name), "tls-server-name" },
    { offsetof(struct kube_flags, certificate_authority),
      "certificate-authority",
      { "certificate-authority-data", "insecure-skip-tls-verify" } },
    { 0 },
};

static const struct override user_overrides[] = {
    /* client-go skips an exec plugin and auth provider when there is a token. */
    { offsetof(struct kube_flags, token),
      "token",
      { "tokenFile", "exec", "auth-provider" } },
    { offsetof(struct kube_flags, client_certificate),
      "client-certificate",
      { "client-certificate-data" } },
    { offsetof(struct kube_flags, client_key), "client-key", { "client-key-data" } },
    { offsetof(struct kube_flags, username), "username" },
    { offsetof(struct kube_flags, password), "password" },
    { offsetof(struct kube_flags, as), "as" },
    { offsetof(struct kube_flags, as_uid), "as-uid" },
    { 0 },
};

static void
override_set(json_t *entry, const char *member, json_t *value)
{
    (void)json_object_set_new_nocheck(entry, member, mem_check(value));
}

static void
override_strings(const struct override *rows, const struct kube_flags *flags,
                 json_t *entry)
{
    for (const struct override *o = rows; o->member != NULL; o++) {
        const char *value =
            *(const char *const *)(const void *)((const char *)flags + o->flag);

        if (value == NULL || value[0] == '\0') {
            continue;
        }
        for (size_t i = 0; i < sizeof o->clears / sizeof *o->clears; i++) {
            if (o->clears[i] != NULL) {
                (void)json_object_del(entry, o->clears[i]);
            }
        }
        override_set(entry, o->member, json_string_nocheck(value));
    }
}

static int
override_tls(const struct kube_flags *flags, json_t *cluster, struct err *e)
{
    if (flags->disable_compression) {
        override_set(cluster, "disable-compression", json_true());
    }
    if (!flags->insecure_skip_tls_verify) {
        return 0;
    }
    if (flags->certificate_authority != NULL && flags->certificate_authority[0] != '\0') {
        return err_set(e, ERR_USAGE,
                       "--insecure-skip-tls-verify and --certificate-authority are "
                       "mutually exclusive");
    }
    (void)json_object_del(cluster, "certificate-authority");
    (void)json_object_del(cluster, "certificate-authority-data");
    override_set(cluster, "insecure-skip-tls-verify", json_true());
    return 0;
}

static void
override_groups(const struct kube_flags *flags, json_t *user)
{
    json_t *groups = NULL;

    if (flags->as_groups == NULL || flags->as_groups[0] == NULL) {
        return;
    }
    groups = mem_check(json_array());
    for (size_t i = 0; flags->as_groups[i] != NULL; i++) {
        (void)json_array_append_new(groups,
                                    mem_check(json_string_nocheck(flags->as_groups[i])));
    }
    override_set(user, "as-groups", groups);
}

/* A key that a flag names loses what the kubeconfig says about it. */
static int
override_extras(const struct kube_flags *flags, json_t *user, struct err *e)
{
    auto_json json_t *given = mem_check(json_object());
    json_t *extras = json_object_get(user, "as-user-extra");

    for (size_t i = 0; flags->as_extras != NULL && flags->as_extras[i] != NULL; i++) {
        const char *text = flags->as_extras[i];
        size_t len = strcspn(text, "=");
        auto_free char *key = mem_strndup(text, len);
        json_t *values = NULL;

        if (len == 0 || text[len] != '=') {
            return err_set(e, ERR_USAGE, "--as-user-extra must be KEY=VALUE, not \"%s\"",
                           text);
        }
        values = json_object_get(given, key);
        if (values == NULL) {
            values = mem_check(json_array());
            override_set(given, key, values);
        }
        (void)json_array_append_new(values,
                                    mem_check(json_string_nocheck(text + len + 1)));
    }
    if (json_object_size(given) == 0) {
        return 0;
    }
    if (extras == NULL) {
        return json_object_set(user, "as-user-extra", given);
    }
    return json_object_update(extras, given);
}

int
override_apply(const struct kube_flags *flags, struct choice *c, struct err *e)
{
    override_strings(cluster_overrides, flags, c->cluster);
    override_strings(user_overrides, flags, c->user);
    override_groups(flags, c->user);
    if (override_tls(flags, c->cluster, e) < 0) {
        return -1;
    }
    return override_extras(flags, c->user, e);
}
