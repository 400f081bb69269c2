#ifndef ENGINE_NAME_H
#define ENGINE_NAME_H

#include <stddef.h>

/*
 * What users of a database call its things. That may hold any byte but 0, in any
 * encoding, so servers print it in hex.
 */

/* The bytes that n digits stand for, as text. NULL: they are no such thing, there are
 * more of them than any name has, or a byte is 0. The caller frees it. */
char *name_bytes(const char *hex, size_t n);

/* As people read it, and different for different names: UTF-8; what else there is, what a
 * terminal obeys, and what nobody would see as "\x1b", and "\" as "\\". The caller frees
 * it. */
char *name_show(const char *bytes);

/* Both. */
char *name_from_hex(const char *hex, size_t n);

/* Copies what name_show returned. What is too long is cut, with a sum of all of it at its
 * end, so that it is not taken for another. Returns out. */
char *name_fit(char *out, size_t size, const char *name);

#endif
