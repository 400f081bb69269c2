#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>

#include "base/err.h"

/* Reads a whole file of at most `limit` bytes. The caller frees *out, which ends
 * in a NUL that does not count; *len may be NULL. ERR_CONFIG names the file;
 * ERR_NOT_FOUND where there is none. */
int file_read(const char *path, size_t limit, char **out, size_t *len, struct err *e);

/* Joins a folder and a relative path; an absolute path stays. Caller frees. */
char *file_join(const char *dir, const char *path);

#endif
