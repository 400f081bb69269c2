#include "base/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/visible.h"

/* One step down: a member of an object, or a numbered element of an array. */
static json_t *
json_step(const json_t *o, const char *name, size_t len)
{
    char key[256];
    long long index = 0;

    if (len >= sizeof key) {
        return NULL;
    }
    memcpy(key, name, len);
    key[len] = '\0';
    if (json_is_array(o)) {
        return str_to_ll(key, &index) && index >= 0 ? json_array_get(o, (size_t)index)
                                                    : NULL;
    }
    return json_object_get(o, key);
}

json_t *
json_path(const json_t *o, const char *path)
{
    const json_t *at = o;

    while (at != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");

        at = json_step(at, path, len);
        path += len + (path[len] == '.' ? 1 : 0);
    }
    return json_mutable(at);
}

const char *
json_path_str(const json_t *o, const char *path)
{
    const char *s = json_string_value(json_path(o, path));

    return s != NULL ? s : "";
}

long long
json_path_int(const json_t *o, const char *path, long long otherwise)
{
    const json_t *v = json_path(o, path);

    return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

bool
json_path_true(const json_t *o, const char *path)
{
    return json_is_true(json_path(o, path));
}

json_t *
json_array_find(const json_t *array, const char *key, const char *value, size_t *index)
{
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach (array, i, item) {
        if (str_eq(json_string_value(json_object_get(item, key)), value)) {
            if (index != NULL) {
                *index = i;
            }
            return item;
        }
    }
    return NULL;
}

json_t *
json_parse(const char *text, size_t len, const char *what, struct err *e)
{
    json_error_t je;
    json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &je);

    if (o == NULL) {
        err_set(e, ERR_PROTOCOL, "%s is not JSON: %s at line %d, column %d", what,
                je.text, je.line, je.column);
    }
    return o;
}

/* "\u202e"; beyond 16 bits as two of them. */
static int
json_add_escape(struct buf *b, uint32_t cp)
{
    if (cp <= 0xffff) {
        return buf_printf(b, "\\u%04x", (unsigned)cp);
    }
    cp -= 0x10000;
    return buf_printf(b, "\\u%04x\\u%04x", 0xd800 + (unsigned)(cp >> 10),
                      0xdc00 + (unsigned)(cp & 0x3ff));
}

/* jansson escapes what JSON demands. Whatever else is not shown can only stand within a
 * string, where an escape means the same. */
static char *
json_dump(const json_t *o, size_t flags)
{
    auto_free char *text = mem_check(json_dumps(o, flags | JSON_ENCODE_ANY));
    size_t len = strlen(text);
    auto_buf struct buf b = BUF_LIMIT(SIZE_MAX / 2);

    for (const char *at = text; len > 0;) {
        uint32_t cp = 0;
        size_t n = visible_decode(at, len, &cp);

        if (visible_is_shown(cp) || cp == '\n' || cp == VISIBLE_BROKEN) {
            (void)!buf_add(&b, at, n);
        } else {
            (void)!json_add_escape(&b, cp);
        }
        at += n;
        len -= n;
    }
    return buf_take(&b);
}

char *
json_text(const json_t *o)
{
    return json_dump(o, JSON_COMPACT);
}

char *
json_text_lines(const json_t *o)
{
    return json_dump(o, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
}

json_t *
json_visible(const char *text)
{
    json_t *value = json_string(text);

    if (value == NULL) {
        auto_buf struct buf b = BUF_LIMIT(SIZE_MAX / 2);

        (void)!visible_add(&b, text, strlen(text), VISIBLE_LINE);
        value = json_string(buf_text(&b));
    }
    return mem_check(value);
}
