#include "kube/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static char **
target_copy_list(char *const *list)
{
    size_t n = 0;
    char **out = NULL;

    if (list == NULL) {
        return NULL;
    }
    while (list[n] != NULL) {
        n++;
    }
    out = mem_alloc((n + 1) * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        out[i] = mem_strdup(list[i]);
    }
    return out;
}

void
target_copy(struct kube_target *out, const struct kube_target *t)
{
    *out = (struct kube_target){
        .server = mem_strdup(t->server),
        .context = mem_strdup(t->context),
        .name_space = mem_strdup(t->name_space),
        .ca_pem = mem_strdup(t->ca_pem),
        .cert_pem = mem_strdup(t->cert_pem),
        .key_pem = mem_strdup(t->key_pem),
        .cert_file = mem_strdup(t->cert_file),
        .key_file = mem_strdup(t->key_file),
        .token = mem_strdup(t->token),
        .token_file = mem_strdup(t->token_file),
        .username = mem_strdup(t->username),
        .password = mem_strdup(t->password),
        .tls_server_name = mem_strdup(t->tls_server_name),
        .as = mem_strdup(t->as),
        .as_uid = mem_strdup(t->as_uid),
        .as_groups = target_copy_list(t->as_groups),
        .as_extras = target_copy_list(t->as_extras),
        .insecure = t->insecure,
        .disable_compression = t->disable_compression,
        .request_timeout_ms = t->request_timeout_ms,
    };
}

/* The length of the host: up to a port, a path or the end; brackets are kept. */
static size_t
server_host_len(const char *host)
{
    size_t bracket = *host == '[' ? strcspn(host, "]") : 0;

    return bracket + strcspn(host + bracket, ":/?#");
}

int
server_parse(const char *url, struct server *out, struct err *e)
{
    bool tls = str_starts(url, "https://");
    const char *host = url + (tls ? 8 : 7);
    size_t len = 0;
    const char *rest = NULL;
    char *end = NULL;
    long port = tls ? 443 : 80;

    if (!tls && !str_starts(url, "http://")) {
        return err_set(e, ERR_CONFIG, "server \"%s\" is not an http or https URL", url);
    }
    len = server_host_len(host);
    rest = host + len;
    if (*rest == ':') {
        port = strtol(rest + 1, &end, 10);
        rest = end;
    }
    if (len == 0 || memchr(host, '@', len) != NULL || port < 1 || port > 65535 ||
        (*rest != '\0' && *rest != '/') || strpbrk(rest, "?# \r\n") != NULL) {
        return err_set(e, ERR_CONFIG, "server \"%s\" is not a valid URL", url);
    }
    *out = (struct server){ .tls = tls,
                            .host = mem_strndup(host, len),
                            .port = (int)port,
                            .prefix = mem_strdup(rest) };
    for (size_t n = strlen(out->prefix); n > 0 && out->prefix[n - 1] == '/'; n--) {
        out->prefix[n - 1] = '\0';
    }
    return 0;
}

void
server_free(struct server *s)
{
    free(s->host);
    free(s->prefix);
    *s = (struct server){ 0 };
}
