#include "screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/visible.h"
#include "ui/text.h"

struct screen *
screen_new(size_t width, size_t height)
{
    struct screen *s = mem_alloc(sizeof *s);

    s->width = width;
    s->height = height;
    s->rows = 1;
    return s;
}

static void
screen_down(struct screen *s)
{
    s->row++;
    assert_true(s->row < SCREEN_ROWS);
    if (s->row >= s->rows) {
        s->rows = s->row + 1;
    }
}

static void
screen_put(struct screen *s, const char *text, size_t len)
{
    uint32_t cp = 0;
    unsigned columns = 0;

    (void)text_decode(text, &cp);
    columns = visible_char_columns(cp);
    if (s->column + columns > s->width) {
        if (s->no_wrap) {
            s->column = s->width - columns;
        } else {
            s->column = 0;
            screen_down(s);
        }
    }
    memset(s->cells[s->row][s->column], 0, sizeof s->cells[0][0]);
    memcpy(s->cells[s->row][s->column], text, len);
    if (columns == 2) {
        str_copy(s->cells[s->row][s->column + 1], sizeof s->cells[0][0], "\001");
    }
    s->column += columns;
}

static void
screen_erase_line(struct screen *s, size_t row, size_t from)
{
    memset(s->cells[row][from], 0, (SCREEN_COLUMNS - from) * sizeof s->cells[0][0]);
}

static void
screen_up(struct screen *s, size_t n)
{
    size_t top = s->rows > s->height ? s->rows - s->height : 0;

    s->row = s->row > top + n ? s->row - n : top;
}

static void
screen_erase_below(struct screen *s)
{
    screen_erase_line(s, s->row, s->column);
    for (size_t row = s->row + 1; row < s->rows; row++) {
        screen_erase_line(s, row, 0);
    }
}

/* What follows ESC [. Returns its length. */
static size_t
screen_control(struct screen *s, const char *text)
{
    size_t len = strspn(text, "?0123456789;");
    long long n = 0;
    char number[16];

    str_copy(number, len + 1 < sizeof number ? len + 1 : sizeof number, text);
    if (text[len] == 'A') {
        assert_true(str_to_ll(number, &n) && n > 0);
        screen_up(s, (size_t)n);
    } else if (text[len] == 'J') {
        assert_int_equal(len, 0);
        screen_erase_below(s);
    } else if (text[len] == 'K') {
        assert_int_equal(len, 0);
        screen_erase_line(s, s->row, s->column);
    } else if (str_eq(number, "?7")) {
        s->no_wrap = text[len] == 'l';
    } else if (str_eq(number, "?25")) {
        s->no_cursor = text[len] == 'l';
    } else if (text[len] != 'm') {
        fail_msg("unknown control sequence ESC [ %s%c", number, text[len]);
    }
    return len + 1;
}

void
screen_feed(struct screen *s, const char *data, size_t len)
{
    const char *end = data + len;

    while (data < end) {
        uint32_t cp = 0;
        size_t n = 1;

        if (*data == '\n') {
            s->column = 0;
            screen_down(s);
        } else if (*data == '\r') {
            s->column = 0;
        } else if (*data == '\033') {
            assert_int_equal(data[1], '[');
            n = 2 + screen_control(s, data + 2);
        } else {
            assert_true((unsigned char)*data >= 0x20);
            n = text_decode(data, &cp);
            assert_int_not_equal(cp, 0xfffd);
            screen_put(s, data, n);
        }
        data += n;
    }
}

static void
screen_row_text(const struct screen *s, size_t row, struct buf *out)
{
    size_t end = SCREEN_COLUMNS;

    while (end > 0 &&
           (s->cells[row][end - 1][0] == '\0' || s->cells[row][end - 1][0] == ' ')) {
        end--;
    }
    for (size_t i = 0; i < end; i++) {
        const char *cell = s->cells[row][i];

        if (cell[0] == '\001') {
            continue; /* the right half of a wide character */
        }
        assert_int_equal(buf_puts(out, cell[0] != '\0' ? cell : " "), 0);
    }
}

void
screen_resize(struct screen *s, size_t width)
{
    struct screen *old = mem_alloc(sizeof *old);

    *old = *s;
    memset(s->cells, 0, sizeof s->cells);
    s->width = width;
    s->row = 0;
    s->column = 0;
    s->rows = 1;
    for (size_t row = 0; row < old->rows; row++) {
        struct buf line = { 0 };

        screen_row_text(old, row, &line);
        screen_feed(s, buf_text(&line), line.len);
        if (row + 1 < old->rows) {
            screen_feed(s, "\n", 1);
        }
        buf_free(&line);
    }
    free(old);
}

static bool
screen_row_is_empty(const struct screen *s, size_t row)
{
    struct buf line = { 0 };
    size_t len = 0;

    screen_row_text(s, row, &line);
    len = line.len;
    buf_free(&line);
    return len == 0;
}

char *
screen_tail(const struct screen *s, size_t lines)
{
    struct buf out = BUF_LIMIT(4 * 1024 * 1024);
    size_t rows = s->rows;

    while (rows > 0 && screen_row_is_empty(s, rows - 1)) {
        rows--;
    }
    for (size_t row = rows > lines ? rows - lines : 0; row < rows; row++) {
        screen_row_text(s, row, &out);
        assert_int_equal(buf_puts(&out, "\n"), 0);
    }
    return buf_take(&out);
}

char *
screen_text(const struct screen *s)
{
    return screen_tail(s, SCREEN_ROWS);
}
