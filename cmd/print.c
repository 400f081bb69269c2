#include "print.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/visible.h"

enum { PRINT_MAX = 1024 * 1024, PRINT_WIDTH_MAX = 4096 };

/* A text in its column. */
static void
print_cell(FILE *out, const char *text, int width, bool left)
{
    auto_buf struct buf b = BUF_LIMIT(PRINT_MAX);
    size_t columns = visible_columns(text);
    int gap = columns < (size_t)width ? width - (int)columns : 0;

    (void)!visible_add(&b, text, strlen(text), VISIBLE_LINE);
    (void)fprintf(out, "%*s%s%*s", left ? 0 : gap, "", buf_text(&b), left ? gap : 0, "");
}

/* One conversion, from behind its percent sign. Returns what comes after it. */
static const char *
print_argument(FILE *out, const char *fmt, va_list *ap)
{
    bool left = *fmt == '-';
    char *end = NULL;
    long width = 0;

    fmt += left ? 1 : 0;
    if (*fmt == '*') {
        width = va_arg(*ap, int);
        fmt++;
    } else {
        width = strtol(fmt, &end, 10);
        fmt = end;
    }
    width = width < 0 ? 0 : width;
    if (*fmt == 's') {
        print_cell(out, va_arg(*ap, const char *),
                   width < PRINT_WIDTH_MAX ? (int)width : PRINT_WIDTH_MAX, left);
    } else if (*fmt != '\0') {
        (void)fputc(*fmt, out);
    }
    return fmt + (*fmt != '\0' ? 1 : 0);
}

void
print_text(FILE *out, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    while (*fmt != '\0') {
        size_t own = strcspn(fmt, "%");

        (void)fwrite(fmt, 1, own, out);
        fmt += own;
        if (*fmt == '%') {
            fmt = print_argument(out, fmt + 1, &ap);
        }
    }
    va_end(ap);
}

void
print_json(FILE *out, const json_t *doc)
{
    auto_free char *text = json_text_lines(doc);

    (void)fprintf(out, "%s\n", text);
}
