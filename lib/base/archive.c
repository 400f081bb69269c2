#include "base/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"
#include "base/sig.h"
#include "base/str.h"

/*
 * The format: POSIX.1-1988 "ustar", a header of 512 bytes before each file, which is
 * filled up to a multiple of that; two empty blocks end it. Numbers are octal text.
 */
enum {
    ARCHIVE_BLOCK = 512,
    ARCHIVE_NAME = 100,
    ARCHIVE_PREFIX = 155,
    ARCHIVE_MODE = 0600,
    ARCHIVE_CHUNK = 1024 * 1024, /* between two looks at the signals */
};

/* Where each field begins, and its size. */
struct archive_field {
    size_t at;
    size_t size;
};

static const struct archive_field archive_name = { 0, ARCHIVE_NAME };
static const struct archive_field archive_mode = { 100, 8 };
static const struct archive_field archive_owner = { 108, 8 };
static const struct archive_field archive_group = { 116, 8 };
static const struct archive_field archive_size = { 124, 12 };
static const struct archive_field archive_time = { 136, 12 };
static const struct archive_field archive_sum = { 148, 8 };
static const struct archive_field archive_type = { 156, 1 };
static const struct archive_field archive_magic = { 257, 8 };
static const struct archive_field archive_prefix = { 345, ARCHIVE_PREFIX };

void
archive_add(struct archive *a, const char *name, const char *data, size_t len)
{
    a->files = mem_grow(a->files, a->n + 1, sizeof *a->files);
    a->files[a->n++] = (struct archive_file){ .name = mem_strdup(name),
                                              .data = mem_alloc(len + 1),
                                              .len = len };
    memcpy(a->files[a->n - 1].data, data, len);
    a->bytes += len;
}

void
archive_free(struct archive *a)
{
    for (size_t i = 0; i < a->n; i++) {
        free(a->files[i].name);
        free(a->files[i].data);
    }
    free(a->files);
    *a = (struct archive){ 0 };
}

static void
archive_put(char *block, struct archive_field f, const char *text)
{
    size_t len = strlen(text);

    memcpy(block + f.at, text, len < f.size ? len : f.size);
}

static void
archive_put_number(char *block, struct archive_field f, unsigned long long n)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%0*llo", (int)f.size - 1, n);
    archive_put(block, f, text);
}

/* A long name is split at a slash; the parts are joined by one when it is read. */
static int
archive_put_name(char *block, const char *name, struct err *e)
{
    size_t len = strlen(name);
    const char *cut = name;
    auto_free char *prefix = NULL;

    if (len < ARCHIVE_NAME) {
        archive_put(block, archive_name, name);
        return 0;
    }
    for (const char *at = strchr(name, '/'); at != NULL; at = strchr(at + 1, '/')) {
        cut = at - name <= ARCHIVE_PREFIX ? at : cut;
    }
    if (cut == name || strlen(cut + 1) >= ARCHIVE_NAME) {
        return err_set(e, ERR_INTERNAL, "the name is too long for an archive: %s", name);
    }
    prefix = mem_strndup(name, (size_t)(cut - name));
    archive_put(block, archive_prefix, prefix);
    archive_put(block, archive_name, cut + 1);
    return 0;
}

static int
archive_header(const struct archive_file *file, long long time, char *block,
               struct err *e)
{
    unsigned sum = 0;

    memset(block, 0, ARCHIVE_BLOCK);
    if (archive_put_name(block, file->name, e) < 0) {
        return -1;
    }
    archive_put_number(block, archive_mode, ARCHIVE_MODE);
    archive_put_number(block, archive_owner, 0);
    archive_put_number(block, archive_group, 0);
    archive_put_number(block, archive_size, file->len);
    archive_put_number(block, archive_time, (unsigned long long)time);
    archive_put(block, archive_type, "0");
    memcpy(block + archive_magic.at, "ustar\00000", archive_magic.size);
    memset(block + archive_sum.at, ' ', archive_sum.size); /* while it is added up */
    for (size_t i = 0; i < ARCHIVE_BLOCK; i++) {
        sum += (unsigned char)block[i];
    }
    (void)snprintf(block + archive_sum.at, archive_sum.size, "%06o", sum);
    return 0;
}

/* -- writing -- */

static int
archive_failed(const char *path, struct err *e)
{
    return err_set(e, ERR_CONFIG, "cannot write %s: %s", path,
                   errno != 0 ? strerror(errno) : "unknown error");
}

static int
archive_send(gzFile z, const char *data, size_t len, const char *path, struct err *e)
{
    for (size_t at = 0; at < len; at += ARCHIVE_CHUNK) {
        size_t n = len - at < ARCHIVE_CHUNK ? len - at : ARCHIVE_CHUNK;

        if (sig_asked() == SIG_STOP_NOW) {
            return err_set(e, ERR_INTERRUPTED, "interrupted");
        }
        errno = 0;
        if (gzwrite(z, data + at, (unsigned)n) != (int)n) {
            return archive_failed(path, e);
        }
    }
    return 0;
}

static int
archive_send_all(const struct archive *a, gzFile z, const char *path, long long time,
                 struct err *e)
{
    static const char none[2 * ARCHIVE_BLOCK];
    char header[ARCHIVE_BLOCK];

    for (size_t i = 0; i < a->n; i++) {
        const struct archive_file *file = &a->files[i];
        size_t over = file->len % ARCHIVE_BLOCK;

        if (archive_header(file, time, header, e) < 0 ||
            archive_send(z, header, sizeof header, path, e) < 0 ||
            archive_send(z, file->data, file->len, path, e) < 0 ||
            (over > 0 && archive_send(z, none, ARCHIVE_BLOCK - over, path, e) < 0)) {
            return -1;
        }
    }
    return archive_send(z, none, sizeof none, path, e);
}

/* Writes into an open file and closes it. */
static int
archive_fill(const struct archive *a, int fd, const char *path, long long time,
             struct err *e)
{
    gzFile z = gzdopen(fd, "wb");
    int got = 0;

    if (z == NULL) {
        (void)close(fd);
        return archive_failed(path, e);
    }
    got = archive_send_all(a, z, path, time, e);
    errno = 0;
    if (gzclose(z) != Z_OK && got == 0) {
        got = archive_failed(path, e);
    }
    return got;
}

static int
archive_create(const char *path, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, ARCHIVE_MODE);

    if (fd >= 0) {
        return fd;
    }
    if (errno == EEXIST) {
        err_set(e, ERR_CONFIG, "%s already exists", path);
        return err_reason(e, "FILE_EXISTS");
    }
    return archive_failed(path, e);
}

/* Renames such that what has the name already stays: the name is taken first. (Not by
 * link(), which some network file systems do not have.) */
static int
archive_rename(const char *from, const char *path, struct err *e)
{
    int fd = archive_create(path, e);

    if (fd < 0) {
        return -1;
    }
    (void)close(fd);
    if (rename(from, path) < 0) {
        (void)archive_failed(path, e);
        (void)unlink(path);
        return -1;
    }
    return 0;
}

int
archive_write(const struct archive *a, const char *path, long long time, struct err *e)
{
    auto_free char *part = mem_printf("%s.%ld.part", path, (long)getpid());
    int fd = archive_create(part, e);

    if (fd < 0) {
        return -1;
    }
    if (archive_fill(a, fd, path, time, e) < 0 || archive_rename(part, path, e) < 0) {
        (void)unlink(part);
        return -1;
    }
    return 0;
}
