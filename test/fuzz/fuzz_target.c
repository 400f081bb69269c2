/* A kubeconfig in JSON, then flags: the target that they lead to.  Nothing is read but
 * what is in a folder of this fuzzer's own. parsers: lib/kube/override.c
 * lib/kube/credential.c lib/kube/config.c lib/kube/target.c */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#define FUZZ_FOLDER
#define FUZZ_JSON
#include "base/str.h"
#include "fuzz.h"
#include "kube/choice.h"
#include "kube/target.h"

static void
prepare(void)
{
    static const char pem[] =
        "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n";

    if (fuzz_files[1][0] == '\0') {
        (void)fuzz_file(0, "config", "", 0);
        (void)fuzz_file(1, "token", " abc\n", 5);
        (void)fuzz_file(2, "namespace", "demo\n", 5);
        (void)fuzz_file(3, "ca.crt", pem, sizeof pem - 1);
    }
}

static void
check_lines(char *const *list, bool pairs)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        fuzz_check(!pairs || strchr(list[i], '=') != NULL);
        fuzz_check(strpbrk(list[i], "\r\n") == NULL);
    }
}

static void
check_target(const struct kube_target *t)
{
    const char *const lines[] = { t->token, t->username, t->password,
                                  t->as,    t->as_uid,   t->tls_server_name };
    bool tls = str_starts(t->server, "https://");
    auto_target struct kube_target copy = { 0 };
    auto_server struct server s = { 0 };
    struct err e = { 0 };

    fuzz_check(tls || str_starts(t->server, "http://"));
    fuzz_check_line(t->server, strlen(t->server) + 1);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        fuzz_check(lines[i] == NULL || strpbrk(lines[i], "\r\n") == NULL);
        fuzz_check(tls || i > 2 || lines[i] == NULL); /* no secret in the clear */
    }
    check_lines(t->as_groups, false);
    check_lines(t->as_extras, true);
    fuzz_check(strlen(t->name_space) <= 63 && t->request_timeout_ms >= 0);
    target_copy(&copy, t);
    fuzz_check(str_eq(copy.server, t->server) && str_eq(copy.token, t->token));
    if (server_parse(t->server, &s, &e) == 0) {
        fuzz_check(s.tls == tls && s.port > 0 && s.port <= 65535 && s.host[0] != '\0');
    }
}

/* Whether the files that entries name are ours, and neither the machine's nor devices. */
static bool
is_ours(json_t *map)
{
    static const char *const members[] = { "certificate-authority", "client-certificate",
                                           "client-key", "tokenFile" };
    const char *name = NULL;
    json_t *entry = NULL;
    size_t len = strlen(fuzz_folder);

    json_object_foreach (map, name, entry) {
        for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
            const char *path = json_path_str(entry, members[i]);

            if (*path != '\0' && (!str_starts(path, fuzz_folder) || path[len] != '/' ||
                                  strchr(path + len + 1, '/') != NULL)) {
                return false;
            }
        }
    }
    return true;
}

static const char *
text_of(const json_t *o, const char *member)
{
    return json_string_value(json_object_get(o, member));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_free char *config = fuzz_text(&in);
    auto_json json_t *o = fuzz_json(&in);
    const char *group[] = { text_of(o, "as-group"), NULL };
    const char *extra[] = { text_of(o, "as-user-extra"), NULL };
    const struct kube_flags flags = { .context = text_of(o, "context"),
                                      .cluster = text_of(o, "cluster"),
                                      .user = text_of(o, "user"),
                                      .name_space = text_of(o, "namespace"),
                                      .server = text_of(o, "server"),
                                      .token = text_of(o, "token"),
                                      .username = text_of(o, "username"),
                                      .as = text_of(o, "as"),
                                      .as_groups = group,
                                      .as_extras = extra,
                                      .request_timeout = text_of(o, "timeout"),
                                      .insecure_skip_tls_verify =
                                          json_path_true(o, "tls") };
    struct kube_env env = { .home = fuzz_folder,
                            .service_account = fuzz_folder,
                            .service_host = text_of(o, "host"),
                            .service_port = text_of(o, "port") };
    auto_kubeconfig struct kubeconfig view = { 0 };
    auto_target struct kube_target t = { 0 };
    struct err e = { 0 };

    prepare();
    env.kubeconfig = fuzz_file(0, "config", config, strlen(config));
    if (kubeconfig_load(NULL, &env, &view, &e) < 0 || !is_ours(view.users) ||
        !is_ours(view.clusters)) {
        return 0;
    }
    if (kube_target_load_env(&flags, &env, &t, &e) == 0) {
        check_target(&t);
    } else {
        fuzz_check(e.code == ERR_CONFIG || e.code == ERR_USAGE);
        fuzz_check(t.server == NULL && t.token == NULL);
    }
    return 0;
}
