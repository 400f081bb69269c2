#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "kube/watch.h"
#include "kube_case.h"

#define ALL      "/api/v1/namespaces/demo/configmaps"
#define GET_LIST "GET " ALL "?limit=500 "
#define GET_WATCH(at) \
    "GET " ALL "?watch=1&resourceVersion=" at "&allowWatchBookmarks=true&timeo"

/* Serves the loop until the mirror's object has this resourceVersion ("": is gone). */
static void
wait_for(struct kube_case *c, struct kube_watch *w, const char *name, const char *at)
{
    long long end = clock_ms() + 15000;

    for (;;) {
        const json_t *o = json_object_get(kube_watch_objects(w), name);

        if (strcmp(json_path_str(o, "metadata.resourceVersion"), at) == 0) {
            return;
        }
        if (clock_ms() > end) {
            const char *why = NULL;

            (void)kube_watch_stale_ms(w, &why);
            fail_msg("%s did not become \"%s\": %s", name, at, why);
        }
        kube_pump(c->k, 500);
    }
}

static struct kube_watch *
open_all(struct kube_case *c)
{
    struct kube_watch *w = kube_watch_open(c->k, &kube_case_all, NULL, NULL, &c->e);

    if (w == NULL) {
        fail_msg("%s", c->e.msg);
    }
    return w;
}

/* Events in one piece, byte by byte, in pieces of seven; an ordinary request between. */
static void
test_events(void **state)
{
    static const long pieces[] = { 0, 1, 7 };

    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_EXPECT, GET_LIST },
            { PEER_REPLY, LIST("10", OBJECT("a", "1")), 200 },
            { PEER_EXPECT, GET_WATCH("10") },
            { PEER_STREAM },
            { PEER_SAY,
              EVENT("ADDED", OBJECT("b", "11")) EVENT("MODIFIED", OBJECT("a", "12"))
                  EVENT("DELETED", OBJECT("b", "13")) EVENT("BOOKMARK", OBJECT("", "14")),
              pieces[i] },
            { PEER_ACCEPT, NULL, 0, 1 },
            { PEER_EXPECT, "GET " ALL "/c", 0, 1 },
            { PEER_SAY, EVENT("ADDED", OBJECT("d", "15")), pieces[i] },
            { PEER_REPLY, "{}", 200, 1 },
            { PEER_CLOSE },
            { PEER_EXPECT, GET_WATCH("15"), 0, 1 }, /* the other connection is free */
            { PEER_STREAM, NULL, 0, 1 },
            { PEER_SAY, EVENT("ADDED", OBJECT("e", "16")), 0, 1 },
            { PEER_GONE, NULL, 0, 1 },
            { PEER_END },
        };
        struct kube_case c;
        struct kube_watch *w = NULL;
        json_t *o auto_json = NULL;
        unsigned long version = 0;

        kube_case_start(&c, script);
        w = open_all(&c);
        version = kube_watch_version(w);
        assert_non_null(json_object_get(kube_watch_objects(w), "a"));
        wait_for(&c, w, "a", "12");
        wait_for(&c, w, "b", "");
        assert_int_not_equal(kube_watch_version(w), version);
        assert_int_equal(kube_watch_stale_ms(w, NULL), 0);
        assert_int_equal(kube_get(c.k, &kube_case_one, &o, &c.e), 0);
        wait_for(&c, w, "e", "16");
        assert_non_null(json_object_get(kube_watch_objects(w), "d"));
        kube_watch_close(w);
        kube_case_finish(&c);
    }
}

/* What makes the watch list again: HTTP 410, an ERROR event, a place in the future,
 * garbage, an event without an end. */
static const struct {
    const char *what;
    enum peer_do how;
    const char *text;
    long n;
} relists[] = {
    { "410", PEER_REPLY, STATUS(410, "Expired"), 410 },
    { "504", PEER_REPLY, STATUS(504, "Timeout"), 504 },
    { "ERROR", PEER_SAY, "HTTP/1.1 200 OK\r\n\r\n" EVENT("ERROR", STATUS(410, "Expired")),
      0 },
    { "garbage", PEER_SAY, "HTTP/1.1 200 OK\r\n\r\nthis is no event\n", 0 },
    { "unknown event", PEER_SAY, "HTTP/1.1 200 OK\r\n\r\n" EVENT("NEWS", "{}"), 0 },
};

static void
test_relist(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof relists / sizeof *relists; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_EXPECT, GET_LIST },
            { PEER_REPLY, LIST("10", OBJECT("a", "1") "," OBJECT("b", "2")), 200 },
            { PEER_EXPECT, GET_WATCH("10") },
            { relists[i].how, relists[i].text, relists[i].n },
            { relists[i].how == PEER_SAY ? PEER_GONE : PEER_CLOSE },
            { PEER_ACCEPT },
            { PEER_EXPECT, GET_LIST },
            { PEER_REPLY,
              "{\"metadata\":{\"resourceVersion\":\"20\",\"continue\":\"t\"},\"items\":"
              "[" OBJECT("a", "15") "]}",
              200 },
            { PEER_EXPECT, "GET " ALL "?limit=500&continue=t " },
            { PEER_REPLY, LIST("20", OBJECT("c", "16")), 200 },
            { PEER_EXPECT, GET_WATCH("20") },
            { PEER_STREAM },
            { PEER_SAY, EVENT("ADDED", OBJECT("d", "21")) },
            { PEER_GONE },
            { PEER_END },
        };
        struct kube_case c;
        struct kube_watch *w = NULL;

        print_message("# %s\n", relists[i].what);
        kube_case_start(&c, script);
        w = open_all(&c);
        wait_for(&c, w, "a", "15");
        wait_for(&c, w, "c", "16");
        wait_for(&c, w, "b", "");
        wait_for(&c, w, "d", "21");
        kube_watch_close(w);
        kube_case_finish(&c);
    }
}

/* The server restarts: nothing is lost, and the mirror says that it is stale. */
static void
test_away(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, GET_LIST },
        { PEER_REPLY, LIST("10", OBJECT("a", "1")), 200 },
        { PEER_EXPECT, GET_WATCH("10") },
        { PEER_STREAM },
        { PEER_SAY, "{\"type\":\"ADDED\",\"obj" },
        { PEER_DEAF },
        { PEER_RESET },
        { PEER_SLEEP, NULL, 1500 },
        { PEER_LISTEN },
        { PEER_ACCEPT },
        { PEER_EXPECT, GET_WATCH("10") },
        { PEER_REPLY, STATUS(503, "ServiceUnavailable"), 503 },
        { PEER_EXPECT, GET_WATCH("10") },
        { PEER_STREAM },
        { PEER_SAY, EVENT("MODIFIED", OBJECT("a", "11")) },
        { PEER_GONE },
        { PEER_END },
    };
    struct kube_case c;
    struct kube_watch *w = NULL;
    const char *why = NULL;

    (void)state;
    kube_case_start(&c, script);
    w = open_all(&c);
    for (long long end = clock_ms() + 800; clock_ms() < end;) {
        kube_pump(c.k, 100);
    }
    assert_true(kube_watch_stale_ms(w, &why) > 300);
    assert_string_not_equal(why, "");
    assert_non_null(json_object_get(kube_watch_objects(w), "a"));
    wait_for(&c, w, "a", "11");
    assert_int_equal(kube_watch_stale_ms(w, &why), 0);
    assert_string_equal(why, "");
    kube_watch_close(w);
    kube_case_finish(&c);
}

static void
test_selectors(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT,
          "GET " ALL
          "?labelSelector=a%3Db&fieldSelector=metadata.name%3Dc%2Cx%3Dy&limit" },
        { PEER_REPLY, LIST("10", ""), 200 },
        { PEER_EXPECT,
          "GET " ALL
          "?labelSelector=a%3Db&fieldSelector=metadata.name%3Dc%2Cx%3Dy&watch=1&" },
        { PEER_STREAM },
        { PEER_SAY, EVENT("ADDED", OBJECT("c", "11")) },
        { PEER_GONE },
        { PEER_END },
    };
    struct kube_case c;
    struct kube_watch *w = NULL;

    (void)state;
    kube_case_start(&c, script);
    w = kube_watch_open(c.k, &kube_case_one, "a=b", "x=y", &c.e);
    assert_non_null(w);
    wait_for(&c, w, "c", "11");
    kube_watch_close(w);
    kube_case_finish(&c);
}

static void
test_first_list_fails(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, GET_LIST },
        { PEER_REPLY, STATUS(403, "Forbidden"), 403 },
        { PEER_EXPECT, GET_LIST },
        { PEER_REPLY, LIST("", ""), 200 },
        { PEER_GONE },
        { PEER_END },
    };
    struct kube_case c;

    (void)state;
    kube_case_start(&c, script);
    assert_null(kube_watch_open(c.k, &kube_case_all, NULL, NULL, &c.e));
    assert_int_equal(c.e.code, ERR_FORBIDDEN);
    assert_null(kube_watch_open(c.k, &kube_case_all, NULL, NULL, &c.e));
    assert_int_equal(c.e.code, ERR_PROTOCOL);
    kube_case_finish(&c);
}

/* The client goes first: the watch stays readable until it is closed. */
static void
test_orphan(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, GET_LIST },
        { PEER_REPLY, LIST("10", OBJECT("a", "1")), 200 },
        { PEER_EXPECT, GET_WATCH("10") },
        { PEER_STREAM },
        { PEER_SAY, EVENT("ADDED", OBJECT("c", "11")) },
        { PEER_GONE },
        { PEER_END },
    };
    struct kube_case c;
    struct kube_watch *w = NULL;
    const char *why = NULL;

    (void)state;
    kube_case_start(&c, script);
    w = open_all(&c);
    wait_for(&c, w, "c", "11");
    kube_case_finish(&c);
    (void)kube_watch_stale_ms(w, &why);
    assert_string_not_equal(why, "");
    assert_int_equal(json_object_size(kube_watch_objects(w)), 2);
    kube_watch_close(w);
    kube_watch_close(NULL);
}

/* An event of a megabyte. */
static void
test_large_event(void **state)
{
    enum { MB = 1024 * 1024 };
    static char event[MB + 256];
    static const char head[] = "{\"type\":\"ADDED\",\"object\":{\"data\":\"";
    static const char tail[] =
        "\",\"metadata\":{\"name\":\"big\",\"resourceVersion\":\"11\"}}}\n";
    const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, GET_LIST },
        { PEER_REPLY, LIST("10", ""), 200 },
        { PEER_EXPECT, GET_WATCH("10") },
        { PEER_STREAM },
        { PEER_SAY, event },
        { PEER_GONE },
        { PEER_END },
    };
    struct kube_case c;
    struct kube_watch *w = NULL;

    (void)state;
    memcpy(event, head, sizeof head - 1);
    memset(event + sizeof head - 1, 'x', MB);
    memcpy(event + sizeof head - 1 + MB, tail, sizeof tail);
    kube_case_start(&c, script);
    w = open_all(&c);
    wait_for(&c, w, "big", "11");
    kube_watch_close(w);
    kube_case_finish(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_relist),
        cmocka_unit_test(test_away),
        cmocka_unit_test(test_selectors),
        cmocka_unit_test(test_first_list_fails),
        cmocka_unit_test(test_orphan),
        cmocka_unit_test(test_large_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
