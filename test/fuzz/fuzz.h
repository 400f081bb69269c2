#ifndef TEST_FUZZ_FUZZ_H
#define TEST_FUZZ_FUZZ_H

/*
 * What the fuzzers share: properties that are checked, inputs of several parts, JSON.
 *
 * A part is all lines up to one that is "---" alone.  A fuzzer whose parts are JSON
 * defines FUZZ_JSON before it includes this: then libFuzzer changes trees as well as
 * bytes, since few changes of bytes leave JSON behind.  "parsers:" in the comment at the
 * top of a fuzzer is followed by the sources of which its corpus must reach four lines of
 * five (test/fuzz/coverage.sh).
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define fuzz_check(what)                                                             \
    do {                                                                             \
        if (!(what)) {                                                               \
            (void)fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
            __builtin_trap();                                                        \
        }                                                                            \
    } while (0)

/* A text that lies in `size` bytes: ended, and on one line without control characters. */
#define fuzz_check_line(text, size)                        \
    do {                                                   \
        fuzz_check(memchr(text, '\0', size) != NULL);      \
        for (const char *at_ = (text); *at_ != 0; at_++) { \
            fuzz_check((unsigned char)*at_ >= ' ');        \
            fuzz_check(*at_ != 0x7f);                      \
        }                                                  \
    } while (0)

struct fuzz_input {
    const char *at;
    size_t left;
};

#define FUZZ_INPUT(data, size)                    \
    {                                             \
        (const char *)(data), (data) ? (size) : 0 \
    }

/* The place of the line that ends a part, from the line end before it on; NULL: none. */
static inline const char *
fuzz_part_end(const char *at, size_t left)
{
    static const char mark[] = "\n---\n";
    enum { LEN = sizeof mark - 1 };

    for (const char *end = at + left; at != NULL && (size_t)(end - at) >= LEN; at++) {
        at = memchr(at, '\n', (size_t)(end - at) - LEN + 1);
        if (at == NULL || memcmp(at, mark, LEN) == 0) {
            return at;
        }
    }
    return NULL;
}

/* Takes the next part, of *len bytes and a zero; more than strlen() says, where there are
 * zeroes in it. */
static inline char *
fuzz_part(struct fuzz_input *in, size_t *len)
{
    const char *end = fuzz_part_end(in->at, in->left);
    size_t n = end != NULL ? (size_t)(end - in->at) : in->left;
    char *out = mem_alloc(n + 1);

    if (n > 0) {
        memcpy(out, in->at, n);
    }
    if (len != NULL) {
        *len = n;
    }
    n += end != NULL ? strlen("\n---\n") : 0;
    in->at += n;
    in->left -= n;
    return out;
}

static inline char *
fuzz_text(struct fuzz_input *in)
{
    return fuzz_part(in, NULL);
}

static inline unsigned char
fuzz_byte(struct fuzz_input *in)
{
    unsigned char c = in->left > 0 ? (unsigned char)*in->at : 0;

    in->at += in->left > 0 ? 1 : 0;
    in->left -= in->left > 0 ? 1 : 0;
    return c;
}

/* The next part as JSON; NULL where it is none. */
static inline json_t *
fuzz_json(struct fuzz_input *in)
{
    auto_free char *text = fuzz_text(in);
    struct err e = { 0 };

    return json_parse(text, strlen(text), "input", &e);
}

#ifdef FUZZ_FOLDER
/* Needs _XOPEN_SOURCE 700. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of this process; its files are removed when it ends. In memory where that can be: a
 * disk takes milliseconds for each. */
static char fuzz_folder[32] = "/dev/shm/fuzz-XXXXXX";
static char fuzz_files[8][64];

static inline void
fuzz_forget(void)
{
    for (size_t i = 0; fuzz_files[i][0] != '\0'; i++) {
        (void)unlink(fuzz_files[i]);
    }
    (void)rmdir(fuzz_folder);
}

/* Writes the which-th file; they are numbered in the order in which they come to be. */
static inline const char *
fuzz_file(size_t which, const char *name, const char *text, size_t len)
{
    int fd = -1;

    if (fuzz_files[0][0] == '\0') {
        if (access("/dev/shm", W_OK) < 0) {
            (void)snprintf(fuzz_folder, sizeof fuzz_folder, "/tmp/fuzz-XXXXXX");
        }
        fuzz_check(mkdtemp(fuzz_folder) != NULL);
        (void)atexit(fuzz_forget);
    }
    (void)snprintf(fuzz_files[which], sizeof *fuzz_files, "%s/%s", fuzz_folder, name);
    fd = open(fuzz_files[which], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    fuzz_check(fd >= 0 && write(fd, text, len) == (ssize_t)len && close(fd) == 0);
    return fuzz_files[which];
}

#endif
#ifdef FUZZ_JSON

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
/* libFuzzer's; not there in what replays a corpus. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

/* A value in a tree, any as likely as another. */
struct fuzz_place {
    json_t *in;
    const char *key; /* NULL: in an array */
    size_t index;
    unsigned seen, seed;
};

static inline unsigned
fuzz_random(unsigned *seed)
{
    *seed = *seed * 1103515245U + 12345U;
    return *seed >> 8;
}

static inline void
fuzz_visit(struct fuzz_place *p, json_t *in, const char *key, size_t index)
{
    if (fuzz_random(&p->seed) % ++p->seen == 0) {
        p->in = in;
        p->key = key;
        p->index = index;
    }
}

/* jansson's own limit of depth bounds this. */
static inline void
fuzz_pick(json_t *tree, struct fuzz_place *p) /* NOLINT(misc-no-recursion) */
{
    const char *key = NULL;
    size_t i = 0;
    json_t *value = NULL;

    json_object_foreach (tree, key, value) {
        fuzz_visit(p, tree, key, 0);
        fuzz_pick(value, p);
    }
    json_array_foreach (tree, i, value) {
        fuzz_visit(p, tree, NULL, i);
        fuzz_pick(value, p);
    }
}

static inline json_t *
fuzz_value(const struct fuzz_place *p)
{
    return p->key != NULL ? json_object_get(p->in, p->key)
                          : json_array_get(p->in, p->index);
}

static inline json_t *
fuzz_other_text(json_t *value)
{
    const char *text = json_string_value(value);
    char copy[256] = "";
    size_t len = strlen(text != NULL ? text : "");

    len = len < 128 ? len : 128;
    memcpy(copy, text != NULL ? text : "", len);
    len = LLVMFuzzerMutate((uint8_t *)copy, len, sizeof copy - 1);
    copy[len] = '\0';
    return json_string(copy); /* NULL where it is no UTF-8 */
}

/* Another value for one place of a tree. */
static inline json_t *
fuzz_new_value(json_t *tree, struct fuzz_place *p)
{
    static const char *const odd[] = { "null",
                                       "true",
                                       "false",
                                       "0",
                                       "-1",
                                       "1",
                                       "9223372036854775807",
                                       "-9223372036854775808",
                                       "1.5",
                                       "\"\"",
                                       "[]",
                                       "{}",
                                       "\"\\u001b[2J\\n\"",
                                       "\"%s\"" };
    struct fuzz_place from = { .seed = p->seed + 1 };
    unsigned act = fuzz_random(&p->seed) % 4;

    if (act == 0) {
        fuzz_pick(tree, &from);
        return json_deep_copy(fuzz_value(&from));
    }
    return act == 1 ? json_loads(odd[fuzz_random(&p->seed) % (sizeof odd / sizeof *odd)],
                                 JSON_DECODE_ANY, NULL)
                    : fuzz_other_text(fuzz_value(p));
}

static inline void
fuzz_change(json_t *tree, unsigned seed)
{
    struct fuzz_place p = { .seed = seed };
    json_t *value = NULL;

    fuzz_pick(tree, &p);
    if (p.in == NULL) {
        return;
    }
    if (fuzz_random(&p.seed) % 8 == 0) {
        (void)(p.key != NULL ? json_object_del(p.in, p.key)
                             : json_array_remove(p.in, p.index));
        return;
    }
    value = fuzz_new_value(tree, &p);
    if (value != NULL && p.key == NULL && fuzz_random(&p.seed) % 4 == 0) {
        (void)json_array_append_new(p.in, value);
    } else if (value != NULL) {
        (void)(p.key != NULL ? json_object_set_new(p.in, p.key, value)
                             : json_array_set_new(p.in, p.index, value));
    }
}

/* One time of four the bytes change, else the tree of one part. */
size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    unsigned skip = fuzz_random(&seed) % 3;
    const char *from = in.at;
    size_t len = 0;
    json_t *tree auto_json = NULL;
    auto_free char *text = NULL;
    auto_free char *out = NULL;

    for (unsigned i = 0; i <= skip && in.left > 0; i++) {
        json_decref(tree);
        from = in.at;
        tree = fuzz_json(&in);
        len = (size_t)(in.at - from);
    }
    if (tree == NULL || fuzz_random(&seed) % 4 == 0) {
        return LLVMFuzzerMutate(data, size, max);
    }
    fuzz_change(tree, seed);
    text = json_text(tree);
    out = mem_printf("%.*s%s%s%.*s", (int)(from - (const char *)data), (const char *)data,
                     text, in.left > 0 ? "\n---\n" : "", (int)in.left, in.at);
    len = strlen(out);
    if (len > max) {
        return LLVMFuzzerMutate(data, size, max);
    }
    memcpy(data, out, len);
    return len;
}

#endif
#endif
