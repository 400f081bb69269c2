#ifndef BASE_VISIBLE_H
#define BASE_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Text that is not ours, made visible. Names, messages, answers and logs are written by
 * others, and some characters are obeyed and not shown: controls (C0, DEL, C1), marks
 * that turn the direction of writing or are not seen at all, separators of lines. Each
 * stands in what comes out as an escape ("\x1b", "\u202e"), as does each byte that is no
 * UTF-8.
 *
 * Whoever writes for people or for a shell does so through here: lib/ui/out.c,
 * cmd/print.c, base/log.c, base/json.c, and the texts of a bundle.
 */

/* What visible_decode() says of a byte that is no UTF-8. */
#define VISIBLE_BROKEN UINT32_MAX

/* Decodes the first character of `len` bytes, at least one. Returns its length. */
size_t visible_decode(const char *s, size_t len, uint32_t *cp);

/* Whether a character is shown, and shown only. */
bool visible_is_shown(uint32_t cp);

/* How blanks other than a space are written. */
enum visible_form {
    VISIBLE_LINE,  /* line ends and tabs are spaces: what is one line stays one */
    VISIBLE_LINES, /* line ends and tabs stay: of a whole text, such as a log */
};

/* Adds the text, made visible. -1 when the buffer's limit would be passed; what fits is
 * there then. */
int visible_add(struct buf *b, const char *text, size_t len, enum visible_form form)
    __attribute__((warn_unused_result));

/* The same as one line in fixed storage, cut after a whole character. Returns out. */
char *visible_copy(char *out, size_t size, const char *text);

/* Columns of a text as visible_add() writes it in a line. */
size_t visible_columns(const char *text);

/* 0 for combining marks, 2 for wide ones, else 1. */
unsigned visible_char_columns(uint32_t cp);

#endif
