#include <fcntl.h>
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
    assert_false(auth_refresh(a));
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

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    write_file(path, "one\n\n");
    a = auth_new(&t, &e);
    expect(a, "Authorization: Bearer one\r\n");
    write_file(path, "two");
    expect(a, "Authorization: Bearer one\r\n"); /* for a minute */
    assert_true(auth_refresh(a));
    assert_false(auth_refresh(a));
    expect(a, "Authorization: Bearer two\r\n");
    write_file(path, "  \n"); /* being written */
    assert_false(auth_refresh(a));
    write_file(path, "a\nb");
    assert_false(auth_refresh(a));
    (void)unlink(path);
    assert_false(auth_refresh(a));
    expect(a, "Authorization: Bearer two\r\n");
    auth_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),    cmocka_unit_test(test_basic),
        cmocka_unit_test(test_nobody),     cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_token_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
