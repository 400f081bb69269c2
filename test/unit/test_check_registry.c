/* The registry of checks against itself, and against what runs report. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/probe.h"
#include "kubedb/check_registry.h"
#include "testdata.h"

/* Where an id stands in the list of all checks; -1: nowhere. */
static long
place(const char *id, struct check_row *row)
{
    for (size_t i = 0; check_at(NULL, i, row); i++) {
        if (str_eq(row->id, id)) {
            return (long)i;
        }
    }
    return -1;
}

static void
test_rows(void **state)
{
    struct check_row row;
    struct check_row found;
    size_t n = 0;

    (void)state;
    for (; check_at(NULL, n, &row); n++) {
        size_t kinds = 0;

        if (place(row.id, &found) != (long)n) {
            fail_msg("%s is there twice", row.id);
        }
        if (strlen(row.title) < 8 || strlen(row.advice) < 8 ||
            (row.forceable && row.severity != CHECK_ERROR)) {
            fail_msg("%s: title, advice or severity", row.id);
        }
        if ((row.judge != NULL) != (row.asked_by == CHECK_BY_FACTS) ||
            (row.judge != NULL) != (row.applies != NULL) ||
            (row.judge == NULL && row.flags != 0) ||
            (row.engine != NULL && row.asked_by != CHECK_BY_PROBES)) {
            fail_msg("%s: what judges it", row.id);
        }
        for (size_t i = 0; engine_all[i] != NULL; i++) {
            bool is_for = check_is_for(&row, engine_all[i]);

            assert_int_equal(check_find(engine_all[i], row.id, &found), is_for);
            kinds += is_for ? 1 : 0;
        }
        if (kinds == 0) {
            fail_msg("%s is of no kind", row.id);
        }
    }
    assert_true(n > 100);
}

/* An engine's checks are in the order of all. */
static void
test_engines(void **state)
{
    struct check_row row;
    struct check_row same;

    (void)state;
    for (size_t i = 0; engine_all[i] != NULL; i++) {
        long last = -1;
        size_t n = 0;

        for (; check_at(engine_all[i], n, &row); n++) {
            long at = place(row.id, &same);

            assert_true(at > last);
            last = at;
        }
        assert_true(n > 20);
        for (const struct engine_probe *p = engine_all[i]->probes;
             p != NULL && p->id != NULL; p++) {
            assert_true(check_find(engine_all[i], p->id, &row));
            assert_true((p->flags & PROBE_ERROR) == 0 || row.severity == CHECK_ERROR);
        }
    }
}

static void
test_words(void **state)
{
    const struct engine *en = engine_find("proxysql");
    struct check_row row;

    (void)state;
    assert_string_equal(check_nearest(en, "config.savd"), "config.saved");
    assert_null(check_nearest(en, "zzzzzzzzzzzz"));
    assert_false(check_find(en, "pg.space", &row));
    assert_true(check_find(NULL, "config.saved", &row));
    assert_true(check_is_skippable(&row));
    assert_true(check_find(en, "config.peers", &row));
    assert_true(check_is_skippable(&row));
    assert_true(check_find(en, "rbac", &row));
    assert_false(check_is_skippable(&row));
    assert_string_equal(check_severity_word(CHECK_OK), "info");
    assert_true(check_is_asked_by(en, CHECK_BY_CONFIG));
    assert_false(check_is_asked_by(en, CHECK_BY_PG));
    assert_true(check_is_asked_by(engine_find("postgres"), CHECK_BY_PROBES));
}

/* "check ID SEVERITY: ..." of a transcript. */
static void
look_at(const char *file, char *line, long *last)
{
    char *id = line + strlen("check ");
    size_t len = strcspn(id, " ");
    int severity = id[len] != '\0' ? id[len + 1] - '0' : 0;
    struct check_row row;
    long at = 0;

    id[len] = '\0';
    at = place(id, &row);
    if (at < 0) {
        fail_msg("%s: no check is called %s", file, id);
    }
    if (severity < CHECK_OK || severity > (int)row.severity) {
        fail_msg("%s: %s reports %d", file, id, severity);
    }
    if (at < *last) {
        fail_msg("%s: %s stands too late in the registry", file, id);
    }
    *last = at;
}

static size_t
look_through(const char *file)
{
    auto_free char *path = file_join("flow", file);
    auto_free char *text = testdata_text(path);
    long last = -1;
    size_t n = 0;

    for (char *line = text, *next = NULL; line != NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL) {
            *next++ = '\0';
        }
        if (str_starts(line, "check ")) {
            look_at(file, line, &last);
            n++;
        } else {
            last = str_starts(line, "start ") ? -1 : last;
        }
    }
    return n;
}

/* Whole runs of all kinds, word for word. */
static void
test_transcripts(void **state)
{
    DIR *dir = opendir(TESTDATA "/flow");
    size_t n = 0;

    (void)state;
    assert_non_null(dir);
    for (const struct dirent *d = readdir(dir); d != NULL; d = readdir(dir)) {
        n += d->d_name[0] != '.' ? look_through(d->d_name) : 0;
    }
    (void)closedir(dir);
    assert_true(n > 400);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_engines),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_transcripts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
