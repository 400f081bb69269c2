/* Where a version of the catalogue may go, and what is said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/catalog.h"
#include "testdata.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))
#define FROM(more)  "{'metadata':{'name':'a'},'spec':{'version':'8.0.36'" more "}}"
#define TO(version, more) \
    "{'metadata':{'name':'b'},'spec':{'version':'" version "'" more "}}"
#define LISTS(allow, deny) \
    ",'updateConstraints':{'allowlist':" allow ",'denylist':" deny "}"

static const struct engine_mode flat = { .title = "flat" };
static const struct engine_mode one = { .title = "one", .constraints = "x" };
static const struct engine_mode both = { .title = "both", .constraints = "x y" };

static const struct {
    const char *from, *to;
    const struct engine_mode *mode; /* NULL: it is not known */
    enum catalog_verdict verdict;
    const char *text;
} rows[] = {
    { FROM(""), TO("8.0.36", ""), &flat, CATALOG_ALLOWED, "a sets no limits" },
    { FROM(""), TO("8.0.35", ""), &flat, CATALOG_DOWNGRADE, "b is older than a" },
    { FROM(""), TO("x", ""), &flat, CATALOG_BROKEN, "\"x\" is not a version" },
    { "{'metadata':{'name':'b'}}", TO("8.0.36", ""), &flat, CATALOG_SAME,
      "b is the current version" },
    { "{'metadata':{'name':'a'},'spec':{'version':'y'}}", TO("8.0.36", ""), &flat,
      CATALOG_BROKEN, "\"y\" is not a version" },
    { FROM(""), TO("8.4.8", ",'deprecated':true"), &flat, CATALOG_DEPRECATED,
      "b is deprecated" },
    { FROM(""), TO("8.4.8", ",'deprecated':false"), &flat, CATALOG_ALLOWED,
      "a sets no limits" },
    { FROM(""), TO("8.0.35", ",'deprecated':true"), &flat, CATALOG_DOWNGRADE,
      "b is older than a" },
    /* -- alike -- */
    { FROM(",'distribution':'Official'"), TO("8.4.8", ",'distribution':'Percona'"), &flat,
      CATALOG_OTHER_DISTRIBUTION, "the distribution changes from Official to Percona" },
    { FROM(",'distribution':'Official'"), TO("8.4.8", ",'distribution':'Official'"),
      &flat, CATALOG_ALLOWED, "a sets no limits" },
    { FROM(",'distribution':'Official'"), TO("8.4.8", ""), &flat, CATALOG_ALLOWED,
      "a sets no limits" },
    { FROM(""), TO("8.4.8", ",'distribution':'Percona'"), &flat, CATALOG_ALLOWED,
      "a sets no limits" },
    { FROM(",'db':{'baseOS':'debian'}"), TO("8.4.8", ",'db':{'baseOS':'alpine'}"), &flat,
      CATALOG_OTHER_DISTRIBUTION, "the base OS changes from debian to alpine" },
    /* -- flat lists -- */
    { FROM(LISTS("['>= 8.4']", "[]")), TO("8.4.8", ""), &flat, CATALOG_ALLOWED,
      "a allows >= 8.4" },
    { FROM(LISTS("['>= 9','>= 8.4','8.4.x']", "[]")), TO("8.4.8", ""), &flat,
      CATALOG_ALLOWED, "a allows >= 8.4" },
    { FROM(LISTS("['>= 9','8.2.0']", "[]")), TO("8.4.8", ""), &flat, CATALOG_NOT_ALLOWED,
      "a allows only >= 9 or 8.2.0" },
    { FROM(LISTS("['>= 8.4']", "['8.4.8']")), TO("8.4.8", ""), &flat, CATALOG_DENIED,
      "a denies 8.4.8" },
    { FROM(LISTS("[]", "['8.4.7']")), TO("8.4.8", ""), &flat, CATALOG_ALLOWED,
      "a sets no limits" },
    { FROM(LISTS("[]", "['8.4.8']")), TO("8.4.8", ""), &flat, CATALOG_DENIED,
      "a denies 8.4.8" },
    { FROM(LISTS("['oops']", "[]")), TO("8.4.8", ""), &flat, CATALOG_BROKEN,
      "a: \"oops\" is not a version constraint" },
    { FROM(LISTS("['>= 8.4']", "['oops']")), TO("8.4.8", ""), &flat, CATALOG_BROKEN,
      "a: \"oops\" is not a version constraint" },
    { FROM(LISTS("[7]", "[]")), TO("8.4.8", ""), &flat, CATALOG_BROKEN,
      "a: an entry is not a string" },
    { FROM(",'upgradeConstraints':{'denylist':['8.4.8']}"), TO("8.4.8", ""), &flat,
      CATALOG_DENIED, "a denies 8.4.8" },
    { FROM(",'updateConstraints':{},'upgradeConstraints':{'denylist':['8.4.8']}"),
      TO("8.4.8", ""), &flat, CATALOG_ALLOWED, "a sets no limits" },
    { FROM(LISTS("['>= 8.4']", "[]")), TO("8.4.8", ""), NULL, CATALOG_ALLOWED,
      "a allows >= 8.4" },
    { FROM(LISTS("['>= 9']", "[]")), TO("8.4.8", ""), &both, CATALOG_NOT_ALLOWED,
      "a allows only >= 9" },
    /* -- lists for each topology -- */
    { FROM(LISTS("{'x':['>= 8.4']}", "{}")), TO("8.4.8", ""), &one, CATALOG_ALLOWED,
      "a allows >= 8.4" },
    { FROM(LISTS("{'x':['>= 9']}", "{}")), TO("8.4.8", ""), &one, CATALOG_NOT_ALLOWED,
      "a allows only >= 9 (x)" },
    { FROM(LISTS("[]", "{'x':['8.4.8']}")), TO("8.4.8", ""), &one, CATALOG_DENIED,
      "a denies 8.4.8 (x)" },
    { FROM(LISTS("{'y':['>= 9']}", "{}")), TO("8.4.8", ""), &one, CATALOG_ALLOWED,
      "a sets no limits" },
    { FROM(LISTS("{'x':['>= 8.4'],'y':['>= 8']}", "{}")), TO("8.4.8", ""), &both,
      CATALOG_ALLOWED, "a allows >= 8.4" },
    { FROM(LISTS("{'x':['>= 8.4'],'y':['>= 9']}", "{}")), TO("8.4.8", ""), &both,
      CATALOG_NOT_ALLOWED, "a allows only >= 9 (y)" },
    { FROM(LISTS("{'x':['>= 9'],'y':['>= 8']}", "{}")), TO("8.4.8", ""), &both,
      CATALOG_NOT_ALLOWED, "a allows only >= 9 (x)" },
};

static void
test_may_go(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        auto_json json_t *from = testdata_quoted(rows[i].from);
        auto_json json_t *to = testdata_quoted(rows[i].to);
        char text[200];

        print_message("# row %zu\n", i);
        assert_int_equal(catalog_may_go(rows[i].mode, from, to, text, sizeof text),
                         rows[i].verdict);
        assert_string_equal(text, rows[i].text);
    }
}

#define VERSION(name, version) \
    "{'metadata':{'name':'" name "'},'spec':{'version':'" version "'}}"

/* Newest first, equal ones by name; as many as are asked for. */
static void
test_targets(void **state)
{
    static const struct {
        size_t max;
        const char *targets;
    } wanted[] = { { 9, "9.1.0, 8.4.8, 8.4.8-v2, 8.4.7" },
                   { 4, "9.1.0, 8.4.8, 8.4.8-v2, 8.4.7" },
                   { 3, "9.1.0, 8.4.8, 8.4.8-v2" },
                   { 1, "9.1.0" },
                   { 0, "" } };
    auto_json json_t *list = testdata_quoted(
        "{'items':[" VERSION("8.4.7", "8.4.7") "," VERSION("8.4.8-v2", "8.4.8") "," VERSION("a", "8.0.36") "," VERSION(
            "9.1.0",
            "9.1.0") "," VERSION("5.7.44",
                                 "5.7.44") "," VERSION("8.4.8",
                                                       "8.4.8") "," VERSION("odd",
                                                                            "odd") "]}");
    auto_json json_t *from = testdata_quoted(FROM(""));

    (void)state;
    for (size_t i = 0; i < COUNT(wanted); i++) {
        auto_free char *is = catalog_targets(&flat, list, from, wanted[i].max);

        assert_string_equal(is, wanted[i].targets);
    }
}

static void
test_find(void **state)
{
    auto_json json_t *list = testdata_quoted(
        "{'items':[" VERSION("8.4.7", "1") "," VERSION("9.1.0", "2") "]}");
    auto_json json_t *none = json_object();

    (void)state;
    assert_string_equal(catalog_version(catalog_find(list, "9.1.0")), "2");
    assert_null(catalog_find(list, "9.1"));
    assert_null(catalog_find(none, "9.1.0"));
    assert_string_equal(catalog_nearest(list, "8.4.8"), "8.4.7");
    assert_string_equal(catalog_nearest(list, "9.1.1"), "9.1.0");
    assert_null(catalog_nearest(none, "9.1.1"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_may_go),
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_find),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("catalog", tests, NULL, NULL);
}
