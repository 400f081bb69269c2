#include <jansson.h>
#include <string.h>

#include "base/archive.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/sig.h"
#include "base/visible.h"
#include "kubedb/redact.h"
#include "report/bundle.h"

/*
 * The files of a bundle, bounded in size and without secrets.
 */

enum {
    BUNDLE_JSON_BYTES = 4 * 1024 * 1024, /* of one file of JSON */
    BUNDLE_LAST_BYTES = BUNDLE_RUN_BYTES + 2 * 1024 * 1024,
};

/* What may still be added. The run's events and the README come last, and have room. */
size_t
bundle_room(const struct bundle *b)
{
    size_t most = b->last ? BUNDLE_BYTES : BUNDLE_BYTES - BUNDLE_LAST_BYTES;

    return b->files->bytes < most ? most - b->files->bytes : 0;
}

/* The only way into the archive. Names are partly of others: nothing but a file in the
 * bundle's folder comes of them. */
void
bundle_put(struct bundle *b, const char *name, const char *data, size_t len)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-_./";
    auto_free char *file = mem_strdup(name);
    char *up = NULL;

    for (char *c = file; *(c += strspn(c, plain)) != '\0';) {
        *c = '_';
    }
    while ((up = strstr(file, "..")) != NULL) {
        up[0] = '_';
        up[1] = '_';
    }
    if (len > bundle_room(b)) {
        bundle_miss(b, file, "left out: the bundle would be too large");
        return;
    }
    archive_add(b->files, file, data, len);
}

/* Made visible, so that the text does no harm to who reads it on a terminal. */
static void
bundle_put_text(struct bundle *b, const char *name, const char *text)
{
    auto_buf struct buf visible = BUF_LIMIT(bundle_room(b));

    if (visible_add(&visible, text, strlen(text), VISIBLE_LINES) < 0) {
        bundle_miss(b, name, "left out: the bundle would be too large");
        return;
    }
    bundle_put(b, name, buf_text(&visible), visible.len);
}

/* After secrets were taken out of a file: whether all of it was looked through. */
static void
bundle_say_stopped(struct bundle *b, const char *name)
{
    if (b->secrets.watch.stopped) {
        bundle_miss(b, name, "left out: no time to search all of it for secrets");
    }
}

void
bundle_add(struct bundle *b, const char *name, const char *text)
{
    auto_free char *clean = redact_text(text, &b->secrets.watch);

    bundle_put_text(b, name, clean);
    bundle_say_stopped(b, name);
}

void
bundle_add_json(struct bundle *b, const char *name, const json_t *o)
{
    size_t room = bundle_room(b);
    size_t left_out = 0;
    auto_json json_t *copy = NULL;
    auto_free char *text = NULL;
    auto_free char *line = NULL;

    if (o == NULL) {
        bundle_miss(b, name, "not found");
        return;
    }
    copy =
        json_copy_some(o, room < BUNDLE_JSON_BYTES ? room : BUNDLE_JSON_BYTES, &left_out);
    redact_json(copy, &b->secrets.watch);
    text = json_text_lines(copy);
    line = mem_printf("%s\n", text);
    if (left_out > 0) {
        bundle_miss(b, name, "too large: notes in the file say what is left out");
    }
    bundle_put(b, name, line, strlen(line));
    bundle_say_stopped(b, name);
}

void
bundle_miss(struct bundle *b, const char *what, const char *why)
{
    bundle_say(&b->missing, "  %-32s %s", what, why);
}

void
bundle_miss_reply(struct bundle *b, const char *what, const struct err *e)
{
    bundle_miss(b, what, e->msg);
}

bool
bundle_may_ask(const struct bundle *b)
{
    return !b->away && (int)sig_asked() == b->secrets.asked;
}
