#include "kube/auth.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum { AUTH_TOKEN_MS = 60 * 1000, AUTH_TOKEN_LIMIT = 64 * 1024 };

struct auth {
    const struct kube_target *target;
    char *token;       /* NULL: none */
    long long read_ms; /* when the token file was read */
};

static void
auth_forget(char *secret)
{
    if (secret != NULL) {
        OPENSSL_cleanse(secret, strlen(secret));
        free(secret);
    }
}

void
auth_wipe(struct buf *b)
{
    if (b->data != NULL) {
        OPENSSL_cleanse(b->data, b->cap);
    }
    buf_free(b);
}

static bool
auth_is_clean(const char *value)
{
    for (; value != NULL && *value != '\0'; value++) {
        if (iscntrl((unsigned char)*value)) {
            return false;
        }
    }
    return true;
}

static bool
auth_is_clean_list(char *const *list)
{
    for (; list != NULL && *list != NULL; list++) {
        if (!auth_is_clean(*list)) {
            return false;
        }
    }
    return true;
}

/* Reads the token file; the text without white space at its end. */
static void
auth_read(struct auth *a)
{
    struct err ignored;
    char *text = NULL;
    size_t len = 0;

    a->read_ms = clock_ms();
    if (file_read(a->target->token_file, AUTH_TOKEN_LIMIT, &text, &len, &ignored) < 0) {
        return;
    }
    while (len > 0 && isspace((unsigned char)text[len - 1])) {
        text[--len] = '\0';
    }
    if (len == 0 || !auth_is_clean(text)) {
        auth_forget(text);
        return;
    }
    auth_forget(a->token);
    a->token = text;
}

struct auth *
auth_new(const struct kube_target *t, struct err *e)
{
    struct auth *a = NULL;

    if (!auth_is_clean(t->token) || !auth_is_clean(t->username) ||
        !auth_is_clean(t->password)) {
        err_set(e, ERR_CONFIG, "the credentials hold a control character");
        return NULL;
    }
    if (!auth_is_clean(t->as) || !auth_is_clean(t->as_uid) ||
        !auth_is_clean_list(t->as_groups) || !auth_is_clean_list(t->as_extras)) {
        err_set(e, ERR_CONFIG, "the user to impersonate holds a control character");
        return NULL;
    }
    a = mem_alloc(sizeof *a);
    a->target = t;
    a->token = mem_strdup(t->token);
    if (t->token_file != NULL) {
        auth_read(a);
    }
    return a;
}

void
auth_free(struct auth *a)
{
    if (a != NULL) {
        auth_forget(a->token);
        free(a);
    }
}

bool
auth_refresh(struct auth *a)
{
    auto_free char *before = mem_strdup(a->token);

    if (a->target->token_file == NULL) {
        return false;
    }
    auth_read(a);
    return !str_eq(before, a->token);
}

static void
auth_line(struct buf *out, const char *name, const char *value)
{
    if (value != NULL && *value != '\0') {
        (void)!buf_printf(out, "%s: %s\r\n", name, value);
    }
}

static void
auth_basic(struct buf *out, const char *user, const char *password)
{
    struct buf plain auto_secret = BUF_LIMIT(4096);

    if (buf_printf(&plain, "%s:%s", user, password != NULL ? password : "") == 0) {
        unsigned char code[8192];

        (void)EVP_EncodeBlock(code, (unsigned char *)plain.data, (int)plain.len);
        (void)!buf_printf(out, "Authorization: Basic %s\r\n", (char *)code);
    }
}

/* "key=value" -> Impersonate-Extra-KEY, the key escaped as client-go does: what no
 * header name can hold, and "%", become %XX. */
static void
auth_extra(struct buf *out, const char *extra)
{
    const char *value = strchr(extra, '=');

    if (value == NULL) {
        return;
    }
    (void)!buf_puts(out, "Impersonate-Extra-");
    for (const char *c = extra; c < value; c++) {
        int lower = tolower((unsigned char)*c);

        if (isalnum(lower) || strchr("!#$&'*+-.^_`|~", lower) != NULL) {
            (void)!buf_printf(out, "%c", lower);
        } else {
            (void)!buf_printf(out, "%%%02X", (unsigned)(unsigned char)*c);
        }
    }
    (void)!buf_printf(out, ": %s\r\n", value + 1);
}

void
auth_headers(struct auth *a, struct buf *out)
{
    const struct kube_target *t = a->target;

    if (t->token_file != NULL && clock_ms() - a->read_ms > AUTH_TOKEN_MS) {
        auth_read(a);
    }
    if (a->token != NULL && *a->token != '\0') {
        (void)!buf_printf(out, "Authorization: Bearer %s\r\n", a->token);
    } else if (t->username != NULL && *t->username != '\0') {
        auth_basic(out, t->username, t->password);
    }
    auth_line(out, "Impersonate-User", t->as);
    auth_line(out, "Impersonate-Uid", t->as_uid);
    for (char *const *group = t->as_groups; group != NULL && *group != NULL; group++) {
        auth_line(out, "Impersonate-Group", *group);
    }
    for (char *const *extra = t->as_extras; extra != NULL && *extra != NULL; extra++) {
        auth_extra(out, *extra);
    }
}
