/* Copies of objects that are too large. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"

static void
copies(const char *text, size_t most, const char *want, size_t want_left_out)
{
    auto_json json_t *o = json_loads(text, JSON_DECODE_ANY, NULL);
    auto_json json_t *copy = NULL;
    auto_free char *got = NULL;
    size_t left_out = 99;

    assert_non_null(o);
    copy = json_copy_some(o, most, &left_out);
    got = json_text(copy);
    assert_string_equal(got, want);
    assert_int_equal(left_out, want_left_out);
}

static void
test_copies(void **state)
{
    static const char all[] = "{\"a\":[1,true,null,2.5,\"x\"],\"b\":{\"c\":\"\\u001B\"}}";

    (void)state;
    copies(all, 4096, all, 0);
    /* a text goes as a whole, what follows it stays */
    copies("[\"0123456789012345678901234567890123456789012345678901234567890123456789"
           "0123456789012345678901234567890123456789\",1]",
           170, "[\"[left out: 110 bytes]\",1]", 1);
    /* where nothing has room, the rest goes */
    copies("[1,2,3,4,5,6,7,8,9]", 150,
           "[1,2,3,\"[left out: 1 value]\",\"[left out: 5 elements]\"]", 2);
    copies("{\"a\":1,\"b\":2,\"c\":3}", 110,
           "{\"a\":1,\"...\":\"[left out: 2 members]\"}", 1);
    copies("1", 0, "\"[left out: 1 value]\"", 1);
}

/* Of whatever shape: as long as was said, but for some notes. */
static json_t *
any(unsigned depth)
{
    static const char *const texts[] = { "", "x", "\xe2\x80\xae\033\"\\",
                                         "a longer text" };
    unsigned kind = (unsigned)rand() % (depth < 8 ? 6 : 2);
    json_t *o = kind >= 4 ? json_array() : json_object();

    if (kind < 2) {
        json_decref(o);
        return kind == 0 ? json_integer(rand()) : json_string(texts[rand() % 4]);
    }
    for (int i = rand() % 8; i >= 0; i--) {
        if (kind >= 4) {
            (void)json_array_append_new(o, any(depth + 1));
        } else {
            char key[32];

            (void)snprintf(key, sizeof key, "\x7f%d", rand());
            (void)json_object_set_new(o, key, any(depth + 1));
        }
    }
    return o;
}

static void
test_sizes(void **state)
{
    (void)state;
    srand(13);
    for (int i = 0; i < 300; i++) {
        auto_json json_t *o = any(0);
        size_t most = (size_t)rand() % 4000;
        size_t left_out = 0;
        auto_json json_t *copy = json_copy_some(o, most, &left_out);
        auto_free char *text = json_text_lines(copy);

        assert_true(strlen(text) <= most + 1500);
        assert_int_equal(left_out == 0, json_equal(o, copy));
    }
}

/* Deeper than objects are: no stack is used up, and no line is as long. */
static void
test_depth(void **state)
{
    enum { DEPTH = 2000 };
    auto_free char *text = mem_alloc(2 * DEPTH + 1);
    auto_json json_t *o = NULL;
    auto_json json_t *copy = NULL;
    auto_free char *got = NULL;
    size_t left_out = 0;

    (void)state;
    memset(text, '[', DEPTH);
    memset(text + DEPTH, ']', DEPTH);
    o = json_loads(text, 0, NULL);
    assert_non_null(o);
    copy = json_copy_some(o, 1 << 20, &left_out);
    got = json_text_lines(copy);
    assert_int_equal(left_out, 1);
    assert_true(strlen(got) < 16384);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_depth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
