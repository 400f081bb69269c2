#include "base/visible.h"

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
