#ifndef UNIT_GOLDEN_H
#define UNIT_GOLDEN_H

/* Compares a text with a file of test/data; fails the test where they differ. With
 * GOLDEN=update in the environment the file is written instead. */
void golden_check(const char *file, const char *text);

/* Fails where the text has a line that the file has not. */
void golden_check_lines(const char *file, const char *text);

#endif
