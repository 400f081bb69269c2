/* The events that are kept, whatever is shown. */
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
#include "story.h"

struct shown {
    FILE *out, *errors;
    char *out_text, *errors_text;
    size_t out_len, errors_len;
};

static struct ui *
open_ui(struct shown *s, enum ui_format format, bool quiet)
{
    *s = (struct shown){ 0 };
    s->out = mem_check(open_memstream(&s->out_text, &s->out_len));
    s->errors = mem_check(open_memstream(&s->errors_text, &s->errors_len));
    return ui_new(&(struct ui_options){ .format = format, .quiet = quiet }, s->out,
                  s->errors);
}

static void
close_ui(struct shown *s, struct ui *u)
{
    ui_free(u);
    assert_int_equal(fclose(s->out), 0);
    assert_int_equal(fclose(s->errors), 0);
    free(s->out_text);
    free(s->errors_text);
}

/* They are what jsonl writes. */
static void
test_as_jsonl(void **state)
{
    (void)state;
    for (const struct story *story = stories; story->name != NULL; story++) {
        struct shown s;
        struct ui *u = open_ui(&s, UI_JSONL, false);
        auto_free char *kept = NULL;

        story_begin(u, story);
        story->tell(u);
        kept = ui_events(u);
        assert_int_equal(fflush(s.out), 0);
        assert_string_equal(kept, s.out_text);
        close_ui(&s, u);
    }
}

/* What each state of a member is called, and what its time is called at the end. */
static void
test_pod_states(void **state)
{
    static const char *const names[] = { "waiting",  "handover", "draining", "deleting",
                                         "starting", "working",  "verifying" };
    struct shown s;
    struct ui *u = open_ui(&s, UI_HUMAN, false);
    auto_free char *kept = NULL;

    (void)state;
    story_begin(u, &stories[0]);
    for (int i = UI_POD_WAITING; i <= UI_POD_DONE; i++) {
        ui_emit(u, &(struct ui_event){ .type = UI_POD,
                                       .pod.name = "my-db-0",
                                       .pod.state = (enum ui_pod_state)i });
        story_wait(u, 1000);
    }
    kept = ui_events(u);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        auto_free char *told = mem_printf("\"state\":\"%s\"", names[i]);

        assert_non_null(strstr(kept, told));
    }
    assert_int_equal(fflush(s.out), 0);
    assert_non_null(strstr(s.out_text, "my-db-0 draining\n"));
    assert_non_null(strstr(s.out_text, "(hand over 1.0s · drain 1.0s · delete 1.0s · "
                                       "start 1.0s · convert 1.0s · verify 1.0s)"));
    close_ui(&s, u);
}

/* As many members as a run takes, and as many routers: each has its line. */
static void
test_many_pods(void **state)
{
    enum { PODS = 64 + 32 };
    struct shown s;
    struct ui *u = open_ui(&s, UI_HUMAN, false);

    (void)state;
    story_begin(u, &stories[0]);
    for (int i = 0; i < PODS; i++) {
        auto_free char *pod = mem_printf("my-db-%d", i);

        ui_emit(u, &(struct ui_event){
                       .type = UI_POD, .pod.name = pod, .pod.state = UI_POD_DRAINING });
    }
    assert_int_equal(fflush(s.out), 0);
    for (int i = 0; i < PODS; i++) {
        auto_free char *line = mem_printf("my-db-%d draining\n", i);

        if (strstr(s.out_text, line) == NULL) {
            fail_msg("nothing is shown of my-db-%d", i);
        }
    }
    close_ui(&s, u);
}

static void
test_last_ones(void **state)
{
    static const enum ui_format formats[] = { UI_HUMAN, UI_JSON, UI_NAME };
    enum { EMITTED = 2345 };

    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct shown s;
        struct ui *u = open_ui(&s, formats[i], true);
        auto_free char *kept = ui_events(u);
        struct err e = { 0 };
        long long seq = EMITTED - UI_EVENTS_MAX;

        assert_string_equal(kept, "");
        for (int n = 0; n < EMITTED; n++) {
            ui_emit(u, &(struct ui_event){ .type = UI_NOTE, .text = "a\nb" });
        }
        free(kept);
        kept = ui_events(u);
        for (const char *at = kept; *at != '\0'; at += strcspn(at, "\n") + 1) {
            auto_json json_t *o = json_parse(at, strcspn(at, "\n"), "an event", &e);

            assert_int_equal(json_path_int(o, "seq", -1), ++seq);
            assert_string_equal(json_path_str(o, "type"), "note");
        }
        assert_int_equal(seq, EMITTED);
        close_ui(&s, u);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_jsonl),
        cmocka_unit_test(test_pod_states),
        cmocka_unit_test(test_many_pods),
        cmocka_unit_test(test_last_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
