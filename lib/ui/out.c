#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/str.h"
#include "ui/text.h"
#include "ui/ui_private.h"

/* The locale's encoding, by the variables that decide it: libc would say ASCII where the
 * locale is only not installed, and the terminal is as the user's own machine has it. */
static bool
out_is_utf8(void)
{
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    const char *locale = NULL;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        locale = getenv(names[i]);
        if (locale != NULL && *locale != '\0') {
            break;
        }
    }
    if (locale == NULL) {
        return false;
    }
    locale = strchr(locale, '.');
    return locale != NULL && (strncasecmp(locale, ".utf-8", 6) == 0 ||
                              strncasecmp(locale, ".utf8", 5) == 0);
}

/* Only a terminal gets colours: a log file that is full of them cannot be read. */
static bool
out_wants_color(FILE *file, bool no_color)
{
    const char *none = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return !no_color && (none == NULL || *none == '\0') && term != NULL &&
           *term != '\0' && !str_eq(term, "dumb") && isatty(fileno(file));
}

void
ui_out_init(struct ui_out *o, FILE *file, bool no_color)
{
    *o = (struct ui_out){
        .file = file,
        .color = out_wants_color(file, no_color),
        .utf8 = out_is_utf8(),
    };
}

void
ui_out_write(struct ui_out *o, const char *data, size_t len)
{
    if (o->broken || len == 0) {
        return;
    }
    if (fwrite(data, 1, len, o->file) != len || fflush(o->file) != 0) {
        o->broken = true;
    }
}

void
line_start(struct ui_line *l, const struct ui_out *o)
{
    *l = (struct ui_line){ .out = o };
}

void
line_add(struct ui_line *l, const char *fmt, ...)
{
    char text[4096];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    text_add(&l->text, text, l->out->utf8);
}

void
line_color(struct ui_line *l, enum ui_color color)
{
    static const char *const codes[] = {
        [UI_PLAIN] = "\033[0m", [UI_BOLD] = "\033[1m",   [UI_DIM] = "\033[2m",
        [UI_RED] = "\033[31m",  [UI_GREEN] = "\033[32m", [UI_YELLOW] = "\033[33m",
    };

    if (l->out->color) {
        (void)!buf_puts(&l->text, codes[color]);
    }
}

void
line_add_color(struct ui_line *l, enum ui_color color, const char *text)
{
    if (color == UI_PLAIN) {
        line_add(l, "%s", text);
        return;
    }
    line_color(l, color);
    line_add(l, "%s", text);
    line_color(l, UI_PLAIN);
}

void
line_pad(struct ui_line *l, size_t column)
{
    size_t at = text_columns(buf_text(&l->text));

    line_add(l, "%*s", at < column ? (int)(column - at) : 1, "");
}

void
line_write(struct ui_line *l, struct ui_out *o)
{
    size_t len = l->text.len;

    while (len > 0 && isspace((unsigned char)l->text.data[len - 1])) {
        len--;
    }
    l->text.len = len;
    (void)!buf_puts(&l->text, "\n");
    ui_out_write(o, buf_text(&l->text), l->text.len);
    buf_reset(&l->text);
}

void
line_fold(struct ui_line *l, struct ui_out *o, size_t width, size_t indent)
{
    const char *rest = buf_text(&l->text);
    auto_line struct ui_line piece = { .out = o };

    if (width <= indent + 10 || text_columns(rest) <= width) {
        line_write(l, o);
        return;
    }
    for (size_t at = 0; *rest != '\0'; at = indent) {
        size_t len = text_fit(rest, width - at);

        (void)!buf_printf(&piece.text, "%*s%.*s", (int)at, "", (int)len, rest);
        line_write(&piece, o);
        rest += len;
        rest += strspn(rest, " ");
    }
    buf_reset(&l->text);
}

void
line_free(struct ui_line *l)
{
    buf_free(&l->text);
}
