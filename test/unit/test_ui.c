/* What every renderer shows of every story, compared with files in test/data/ui. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "golden.h"
#include "screen.h"
#include "story.h"

/* A user interface that writes into memory. */
struct stage {
    struct ui *ui;
    FILE *out, *errors;
    char *out_text, *errors_text;
    size_t out_len, errors_len;
};

static void
stage_open(struct stage *s, const struct ui_renderer *renderer, bool utf8)
{
    *s = (struct stage){ 0 };
    s->out = mem_check(open_memstream(&s->out_text, &s->out_len));
    s->errors = mem_check(open_memstream(&s->errors_text, &s->errors_len));
    s->ui = ui_new(&(struct ui_options){ .format = UI_HUMAN }, s->out, s->errors);
    s->ui->renderer = renderer;
    s->ui->out.utf8 = utf8;
    s->ui->errors.utf8 = utf8;
    s->ui->height = 24;
    s->ui->width = 80;
}

static void
stage_close(struct stage *s)
{
    ui_free(s->ui);
    assert_int_equal(fclose(s->out), 0);
    assert_int_equal(fclose(s->errors), 0);
    free(s->out_text);
    free(s->errors_text);
}

static void
check_stage(struct stage *s, const char *file, const char *out)
{
    auto_free char *text = mem_printf("%s%s%s", out != NULL ? out : "",
                                      s->errors_len > 0 ? "--- stderr ---\n" : "",
                                      s->errors_len > 0 ? s->errors_text : "");

    golden_check(file, text);
}

static void
check_stories(const struct ui_renderer *renderer, bool utf8, const char *suffix)
{
    for (const struct story *story = stories; story->name != NULL; story++) {
        auto_free char *file = mem_printf("ui/%s.%s", story->name, suffix);
        struct stage s;

        stage_open(&s, renderer, utf8);
        story_begin(s.ui, story);
        story->tell(s.ui);
        check_stage(&s, file, s.out_text);
        stage_close(&s);
    }
}

static void
test_plain(void **state)
{
    (void)state;
    check_stories(&ui_plain, true, "plain");
}

static void
test_plain_ascii(void **state)
{
    (void)state;
    check_stories(&ui_plain, false, "plain-ascii");
}

static void
test_jsonl(void **state)
{
    (void)state;
    check_stories(&ui_jsonl, true, "jsonl");
}

static void
test_json(void **state)
{
    (void)state;
    check_stories(&ui_json, true, "json");
}

static void
test_name(void **state)
{
    (void)state;
    check_stories(&ui_name, true, "name");
}

static void
test_quiet(void **state)
{
    (void)state;
    for (const struct story *story = stories; story->name != NULL; story++) {
        auto_free char *file = mem_printf("ui/%s.quiet", story->name);
        struct stage s;

        stage_open(&s, &ui_plain, true);
        s.ui->options.quiet = true;
        story_begin(s.ui, story);
        story->tell(s.ui);
        check_stage(&s, file, s.out_text);
        stage_close(&s);
    }
}

/* Every line of jsonl is an object, numbered from 1 on. */
static void
test_jsonl_numbers(void **state)
{
    struct stage s;
    const char *line = NULL;
    json_int_t seq = 0;

    (void)state;
    stage_open(&s, &ui_jsonl, true);
    story_begin(s.ui, &stories[0]);
    stories[0].tell(s.ui);
    for (line = s.out_text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        json_t *o = json_loadb(line, strcspn(line, "\n"), 0, NULL);

        assert_non_null(o);
        assert_int_equal(json_integer_value(json_object_get(o, "v")), 1);
        assert_int_equal(json_integer_value(json_object_get(o, "seq")), ++seq);
        assert_true(json_is_string(json_object_get(o, "ts")));
        assert_true(json_is_string(json_object_get(o, "type")));
        json_decref(o);
    }
    assert_true(seq > 20);
    stage_close(&s);
}

/* -- the terminal -- */

static struct stage *tty_stage;
static struct screen *tty_screen;
static struct buf tty_moments;
static size_t tty_fed;

static void
tty_feed(void)
{
    assert_int_equal(fflush(tty_stage->out), 0);
    screen_feed(tty_screen, tty_stage->out_text + tty_fed, tty_stage->out_len - tty_fed);
    tty_fed = tty_stage->out_len;
    assert_false(tty_screen->no_cursor);
    assert_false(tty_screen->no_wrap);
}

/* What stands at the bottom at a moment of the story. */
static void
tty_keep_moment(struct ui *u)
{
    auto_free char *text = NULL;

    (void)u;
    tty_feed();
    text = screen_tail(tty_screen, 9);
    assert_int_equal(buf_printf(&tty_moments, "=== a moment ===\n%s", text), 0);
}

static void
check_tty(const struct story *story, size_t width, size_t height, bool utf8,
          const char *suffix)
{
    auto_free char *file = mem_printf("ui/%s.%s", story->name, suffix);
    auto_free char *text = NULL;
    struct stage s;

    stage_open(&s, &ui_tty, utf8);
    s.ui->width = width;
    s.ui->height = height;
    s.ui->out.color = true;
    tty_stage = &s;
    tty_screen = screen_new(width, height);
    tty_moments = (struct buf)BUF_LIMIT(1024 * 1024);
    tty_fed = 0;
    story_begin(s.ui, story);
    story->tell(s.ui);
    tty_feed();
    text = screen_text(tty_screen);
    assert_int_equal(buf_printf(&tty_moments, "=== the end ===\n%s", text), 0);
    check_stage(&s, file, buf_text(&tty_moments));
    stage_close(&s);
    free(tty_screen);
    buf_free(&tty_moments);
}

static void
test_tty(void **state)
{
    (void)state;
    story_moment = tty_keep_moment;
    for (const struct story *story = stories; story->name != NULL; story++) {
        check_tty(story, 80, 24, true, "tty-80");
        check_tty(story, 40, 24, true, "tty-40");
        check_tty(story, 200, 50, true, "tty-200");
        check_tty(story, 80, 6, false, "tty-ascii");
    }
    story_moment = NULL;
}

static void
tty_narrow(struct ui *u)
{
    static const size_t widths[] = { 60, 100, 33, 80 };
    static size_t n;

    tty_feed();
    u->width = widths[n++ % 4];
    screen_resize(tty_screen, u->width);
}

/* However the width changes, no line of a block stays behind. */
static void
test_tty_resized(void **state)
{
    auto_free char *text = NULL;
    struct stage s;

    (void)state;
    stage_open(&s, &ui_tty, true);
    tty_stage = &s;
    tty_screen = screen_new(80, 24);
    tty_fed = 0;
    story_moment = tty_narrow;
    story_begin(s.ui, &stories[0]);
    stories[0].tell(s.ui);
    story_moment = NULL;
    tty_feed();
    text = screen_text(tty_screen);
    assert_null(strstr(text, "elapsed"));
    assert_null(strstr(text, "gates:"));
    stage_close(&s);
    free(tty_screen);
}

/* -- streams that fail -- */

static void
test_full_disk(void **state)
{
    FILE *full = fopen("/dev/full", "w");
    FILE *sink = fopen("/dev/null", "w");
    struct ui *u = NULL;

    (void)state;
    if (full == NULL) {
        assert_int_equal(fclose(sink), 0);
        skip();
    }
    u = ui_new(&(struct ui_options){ .format = UI_JSONL }, full, sink);
    story_begin(u, &stories[0]);
    stories[0].tell(u);
    assert_true(u->out.broken);
    ui_free(u);
    (void)fclose(full);
    assert_int_equal(fclose(sink), 0);
}

/* -- questions and errors -- */

static bool
confirm_with(const char *answer)
{
    char typed[64];
    FILE *in = NULL;
    FILE *out = fopen("/dev/null", "w");
    bool yes = false;

    str_copy(typed, sizeof typed, answer);
    in = mem_check(fmemopen(typed, strlen(typed) + 1, "r"));
    yes = ui_confirm(in, out, "really?", "my-db");
    assert_int_equal(fclose(in), 0);
    assert_int_equal(fclose(out), 0);
    return yes;
}

static void
test_confirm(void **state)
{
    (void)state;
    assert_true(confirm_with("my-db\n"));
    assert_true(confirm_with("  my-db \r\n"));
    assert_false(confirm_with("my-db2\n"));
    assert_false(confirm_with("yes\n"));
    assert_false(confirm_with("\n"));
    assert_false(confirm_with("MY-DB\n"));
}

static void
test_error(void **state)
{
    struct err e = { 0 };
    char *text = NULL;
    size_t len = 0;
    FILE *out = mem_check(open_memstream(&text, &len));

    (void)state;
    (void)err_set(&e, ERR_CONFIG, "no kubeconfig");
    (void)err_detail(&e, "looked at %s", "/a");
    (void)err_hint(&e, "set KUBECONFIG");
    ui_print_error(out, &e, false);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "ERROR   no kubeconfig\nDETAIL  looked at /a\n"
                              "HINT    set KUBECONFIG\n");
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),       cmocka_unit_test(test_plain_ascii),
        cmocka_unit_test(test_jsonl),       cmocka_unit_test(test_jsonl_numbers),
        cmocka_unit_test(test_json),        cmocka_unit_test(test_name),
        cmocka_unit_test(test_quiet),       cmocka_unit_test(test_tty),
        cmocka_unit_test(test_tty_resized), cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_confirm),     cmocka_unit_test(test_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
