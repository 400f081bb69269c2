#ifndef CMD_TEXT_H
#define CMD_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* Prints words from column `at` on, broken at 80 columns with lines indented to `at`; the
 * cursor stands there already. Ends the line. */
void text_wrap(FILE *out, size_t at, const char *text);

/* Prints lines indented by two columns, with {kind} replaced. */
void text_indent(FILE *out, const char *lines, const char *kind);

#endif
