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
    /* Without a scheme it is http, as client-go's rest.IsConfigTransportTLS() has it. */
    bool bare = strstr(server, "://") == NULL;
    auto_free char *url = mem_printf("%s%s", bare ? "http://" : "", server);
    bool tls = str_starts(url, "https://");
    size_t scheme = strlen(tls ? "https://" : "http://");
    size_t len = strcspn(url, "?#");

    if (server[0] == '\0') {
        return 0; /* credential_fill() says so, with the name of the cluster */
    }
    if (!address_is_plain(url)) {
        return err_set(
            e, ERR_CONFIG,
            "the server of cluster \"%s\" contains spaces, control characters or \"@\"",
            c->cluster_name);
    }
    while (len > scheme && url[len - 1] == '/') {
        len--;
    }
    url[len] = '\0';
    if ((!tls && !str_starts(url, "http://")) || len <= scheme || url[scheme] == '/') {
        return err_set(e, ERR_CONFIG,
                       "server \"%s\" of cluster \"%s\" is not an http or https URL",
                       server, c->cluster_name);
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
