#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

/*
 * A copy of an object of any size that is of a known size at most.
 */

enum {
    CUT_DEPTH = 64,  /* more is no object of Kubernetes */
    CUT_VALUE = 32,  /* a number, or the marks around a value */
    CUT_NOTE = 64,   /* says that something is left out */
    CUT_ESCAPED = 6, /* a byte that is written as \uXXXX */
};

struct json_cut {
    size_t left; /* bytes of text that may follow */
    size_t n;    /* values that were left out */
    bool full;   /* not even a note has room: all that follows is left out */
};

/* Of the line that a value stands in. */
static size_t
cut_indent(size_t depth)
{
    return CUT_VALUE + 2 * depth;
}

static size_t
cut_string_size(const char *s, size_t len)
{
    size_t size = 0;

    for (size_t i = 0; i < len; i++) {
        size +=
            s[i] >= ' ' && s[i] < 0x7f && s[i] != '"' && s[i] != '\\' ? 1 : CUT_ESCAPED;
    }
    return size;
}

static bool
cut_takes(struct json_cut *c, size_t size)
{
    if (c->full || size > c->left) {
        return false;
    }
    c->left -= size;
    return true;
}

static json_t *
cut_note(struct json_cut *c, size_t depth, size_t n, const char *what)
{
    char text[CUT_NOTE];

    c->n++;
    c->full = !cut_takes(c, CUT_NOTE + cut_indent(depth));
    (void)snprintf(text, sizeof text, "[left out: %zu %s]", n, what);
    return mem_check(json_string(text));
}

static json_t *cut_copy(const json_t *o, size_t depth, struct json_cut *c);

/* The members up to where it is full, and a note instead of those that follow. */
static json_t *
cut_object(const json_t *o, size_t depth, struct json_cut *c)
{
    json_t *out = mem_check(json_object());
    size_t rest = json_object_size(o);
    const char *key = NULL;
    json_t *value = NULL;

    json_object_foreach (json_mutable(o), key, value) {
        if (!cut_takes(c, cut_string_size(key, strlen(key)) + CUT_VALUE)) {
            c->full = true;
        }
        if (c->full) {
            (void)json_object_set_new(out, "...", cut_note(c, depth, rest, "members"));
            break;
        }
        (void)json_object_set_new(out, key, cut_copy(value, depth + 1, c));
        rest--;
    }
    return out;
}

static json_t *
cut_array(const json_t *o, size_t depth, struct json_cut *c)
{
    json_t *out = mem_check(json_array());
    size_t rest = json_array_size(o);
    json_t *value = NULL;
    size_t i = 0;

    json_array_foreach (o, i, value) {
        if (c->full) {
            (void)json_array_append_new(out, cut_note(c, depth, rest, "elements"));
            break;
        }
        (void)json_array_append_new(out, cut_copy(value, depth + 1, c));
        rest--;
    }
    return out;
}

/* A text is there as a whole or not at all: who looks for secrets in it sees all of it.
 */
static json_t *
cut_copy(const json_t *o, size_t depth, struct json_cut *c)
{
    size_t len = json_string_length(o);

    if (json_is_string(o)) {
        return len <= c->left && cut_takes(c, cut_string_size(json_string_value(o), len) +
                                                  cut_indent(depth))
                   ? mem_check(json_deep_copy(o))
                   : cut_note(c, depth, len, "bytes");
    }
    if ((json_is_object(o) || json_is_array(o)) && depth >= CUT_DEPTH) {
        return cut_note(c, depth, 1, "value, nested too deeply");
    }
    if (!cut_takes(c, cut_indent(depth))) {
        c->full = true;
        return cut_note(c, depth, 1, "value");
    }
    if (json_is_object(o)) {
        return cut_object(o, depth, c);
    }
    return json_is_array(o) ? cut_array(o, depth, c) : mem_check(json_deep_copy(o));
}

json_t *
json_copy_some(const json_t *o, size_t most, size_t *left_out)
{
    struct json_cut c = { .left = most };
    json_t *out = cut_copy(o, 0, &c);

    *left_out = c.n;
    return out;
}
