#include "base/visible.h"

#include <stdio.h>
#include <string.h>

/* -- UTF-8 -- */

static size_t
visible_length(unsigned char first)
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
visible_decode(const char *s, size_t len, uint32_t *cp)
{
    static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t n = visible_length((unsigned char)*s);
    uint32_t value = 0;

    *cp = VISIBLE_BROKEN;
    if (n == 0 || n > len) {
        return 1;
    }
    value = (unsigned char)*s & masks[n];
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80) {
            return 1;
        }
        value = value << 6 | ((unsigned char)s[i] & 0x3f);
    }
    if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) {
        return 1;
    }
    *cp = value;
    return n;
}

/* -- columns -- */

/* Ranges of Unicode that do not take one column (combining marks and zero width; East
 * Asian wide and emoji), in order. */
static const struct visible_width {
    uint32_t first, last;
    unsigned columns;
} visible_widths[] = {
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
visible_char_columns(uint32_t cp)
{
    for (size_t i = 0; i < sizeof visible_widths / sizeof *visible_widths; i++) {
        if (cp >= visible_widths[i].first && cp <= visible_widths[i].last) {
            return visible_widths[i].columns;
        }
    }
    return 1;
}

/* -- what is not shown -- */

/* What is a control, has no shape of its own, or changes others': Unicode's categories
 * Cc, Cf, Zl, Zp, Co, its noncharacters, and letters that are drawn as nothing, in order.
 */
static const struct visible_range {
    uint32_t first, last;
} visible_hidden[] = {
    { 0x0000, 0x001f }, /* C0 */
    { 0x007f, 0x009f }, /* DEL, C1 */
    { 0x00ad, 0x00ad }, /* soft hyphen */
    { 0x034f, 0x034f }, /* combining grapheme joiner */
    { 0x0600, 0x0605 }, /* Arabic signs that span digits */
    { 0x061c, 0x061c }, /* Arabic letter mark */
    { 0x06dd, 0x06dd },    { 0x070f, 0x070f },   { 0x0890, 0x0891 },   { 0x08e2, 0x08e2 },
    { 0x115f, 0x1160 }, /* Hangul fillers */
    { 0x17b4, 0x17b5 }, /* Khmer vowels that are not drawn */
    { 0x180b, 0x180f }, /* Mongolian selectors and separator */
    { 0x200b, 0x200f }, /* zero width, direction marks */
    { 0x2028, 0x202e }, /* separators of lines, direction embeddings, overrides */
    { 0x2060, 0x206f }, /* joiners, invisible operators, direction isolates */
    { 0x3164, 0x3164 }, /* Hangul filler */
    { 0xe000, 0xf8ff }, /* private use: as the font likes */
    { 0xfdd0, 0xfdef }, /* no characters */
    { 0xfe00, 0xfe0f }, /* variation selectors */
    { 0xfeff, 0xfeff }, /* byte order mark */
    { 0xffa0, 0xffa0 }, /* Hangul filler */
    { 0xfff0, 0xfffb }, /* annotations */
    { 0x110bd, 0x110bd },  { 0x110cd, 0x110cd }, { 0x13430, 0x1343f }, /* joiners of
                                                                          hieroglyphs */
    { 0x1bca0, 0x1bca3 },                                              /* of shorthand */
    { 0x1d173, 0x1d17a },                                              /* of notes */
    { 0xe0000, 0xe0fff },  /* tags, variation selectors */
    { 0xf0000, 0x10ffff }, /* private use */
};

bool
visible_is_shown(uint32_t cp)
{
    if (cp >= ' ' && cp < 0x7f) {
        return true;
    }
    if (cp == VISIBLE_BROKEN || (cp & 0xfffe) == 0xfffe) { /* no character */
        return false;
    }
    for (size_t i = 0; i < sizeof visible_hidden / sizeof *visible_hidden; i++) {
        if (cp <= visible_hidden[i].last) {
            return cp < visible_hidden[i].first;
        }
    }
    return true;
}

enum { VISIBLE_ESCAPE = 16 };

/* "\x1b" for a byte, "\u202e" and "\U000e0041" for characters. */
static void
visible_escape(char byte, uint32_t cp, char *out)
{
    if (cp == VISIBLE_BROKEN || cp < 0x80) {
        (void)snprintf(out, VISIBLE_ESCAPE, "\\x%02x", (unsigned char)byte);
    } else if (cp <= 0xffff) {
        (void)snprintf(out, VISIBLE_ESCAPE, "\\u%04x", (unsigned)cp);
    } else {
        (void)snprintf(out, VISIBLE_ESCAPE, "\\U%08x", (unsigned)cp);
    }
}

static bool
visible_is_blank(uint32_t cp)
{
    return cp == '\n' || cp == '\t' || cp == '\r';
}

/* The length of the first character, and how it is written: itself, a space, an escape.
 */
static size_t
visible_take(const char *s, size_t len, enum visible_form form, char *out)
{
    uint32_t cp = 0;
    size_t n = visible_decode(s, len, &cp);

    if (visible_is_shown(cp) || (form == VISIBLE_LINES && (cp == '\n' || cp == '\t'))) {
        memcpy(out, s, n);
        out[n] = '\0';
    } else if (form == VISIBLE_LINE && visible_is_blank(cp)) {
        memcpy(out, " ", sizeof " ");
    } else {
        visible_escape(*s, cp, out);
    }
    return n;
}

/* How many bytes at the beginning are shown as they are, all of them ASCII. */
static size_t
visible_plain(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && s[n] >= ' ' && s[n] < 0x7f) {
        n++;
    }
    return n;
}

int
visible_add(struct buf *b, const char *text, size_t len, enum visible_form form)
{
    while (len > 0) {
        char own[VISIBLE_ESCAPE];
        const char *shown = text;
        size_t n = visible_plain(text, len);
        size_t shown_len = n;

        if (n == 0) {
            n = visible_take(text, len, form, own);
            shown = own;
            shown_len = strlen(own);
        }
        if (buf_add(b, shown, shown_len) < 0) {
            return -1;
        }
        text += n;
        len -= n;
    }
    return 0;
}

char *
visible_copy(char *out, size_t size, const char *text)
{
    size_t have = 0;

    for (size_t len = strlen(text); len > 0;) {
        char own[VISIBLE_ESCAPE];
        size_t n = visible_take(text, len, VISIBLE_LINE, own);
        size_t more = strlen(own);

        if (have + more >= size) {
            break;
        }
        memcpy(out + have, own, more);
        have += more;
        text += n;
        len -= n;
    }
    out[have] = '\0';
    return out;
}

size_t
visible_columns(const char *text)
{
    size_t columns = 0;

    for (size_t len = strlen(text); len > 0;) {
        char own[VISIBLE_ESCAPE];
        uint32_t cp = 0;
        size_t n = visible_take(text, len, VISIBLE_LINE, own);

        if (own[0] == '\\' && n < strlen(own)) {
            columns += strlen(own);
        } else {
            (void)visible_decode(own, strlen(own), &cp);
            columns += visible_char_columns(cp);
        }
        text += n;
        len -= n;
    }
    return columns;
}
