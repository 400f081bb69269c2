#include "ui/text.h"

#include <string.h>

#include "base/sig.h"
#include "base/visible.h"
#include "ui/ui_private.h"

enum { TEXT_MAX = 1024 * 1024 };

size_t
text_decode(const char *s, uint32_t *cp)
{
    size_t len = visible_decode(s, strnlen(s, 4), cp);

    if (*cp == VISIBLE_BROKEN) {
        *cp = 0xfffd;
    }
    return len;
}

/* The length of the mark that begins here, or 0. */
static size_t
text_mark(const char *s)
{
    return s[0] == TEXT_MARK && s[1] != '\0' ? sizeof TEXT_PLAIN - 1 : 0;
}

size_t
text_columns(const char *line)
{
    size_t columns = 0;

    while (*line != '\0') {
        size_t len = text_mark(line);
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
    auto_buf struct buf visible = BUF_LIMIT(TEXT_MAX);

    (void)!visible_add(&visible, text, strlen(text), VISIBLE_LINE);
    text = buf_text(&visible);
    if (utf8) {
        (void)!buf_puts(b, text);
        return;
    }
    while (*text != '\0') {
        uint32_t cp = 0;
        size_t len = text_decode(text, &cp);

        if ((cp < 0x80 ? buf_add(b, text, len) : buf_puts(b, text_ascii(cp))) < 0) {
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
    /* Where there is no room for an ellipsis, none is told. */
    room = columns >= room ? columns - room : columns;
    while (s[at] != '\0') {
        size_t len = text_mark(s + at);
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
    if (strchr(buf_text(line), (unsigned char)TEXT_MARK) != NULL) {
        (void)!buf_puts(line, TEXT_PLAIN);
    }
}

size_t
text_fit(const char *line, size_t columns)
{
    size_t at = 0;
    size_t used = 0;
    size_t word = 0; /* where the last word ended */

    while (line[at] != '\0') {
        size_t len = text_mark(line + at);
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

const char *
text_stop(void)
{
    return sig_asked() == SIG_STOP_NOW ? "stopping at once"
                                       : "stopping safely; ^C again stops at once";
}
