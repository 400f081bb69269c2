#ifndef UI_TEXT_H
#define UI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Text as a terminal shows it: UTF-8, columns, and nothing in it that the terminal would
 * obey. What servers and pods say is not ours, so control characters and broken UTF-8 are
 * replaced; the only escape sequences in a line are the colours that ui added itself.
 */

/* Decodes one character of a string that is not at its end. Returns its length in bytes;
 * broken UTF-8 is one byte and U+FFFD. */
size_t text_decode(const char *s, uint32_t *cp);

/* Columns of a line; colours count nothing. */
size_t text_columns(const char *line);

/* Adds text for a human: without control characters (a newline becomes a space), and, if
 * not utf8, in ASCII. */
void text_add(struct buf *b, const char *text, bool utf8);

/* Cuts a line to a number of columns; what was cut is told by an ellipsis. */
void text_cut(struct buf *line, size_t columns, bool utf8);

/* How many bytes of a line fit into a number of columns, broken after a word where that
 * is possible. At least one character. */
size_t text_fit(const char *line, size_t columns);

#endif
