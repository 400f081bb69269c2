#ifndef UI_TEXT_H
#define UI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Text as a terminal shows it: UTF-8, columns, and nothing in it that the terminal would
 * obey. What servers and pods say is not ours, so it is made visible (base/visible.h).
 *
 * A line holds no escape sequences. Where the user interface wants one, there stands a
 * mark: a byte that is never in UTF-8, so that no text can hold it, and a letter. out.c
 * alone writes the sequences, by a table of marks.
 */
#define TEXT_MARK        '\377'
#define TEXT_PLAIN       "\377a"
#define TEXT_BOLD        "\377b"
#define TEXT_DIM         "\377c"
#define TEXT_RED         "\377d"
#define TEXT_GREEN       "\377e"
#define TEXT_YELLOW      "\377f"
#define TEXT_BEGIN       "\377g" /* of a drawing: no cursor, no wrapping */
#define TEXT_END         "\377h" /* both are back */
#define TEXT_HOME        "\377i" /* the line's first column */
#define TEXT_UP          "\377j" /* the line above */
#define TEXT_ERASE_REST  "\377k" /* of the line */
#define TEXT_ERASE_BELOW "\377l" /* of the screen */

/* Decodes one character of a string that is not at its end. Returns its length in bytes;
 * broken UTF-8 is one byte and U+FFFD. */
size_t text_decode(const char *s, uint32_t *cp);

/* Columns of a line; marks count nothing. */
size_t text_columns(const char *line);

/* Adds text for a human: made visible, in one line, and, if not utf8, in ASCII. */
void text_add(struct buf *b, const char *text, bool utf8);

/* Cuts a line to a number of columns; what was cut is told by an ellipsis. */
void text_cut(struct buf *line, size_t columns, bool utf8);

/* How many bytes of a line fit into a number of columns, broken after a word where that
 * is possible. At least one character. */
size_t text_fit(const char *line, size_t columns);

#endif
