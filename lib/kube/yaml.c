#include "kube/yaml.h"

#include <stdbool.h>
#include <string.h>
#include <yaml.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"

#define auto_event scope_cleanup(yaml_event_delete)

/* What a scalar or a collection costs besides its text: about what jansson takes. */
enum { YAML_NODE_COST = 16 };

struct yaml_reader {
    yaml_parser_t parser;
    const char *what;
    json_t *anchors; /* name -> the finished node */
    size_t cost;     /* of everything built so far, against KUBE_YAML_MEMORY */
    struct err *e;
};

static json_t *yaml_read_node(struct yaml_reader *r, const yaml_event_t *ev, int depth);

static void
yaml_reader_close(struct yaml_reader *r)
{
    yaml_parser_delete(&r->parser);
    json_decref(r->anchors);
}

#define auto_reader scope_cleanup(yaml_reader_close)

/* Sets the error and returns NULL, for any pointer type. */
static void *
yaml_fail(struct yaml_reader *r, const yaml_mark_t *at, const char *problem)
{
    err_set(r->e, ERR_CONFIG, "%s: line %zu, column %zu: %s", r->what, at->line + 1,
            at->column + 1, problem);
    return NULL;
}

static int
yaml_next(struct yaml_reader *r, yaml_event_t *ev)
{
    const yaml_parser_t *p = &r->parser;

    if (yaml_parser_parse(&r->parser, ev)) {
        return 0;
    }
    if (p->error == YAML_READER_ERROR) { /* it has no mark then */
        return err_set(r->e, ERR_CONFIG, "%s: byte %zu: %s", r->what, p->problem_offset,
                       p->problem);
    }
    yaml_fail(r, &p->problem_mark, p->problem != NULL ? p->problem : "out of memory");
    return -1;
}

static int
yaml_spend(struct yaml_reader *r, const yaml_mark_t *at, size_t cost)
{
    if (cost > KUBE_YAML_MEMORY - r->cost) {
        yaml_fail(r, at, "expands to too much data");
        return -1;
    }
    r->cost += cost;
    return 0;
}

static const struct yaml_word {
    const char *text;
    json_type type;
} yaml_words[] = {
    { "", JSON_NULL },       { "~", JSON_NULL },      { "null", JSON_NULL },
    { "Null", JSON_NULL },   { "NULL", JSON_NULL },   { "true", JSON_TRUE },
    { "True", JSON_TRUE },   { "TRUE", JSON_TRUE },   { "false", JSON_FALSE },
    { "False", JSON_FALSE }, { "FALSE", JSON_FALSE },
};

/* A plain scalar; what is no JSON number stays text. */
static json_t *
yaml_resolve(const char *text, size_t len)
{
    json_t *number = NULL;

    for (size_t i = 0; i < sizeof yaml_words / sizeof *yaml_words; i++) {
        if (str_eq(text, yaml_words[i].text)) {
            json_type type = yaml_words[i].type;

            return type == JSON_NULL ? json_null() : json_boolean(type == JSON_TRUE);
        }
    }
    if (strchr("-0123456789", text[0]) != NULL) {
        number = json_loadb(text, len, JSON_DECODE_ANY, NULL);
    }
    return json_is_number(number) ? number : json_stringn(text, len);
}

/* Whether the scalar is text, whatever it looks like. -1: a tag that we do not know. */
static int
yaml_scalar_is_text(const yaml_event_t *ev)
{
    static const char *const plain[] = { YAML_NULL_TAG, YAML_BOOL_TAG, YAML_INT_TAG,
                                         YAML_FLOAT_TAG };
    const char *tag = (const char *)ev->data.scalar.tag;

    if (tag == NULL) {
        return ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    }
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (str_eq(tag, plain[i])) {
            return 0;
        }
    }
    return str_eq(tag, "!") || str_eq(tag, YAML_STR_TAG) ? 1 : -1;
}

static json_t *
yaml_read_scalar(struct yaml_reader *r, const yaml_event_t *ev)
{
    const char *text = (const char *)ev->data.scalar.value;
    size_t len = ev->data.scalar.length;
    int is_text = yaml_scalar_is_text(ev);
    json_t *value = NULL;

    if (is_text < 0) {
        return yaml_fail(r, &ev->start_mark, "the tag is not supported");
    }
    if (memchr(text, '\0', len) != NULL) {
        return yaml_fail(r, &ev->start_mark, "a NUL character is not allowed");
    }
    if (yaml_spend(r, &ev->start_mark, YAML_NODE_COST + len) < 0) {
        return NULL;
    }
    value = is_text ? json_stringn(text, len) : yaml_resolve(text, len);
    return value != NULL ? value : yaml_fail(r, &ev->start_mark, "the text is not UTF-8");
}

/* What yaml_spend() was asked for when the tree was read. */
static size_t
yaml_cost(json_t *node)
{
    size_t cost = YAML_NODE_COST + json_string_length(node);
    size_t i = 0;
    const char *key = NULL;
    json_t *item = NULL;

    json_array_foreach (node, i, item) {
        cost += yaml_cost(item);
    }
    json_object_foreach (node, key, item) {
        cost += YAML_NODE_COST + strlen(key) + yaml_cost(item);
    }
    return cost;
}

/* A copy of what the anchor names, so that no two places share a node. An anchor is
 * known only when its node is complete: a node cannot contain itself. */
static json_t *
yaml_read_alias(struct yaml_reader *r, const yaml_event_t *ev)
{
    json_t *node = json_object_get(r->anchors, (const char *)ev->data.alias.anchor);

    if (node == NULL) {
        return yaml_fail(r, &ev->start_mark, "the alias has no anchor before it");
    }
    if (yaml_spend(r, &ev->start_mark, yaml_cost(node)) < 0) {
        return NULL;
    }
    return mem_check(json_deep_copy(node));
}

static json_t *
yaml_read_sequence(struct yaml_reader *r, int depth)
{
    auto_json json_t *list = mem_check(json_array());

    for (;;) {
        auto_event yaml_event_t ev = { 0 };
        json_t *item = NULL;

        if (yaml_next(r, &ev) < 0) {
            return NULL;
        }
        if (ev.type == YAML_SEQUENCE_END_EVENT) {
            return scope_steal(&list);
        }
        item = yaml_read_node(r, &ev, depth);
        if (item == NULL) {
            return NULL;
        }
        (void)json_array_append_new(list, item);
    }
}

/* Gives `map` what it lacks of the value of "<<": of several mappings the first wins. */
static int
yaml_merge(struct yaml_reader *r, json_t *map, json_t *from, const yaml_mark_t *at)
{
    size_t n = json_is_array(from) ? json_array_size(from) : 1;

    for (size_t i = 0; i < n; i++) {
        json_t *item = json_is_array(from) ? json_array_get(from, i) : from;

        if (!json_is_object(item)) {
            yaml_fail(r, at, "\"<<\" needs a mapping, or a list of mappings");
            return -1;
        }
        (void)json_object_update_missing(map, item);
    }
    return 0;
}

/* One member, whose key is the event; the value of "<<" goes to *merge for later. */
static int
yaml_read_member(struct yaml_reader *r, const yaml_event_t *ev, json_t *map,
                 json_t **merge, int depth)
{
    auto_event yaml_event_t next = { 0 };
    const char *key = (const char *)ev->data.scalar.value;
    size_t len = ev->data.scalar.length;
    bool merges = false;
    json_t *value = NULL;

    if (ev->type != YAML_SCALAR_EVENT || memchr(key, '\0', len) != NULL) {
        yaml_fail(r, &ev->start_mark, "a key must be a string");
        return -1;
    }
    merges = str_eq(key, "<<") && yaml_scalar_is_text(ev) == 0;
    if (merges ? *merge != NULL : json_object_get(map, key) != NULL) {
        yaml_fail(r, &ev->start_mark, "duplicate key");
        return -1;
    }
    if (yaml_spend(r, &ev->start_mark, YAML_NODE_COST + len) < 0 ||
        yaml_next(r, &next) < 0) {
        return -1;
    }
    value = yaml_read_node(r, &next, depth);
    if (merges) {
        *merge = value;
    } else if (value != NULL && json_object_set_new(map, key, value) < 0) {
        value = yaml_fail(r, &ev->start_mark, "the key is not UTF-8");
    }
    return value != NULL ? 0 : -1;
}

static json_t *
yaml_read_mapping(struct yaml_reader *r, int depth)
{
    auto_json json_t *map = mem_check(json_object());
    auto_json json_t *merge = NULL;

    for (;;) {
        auto_event yaml_event_t ev = { 0 };

        if (yaml_next(r, &ev) < 0) {
            return NULL;
        }
        if (ev.type == YAML_MAPPING_END_EVENT) {
            if (merge != NULL && yaml_merge(r, map, merge, &ev.start_mark) < 0) {
                return NULL;
            }
            return scope_steal(&map);
        }
        if (yaml_read_member(r, &ev, map, &merge, depth) < 0) {
            return NULL;
        }
    }
}

/* A sequence or mapping may carry the tag of its own kind only. */
static json_t *
yaml_read_collection(struct yaml_reader *r, const yaml_event_t *ev, int depth)
{
    bool list = ev->type == YAML_SEQUENCE_START_EVENT;
    const char *tag = list ? (const char *)ev->data.sequence_start.tag
                           : (const char *)ev->data.mapping_start.tag;

    if (tag != NULL && !str_eq(tag, "!") &&
        !str_eq(tag, list ? YAML_SEQ_TAG : YAML_MAP_TAG)) {
        return yaml_fail(r, &ev->start_mark, "the tag is not supported");
    }
    if (depth >= KUBE_YAML_DEPTH) {
        return yaml_fail(r, &ev->start_mark, "nested too deep");
    }
    if (yaml_spend(r, &ev->start_mark, YAML_NODE_COST) < 0) {
        return NULL;
    }
    return list ? yaml_read_sequence(r, depth + 1) : yaml_read_mapping(r, depth + 1);
}

static const char *
yaml_anchor(const yaml_event_t *ev)
{
    switch ((int)ev->type) {
    case YAML_SCALAR_EVENT:
        return (const char *)ev->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        return (const char *)ev->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        return (const char *)ev->data.mapping_start.anchor;
    default:
        return NULL;
    }
}

/* The node that begins with this event. Returns a new reference, or NULL. */
static json_t *
yaml_read_node(struct yaml_reader *r, const yaml_event_t *ev, int depth)
{
    const char *anchor = yaml_anchor(ev);
    json_t *node = NULL;

    if (ev->type == YAML_ALIAS_EVENT) {
        return yaml_read_alias(r, ev);
    }
    node = ev->type == YAML_SCALAR_EVENT ? yaml_read_scalar(r, ev)
                                         : yaml_read_collection(r, ev, depth);
    if (node != NULL && anchor != NULL) {
        json_object_set(r->anchors, anchor, node);
    }
    return node;
}

/* The next document, or NULL at the end of the stream, with *end set. */
static json_t *
yaml_read_document(struct yaml_reader *r, yaml_mark_t *at, bool *end)
{
    auto_event yaml_event_t start = { 0 };
    auto_event yaml_event_t first = { 0 };
    auto_event yaml_event_t stop = { 0 };
    auto_json json_t *node = NULL;

    if (yaml_next(r, &start) < 0) {
        return NULL;
    }
    *end = start.type == YAML_STREAM_END_EVENT;
    if (*end || yaml_next(r, &first) < 0) {
        return NULL;
    }
    *at = first.start_mark;
    json_object_clear(r->anchors);
    node = yaml_read_node(r, &first, 0);
    if (node == NULL || yaml_next(r, &stop) < 0) {
        return NULL;
    }
    return scope_steal(&node);
}

/* The first document; those after it must be empty, as behind a last "---". */
static json_t *
yaml_read_stream(struct yaml_reader *r)
{
    auto_event yaml_event_t start = { 0 };
    auto_json json_t *first = NULL;
    bool end = false;

    if (yaml_next(r, &start) < 0) {
        return NULL;
    }
    while (!end) {
        yaml_mark_t at = { 0 };
        auto_json json_t *node = yaml_read_document(r, &at, &end);

        if (node == NULL && !end) {
            return NULL;
        }
        if (first == NULL) {
            first = scope_steal(&node);
        } else if (node != NULL && !json_is_null(node)) {
            return yaml_fail(r, &at, "a second document is not allowed");
        }
    }
    return first != NULL ? scope_steal(&first) : json_null();
}

json_t *
kube_yaml_parse(const char *text, size_t len, const char *what, struct err *e)
{
    auto_reader struct yaml_reader r = { .what = what, .e = e };

    if (!yaml_parser_initialize(&r.parser)) {
        return mem_check(NULL);
    }
    if (len > KUBE_YAML_SIZE) {
        err_set(e, ERR_CONFIG, "%s is larger than %d bytes", what, (int)KUBE_YAML_SIZE);
        return NULL;
    }
    r.anchors = mem_check(json_object());
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
    return yaml_read_stream(&r);
}
