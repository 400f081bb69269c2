#ifndef UNIT_SCREEN_H
#define UNIT_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A small terminal: text, colours (ignored), moving up, erasing, wrapping or not. What
 * scrolled out at the top is kept, but cannot be reached any more. It fails the test at
 * anything that it does not know.
 */
enum { SCREEN_COLUMNS = 256, SCREEN_ROWS = 2048 };

struct screen {
    size_t width, height;
    size_t row, column;
    size_t rows; /* that were ever reached */
    bool no_wrap, no_cursor;
    char cells[SCREEN_ROWS][SCREEN_COLUMNS][8];
};

struct screen *screen_new(size_t width, size_t height);
void screen_feed(struct screen *s, const char *data, size_t len);

/* As a terminal that breaks lines anew, as most do, when its width changes. */
void screen_resize(struct screen *s, size_t width);

/* All rows, scrolled out or not, without spaces at the ends of lines. The caller frees.
 */
char *screen_text(const struct screen *s);

/* The last of them. */
char *screen_tail(const struct screen *s, size_t lines);

#endif
