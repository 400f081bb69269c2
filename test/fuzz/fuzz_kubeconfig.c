/* A kubeconfig: the view of it, and whom each of its contexts leads to.  Nothing is read
 * but what is in a folder of this fuzzer's own. parsers: lib/kube/kubeconfig.c
 * lib/kube/choice.c lib/kube/address.c lib/base/file.c */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#define FUZZ_FOLDER
#define FUZZ_JSON
#include "base/file.h"
#include "base/str.h"
#include "fuzz.h"
#include "kube/choice.h"

/* An entry has no member that is empty, and its files are found from anywhere. */
static void
check_entries(json_t *map, const char *file, const char *text)
{
    const char *name = NULL;
    json_t *entry = NULL;
    json_t *value = NULL;

    json_object_foreach (map, name, entry) {
        fuzz_check(name[0] != '\0' && json_is_object(entry));
        value = json_object_get(entry, file);
        fuzz_check(value == NULL || json_string_value(value)[0] == '/');
        value = json_object_get(entry, text);
        fuzz_check(value == NULL || json_string_length(value) > 0);
    }
}

/* Each context by its flag, and the one that is chosen. */
static void
check_choice(const struct kubeconfig *view, const struct kube_env *env, const char *name)
{
    const struct kube_flags flags = { .context = name };
    auto_choice struct choice c = { 0 };
    struct err e = { 0 };

    if (choice_make(&flags, env, view, &c, &e) < 0 || address_apply(&c, &e) < 0) {
        fuzz_check(e.code == ERR_CONFIG);
        return;
    }
    fuzz_check(json_is_object(c.cluster) && json_is_object(c.user));
    fuzz_check(name == NULL || str_eq(c.context, name));
    fuzz_check(str_starts(json_path_str(c.cluster, "server"), "https://") ||
               (json_object_get(c.user, "token") == NULL &&
                json_object_get(c.user, "exec") == NULL) ||
               json_object_get(c.cluster, "server") == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file(0, "config", (const char *)data, size);
    const struct kube_env env = { .home = fuzz_folder, .kubeconfig = path };
    auto_kubeconfig struct kubeconfig view = { 0 };
    struct err e = { 0 };
    const char *name = NULL;
    json_t *context = NULL;

    if (kubeconfig_load(size % 2 != 0 ? path : NULL, &env, &view, &e) < 0) {
        fuzz_check(e.code == ERR_CONFIG && strstr(e.msg, path) != NULL);
        return 0;
    }
    fuzz_check(str_eq(view.looked_at, path));
    check_entries(view.clusters, "certificate-authority", "server");
    check_entries(view.users, "tokenFile", "token");
    check_entries(view.contexts, NULL, "namespace");
    check_choice(&view, &env, NULL);
    json_object_foreach (view.contexts, name, context) {
        check_choice(&view, &env, name);
    }
    return 0;
}
