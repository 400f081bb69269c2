#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "kube/page.h"
#include "kube/watch_mirror.h"

static json_t *
parse(const char *text)
{
    struct err e = { 0 };
    json_t *o = json_parse(text, strlen(text), "test", &e);

    assert_non_null(o);
    return o;
}

static int
apply(struct mirror *m, const char *text, struct err *e)
{
    json_t *event auto_json = parse(text);

    return mirror_apply(m, event, e);
}

static int
set(struct mirror *m, const char *text)
{
    json_t *list auto_json = parse(text);
    struct err e = { 0 };

    return mirror_set(m, list, &e);
}

#define OBJECT(name, at) \
    "{\"metadata\":{\"name\":\"" name "\",\"resourceVersion\":\"" at "\"}}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}"
#define LIST(at, items) \
    "{\"metadata\":{\"resourceVersion\":\"" at "\"},\"items\":[" items "]}"

static void
test_life(void **state)
{
    struct mirror m = { 0 };
    struct err e = { 0 };
    unsigned long version = 0;

    (void)state;
    mirror_init(&m);
    assert_int_equal(set(&m, LIST("10", OBJECT("a", "1") "," OBJECT("b", "2"))), 0);
    assert_int_equal(json_object_size(m.objects), 2);
    assert_string_equal(m.at, "10");
    version = m.version;
    assert_int_equal(set(&m, LIST("11", OBJECT("a", "1") "," OBJECT("b", "2"))), 0);
    assert_int_equal(m.version, version);
    assert_string_equal(m.at, "11");
    assert_int_equal(apply(&m, EVENT("ADDED", OBJECT("c", "12")), &e), 0);
    assert_int_equal(apply(&m, EVENT("MODIFIED", OBJECT("a", "13")), &e), 0);
    assert_int_equal(apply(&m, EVENT("DELETED", OBJECT("b", "14")), &e), 0);
    assert_int_equal(m.version, version + 3);
    assert_string_equal(m.at, "14");
    assert_string_equal(json_path_str(m.objects, "a.metadata.resourceVersion"), "13");
    assert_null(json_object_get(m.objects, "b"));
    assert_int_equal(apply(&m, EVENT("BOOKMARK", OBJECT("", "20")), &e), 0);
    assert_int_equal(m.version, version + 3);
    assert_string_equal(m.at, "20");
    mirror_clear(&m);
}

static void
test_bad(void **state)
{
    static const char *const events[] = {
        "[]",
        "{}",
        "{\"type\":1}",
        EVENT("NEWS", "{}"),
        EVENT("ADDED", "{}"),
        EVENT("ADDED", "3"),
        EVENT("DELETED", "{\"metadata\":[]}"),
    };
    struct mirror m = { 0 };
    struct err e = { 0 };

    (void)state;
    mirror_init(&m);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        assert_int_equal(apply(&m, events[i], &e), -1);
        assert_int_equal(e.code, ERR_PROTOCOL);
    }
    assert_int_equal(apply(&m, EVENT("ERROR", "{\"code\":410,\"message\":\"old\"}"), &e),
                     -1);
    assert_int_equal(e.status, 410);
    assert_int_equal(set(&m, LIST("", "")), -1);
    assert_int_equal(set(&m, LIST("1", "{}")), -1);
    assert_int_equal(m.version, 0);
    mirror_clear(&m);
}

static void
test_pages(void **state)
{
    struct page_list l auto_page_list = { 0 };
    struct buf path auto_buf = BUF_LIMIT(1024);
    json_t *one auto_json = parse("{\"metadata\":{\"resourceVersion\":\"5\",\"continue\":"
                                  "\"t=k\"},\"items\":[1,2]}");
    json_t *two auto_json =
        parse("{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[3]}");
    json_t *none auto_json = parse("{\"metadata\":{},\"items\":null}");
    json_t *bad auto_json = parse("{\"kind\":\"Pod\"}");

    (void)state;
    assert_int_equal(page_path(&l, "/x?a=b", &path), 0);
    assert_string_equal(buf_text(&path), "/x?a=b&limit=500");
    assert_int_equal(page_add(&l, one), 1);
    buf_reset(&path);
    assert_int_equal(page_path(&l, "/x", &path), 0);
    assert_string_equal(buf_text(&path), "/x?limit=500&continue=t%3Dk");
    assert_int_equal(page_add(&l, two), 0);
    assert_int_equal(json_array_size(json_object_get(l.all, "items")), 3);
    assert_null(json_path(l.all, "metadata.continue"));
    assert_int_equal(page_add(&l, bad), -1);
    page_clear(&l);
    assert_int_equal(page_add(&l, none), 0);
    assert_int_equal(json_array_size(json_object_get(l.all, "items")), 0);
}

/* A token that keeps expiring ends in a list without pages. */
static void
test_restarts(void **state)
{
    struct page_list l auto_page_list = { 0 };
    struct buf path auto_buf = BUF_LIMIT(1024);

    (void)state;
    for (int i = 0; i < 3; i++) {
        page_restart(&l);
    }
    assert_int_equal(page_path(&l, "/x", &path), 0);
    assert_string_equal(buf_text(&path), "/x");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_restarts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
