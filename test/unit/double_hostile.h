#ifndef DOUBLE_HOSTILE_H
#define DOUBLE_HOSTILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "double_program.h"

/*
 * What a terminal would obey, planted in the strings of the world's objects, and a look
 * at all that the program shows then: only what is printable may come out, and the
 * sequences that it writes itself.
 */

/* Sequences that this program never writes, each for what it would do; what is not seen
 * or turns what is; and a line that it would forge. */
#define EVIL                                                                         \
    "\033]0;owned\a\033[35m\b\r\x7f\xc2\x9b"                                         \
    "2J\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8b\xe2\x81\xa0\xef\xbb\xbf\xc2\xad\xd8\x9c" \
    "\xf3\xa0\x81\x81\xef\xb8\x8f\xe2\x80\xa8\nFORGED\xe2\x80\x8f"

/* The same, and bytes that are no UTF-8: of servers and logs. */
#define EVIL_BYTES EVIL "\x9b\xff\xc0\x80"

struct hostile {
    struct buf output;
    unsigned long asked, runs, bad;
    json_t *doc, *text; /* a journal that is planted in, and the string that it is in */
};
extern struct hostile hostile;

/* -- what may come out -- */

/* Runs a line ("tty ..." on a terminal), and looks at what comes out of it. */
void hostile_shows(const char *line, const char *planted);

/* The end of a test: so many runs at the least, and none of them showed anything. */
void hostile_end(unsigned long least);

/* -- what is planted -- */

/* Shows something of the world in which something was planted there. */
typedef void hostile_look(const char *planted);

/* Plants it in each string below one place, one after the other, and in the names of
 * these; looks each time, and takes it out again. */
void plant_in(json_t *at, const char *place, hostile_look *look);

/* In all objects of all kinds. */
void plant_everywhere(hostile_look *look);

/* -- the user's own -- */

/* A folder and a kubeconfig for the tests of a program, whose result is returned. */
int hostile_main(const struct CMUnitTest *tests, size_t n);

#endif
