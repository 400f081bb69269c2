#ifndef CMD_TEXT_WRAP_H
#define CMD_TEXT_WRAP_H

#include <stddef.h>
#include <stdio.h>

/* Prints words from column `at` on, broken at 80 columns with lines indented to `at`; the
 * cursor stands there already. Ends the line. */
void text_wrap(FILE *out, size_t at, const char *text);

/* What stands in a text for something that is known later: "{kind}". */
struct text_mark {
    const char *mark;
    const char *text;
};

/* Prints lines indented by two columns, with marks replaced; the row with a NULL mark
 * ends them. */
void text_indent(FILE *out, const char *lines, const struct text_mark *marks);

#endif
