#include "golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/scope.h"

static void
golden_write(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

/* Shows the first line that differs. */
static void
golden_show(const char *path, const char *want, const char *got)
{
    int line = 1;

    while (*want != '\0' && strcspn(want, "\n") == strcspn(got, "\n") &&
           strncmp(want, got, strcspn(want, "\n")) == 0) {
        want += strcspn(want, "\n");
        got += strcspn(got, "\n");
        want += *want == '\n';
        got += *got == '\n';
        line++;
    }
    print_message("%s:%d differs (GOLDEN=update writes it)\n  want: %.*s\n  got:  %.*s\n",
                  path, line, (int)strcspn(want, "\n"), want, (int)strcspn(got, "\n"),
                  got);
}

void
golden_check(const char *file, const char *text)
{
    const char *update = getenv("GOLDEN");
    auto_free char *path = mem_printf("test/data/%s", file);
    auto_free char *want = NULL;
    struct err e = { 0 };

    if (update != NULL && strcmp(update, "update") == 0) {
        golden_write(path, text);
        return;
    }
    if (file_read(path, 1024 * 1024, &want, NULL, &e) < 0) {
        fail_msg("%s", e.msg);
    }
    if (strcmp(want, text) != 0) {
        golden_show(path, want, text);
        fail();
    }
}

void
golden_check_lines(const char *file, const char *text)
{
    auto_free char *path = mem_printf("test/data/%s", file);
    auto_free char *want = NULL;
    struct err e = { 0 };

    if (file_read(path, 1024 * 1024, &want, NULL, &e) < 0) {
        fail_msg("%s", e.msg);
    }
    while (*text != '\0') {
        auto_free char *line = mem_strndup(text, strcspn(text, "\n") + 1);

        if (strstr(want, line) == NULL) {
            fail_msg("%s has no line %s", path, line);
        }
        text += strlen(line);
    }
}
