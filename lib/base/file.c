#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

int
file_read(const char *path, size_t limit, char **out, size_t *len, struct err *e)
{
    auto_buf struct buf b = BUF_LIMIT(limit);
    auto_file FILE *f = fopen(path, "re");
    char chunk[4096];
    size_t n = 0;

    if (f == NULL) {
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_CONFIG,
                       "cannot read %s: %s", path, strerror(errno));
    }
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0) {
        if (buf_add(&b, chunk, n) < 0) {
            return err_set(e, ERR_CONFIG, "%s is larger than %zu bytes", path, limit);
        }
    }
    if (ferror(f)) {
        return err_set(e, ERR_CONFIG, "cannot read %s: %s", path, strerror(errno));
    }
    if (len != NULL) {
        *len = b.len;
    }
    *out = buf_take(&b);
    return 0;
}

char *
file_join(const char *dir, const char *path)
{
    if (path[0] == '/' || dir[0] == '\0') {
        return mem_strdup(path);
    }
    return mem_printf("%s/%s", dir, path);
}
