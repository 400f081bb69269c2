#ifndef BASE_ARCHIVE_H
#define BASE_ARCHIVE_H

#include <stddef.h>

#include "base/err.h"
#include "base/scope.h"

/*
 * A .tar.gz of files that are held in memory (POSIX ustar, gzip by zlib).
 */

struct archive_file {
    char *name; /* with its folder: at most 255 bytes, its last part at most 99 */
    char *data;
    size_t len;
};

struct archive {
    struct archive_file *files;
    size_t n;
    size_t bytes; /* of all data */
};

/* Adds a file; both texts are copied. */
void archive_add(struct archive *a, const char *name, const char *data, size_t len);

/* Writes it, readable for its owner only, with that time (seconds since 1970) in each
 * file. It is written under another name beside it and renamed at the end: nobody sees
 * half of it, and a file that has the name is left alone. Ends early when the user asks
 * to stop at once. ERR_CONFIG: could not be written (full disk, no such folder; reason
 * "FILE_EXISTS": there is one); ERR_INTERRUPTED. */
int archive_write(const struct archive *a, const char *path, long long time,
                  struct err *e);

void archive_free(struct archive *a);
#define auto_archive scope_cleanup(archive_free)

#endif
