/* Which texts are a journal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/journal_form.h"

#define HEAD(version)                                                 \
    "{'version':" version                                             \
    ",'kind':'MySQL','name':'my-db','uid':'6ee7-a','from':'8.4.7',"   \
    "'to':'8.4.8-v2','set':'my-db','started':'2026-11-18T00:00:00Z'," \
    "'by':'eve@h/1/a'"
#define IMAGES                                                               \
    ",'images':[{'container':'mysql','init':false,'from':'r.example:5000/a/" \
    "mysql:8.4.7', "                                                         \
    "'to':'r.example/mysql@sha256:00ff'}]"
#define CHANNELS(name)                                              \
    ",'channels':{'my-db-0':{'skips':true,'stopped':[{'name':" name \
    ",'follows':false}]},'my-db-1':{'skips':false,'stopped':[]}}}"
#define PODS                                                                            \
    ",'pods':{'my-db-0':{'bytes':10737418240,'rows':-1,'servers.sum':9007199254740991," \
    "'of':{'app':{'bytes':1},'a b\\u0001\\n: public.t':{'counted':0}}},'my-db-1':{}}"

/* What programs of each format have written. */
static const char *const written[] = {
    HEAD("1") ",'images':[],'pods':{}}",
    HEAD("1") IMAGES ",'pods':{'my-db-0':{'bytes':1,'tables':2}}}",
    HEAD("2") ",'direction':'back'" IMAGES PODS "}",
    HEAD("3") ",'direction':'forward','images':[{'container':'postgres','init':false,"
              "'variable':'PG_VERSION','from':'15.18','to':'15.20'}]" PODS
              ",'pg_upgrade':{'mode':'link','begun':true,'delete_old_data':false,"
              "'update_extensions':true,'reindex':true},'followers':[{'set':'my-db-rr'"
              ",'images':[]}]}",
    HEAD("4") ",'direction':'forward'" IMAGES PODS
              ",'strategy':'new-set','new_set':{'set':'my-db-1','uid':'','old_uid':'u',"
              "'replicas':32,'delete_old_data':true,'images':[]}}",
    HEAD("4") ",'direction':'forward'" IMAGES PODS
              ",'front':{'set':'my-db-router','images':[]}}",
    HEAD("5") ",'direction':'forward'" IMAGES PODS CHANNELS("'657874'"),
};

/* One field of the fourth of them that is otherwise, and which one is named. */
static const struct {
    const char *from, *to, *why;
} wrong[] = {
    { "'kind':'MySQL',", "", "kind: missing" },
    { "'pods'", "'pod'", "pod: unknown field" },
    { "'MySQL'", "'My SQL'", "kind: contains characters" },
    { "'my-db','uid'", "'My-db','uid'", "name: contains characters" },
    { "'my-db','uid'", "'my-db-','uid'", "name: contains characters" },
    { "'my-db','uid'", "'a..b','uid'", "name: contains characters" },
    { "'6ee7-a'", "''", "uid: empty" },
    { "'6ee7-a'", "7", "uid: not a string" },
    { "'8.4.7'", "'8.4.7/../../secrets'", "from: contains characters" },
    { "'8.4.8-v2'", "''", "to: empty" },
    { "T00", " 00", "started: contains characters" },
    { "'eve", "'\\u009beve", "by: contains characters" },
    { "'eve", "'\\u202eeve", "by: contains characters" },
    { "'eve", "'\\u0000eve", "not JSON" },
    { "'mysql'", "'my.sql'", "images[0].container: contains characters" },
    { "false", "null", "images[0].init: neither" },
    { "'r.example:5000", "'$(id)", "images[0].from: contains characters" },
    { "10737418240", "2305843009213693952",
      "pods.my-db-0.bytes: 2305843009213693952 is" },
    { "10737418240", "9223372036854775808", "not JSON" },
    { "10737418240", "1e3", "pods.my-db-0.bytes: not an integer" },
    { "'rows':-1", "'rows':-2", "pods.my-db-0.rows: -2 is not between -1 and" },
    { "'my-db-0':{", "'my-db-0/x':{", "pods.my-db-0/x: unknown field" },
    { "'app':{'bytes':1}", "'app':{'bytes':{}}", "pods.my-db-0.of.app.bytes: not an" },
    { "'app':{'bytes':1}", "'app':[]", "pods.my-db-0.of.app: not an object" },
    { "'new-set'", "'another'", "strategy: not one of the allowed values" },
    { "'replicas':32", "'replicas':33", "new_set.replicas: 33 is not between 1 and 32" },
    { "'replicas':32", "'replicas':-1", "new_set.replicas: -1 is not" },
    { "'replicas':32", "'replicas':4611686018427387904", "new_set.replicas" },
    { "'replicas':32", "'replicas':true", "new_set.replicas: not an integer" },
    { "'old_uid':'u',", "", "new_set.old_uid: missing" },
    { "'images':[]", "'images':{}", "new_set.images: not a list" },
    { "'images':[]", "'images':[1]", "new_set.images[0]: not an object" },
    { "'images':[]", "'images':[[[[[[[[[]]]]]]]]]", "too deep" },
    { "'images':[]", "'images':[],'images':[]", "not JSON" },
    { "'strategy'", "'\\u001b]0;x'", "a field: unknown field" },
    { "'version':4", "'version':6", "written by a newer kubectl-dbupgrade (format 6" },
    { "'version':4", "'version':0", "version: 0 is not between 1 and 5" },
    { "'version':4", "'version':'4'", "version: not an integer" },
};

static char *
text_of(const char *quoted)
{
    char *text = mem_strdup(quoted);

    for (char *c = text; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    return text;
}

static int
read_text(const char *text, size_t len, struct err *e)
{
    auto_json json_t *j = NULL;
    int got = journal_form_read(text, len, &j, e);

    assert_int_equal(got == 0, j != NULL);
    return got;
}

static void
test_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        auto_free char *text = text_of(written[i]);
        struct err e = { 0 };
        int got = read_text(text, strlen(text), &e);

        if (got < 0) {
            print_error("%s\n%s\n", text, e.msg);
        }
        assert_int_equal(got, 0);
    }
}

static void
test_wrong(void **state)
{
    auto_free char *right = text_of(written[4]);

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        auto_free char *from = text_of(wrong[i].from);
        auto_free char *to = text_of(wrong[i].to);
        const char *at = strstr(right, from);
        auto_free char *text = NULL;
        struct err e = { 0 };

        if (at == NULL) {
            print_error("not there: %s\n", from);
            fail();
        }
        text = mem_printf("%.*s%s%s", (int)(at - right), right, to, at + strlen(from));
        assert_int_equal(read_text(text, strlen(text), &e), -1);
        assert_int_equal(e.code, ERR_REFUSED);
        if (strstr(e.msg, wrong[i].why) == NULL) {
            print_error("%s: %s, and not %s\n", to, e.msg, wrong[i].why);
            fail();
        }
    }
}

/* As many bytes of one character between a beginning and an end. */
static void
refuse_long(const char *begin, char c, size_t n, const char *end, const char *why)
{
    size_t len = strlen(begin);
    auto_free char *text = mem_alloc(len + n + strlen(end) + 1);
    struct err e = { 0 };

    memcpy(text, begin, len);
    memset(text + len, c, n);
    memcpy(text + len + n, end, strlen(end) + 1);
    assert_int_equal(read_text(text, len + n + strlen(end), &e), -1);
    if (strstr(e.msg, why) == NULL) {
        print_error("%s, and not %s\n", e.msg, why);
        fail();
    }
}

static void
test_long(void **state)
{
    (void)state;
    refuse_long("{\"by\":\"", 'x', 192, "\"}", "by: too long");
    refuse_long("{\"by\":\"", 'x', JOURNAL_TEXT_MAX, "\"}", "exceed the limit of 262144");
    refuse_long("", '[', 100000, "", "too deep");
    refuse_long("{\"from\":\"", 'a', 254, "\"}", "from: too long");
    refuse_long("{\"", 'x', 1000, "\":1}", "unknown field");
    refuse_long("", ' ', 10, "", "not JSON");
    refuse_long("", ' ', 0, "", "not JSON");
}

/* Nothing behind the text is looked at. */
static void
test_part(void **state)
{
    auto_free char *text = text_of(written[0]);
    struct err e = { 0 };

    (void)state;
    for (size_t len = 0; len < strlen(text); len++) {
        auto_free char *part = mem_alloc(len + 1);

        memcpy(part, text, len);
        part[len] = '"';
        assert_int_equal(read_text(part, len, &e), -1);
        err_clear(&e);
    }
}

static void
test_request(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        { "{'verb':'pause','by':'eve@h/1','at':'2026-11-18T00:00:00.000001Z'}", true },
        { "{'verb':'other','by':''}", true },
        { "{'verb':'pause'}", false },
        { "{'verb':'pause','by':'eve','more':1}", false },
        { "{'verb':'pa use','by':'eve'}", false },
        { "{'verb':'pause','by':'\\u001beve'}", false },
        { "[]", false },
        { "pause", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_free char *text = text_of(rows[i].text);
        auto_json json_t *j = NULL;
        struct err e = { 0 };

        assert_int_equal(journal_form_read_request(text, strlen(text), &j, &e) == 0,
                         rows[i].good);
    }
}

/* A channel's name is in hex, and nothing else. */
static void
test_channels(void **state)
{
    static const char *const texts[] = {
        HEAD("5") IMAGES PODS CHANNELS("'65787'"),
        HEAD("5") IMAGES PODS CHANNELS("'ext'"),
        HEAD("5") IMAGES PODS CHANNELS("''"),
        HEAD("5") IMAGES PODS CHANNELS("7"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        auto_free char *text = text_of(texts[i]);
        struct err e = { 0 };

        assert_int_equal(read_text(text, strlen(text), &e), -1);
        assert_non_null(strstr(e.msg, "name: "));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written), cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_long),    cmocka_unit_test(test_part),
        cmocka_unit_test(test_request), cmocka_unit_test(test_channels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
