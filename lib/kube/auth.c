#include "kube/auth.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum {
    AUTH_TOKEN_MS = 60 * 1000,
    AUTH_TOKEN_LIMIT = 64 * 1024,
    AUTH_PEM_LIMIT = 4 * 1024 * 1024,
};

struct auth {
    const struct kube_target *target;
    char *token;       /* NULL: none */
    long long read_ms; /* when the token file was read */
    unsigned generation;
    struct auth_certificate certificate;
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
    a->generation += str_eq(a->token != NULL ? a->token : "", text) ? 0 : 1;
    auth_forget(a->token);
    a->token = text;
}

static void
auth_scope_forget(char **secret)
{
    auth_forget(*secret);
}

/* Whether a key belongs to a certificate: files that are being replaced may not fit. */
static bool
auth_is_pair(const char *cert_pem, const char *key_pem)
{
    BIO *cert_text = BIO_new_mem_buf(cert_pem, -1);
    BIO *key_text = BIO_new_mem_buf(key_pem, -1);
    X509 *cert =
        cert_text != NULL ? PEM_read_bio_X509(cert_text, NULL, NULL, NULL) : NULL;
    EVP_PKEY *key =
        key_text != NULL ? PEM_read_bio_PrivateKey(key_text, NULL, NULL, NULL) : NULL;
    bool fits = cert != NULL && key != NULL && X509_check_private_key(cert, key) == 1;

    EVP_PKEY_free(key);
    X509_free(cert);
    (void)BIO_free(key_text);
    (void)BIO_free(cert_text);
    return fits;
}

/* The files of the certificate; the data form has none to be read again. */
static void
auth_read_certificate(struct auth *a)
{
    const struct kube_target *t = a->target;
    struct auth_certificate *now = &a->certificate;
    scope_cleanup(auth_scope_forget) char *cert = NULL;
    scope_cleanup(auth_scope_forget) char *key = NULL;
    struct err ignored;

    if ((t->cert_file == NULL && t->key_file == NULL) || now->cert_pem == NULL ||
        now->key_pem == NULL) {
        return;
    }
    if (t->cert_file == NULL) {
        cert = mem_strdup(now->cert_pem);
    } else if (file_read(t->cert_file, AUTH_PEM_LIMIT, &cert, NULL, &ignored) < 0) {
        return;
    }
    if (t->key_file == NULL) {
        key = mem_strdup(now->key_pem);
    } else if (file_read(t->key_file, AUTH_PEM_LIMIT, &key, NULL, &ignored) < 0) {
        return;
    }
    if ((str_eq(cert, now->cert_pem) && str_eq(key, now->key_pem)) ||
        !auth_is_pair(cert, key)) {
        return;
    }
    auth_forget(now->cert_pem);
    auth_forget(now->key_pem);
    now->cert_pem = scope_steal(&cert);
    now->key_pem = scope_steal(&key);
    now->changed++;
    a->generation++;
}

struct auth *
auth_new(const struct kube_target *t, struct err *e)
{
    struct auth *a = NULL;

    if (!auth_is_clean(t->token) || !auth_is_clean(t->username) ||
        !auth_is_clean(t->password)) {
        err_set(e, ERR_CONFIG, "the credentials contain a control character");
        return NULL;
    }
    if (!auth_is_clean(t->as) || !auth_is_clean(t->as_uid) ||
        !auth_is_clean_list(t->as_groups) || !auth_is_clean_list(t->as_extras)) {
        err_set(e, ERR_CONFIG, "the user to impersonate contains a control character");
        return NULL;
    }
    a = mem_alloc(sizeof *a);
    a->target = t;
    a->token = mem_strdup(t->token);
    a->certificate.cert_pem = mem_strdup(t->cert_pem);
    a->certificate.key_pem = mem_strdup(t->key_pem);
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
        auth_forget(a->certificate.cert_pem);
        auth_forget(a->certificate.key_pem);
        free(a);
    }
}

unsigned
auth_generation(const struct auth *a)
{
    return a->generation;
}

const struct auth_certificate *
auth_certificate(const struct auth *a)
{
    return &a->certificate;
}

bool
auth_refresh(struct auth *a, unsigned generation)
{
    if (a->generation == generation && a->target->token_file != NULL) {
        auth_read(a);
    }
    if (a->generation == generation) {
        auth_read_certificate(a);
    }
    return a->generation != generation;
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
