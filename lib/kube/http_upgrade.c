#include "kube/http_upgrade.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "kube/path.h"

#ifndef DBU_VERSION
#define DBU_VERSION "unknown"
#endif

void
upgrade_new_key(char key[UPGRADE_KEY])
{
    unsigned char random[16];

    (void)RAND_bytes(random, sizeof random);
    (void)EVP_EncodeBlock((unsigned char *)key, random, sizeof random);
}

void
upgrade_accept(const char *key, char accept[UPGRADE_ACCEPT])
{
    char text[UPGRADE_KEY + 64];
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    (void)snprintf(text, sizeof text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    (void)EVP_Digest(text, strlen(text), sum, &len, EVP_sha1(), NULL);
    (void)EVP_EncodeBlock((unsigned char *)accept, sum, (int)len);
}

static int
upgrade_path(const struct kube_exec_spec *spec, struct buf *out, struct err *e)
{
    struct kube_ref ref = { "", "v1", "pods", spec->name_space, spec->pod, "exec" };

    if (path_of(&ref, out, e) < 0) {
        return -1;
    }
    for (const char *const *arg = spec->argv; *arg != NULL; arg++) {
        if (path_query(out, "command", *arg) < 0) {
            return err_set(e, ERR_INTERNAL, "the command is too long");
        }
    }
    if (path_query(out, "container", spec->container) < 0 ||
        path_query(out, "stdin", spec->with_stdin ? "true" : NULL) < 0 ||
        path_query(out, "stdout", "true") < 0 || path_query(out, "stderr", "true") < 0) {
        return err_set(e, ERR_INTERNAL, "the command is too long");
    }
    return 0;
}

int
upgrade_write(const struct upgrade_request *u, struct buf *out, struct err *e)
{
    struct buf path auto_buf = BUF_LIMIT(256 * 1024);

    if (upgrade_path(u->spec, &path, e) < 0) {
        return -1;
    }
    if (buf_printf(out,
                   "GET %s%s HTTP/1.1\r\n"
                   "Host: %s\r\n"
                   "User-Agent: kubectl-dbupgrade/" DBU_VERSION "\r\n"
                   "Connection: Upgrade\r\n"
                   "Upgrade: websocket\r\n"
                   "Sec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: %s\r\n"
                   "Sec-WebSocket-Protocol: v5.channel.k8s.io, v4.channel.k8s.io\r\n"
                   "%s\r\n",
                   u->prefix, buf_text(&path), u->host, u->key, u->headers) < 0) {
        return err_set(e, ERR_INTERNAL, "the request is too long");
    }
    return 0;
}

/* The value of a header line with this name, without white space around; else NULL. */
static const char *
upgrade_value(const char *line, const char *name, char *out, size_t size)
{
    size_t n = strlen(name);
    size_t len = 0;

    if (strncasecmp(line, name, n) != 0 || line[n] != ':') {
        return NULL;
    }
    line += n + 1;
    line += strspn(line, " \t");
    len = strcspn(line, "\r\n");
    while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t')) {
        len--;
    }
    if (len >= size) {
        return NULL;
    }
    memcpy(out, line, len);
    out[len] = '\0';
    return out;
}

static void
upgrade_header(const char *line, const char *accept, struct upgrade_reply *out)
{
    char value[64];
    long long number = 0;

    if (upgrade_value(line, "Sec-WebSocket-Accept", value, sizeof value) != NULL) {
        out->accepted = str_eq(value, accept);
    } else if (upgrade_value(line, "Sec-WebSocket-Protocol", value, sizeof value) !=
               NULL) {
        out->version = str_eq(value, "v5.channel.k8s.io")   ? 5
                       : str_eq(value, "v4.channel.k8s.io") ? 4
                                                            : 0;
    } else if (upgrade_value(line, "Content-Length", value, sizeof value) != NULL) {
        if (str_to_ll(value, &number) && number >= 0) {
            out->body = (size_t)number;
        }
    }
}

int
upgrade_parse(const struct buf *text, const char *key, struct upgrade_reply *out)
{
    static const char http[] = "HTTP/1.";
    const char *start = buf_text(text);
    const char *end = strstr(start, "\r\n\r\n");
    char accept[UPGRADE_ACCEPT];
    size_t n = text->len < sizeof http - 1 ? text->len : sizeof http - 1;

    if (memcmp(start, http, n) != 0) {
        return -1;
    }
    if (end == NULL) {
        return strlen(start) < text->len ? -1 : 0;
    }
    *out = (struct upgrade_reply){ .head = (size_t)(end - start) + 4, .body = SIZE_MAX };
    out->status = strtol(start + strcspn(start, " "), NULL, 10);
    upgrade_accept(key, accept);
    for (const char *line = strstr(start, "\r\n"); line < end;
         line = strstr(line, "\r\n")) {
        line += 2;
        upgrade_header(line, accept, out);
    }
    return out->status >= 100 && out->status <= 599 ? 1 : -1;
}
