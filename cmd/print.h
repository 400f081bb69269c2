#ifndef CMD_PRINT_H
#define CMD_PRINT_H

#include <jansson.h>
#include <stdio.h>

/*
 * What commands print of a cluster or of the user's words; cmd's own texts alone (help,
 * documents, scripts of completion) go without it.
 */

/* Like fprintf(): what the format says is ours, with its line ends and tabs; each
 * argument is made visible, in one line. Knows %s, %*s and %-*s, whose width is columns,
 * and %%. */
void print_text(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Prints a document in lines, and a line end. */
void print_json(FILE *out, const json_t *doc);

#endif
