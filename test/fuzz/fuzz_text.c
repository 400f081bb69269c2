/* Texts for a terminal: a column count, whether it knows UTF-8, and what somebody wrote.
 * parsers: lib/ui/text.c */
#include "fuzz.h"
#include "ui/text.h"

enum { MANY = 1 << 20, LINES = 16, LONG = 256 };

/* Nothing that a terminal obeys: C0, C1, and what turns the direction of text. */
static void
check_safe(const char *s, bool utf8)
{
    while (*s != '\0') {
        uint32_t cp = 0;
        size_t len = text_decode(s, &cp);

        fuzz_check(len >= 1 && len <= 4);
        fuzz_check(cp >= 0x20 && (cp < 0x7f || cp >= 0xa0) && cp != 0xfffd);
        fuzz_check((cp < 0x202a || cp > 0x202e) && (cp < 0x2066 || cp > 0x2069));
        fuzz_check(utf8 || cp < 0x80);
        fuzz_check(len >= 1);
        s += len;
    }
}

static void
check_cut(const char *text, size_t columns, bool utf8)
{
    struct buf line auto_buf = BUF_LIMIT(MANY);
    size_t before = text_columns(text);

    fuzz_check(buf_puts(&line, text) == 0);
    text_cut(&line, columns, utf8);
    fuzz_check(strlen(buf_text(&line)) == line.len);
    fuzz_check(text_columns(buf_text(&line)) <= columns);
    fuzz_check(before > columns || strcmp(buf_text(&line), text) == 0);
}

/* Broken into lines, all of it is there, and no line is wider than it may be but one of a
 * single wide character. */
static void
check_fit(const char *text, size_t columns)
{
    for (size_t lines = 0; *text != '\0' && lines < LINES; lines++) {
        size_t n = text_fit(text, columns);
        auto_free char *line = mem_strndup(text, n);

        fuzz_check(n > 0 && n <= strlen(text));
        fuzz_check(text_columns(line) <= (columns > 2 ? columns : 2));
        text += n;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    size_t columns = fuzz_byte(&in);
    bool utf8 = fuzz_byte(&in) % 2 != 0;
    auto_free char *text = fuzz_text(&in);
    struct buf safe auto_buf = BUF_LIMIT(MANY);
    struct buf again auto_buf = BUF_LIMIT(MANY);

    if (size > LONG) {
        return 0; /* every character is measured a dozen times */
    }
    text_add(&safe, text, utf8);
    check_safe(buf_text(&safe), utf8);
    text_add(&again, buf_text(&safe), utf8);
    fuzz_check(strcmp(buf_text(&safe), buf_text(&again)) == 0);
    check_cut(buf_text(&safe), columns, utf8);
    check_fit(buf_text(&safe), columns);
    check_cut(text, columns, utf8); /* with colours, perhaps */
    check_fit(text, columns);
    return 0;
}
