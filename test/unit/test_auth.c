#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kube/auth.h"

static void
expect(struct auth *a, const char *want)
{
    struct buf out auto_secret = BUF_LIMIT(4096);

    auth_headers(a, &out);
    assert_string_equal(buf_text(&out), want);
}

#define TEXT(s) ((char[]){ s })

static void
test_headers(void **state)
{
    char *groups[] = { TEXT("dev"), TEXT("ops"), NULL };
    char *extras[] = { TEXT("Scopes/x y=a=b"), TEXT("reason=test"), TEXT("none"), NULL };
    struct kube_target t = { .token = TEXT("secret") };
    struct err e = { 0 };
    struct auth *a = auth_new(&t, &e);

    (void)state;
    expect(a, "Authorization: Bearer secret\r\n");
    assert_false(auth_refresh(a, auth_generation(a)));
    t.as = TEXT("jane");
    t.as_uid = TEXT("7");
    t.as_groups = groups;
    t.as_extras = extras;
    expect(a,
           "Authorization: Bearer secret\r\nImpersonate-User: jane\r\n"
           "Impersonate-Uid: 7\r\nImpersonate-Group: dev\r\nImpersonate-Group: ops\r\n"
           "Impersonate-Extra-scopes%2Fx%20y: a=b\r\nImpersonate-Extra-reason: test\r\n");
    auth_free(a);
}

static void
test_basic(void **state)
{
    struct kube_target t = { .username = TEXT("Aladdin"),
                             .password = TEXT("open sesame") };
    struct err e = { 0 };
    struct auth *a = auth_new(&t, &e);

    (void)state;
    expect(a, "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n");
    auth_free(a);
}

static void
test_nobody(void **state)
{
    struct kube_target t = { 0 };
    struct err e = { 0 };
    struct auth *a = auth_new(&t, &e);

    (void)state;
    expect(a, "");
    auth_free(a);
    auth_free(NULL);
}

static void
test_control_characters(void **state)
{
    char *groups[] = { TEXT("a\r\nX: y"), NULL };
    const struct kube_target rows[] = {
        { .token = TEXT("a\nb") },
        { .username = TEXT("a\r") },
        { .as = TEXT("a\r\nImpersonate-Group: system:masters") },
        { .as_groups = groups },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e = { 0 };

        assert_null(auth_new(&rows[i], &e));
        assert_int_equal(e.code, ERR_CONFIG);
    }
}

static void
write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    (void)fputs(text, f);
    (void)fclose(f);
}

static void
test_token_file(void **state)
{
    char path[] = "/tmp/dbupgrade-token-XXXXXX";
    struct kube_target t = { .token = TEXT("old"), .token_file = path };
    struct err e = { 0 };
    struct auth *a = NULL;
    int fd = mkstemp(path);
    unsigned sent = 0;

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    write_file(path, "one\n\n");
    a = auth_new(&t, &e);
    expect(a, "Authorization: Bearer one\r\n");
    write_file(path, "two");
    expect(a, "Authorization: Bearer one\r\n"); /* for a minute */
    sent = auth_generation(a);
    assert_true(auth_refresh(a, sent));
    assert_true(auth_refresh(a, sent)); /* another request was sent with it, too */
    assert_false(auth_refresh(a, auth_generation(a)));
    expect(a, "Authorization: Bearer two\r\n");
    write_file(path, "  \n"); /* being written */
    assert_false(auth_refresh(a, auth_generation(a)));
    write_file(path, "a\nb");
    assert_false(auth_refresh(a, auth_generation(a)));
    (void)unlink(path);
    assert_false(auth_refresh(a, auth_generation(a)));
    expect(a, "Authorization: Bearer two\r\n");
    auth_free(a);
}

/* A self-signed certificate and its key, as PEM files. */
static void
write_pair(const char *cert_path, const char *key_path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    FILE *f = NULL;

    assert_non_null(key);
    assert_non_null(cert);
    (void)X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    (void)X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    assert_int_equal(X509_set_pubkey(cert, key), 1);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    f = fopen(cert_path, "w");
    assert_non_null(f);
    assert_int_equal(PEM_write_X509(f, cert), 1);
    (void)fclose(f);
    f = fopen(key_path, "w");
    assert_non_null(f);
    assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
    (void)fclose(f);
    X509_free(cert);
    EVP_PKEY_free(key);
}

/* A client certificate is taken anew when both files fit each other. */
static void
test_certificate_files(void **state)
{
    char cert[] = "/tmp/dbupgrade-cert-XXXXXX";
    char key[] = "/tmp/dbupgrade-key-XXXXXX";
    char other[] = "/tmp/dbupgrade-other-XXXXXX";
    struct kube_target t = { .cert_pem = TEXT("old cert"),
                             .key_pem = TEXT("old key"),
                             .cert_file = cert,
                             .key_file = key };
    struct err e = { 0 };
    struct auth *a = auth_new(&t, &e);
    const struct auth_certificate *now = auth_certificate(a);
    char *const files[] = { cert, key, other };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        int fd = mkstemp(files[i]);

        assert_true(fd >= 0);
        (void)close(fd);
    }
    assert_false(auth_refresh(a, 0)); /* both are empty */
    write_pair(cert, key);
    assert_true(auth_refresh(a, 0));
    assert_int_equal(now->changed, 1);
    assert_non_null(strstr(now->cert_pem, "BEGIN CERTIFICATE"));
    assert_non_null(strstr(now->key_pem, "PRIVATE KEY"));
    assert_false(auth_refresh(a, auth_generation(a))); /* the same */
    write_pair(other, key);
    assert_false(auth_refresh(a, auth_generation(a))); /* only the key is new */
    write_pair(cert, key);
    assert_true(auth_refresh(a, auth_generation(a)));
    assert_int_equal(now->changed, 2);
    for (size_t i = 0; i < 3; i++) {
        (void)unlink(files[i]);
    }
    auth_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),    cmocka_unit_test(test_basic),
        cmocka_unit_test(test_nobody),     cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_token_file), cmocka_unit_test(test_certificate_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
