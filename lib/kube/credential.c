#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "kube/base64.h"
#include "kube/choice.h"

enum { CREDENTIAL_LIMIT = 4 * 1024 * 1024 }; /* bytes of a CA bundle, a key, a token */

/* --- what contradicts, and what we cannot do ----------------------------------- */

static const struct {
    bool of_user;
    const char *member;
    const char *text;
    const char *hint;
} credential_refused[] = {
    { true, "exec", "an exec credential plugin is not supported yet",
      "use a token instead: --token \"$(kubectl create token SERVICEACCOUNT)\"" },
    { true, "auth-provider", "an auth-provider is not supported",
      "use a token instead: --token \"$(kubectl create token SERVICEACCOUNT)\"" },
    { false, "proxy-url", "a proxy-url is not supported yet",
      "use a cluster entry without proxy-url, whose server is directly reachable" },
};

static bool
credential_has(const json_t *entry, const char *a, const char *b)
{
    return json_object_get(entry, a) != NULL || json_object_get(entry, b) != NULL;
}

static int
credential_refuse(const struct choice *c, struct err *e)
{
    /* client-go runs no plugin when there is a token. */
    bool token = credential_has(c->user, "token", "tokenFile");

    for (size_t i = 0; i < sizeof credential_refused / sizeof *credential_refused; i++) {
        bool of_user = credential_refused[i].of_user;
        const json_t *entry = of_user ? c->user : c->cluster;

        if (json_object_get(entry, credential_refused[i].member) == NULL ||
            (of_user && token)) {
            continue;
        }
        err_set(e, ERR_CONFIG, "%s \"%s\": %s", of_user ? "user" : "cluster",
                of_user ? c->user_name : c->cluster_name, credential_refused[i].text);
        return err_hint(e, "%s", credential_refused[i].hint);
    }
    return 0;
}

/* The checks of client-go's tools/clientcmd/validation.go, with its words. */
static int
credential_check(const struct choice *c, struct err *e)
{
    const json_t *u = c->user;

    if (json_object_get(c->cluster, "server") == NULL && c->cluster_name[0] == '\0') {
        return err_set(e, ERR_CONFIG, "cluster was not specified for context \"%s\"",
                       c->context);
    }
    if (json_object_get(c->cluster, "server") == NULL) {
        return err_set(e, ERR_CONFIG, "no server found for cluster \"%s\"",
                       c->cluster_name);
    }
    if (json_path_true(c->cluster, "insecure-skip-tls-verify") &&
        credential_has(c->cluster, "certificate-authority",
                       "certificate-authority-data")) {
        return err_set(
            e, ERR_CONFIG,
            "cluster \"%s\": specifying a root certificates file with the insecure "
            "flag is not allowed",
            c->cluster_name);
    }
    if (json_object_get(u, "token") != NULL &&
        credential_has(u, "username", "password")) {
        return err_set(e, ERR_CONFIG,
                       "more than one authentication method found for %s; found [token "
                       "basicAuth], only one is allowed",
                       c->user_name);
    }
    if (credential_has(u, "client-certificate", "client-certificate-data") &&
        !credential_has(u, "client-key", "client-key-data")) {
        return err_set(
            e, ERR_CONFIG,
            "client-key-data or client-key must be specified for %s to use the "
            "clientCert authentication method",
            c->user_name);
    }
    if (json_object_get(u, "as") == NULL && (credential_has(u, "as-uid", "as-groups") ||
                                             credential_has(u, "as-user-extra", ""))) {
        return err_set(
            e, ERR_CONFIG,
            "requesting uid, groups or user-extra for %s without impersonating a "
            "user",
            c->user_name);
    }
    return credential_refuse(c, e);
}

/* --- strings that are copied --------------------------------------------------- */

static const struct credential_string {
    bool of_user;
    const char *member;
    size_t offset; /* of a char * in struct kube_target */
} credential_strings[] = {
    { false, "server", offsetof(struct kube_target, server) },
    { false, "tls-server-name", offsetof(struct kube_target, tls_server_name) },
    { true, "token", offsetof(struct kube_target, token) },
    { true, "tokenFile", offsetof(struct kube_target, token_file) },
    { true, "username", offsetof(struct kube_target, username) },
    { true, "password", offsetof(struct kube_target, password) },
    { true, "as", offsetof(struct kube_target, as) },
    { true, "as-uid", offsetof(struct kube_target, as_uid) },
};

static char **
credential_field(struct kube_target *t, size_t offset)
{
    return (char **)(void *)((char *)t + offset);
}

/* These become HTTP header lines: a line break would begin another one. The text may be
 * a secret and is not shown. */
static int
credential_is_line(const char *s, const char *member, struct err *e)
{
    for (; *s != '\0'; s++) {
        if (iscntrl((unsigned char)*s)) {
            return err_set(e, ERR_CONFIG, "%s contains a line break or control character",
                           member);
        }
    }
    return 0;
}

static int
credential_copy(const struct choice *c, struct kube_target *out, struct err *e)
{
    for (size_t i = 0; i < sizeof credential_strings / sizeof *credential_strings; i++) {
        const struct credential_string *row = &credential_strings[i];
        const json_t *entry = row->of_user ? c->user : c->cluster;
        const char *value = json_string_value(json_object_get(entry, row->member));

        if (value == NULL) {
            continue;
        }
        if (credential_is_line(value, row->member, e) < 0) {
            return err_wrap(e, "%s \"%s\"", row->of_user ? "user" : "cluster",
                            row->of_user ? c->user_name : c->cluster_name);
        }
        *credential_field(out, row->offset) = mem_strdup(value);
    }
    out->insecure = json_path_true(c->cluster, "insecure-skip-tls-verify");
    out->disable_compression = json_path_true(c->cluster, "disable-compression");
    return 0;
}

/* --- impersonation ------------------------------------------------------------- */

/* Appends to a NULL-terminated list. */
static void
credential_append(char ***list, size_t *n, char *text)
{
    *list = mem_grow(*list, *n + 2, sizeof **list);
    (*list)[(*n)++] = text;
    (*list)[*n] = NULL;
}

/* A list of strings, each after `prefix`, to the end of *list. */
static int
credential_texts(const json_t *values, const char *prefix, const char *member,
                 char ***list, size_t *n, struct err *e)
{
    size_t i = 0;
    json_t *value = NULL;

    if (!json_is_array(values)) {
        return err_set(e, ERR_CONFIG, "%s must contain lists of strings", member);
    }
    json_array_foreach (values, i, value) {
        if (!json_is_string(value)) {
            return err_set(e, ERR_CONFIG, "%s must contain lists of strings", member);
        }
        if (credential_is_line(json_string_value(value), member, e) < 0) {
            return -1;
        }
        credential_append(list, n, mem_printf("%s%s", prefix, json_string_value(value)));
    }
    return 0;
}

static int
credential_impersonate(const struct choice *c, struct kube_target *out, struct err *e)
{
    json_t *groups = json_object_get(c->user, "as-groups");
    json_t *extras = json_object_get(c->user, "as-user-extra");
    const char *key = NULL;
    json_t *values = NULL;
    size_t n = 0;

    if (groups != NULL &&
        credential_texts(groups, "", "as-groups", &out->as_groups, &n, e) < 0) {
        return -1;
    }
    n = 0;
    json_object_foreach (extras, key, values) {
        auto_free char *prefix = mem_printf("%s=", key);

        if (strchr(key, '=') != NULL) {
            return err_set(e, ERR_CONFIG,
                           "a key of as-user-extra must not contain \"=\"");
        }
        if (credential_is_line(key, "as-user-extra", e) < 0 ||
            credential_texts(values, prefix, "as-user-extra", &out->as_extras, &n, e) <
                0) {
            return -1;
        }
    }
    return 0;
}

/* --- certificates, keys, tokens ------------------------------------------------ */

static const struct credential_pem {
    bool of_user;
    const char *file;
    const char *data;
    const char *begin; /* what the text must contain */
    size_t offset;
    size_t path_offset; /* where the file's name is kept; 0: nowhere */
} credential_pems[] = {
    { false, "certificate-authority", "certificate-authority-data", "CERTIFICATE-----",
      offsetof(struct kube_target, ca_pem), 0 },
    { true, "client-certificate", "client-certificate-data", "CERTIFICATE-----",
      offsetof(struct kube_target, cert_pem), offsetof(struct kube_target, cert_file) },
    { true, "client-key", "client-key-data", "PRIVATE KEY-----",
      offsetof(struct kube_target, key_pem), offsetof(struct kube_target, key_file) },
};

static int
credential_file(const char *path, char **out, size_t *len, struct err *e)
{
    if (file_read(path, CREDENTIAL_LIMIT, out, len, e) < 0) {
        e->code = ERR_CONFIG;
        return -1;
    }
    return 0;
}

static int
credential_pem_read(const struct credential_pem *row, const json_t *entry, char **out,
                    struct err *e)
{
    const char *data = json_string_value(json_object_get(entry, row->data));
    const char *path = json_string_value(json_object_get(entry, row->file));
    const char *member = data != NULL ? row->data : row->file;
    size_t len = 0;

    if (data == NULL && path == NULL) {
        return 0;
    }
    if (data != NULL && path != NULL) {
        log_debug(1, "%s overrides %s", row->data, row->file);
    }
    if (data != NULL && kube_base64_decode(data, out, &len) < 0) {
        return err_set(e, ERR_CONFIG, "%s is not base64", row->data);
    }
    if (data == NULL && credential_file(path, out, &len, e) < 0) {
        return err_wrap(e, "%s", member);
    }
    if (strlen(*out) != len || strstr(*out, row->begin) == NULL) {
        return err_set(e, ERR_CONFIG, "%s contains no PEM text \"-----BEGIN ...%s\"",
                       member, row->begin);
    }
    if (strstr(*out, "ENCRYPTED") != NULL) {
        return err_set(e, ERR_CONFIG,
                       "%s is encrypted; a key without a passphrase is required", member);
    }
    return 0;
}

/* What the file holds is the token until it is read again. */
static int
credential_token_file(const struct choice *c, struct kube_target *out, struct err *e)
{
    auto_secret_text char *text = NULL;
    size_t len = 0;
    const char *from = NULL;

    if (out->token_file == NULL) {
        return 0;
    }
    if (credential_file(out->token_file, &text, &len, e) < 0) {
        return err_wrap(e, "tokenFile of user \"%s\"", c->user_name);
    }
    from = text + strspn(text, " \t\r\n");
    while (len > 0 && isspace((unsigned char)text[len - 1])) {
        text[--len] = '\0';
    }
    if (from[0] == '\0') {
        return err_set(e, ERR_CONFIG, "the token file %s is empty", out->token_file);
    }
    if (credential_is_line(from, out->token_file, e) < 0) {
        return -1;
    }
    kube_secret_free(&out->token);
    out->token = mem_strdup(from);
    return 0;
}

/* The name of the file that was read, for reading it again. */
static void
credential_keep_path(const struct credential_pem *row, const json_t *entry,
                     struct kube_target *out)
{
    if (row->path_offset != 0 && json_object_get(entry, row->data) == NULL) {
        *credential_field(out, row->path_offset) =
            mem_strdup(json_string_value(json_object_get(entry, row->file)));
    }
}

static int
credential_read(const struct choice *c, struct kube_target *out, struct err *e)
{
    for (size_t i = 0; i < sizeof credential_pems / sizeof *credential_pems; i++) {
        const struct credential_pem *row = &credential_pems[i];

        if (row->offset == offsetof(struct kube_target, key_pem) &&
            out->cert_pem == NULL) {
            continue; /* as in client-go, a key alone is no method */
        }
        if (credential_pem_read(row, row->of_user ? c->user : c->cluster,
                                credential_field(out, row->offset), e) < 0) {
            return err_wrap(e, "%s \"%s\"", row->of_user ? "user" : "cluster",
                            row->of_user ? c->user_name : c->cluster_name);
        }
        credential_keep_path(row, row->of_user ? c->user : c->cluster, out);
    }
    return credential_token_file(c, out, e);
}

int
credential_fill(const struct choice *c, struct kube_target *out, struct err *e)
{
    if (credential_check(c, e) < 0 || credential_copy(c, out, e) < 0) {
        return -1;
    }
    if (credential_impersonate(c, out, e) < 0) {
        return err_wrap(e, "user \"%s\"", c->user_name);
    }
    return credential_read(c, out, e);
}
