/* A watch's stream, and lists in it, in pieces as long as the first byte says: the mirror
 * must be the same as when all of it comes at once. parsers: lib/kube/frame.c
 * lib/kube/watch_mirror.c */
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "kube/frame.h"
#include "kube/watch_mirror.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
on_line(void *ctx, const char *text, size_t len)
{
    struct err e = { 0 };
    json_t *event auto_json = json_parse(text, len, "event", &e);

    if (event != NULL && json_object_get(event, "items") != NULL) {
        return mirror_set(ctx, event, &e);
    }
    return event == NULL ? -1 : mirror_apply(ctx, event, &e);
}

static void
feed(struct mirror *m, const char *data, size_t size, size_t piece)
{
    struct frame f = { .rest = BUF_LIMIT(1024) };
    int rc = 0;

    for (size_t at = 0; at < size && rc == 0; at += piece) {
        rc = frame_add(&f, data + at, size - at < piece ? size - at : piece, on_line, m);
    }
    frame_clear(&f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mirror pieces;
    struct mirror whole;

    if (size < 1) {
        return 0;
    }
    mirror_init(&pieces);
    mirror_init(&whole);
    feed(&pieces, (const char *)data + 1, size - 1, (size_t)data[0] + 1);
    feed(&whole, (const char *)data + 1, size - 1, size);
    if (pieces.version != whole.version || !json_equal(pieces.objects, whole.objects)) {
        __builtin_trap();
    }
    mirror_clear(&pieces);
    mirror_clear(&whole);
    return 0;
}
