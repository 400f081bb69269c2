#include "kube/kubeconfig.h"

#include <openssl/crypto.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "kube/yaml.h"

void
kube_env_read(struct kube_env *env)
{
    *env = (struct kube_env){
        .kubeconfig = getenv("KUBECONFIG"),
        .home = getenv("HOME"),
        .service_host = getenv("KUBERNETES_SERVICE_HOST"),
        .service_port = getenv("KUBERNETES_SERVICE_PORT"),
        .pod_namespace = getenv("POD_NAMESPACE"),
        .service_account = "/var/run/secrets/kubernetes.io/serviceaccount",
    };
}

void
kubeconfig_free(struct kubeconfig *c)
{
    json_decref(c->clusters);
    json_decref(c->users);
    json_decref(c->contexts);
    free(c->current_context);
    free(c->looked_at);
    *c = (struct kubeconfig){ 0 };
}

/* --- what may be in a file ----------------------------------------------------- */

enum member_kind {
    MEMBER_TEXT,
    MEMBER_PATH, /* text: a file, relative to the folder of the kubeconfig */
    MEMBER_BOOL,
    MEMBER_LIST,
    MEMBER_MAP,
};

struct member_report {
    const char *name;
    enum member_kind kind;
};

static const char *const member_wants[] = {
    [MEMBER_TEXT] = "a string (quote it?)",
    [MEMBER_PATH] = "a string, the path of a file",
    [MEMBER_BOOL] = "true or false",
    [MEMBER_LIST] = "a list",
    [MEMBER_MAP] = "a mapping",
};

static const struct member_report cluster_members[] = {
    { "server", MEMBER_TEXT },
    { "certificate-authority", MEMBER_PATH },
    { "certificate-authority-data", MEMBER_TEXT },
    { "insecure-skip-tls-verify", MEMBER_BOOL },
    { "tls-server-name", MEMBER_TEXT },
    { "proxy-url", MEMBER_TEXT },
    { "disable-compression", MEMBER_BOOL },
    { 0 },
};

static const struct member_report user_members[] = {
    { "client-certificate", MEMBER_PATH },
    { "client-certificate-data", MEMBER_TEXT },
    { "client-key", MEMBER_PATH },
    { "client-key-data", MEMBER_TEXT },
    { "token", MEMBER_TEXT },
    { "tokenFile", MEMBER_PATH },
    { "username", MEMBER_TEXT },
    { "password", MEMBER_TEXT },
    { "as", MEMBER_TEXT },
    { "as-uid", MEMBER_TEXT },
    { "as-groups", MEMBER_LIST },
    { "as-user-extra", MEMBER_MAP },
    { "exec", MEMBER_MAP },
    { "auth-provider", MEMBER_MAP },
    { 0 },
};

static const struct member_report context_members[] = {
    { "cluster", MEMBER_TEXT },
    { "user", MEMBER_TEXT },
    { "namespace", MEMBER_TEXT },
    { 0 },
};

/* The lists of a file: "users: [{name: N, user: ENTRY}]". */
static const struct section {
    const char *list;
    const char *entry;
    size_t offset; /* of the map in struct kubeconfig */
    const struct member_report *members;
} sections[] = {
    { "clusters", "cluster", offsetof(struct kubeconfig, clusters), cluster_members },
    { "users", "user", offsetof(struct kubeconfig, users), user_members },
    { "contexts", "context", offsetof(struct kubeconfig, contexts), context_members },
};

static json_t **
section_map(struct kubeconfig *c, const struct section *s)
{
    return (json_t **)(void *)((char *)c + s->offset);
}

/* --- one file ------------------------------------------------------------------ */

static bool
member_fits(const json_t *value, enum member_kind kind)
{
    switch (kind) {
    case MEMBER_TEXT:
    case MEMBER_PATH:
        return json_is_string(value);
    case MEMBER_BOOL:
        return json_is_boolean(value);
    case MEMBER_LIST:
        return json_is_array(value);
    case MEMBER_MAP:
        return json_is_object(value);
    }
    return false;
}

/* Null, "", [] and {} are as good as not there. */
static bool
member_is_empty(const json_t *value)
{
    return json_is_null(value) ||
           (json_is_string(value) && json_string_length(value) == 0) ||
           (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

/* Checks the members of an entry and brings them to the form that the header says. */
static int
entry_clean(json_t *entry, const struct member_report *members, const char *dir,
            struct err *e)
{
    for (const struct member_report *m = members; m->name != NULL; m++) {
        json_t *value = json_object_get(entry, m->name);

        if (value == NULL || member_is_empty(value)) {
            (void)json_object_del(entry, m->name);
            continue;
        }
        if (!member_fits(value, m->kind)) {
            return err_set(e, ERR_CONFIG, "%s must be %s", m->name,
                           member_wants[m->kind]);
        }
        if (m->kind == MEMBER_PATH) {
            auto_free char *path = file_join(dir, json_string_value(value));

            json_object_set_new_nocheck(entry, m->name,
                                        mem_check(json_string_nocheck(path)));
        }
    }
    return 0;
}

/* One element of a list; what has no name can never be chosen and is left out. */
static int
section_add(const struct section *s, json_t *item, json_t *map, const char *dir,
            struct err *e)
{
    const char *name = json_path_str(item, "name");
    json_t *entry = json_object_get(item, s->entry);

    if (!json_is_object(item)) {
        return err_set(e, ERR_CONFIG, "%s must be a list of mappings", s->list);
    }
    if (name[0] == '\0') {
        return 0;
    }
    if (json_object_get(map, name) != NULL) {
        return err_set(e, ERR_CONFIG, "duplicate name \"%s\" in %s", name, s->list);
    }
    if (entry == NULL || json_is_null(entry)) {
        return json_object_set_new(map, name, mem_check(json_object()));
    }
    if (!json_is_object(entry)) {
        return err_set(e, ERR_CONFIG, "%s \"%s\" must be a mapping", s->entry, name);
    }
    if (entry_clean(entry, s->members, dir, e) < 0) {
        return err_wrap(e, "%s \"%s\"", s->entry, name);
    }
    return json_object_set(map, name, entry);
}

/* Adds the entries of one file's list that no file before it has. */
static int
section_merge(const struct section *s, json_t *file, struct kubeconfig *out,
              const char *dir, struct err *e)
{
    auto_json json_t *map = mem_check(json_object());
    json_t *list = json_object_get(file, s->list);
    json_t *item = NULL;
    size_t i = 0;

    if (list != NULL && !json_is_null(list) && !json_is_array(list)) {
        return err_set(e, ERR_CONFIG, "%s must be a list", s->list);
    }
    json_array_foreach (list, i, item) {
        if (section_add(s, item, map, dir, e) < 0) {
            return -1;
        }
    }
    return json_object_update_missing(*section_map(out, s), map);
}

static const struct {
    const char *name;
    const char *want; /* NULL: any text */
} header_members[] = {
    { "kind", "Config" },
    { "apiVersion", "v1" },
    { "current-context", NULL },
};

/* The scalars of a file: what it says it is, and the current context. */
static int
file_check(const json_t *file, struct err *e)
{
    if (!json_is_object(file) && !json_is_null(file)) {
        return err_set(e, ERR_CONFIG, "must be a mapping");
    }
    for (size_t i = 0; i < sizeof header_members / sizeof *header_members; i++) {
        const json_t *value = json_object_get(file, header_members[i].name);
        const char *want = header_members[i].want;

        if (value == NULL || member_is_empty(value)) {
            continue;
        }
        if (!json_is_string(value)) {
            return err_set(e, ERR_CONFIG, "%s must be a string", header_members[i].name);
        }
        if (want != NULL && !str_eq(json_string_value(value), want)) {
            return err_set(e, ERR_CONFIG, "%s must be \"%s\"", header_members[i].name,
                           want);
        }
    }
    return 0;
}

/* The folder of a file, "" for the working directory. */
static char *
file_folder(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL) {
        return mem_strdup("");
    }
    return mem_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static int
file_merge(json_t *file, const char *path, struct kubeconfig *out, struct err *e)
{
    auto_free char *dir = file_folder(path);
    const char *current = json_path_str(file, "current-context");

    if (file_check(file, e) < 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        if (section_merge(&sections[i], file, out, dir, e) < 0) {
            return -1;
        }
    }
    if (out->current_context == NULL && current[0] != '\0') {
        out->current_context = mem_strdup(current);
    }
    return 0;
}

/* Returns 0 as well when there is no such file; it stays out of the view then. */
static int
file_load(const char *path, bool must_exist, struct kubeconfig *out, struct err *e)
{
    auto_free char *what = mem_printf("kubeconfig %s", path);
    auto_free char *text = NULL;
    auto_json json_t *file = NULL;
    struct err missing = { 0 };
    size_t len = 0;

    if (file_read(path, KUBE_YAML_SIZE, &text, &len, &missing) < 0) {
        if (missing.code == ERR_NOT_FOUND && !must_exist) {
            log_debug(1, "kubeconfig %s does not exist", path);
            return 0;
        }
        return err_set(e, ERR_CONFIG, "kubeconfig: %s", missing.msg);
    }
    file = kube_yaml_parse(text, len, what, e);
    OPENSSL_cleanse(text, len);
    if (file == NULL) {
        return -1;
    }
    return file_merge(file, path, out, e) < 0 ? err_wrap(e, "%s", what) : 0;
}

/* --- all files ----------------------------------------------------------------- */

/* The paths to look at, a JSON list without duplicates. New reference. */
static json_t *
files_list(const char *explicit_file, const struct kube_env *env)
{
    json_t *files = mem_check(json_object()); /* a set that keeps its order */
    const char *at = env->kubeconfig != NULL ? env->kubeconfig : "";
    bool from_env = at[0] != '\0';

    if (explicit_file != NULL && explicit_file[0] != '\0') {
        json_object_set_new_nocheck(files, explicit_file, json_true());
        return files;
    }
    while (*at != '\0') {
        size_t len = strcspn(at, ":");
        auto_free char *path = mem_strndup(at, len);

        if (len > 0) {
            json_object_set_new_nocheck(files, path, json_true());
        }
        at += len + (at[len] == ':' ? 1 : 0);
    }
    if (!from_env && env->home != NULL && env->home[0] != '\0') {
        auto_free char *path = file_join(env->home, ".kube/config");

        json_object_set_new_nocheck(files, path, json_true());
    }
    return files;
}

int
kubeconfig_load(const char *explicit_file, const struct kube_env *env,
                struct kubeconfig *out, struct err *e)
{
    auto_json json_t *files = files_list(explicit_file, env);
    auto_kubeconfig struct kubeconfig c = { .looked_at = mem_strdup("") };
    bool must_exist = explicit_file != NULL && explicit_file[0] != '\0';
    const char *path = NULL;
    json_t *ignored = NULL;

    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        *section_map(&c, &sections[i]) = mem_check(json_object());
    }
    json_object_foreach (files, path, ignored) {
        auto_free char *before = c.looked_at;

        c.looked_at = mem_printf("%s%s%s", before, before[0] != '\0' ? ", " : "", path);
        if (file_load(path, must_exist, &c, e) < 0) {
            return -1;
        }
    }
    *out = c;
    c = (struct kubeconfig){ 0 };
    return 0;
}
