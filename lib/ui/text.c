#include "ui/text.h"

#include <string.h>

static size_t
text_length(unsigned char first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xc2 && first < 0xe0) {
        return 2;
    }
    if (first >= 0xe0 && first < 0xf0) {
        return 3;
    }
    return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

size_t
text_decode(const char *s, uint32_t *cp)
{
    static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t len = text_length((unsigned char)*s);
    uint32_t value = 0;

    *cp = 0xfffd;
    if (len == 0) {
        return 1;
    }
    value = (unsigned char)*s & masks[len];
    for (size_t i = 1; i < len; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80) {
            return 1;
        }
        value = value << 6 | ((unsigned char)s[i] & 0x3f);
    }
    if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) {
        return 1;
    }
    *cp = value;
    return len;
}

/* Ranges of Unicode that do not take one column (combining marks and zero width; East
 * Asian wide and emoji), in order. */
static const struct text_range {
    uint32_t first, last;
    unsigned columns;
} text_ranges[] = {
    { 0x0300, 0x036f, 0 },   { 0x0483, 0x0489, 0 },   { 0x0591, 0x05bd, 0 },
    { 0x0610, 0x061a, 0 },   { 0x064b, 0x065f, 0 },   { 0x0900, 0x0902, 0 },
    { 0x1100, 0x115f, 2 },   { 0x1ab0, 0x1aff, 0 },   { 0x1dc0, 0x1dff, 0 },
    { 0x200b, 0x200f, 0 },   { 0x20d0, 0x20ff, 0 },   { 0x231a, 0x231b, 2 },
    { 0x23e9, 0x23ec, 2 },   { 0x2e80, 0x303e, 2 },   { 0x3041, 0x33ff, 2 },
    { 0x3400, 0x4dbf, 2 },   { 0x4e00, 0x9fff, 2 },   { 0xa000, 0xa4cf, 2 },
    { 0xac00, 0xd7a3, 2 },   { 0xf900, 0xfaff, 2 },   { 0xfe00, 0xfe0f, 0 },
    { 0xfe20, 0xfe2f, 0 },   { 0xfe30, 0xfe6f, 2 },   { 0xff00, 0xff60, 2 },
    { 0xffe0, 0xffe6, 2 },   { 0x1f300, 0x1f64f, 2 }, { 0x1f680, 0x1f6ff, 2 },
    { 0x1f900, 0x1f9ff, 2 }, { 0x20000, 0x3fffd, 2 }, { 0xe0100, 0xe01ef, 0 },
};

unsigned
text_char_columns(uint32_t cp)
{
    for (size_t i = 0; i < sizeof text_ranges / sizeof *text_ranges; i++) {
        if (cp >= text_ranges[i].first && cp <= text_ranges[i].last) {
            return text_ranges[i].columns;
        }
    }
    return 1;
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
            columns += text_char_columns(cp);
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
            if (used + text_char_columns(cp) > room) {
                break;
            }
            used += text_char_columns(cp);
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
            used += text_char_columns(cp);
            if (used > columns && at > 0) {
                return word > 0 ? word : at;
            }
        }
        at += len;
    }
    return at;
}
