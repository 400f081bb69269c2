#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "kube/yaml.h"

/* A text and the JSON that it means, or the end of the error that it earns. */
struct yaml_case {
    const char *name;
    const char *text;
    const char *json;
    const char *error;
};

static const struct yaml_case cases[] = {
    /* scalars */
    { "nothing", "", "null" },
    { "comment only", "# nothing\n", "null" },
    { "nulls", "[~, null, Null, NULL, ]", "[null,null,null,null]" },
    { "empty value", "a:\nb: ''\n", "{\"a\":null,\"b\":\"\"}" },
    { "booleans", "[true, True, FALSE, false]", "[true,true,false,false]" },
    { "no booleans", "[yes, no, on, off, y, tRUE]",
      "[\"yes\",\"no\",\"on\",\"off\",\"y\",\"tRUE\"]" },
    { "numbers", "[0, 12, -3, 1.5, 1e3]", "[0,12,-3,1.5,1000.0]" },
    { "no numbers", "[012, 0x1f, +5, 1_000, .5, 1.2.3, -, .inf, .nan, 0o7]",
      "[\"012\",\"0x1f\",\"+5\",\"1_000\",\".5\",\"1.2.3\",\"-\",\".inf\",\".nan\","
      "\"0o7\"]" },
    { "too large for a number", "[99999999999999999999, 1e999]",
      "[\"99999999999999999999\",\"1e999\"]" },
    { "date", "2001-01-01", "\"2001-01-01\"" },
    { "quoted", "['true', \"12\", '', \"null\"]", "[\"true\",\"12\",\"\",\"null\"]" },
    { "escapes", "\"a\\tb\\u00e9\\x41\\/\"", "\"a\\tb\u00e9A/\"" },
    { "block text", "a: |\n  x\n  y\nb: >-\n  x\n  y\n",
      "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}" },
    { "tags", "[!!str 12, ! 12, !!int \"12\", !!bool 'true', !!null '']",
      "[\"12\",\"12\",12,true,null]" },
    { "tags of collections", "{a: !!seq [1], b: !!map {}}", "{\"a\":[1],\"b\":{}}" },
    { "foreign tag", "a: !secret 12", NULL,
      "line 1, column 4: the tag is not supported" },
    { "wrong tag of a list", "a: !!map [1]", NULL, "the tag is not supported" },
    { "binary tag", "a: !!binary AAAA", NULL, "the tag is not supported" },
    { "NUL", "a: \"x\\0y\"", NULL, "line 1, column 4: a NUL character is not allowed" },
    { "half of a pair", "\"\\ud83d\"", NULL, "invalid Unicode character escape code" },
    /* collections */
    { "block", "a:\n- b: 1\n  c: 2\n-\n- - x\n",
      "{\"a\":[{\"b\":1,\"c\":2},null,[\"x\"]]}" },
    { "flow", "{a: [1, {b: 2}], \"c\": {}}", "{\"a\":[1,{\"b\":2}],\"c\":{}}" },
    { "JSON", "{\n\t\"a\": [1, \"x\\n\", null],\n\t\"b\":{\"c\":true}\n}",
      "{\"a\":[1,\"x\\n\",null],\"b\":{\"c\":true}}" },
    { "keys are text", "{1: a, true: b, ~: c}",
      "{\"1\":\"a\",\"true\":\"b\",\"~\":\"c\"}" },
    { "key twice", "a: 1\nb: 2\na: 3\n", NULL, "line 3, column 1: duplicate key" },
    { "key twice in flow", "x: {a: 1, \"a\": 2}", NULL, "duplicate key" },
    { "list as key", "[a]: 1", NULL, "line 1, column 1: a key must be a string" },
    { "alias as key", "a: &x k\n*x : 1\n", NULL, "a key must be a string" },
    { "NUL in key", "\"a\\0b\": 1", NULL, "a key must be a string" },
    /* files as editors leave them */
    { "CRLF", "a: 1\r\nb:\r\n  - x\r\n", "{\"a\":1,\"b\":[\"x\"]}" },
    { "byte order mark",
      "\xef\xbb\xbf"
      "a: 1",
      "{\"a\":1}" },
    { "no newline at the end", "a: b", "{\"a\":\"b\"}" },
    { "tab as indentation", "a:\n\tb: 1\n", NULL, "cannot start any token" },
    { "no UTF-8", "a: \xff\xfe\n", NULL, "byte 3: invalid leading UTF-8 octet" },
    { "control character", "a: \x01\n", NULL, "control characters are not allowed" },
    { "quote left open", "a: \"b\n", NULL, "found unexpected end of stream" },
    { "bracket left open", "a: [1, 2\n", NULL, "did not find expected ',' or ']'" },
    { "bad indentation", "a:\n  b: 1\n c: 2\n", NULL, "did not find expected key" },
    { "colon in value", "a: b: c\n", NULL,
      "mapping values are not allowed in this context" },
    /* documents */
    { "begin and end", "%YAML 1.1\n---\na: 1\n...\n", "{\"a\":1}" },
    { "empty one behind", "---\na: 1\n---\n", "{\"a\":1}" },
    { "a second one", "a: 1\n---\nb: 2\n", NULL,
      "line 3, column 1: a second document is not allowed" },
    { "a broken one behind", "a: 1\n---\n[\n", NULL,
      "did not find expected node content" },
    /* anchors */
    { "alias", "a: &x {k: [1]}\nb: *x\n", "{\"a\":{\"k\":[1]},\"b\":{\"k\":[1]}}" },
    { "anchor twice", "[&x 1, *x, &x 2, *x]", "[1,1,2,2]" },
    { "no anchor", "a: *x", NULL, "line 1, column 4: the alias has no anchor before it" },
    { "contains itself", "a: &x [*x]", NULL, "the alias has no anchor before it" },
    { "anchor of another document", "--- &x\n--- *x\n", NULL, "has no anchor before it" },
    { "merge", "a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  l: 3\n",
      "{\"a\":{\"k\":1,\"l\":2},\"b\":{\"l\":3,\"k\":1}}" },
    { "merge of several", "{<<: [{k: 1}, {k: 2, l: 2}], m: 3}",
      "{\"m\":3,\"k\":1,\"l\":2}" },
    { "quoted, no merge", "{\"<<\": 1}", "{\"<<\":1}" },
    { "merge of text", "{<<: x}", NULL, "needs a mapping, or a list of mappings" },
    { "merge of a list of text", "{<<: [x]}", NULL,
      "needs a mapping, or a list of mappings" },
    { "merge twice", "{<<: {a: 1}, <<: {b: 1}}", NULL, "duplicate key" },
};

static void
test_case(void **state)
{
    const struct yaml_case *c = *state;
    struct err e = { 0 };
    auto_json json_t *tree = kube_yaml_parse(c->text, strlen(c->text), "input", &e);
    auto_free char *text = tree != NULL ? json_text(tree) : NULL;

    if (c->json == NULL) {
        assert_null(text);
        assert_int_equal(e.code, ERR_CONFIG);
        assert_non_null(strstr(e.msg, "input: "));
        if (strstr(e.msg, c->error) == NULL) {
            assert_string_equal(e.msg, c->error);
        }
        return;
    }
    assert_string_equal(e.msg, "");
    assert_string_equal(text, c->json);
}

/* Returns the error of a text that is `unit` n times between two others. */
static const char *
parse_repeated(const char *begin, const char *unit, size_t n, const char *end,
               struct err *e)
{
    auto_buf struct buf b = BUF_LIMIT(1024 * 1024);
    auto_json json_t *tree = NULL;

    assert_int_equal(buf_puts(&b, begin), 0);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(buf_puts(&b, unit), 0);
    }
    assert_int_equal(buf_puts(&b, end), 0);
    tree = kube_yaml_parse(b.data, b.len, "input", e);
    assert_true((tree == NULL) == (e->code == ERR_CONFIG));
    return e->msg;
}

static void
test_depth(void **state)
{
    struct err e = { 0 };

    (void)state;
    assert_string_equal(parse_repeated("a: ", "[", KUBE_YAML_DEPTH, "", &e),
                        "input: line 1, column 67: nested too deep");
    assert_non_null(
        strstr(parse_repeated("", "[", 100 * 1000, "", &e), "nested too deep"));
    assert_non_null(
        strstr(parse_repeated("", "{a: ", 100 * 1000, "", &e), "nested too deep"));
    assert_non_null(
        strstr(parse_repeated("", "- ", 100 * 1000, "", &e), "nested too deep"));
    assert_non_null(
        strstr(parse_repeated("", "? ", 1000, "", &e), "a key must be a string"));
}

static void
test_size(void **state)
{
    auto_free char *text = mem_alloc(KUBE_YAML_SIZE + 1);
    struct err e = { 0 };

    (void)state;
    memset(text, '\n', KUBE_YAML_SIZE + 1);
    assert_null(kube_yaml_parse(text, KUBE_YAML_SIZE + 1, "input", &e));
    assert_string_equal(e.msg, "input is larger than 8388608 bytes");
}

/* Each line refers to the one before ten times. */
static void
test_expansion(void **state)
{
    auto_buf struct buf b = BUF_LIMIT(64 * 1024);
    struct err e = { 0 };

    (void)state;
    assert_int_equal(buf_puts(&b, "a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol,lol]\n"),
                     0);
    for (int i = 1; i < 10; i++) {
        assert_int_equal(buf_printf(&b, "a%d: &a%d [", i, i), 0);
        for (int k = 0; k < 10; k++) {
            assert_int_equal(buf_printf(&b, "*a%d,", i - 1), 0);
        }
        assert_int_equal(buf_puts(&b, "]\n"), 0);
    }
    assert_null(kube_yaml_parse(b.data, b.len, "input", &e));
    assert_non_null(strstr(e.msg, "expands to too much data"));
}

/* What an alias gives must not be the node that it names. */
static void
test_alias_is_a_copy(void **state)
{
    static const char text[] = "a: &x {k: 1}\nb: *x\n";
    struct err e = { 0 };
    auto_json json_t *tree = kube_yaml_parse(text, sizeof text - 1, "input", &e);

    (void)state;
    assert_non_null(tree);
    json_object_set_new(json_object_get(tree, "b"), "k", json_integer(2));
    assert_int_equal(json_path_int(tree, "a.k", 0), 1);
}

/* An error may say where, but not what. */
static void
test_no_values_in_errors(void **state)
{
    static const char *const texts[] = {
        "token: sesame\ntoken: sesame\n",
        "token: [sesame\n",
        "token: !sesame x\n",
        "token: *sesame\n",
        "token: \"sesame\\q\"\n",
        "token: sesame: sesame\n",
        "token: @sesame\n",
        "token: sesame\n\tx: sesame\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct err e = { 0 };

        assert_null(kube_yaml_parse(texts[i], strlen(texts[i]), "input", &e));
        assert_null(strstr(e.msg, "sesame"));
    }
}

int
main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_expansion),

        cmocka_unit_test(test_alias_is_a_copy),
        cmocka_unit_test(test_no_values_in_errors),
    };
    enum {
        CASES = sizeof cases / sizeof *cases,
        OTHERS = sizeof others / sizeof *others
    };
    struct CMUnitTest tests[CASES + OTHERS];

    for (size_t i = 0; i < CASES; i++) {
        tests[i] = (struct CMUnitTest){ .name = cases[i].name,
                                        .test_func = test_case,
                                        .initial_state = (void *)(uintptr_t)&cases[i] };
    }
    memcpy(tests + CASES, others, sizeof others);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests("yaml", tests, CASES + OTHERS, NULL, NULL);
}
