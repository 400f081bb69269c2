#include "ui/text.h"

#include <string.h>

#include "base/visible.h"

size_t
text_decode(const char *s, uint32_t *cp)
{
    size_t len = visible_decode(s, strnlen(s, 4), cp);

    if (*cp == VISIBLE_BROKEN) {
        *cp = 0xfffd;
    }
    return len;
}

/* The length of the colour that begins here, or 0. */
static size_t
text_escape(const char *s)
{
    size_t len = 0;

    if (s[0] != '\033' || s[1] != '[') {
        return 0;
    }
    len = 2 + strspn(s + 2, "0123456789;");
    return s[len] == 'm' ? len + 1 : 0;
}

size_t
text_columns(const char *line)
{
    size_t columns = 0;

    while (*line != '\0') {
        size_t len = text_escape(line);
        uint32_t cp = 0;

        if (len == 0) {
            len = text_decode(line, &cp);
            columns += visible_char_columns(cp);
        }
        line += len;
    }
    return columns;
}

/* What this program itself writes beyond ASCII. */
static const char *
text_ascii(uint32_t cp)
{
    static const struct {
        uint32_t cp;
        const char *ascii;
    } table[] = {
        { 0x2714, "+" },  { 0x2713, "+" },  { 0x25d0, "~" },   { 0x00b7, "-" },
        { 0x2718, "x" },  { 0x2717, "x" },  { 0x2026, "..." }, { 0x2192, "->" },
        { 0x2265, ">=" }, { 0x2264, "<=" }, { 0x00b1, "+-" },  { 0x2013, "-" },
        { 0x2014, "-" },  { 0x2019, "'" },  { 0x00a0, " " },
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].cp == cp) {
            return table[i].ascii;
        }
    }
    return "?";
}

void
text_add(struct buf *b, const char *text, bool utf8)
{
    while (*text != '\0') {
        uint32_t cp = 0;
        size_t len = text_decode(text, &cp);
        int full = 0;

        if (cp == '\n' || cp == '\t' || cp == '\r') {
            full = buf_puts(b, " ");
        } else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0xfffd ||
                   (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069)) {
            full = buf_puts(b, "?");
        } else if (cp < 0x80 || utf8) {
            full = buf_add(b, text, len);
        } else {
            full = buf_puts(b, text_ascii(cp));
        }
        if (full < 0) {
            return;
        }
        text += len;
    }
}

void
text_cut(struct buf *line, size_t columns, bool utf8)
{
    const char *ellipsis = utf8 ? "…" : "...";
    size_t room = text_columns(ellipsis);
    const char *s = buf_text(line);
    size_t at = 0;
    size_t used = 0;

    if (text_columns(s) <= columns) {
        return;
    }
    room = columns > room ? columns - room : 0;
    while (s[at] != '\0') {
        size_t len = text_escape(s + at);
        uint32_t cp = 0;

        if (len == 0) {
            len = text_decode(s + at, &cp);
            if (used + visible_char_columns(cp) > room) {
                break;
            }
            used += visible_char_columns(cp);
        }
        at += len;
    }
    line->len = at;
    line->data[at] = '\0';
    if (columns > room) {
        (void)!buf_puts(line, ellipsis);
    }
    if (strchr(buf_text(line), '\033') != NULL) {
        (void)!buf_puts(line, "\033[0m");
    }
}

size_t
text_fit(const char *line, size_t columns)
{
    size_t at = 0;
    size_t used = 0;
    size_t word = 0; /* where the last word ended */

    while (line[at] != '\0') {
        size_t len = text_escape(line + at);
        uint32_t cp = 0;

        if (len == 0) {
            len = text_decode(line + at, &cp);
            if (cp == ' ') {
                word = at;
            }
            used += visible_char_columns(cp);
            if (used > columns && at > 0) {
                return word > 0 ? word : at;
            }
        }
        at += len;
    }
    return at;
}
