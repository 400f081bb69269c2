#ifndef BASE_WORD_H
#define BASE_WORD_H

#include "base/buf.h"

/*
 * Words for a shell: commands in hints are copied and run.
 */

/* Adds a word such that a shell reads it as this one word, and a terminal shows it as it
 * is. What is not shown stands in it as $'\033', which bash, zsh and ksh read. -1 when
 * the buffer's limit would be passed. */
int word_add(struct buf *b, const char *word) __attribute__((warn_unused_result));

/* The word alone; the caller frees it. */
char *word_quote(const char *word);

#endif
