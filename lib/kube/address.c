#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "kube/choice.h"

/* What client-go leaves out when it talks to a server without TLS. */
static const char *const address_secrets[] = {
    "client-certificate",
    "client-certificate-data",
    "client-key",
    "client-key-data",
    "token",
    "tokenFile",
    "username",
    "password",
    "exec",
    "auth-provider",
};

/* A server without a scheme gets https if anything speaks of TLS, as in client-go's
 * rest.DefaultServerUrlFor(). */
static const char *
address_scheme(const struct choice *c, const char *server)
{
    static const char *const of_cluster[] = { "certificate-authority",
                                              "certificate-authority-data" };
    static const char *const of_user[] = { "client-certificate",
                                           "client-certificate-data" };
    bool tls = json_path_true(c->cluster, "insecure-skip-tls-verify");

    if (strstr(server, "://") != NULL) {
        return "";
    }
    for (size_t i = 0; i < 2; i++) {
        tls = tls || json_object_get(c->cluster, of_cluster[i]) != NULL ||
              json_object_get(c->user, of_user[i]) != NULL;
    }
    return tls ? "https://" : "http://";
}

/* A URL that is fit to be shown has no spaces, control characters, or password. */
static bool
address_is_plain(const char *url)
{
    for (const char *s = url; *s != '\0'; s++) {
        if (isspace((unsigned char)*s) || iscntrl((unsigned char)*s) || *s == '@') {
            return false;
        }
    }
    return true;
}

int
address_apply(struct choice *c, struct err *e)
{
    const char *server = json_path_str(c->cluster, "server");
    auto_free char *url = mem_printf("%s%s", address_scheme(c, server), server);
    bool tls = str_starts(url, "https://");
    size_t scheme = strlen(tls ? "https://" : "http://");
    size_t len = strcspn(url, "?#");

    if (server[0] == '\0') {
        return 0; /* credential_fill() says so, with the name of the cluster */
    }
    if (!address_is_plain(url)) {
        return err_set(
            e, ERR_CONFIG,
            "the server of cluster \"%s\" holds spaces, control characters or \"@\"",
            c->cluster_name);
    }
    while (len > scheme && url[len - 1] == '/') {
        len--;
    }
    url[len] = '\0';
    if ((!tls && !str_starts(url, "http://")) || len <= scheme || url[scheme] == '/') {
        return err_set(e, ERR_CONFIG,
                       "server \"%s\" of cluster \"%s\" is no http or https URL", server,
                       c->cluster_name);
    }
    (void)json_object_set_new_nocheck(c->cluster, "server",
                                      mem_check(json_string_nocheck(url)));
    for (size_t i = 0; !tls && i < sizeof address_secrets / sizeof *address_secrets;
         i++) {
        if (json_object_del(c->user, address_secrets[i]) == 0) {
            log_debug(1, "%s is not sent to a server without TLS", address_secrets[i]);
        }
    }
    return 0;
}
