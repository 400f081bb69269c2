#ifndef ENGINE_POSTGRES_MAJOR_H
#define ENGINE_POSTGRES_MAJOR_H

/*
 * The script that does the data work of a major upgrade in a Postgres pod, with a zero at
 * its end and "#END\n" before that: all of it goes to the standard input of
 *
 *     sh -c 'eval "$(sed "/^#END\$/q")"' dbupgrade COMMAND FROM TO [ARG...]
 *
 * in the server's container; a line that sets a variable may go before it.
 * lib/engine/postgres_major.sh tells the commands and what they print. It is text of the
 * program, for the program's lifetime, and holds no secret.
 */
extern const char engine_postgres_major[];

#endif
