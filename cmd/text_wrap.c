#include "text_wrap.h"

#include <string.h>

enum { TEXT_WIDTH = 80 };

void
text_wrap(FILE *out, size_t at, const char *text)
{
    size_t column = at;

    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (column > at && column + 1 + len > TEXT_WIDTH) {
            fprintf(out, "\n%*s", (int)at, "");
            column = at;
        }
        fprintf(out, "%s%.*s", column > at ? " " : "", (int)len, text);
        column += len + (column > at ? 1 : 0);
        text += len;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

/* The first mark in the line; NULL: it has none. */
static const struct text_mark *
text_find_mark(const char *line, size_t len, const struct text_mark *marks,
               size_t *before)
{
    const struct text_mark *found = NULL;

    for (; marks->mark != NULL; marks++) {
        const char *at = strstr(line, marks->mark);

        if (at != NULL && at < line + len && (found == NULL || at < line + *before)) {
            found = marks;
            *before = (size_t)(at - line);
        }
    }
    return found;
}

void
text_indent(FILE *out, const char *lines, const struct text_mark *marks)
{
    while (*lines != '\0') {
        size_t len = strcspn(lines, "\n");
        size_t before = 0;
        const struct text_mark *m = NULL;

        fputs("  ", out);
        while ((m = text_find_mark(lines, len, marks, &before)) != NULL) {
            fprintf(out, "%.*s%s", (int)before, lines, m->text);
            before += strlen(m->mark);
            lines += before;
            len -= before;
        }
        fprintf(out, "%.*s\n", (int)len, lines);
        lines += len + (lines[len] == '\n');
    }
}
