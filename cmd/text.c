#include "text.h"

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

void
text_indent(FILE *out, const char *lines, const char *kind)
{
    static const char mark[] = "{kind}";

    while (*lines != '\0') {
        size_t len = strcspn(lines, "\n");
        const char *at = strstr(lines, mark);

        fputs("  ", out);
        if (at != NULL && at < lines + len) {
            size_t before = (size_t)(at - lines);

            fprintf(out, "%.*s%s", (int)before, lines, kind);
            before += sizeof mark - 1;
            lines += before;
            len -= before;
        }
        fprintf(out, "%.*s\n", (int)len, lines);
        lines += len + (lines[len] == '\n');
    }
}
