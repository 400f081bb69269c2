/* Redaction takes a time that grows with the text and no faster, and can be stopped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/redact.h"

enum {
    SMALL = 64 * 1024, /* between two looks */
    ONCE = 16 * 1024,
    STEPS = 100, /* a byte, at the most */
    SHOWN = 40,
};

/* Each again and again. What a scanner that looks far ahead or back would choke on. */
static const char *const hostile[] = {
    "a:a:a:",
    "a",
    " ",
    "\n",
    "-----BEGIN ",
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "-----END RSA PRIVATE KEY-----\n",
    "QUJD\n-----END PRIVATE KEY-----\n",
    "QUJD\n",
    "IDENTIFIED ",
    "IDENTIFIED BY ",
    "IDENTIFIED BY '",
    "SET PASSWORD ",
    "SET PASSWORD FOR a = ",
    "INSERT INTO mysql_users ",
    "INSERT INTO mysql_users VALUES(",
    "'",
    "\"",
    "`",
    "\\",
    "\\'",
    "\\\\\"",
    "password='",
    "password=\"\n",
    "password='\npassword=\"\npassword=\\'\npassword=\\\"\npassword=`\n",
    "password=",
    "password: ",
    "password: |\n",
    "password(",
    "\"password\":",
    "\"password\":\"",
    "\"password\":{",
    "\"password\":[",
    "\"password\":\"\\\"",
    "{\"a\":\"{\\\"password\\\":\\\"{\\\\\\\"password\\\\\\\":\\\\\\\"x",
    "password $a$",
    "$",
    "$a$",
    "$A$005$",
    "$6$",
    "SCRAM-SHA-256$",
    "PASSWORD ",
    "://",
    "a://a:",
    "a://a:a@",
    "://:@",
    "@tcp(",
    "a@tcp(",
    "a:@tcp(",
    "a: @tcp(",
    "eyJ",
    "eyJ.",
    "LS0tLS1CRUdJTi",
    "Bearer ",
    "Basic ",
    "Authorization: ",
    "Authorization:\n",
    "--password ",
    "--password\n",
    "-p",
    " -p",
    "mysql -p",
    "mysql -px ",
    "name: A_PASSWORD ",
    "name: A_PASSWORD\n",
    "data:\n",
    "apiVersion: v1\ndata:\n",
    "kind: Secret\n",
    "kind: Secret\ndata:\n",
    "data:\n  a: b\nkind: Secret\n",
    "\"data\":{\"kind\":\"Secret\",",
    "*0123456789",
    "md5",
    "h:1:d:u:",
    "h:1:d:u:p\n",
    "AKIA",
    "ghp_",
    "/*",
    "PASSWORD/*",
    "<password>",
    "{{",
    "][",
    "\xff\xfe",
    "\\n",
    "\\u0027",
    "password\\u003d",
    "a=b c='d' ",
    REDACT_MARK,
};

/* So much of it; the first line is a long one that names a program. */
static char *
repeated(const char *piece, size_t size)
{
    auto_buf struct buf text = BUF_LIMIT(64 * 1024 * 1024);

    assert_int_equal(buf_puts(&text, "mysql "), 0);
    while (text.len < size) {
        assert_int_equal(buf_puts(&text, piece), 0);
    }
    return buf_take(&text);
}

static size_t
steps_for(const char *piece, size_t size)
{
    auto_free char *text = repeated(piece, size);
    struct redact_watch watch = { 0 };
    auto_free char *got = redact_text(text, &watch);

    assert_non_null(got);
    assert_false(watch.stopped);
    return watch.steps;
}

static void
test_linear(void **state)
{
    size_t bad = 0;

    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        size_t once = steps_for(hostile[i], ONCE);
        size_t twice = steps_for(hostile[i], 2 * ONCE);

        if (once < ONCE || twice > once * 5 / 2 || twice > STEPS * 2 * ONCE) {
            print_error("%.*s...: %zu steps for %d bytes, %zu for twice as many\n", SHOWN,
                        hostile[i], once, ONCE, twice);
            bad++;
        }
    }
    assert_int_equal(bad, 0);
}

/* -- stopping -- */

struct looks {
    size_t n;
    size_t stop_at; /* 0: never */
};

static int
look(void *ctx)
{
    struct looks *l = ctx;

    l->n++;
    return l->stop_at != 0 && l->n >= l->stop_at;
}

#define PIECE "kept words\n"

static const char note[] = " bytes that were not searched for secrets]";

static void
test_looks(void **state)
{
    struct looks l = { 0 };
    struct redact_watch watch = { .look = look, .ctx = &l };
    auto_free char *text = repeated(PIECE, 16 * SMALL);
    auto_free char *got = redact_text(text, &watch);

    (void)state;
    assert_true(l.n >= 16);
    assert_string_equal(got, text);
    assert_false(watch.stopped);
}

/* What was looked through is there, and nothing of the rest. */
static void
test_stop(void **state)
{
    struct looks l = { .stop_at = 3 };
    struct redact_watch watch = { .look = look, .ctx = &l };
    auto_free char *text = repeated(PIECE "password=hunter2\n", 16 * SMALL);
    auto_free char *got = redact_text(text, &watch);
    auto_free char *again = redact_text(got, NULL);
    auto_free char *more = redact_text("kept words", &watch);

    (void)state;
    assert_true(watch.stopped);
    assert_true(strlen(got) > SMALL && strlen(got) < 4 * SMALL);
    assert_null(strstr(got, "hunter2"));
    assert_true(str_ends(got, note));
    assert_string_equal(again, got);
    assert_string_equal(more, "[left out: 10 bytes that were not searched for secrets]");
}

static void
test_deadline(void **state)
{
    struct redact_watch watch = { .until = clock_ms() - 1 };
    auto_free char *text = repeated(PIECE, 4 * SMALL);
    auto_free char *got = redact_text(text, &watch);

    (void)state;
    assert_true(watch.stopped);
    assert_true(strlen(got) < 2 * SMALL);
    assert_true(str_ends(got, note));
}

/* Of an object every text counts; those after the stop are left out whole. */
static void
test_stop_json(void **state)
{
    struct looks l = { .stop_at = 2 };
    struct redact_watch watch = { .look = look, .ctx = &l };
    auto_free char *text = repeated(PIECE, 2 * SMALL);
    auto_json json_t *o = json_pack("{s:s, s:s, s:s, s:i}", "a", text, "b", text, "c",
                                    "kept words", "n", 7);

    (void)state;
    redact_json(o, &watch);
    assert_true(watch.stopped);
    assert_true(str_ends(json_path_str(o, "a"), note));
    assert_string_equal(json_path_str(o, "c"),
                        "[left out: 10 bytes that were not searched for secrets]");
    assert_int_equal(json_path_int(o, "n", 0), 7);
}

/* Many short texts are work too. */
static void
test_look_json(void **state)
{
    struct looks l = { 0 };
    struct redact_watch watch = { .look = look, .ctx = &l };
    auto_json json_t *list = json_array();

    (void)state;
    for (size_t i = 0; i <= 4 * SMALL / strlen(PIECE); i++) {
        (void)json_array_append_new(list, json_string(PIECE));
    }
    redact_json(list, &watch);
    assert_true(l.n >= 4);
    assert_false(watch.stopped);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear),    cmocka_unit_test(test_looks),
        cmocka_unit_test(test_stop),      cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_stop_json), cmocka_unit_test(test_look_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
