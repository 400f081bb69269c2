#include "kubedb/form.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"

/*
 * The reader walks a table and the text together.
 */

enum {
    FORM_DEPTH_MAX = 8, /* lists and objects within each other: a journal has five */
    FORM_PATH_MAX = 200,
};

/* -- texts -- */

#define FORM_LOWER "abcdefghijklmnopqrstuvwxyz"
#define FORM_UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define FORM_DIGIT "0123456789"

static bool
form_has_only(const char *text, const char *set)
{
    return text[strspn(text, set)] == '\0';
}

/* Labels that are joined by dots (RFC 1123): each begins and ends with a letter or a
 * digit. */
bool
form_is_name(const char *text)
{
    static const char alnum[] = FORM_LOWER FORM_DIGIT;

    for (;;) {
        size_t n = strspn(text, FORM_LOWER FORM_DIGIT "-");

        if (n == 0 || strchr(alnum, text[0]) == NULL ||
            strchr(alnum, text[n - 1]) == NULL) {
            return false;
        }
        if (text[n] != '.') {
            return text[n] == '\0';
        }
        text += n + 1;
    }
}

bool
form_is_label(const char *text)
{
    return strchr(text, '.') == NULL && form_is_name(text);
}

bool
form_is_word(const char *text)
{
    return form_has_only(text, FORM_LOWER FORM_UPPER FORM_DIGIT);
}

bool
form_is_uid(const char *text)
{
    return form_has_only(text, FORM_LOWER FORM_UPPER FORM_DIGIT "-_.:");
}

bool
form_is_variable(const char *text)
{
    return form_has_only(text, FORM_LOWER FORM_UPPER FORM_DIGIT "_");
}

/* An image's reference, or a version: neither has anything else. */
bool
form_is_image(const char *text)
{
    return form_has_only(text, FORM_LOWER FORM_UPPER FORM_DIGIT "-_./:@+");
}

bool
form_is_hex(const char *text)
{
    return form_has_only(text, FORM_DIGIT "ABCDEFabcdef") && strlen(text) % 2 == 0;
}

bool
form_is_measure(const char *text)
{
    return form_has_only(text, FORM_LOWER FORM_DIGIT "._");
}

bool
form_is_time(const char *text)
{
    return form_has_only(text, FORM_DIGIT "-:.TZ+");
}

/* What is shown to people. Beside the controls of ASCII those of Unicode, which turn
 * round or hide what stands behind them. */
bool
form_is_shown(const char *text)
{
    static const struct {
        unsigned char first, second, from, to; /* bytes of UTF-8 */
    } hidden[] = {
        { 0xe2, 0x80, 0x8b, 0x8f },
        { 0xe2, 0x80, 0xa8, 0xae },
        { 0xe2, 0x81, 0xa0, 0xaf },
        { 0xef, 0xbb, 0xbf, 0xbf },
    };

    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c < 0x20 || *c == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0)) {
            return false;
        }
        for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
            if (c[0] == hidden[i].first && c[1] == hidden[i].second &&
                c[2] >= hidden[i].from && c[2] <= hidden[i].to) {
                return false;
            }
        }
    }
    return true;
}

/* A database's name may be anything, and is only compared. */
bool
form_is_any(const char *text)
{
    (void)text;
    return true;
}

/* -- the reader -- */

struct form {
    const char *what;
    char path[FORM_PATH_MAX]; /* of the field that is looked at: "new_set.replicas" */
    struct err *e;
};

/* What is wrong with the field at hand. A name that is foreign is shown only where it is
 * plain. */
static int
form_refuse(const struct form *f, const char *trouble)
{
    bool plain = true;

    for (const char *c = f->path; *c != '\0'; c++) {
        plain = plain && *c >= ' ' && *c <= '~';
    }
    return err_set(f->e, ERR_REFUSED, "%s cannot be read: %s%s%s", f->what,
                   plain ? f->path : "a field", *f->path != '\0' ? ": " : "", trouble);
}

static int
form_read_text(const struct form *f, const struct form_field *field, const json_t *value)
{
    const char *text = json_string_value(value);
    long long len = (long long)json_string_length(value);

    if (text == NULL) {
        return form_refuse(f, "not a string");
    }
    for (const char *const *word = field->words; word != NULL; word++) {
        if (*word == NULL) {
            return form_refuse(f, "not one of the allowed values");
        }
        if (str_eq(*word, text)) {
            return 0;
        }
    }
    if (len < field->min || len > field->max) {
        return form_refuse(f, len == 0 ? "empty" : "too long");
    }
    return field->is(text) ? 0
                           : form_refuse(f, "contains characters that are not allowed");
}

static int
form_read_number(const struct form *f, const struct form_field *field,
                 const json_t *value)
{
    char trouble[96];
    long long n = json_integer_value(value);

    if (!json_is_integer(value)) {
        return form_refuse(f, "not an integer");
    }
    if (n >= field->min && n <= field->max) {
        return 0;
    }
    (void)snprintf(trouble, sizeof trouble, "%lld is not between %lld and %lld", n,
                   field->min, field->max);
    return form_refuse(f, trouble);
}

static int form_read_object(struct form *f, const struct form_field *fields,
                            const json_t *value);

static int
form_read_list(struct form *f, const struct form_field *field, const json_t *value)
{
    size_t len = strlen(f->path);
    size_t i = 0;
    json_t *item = NULL;

    if (!json_is_array(value)) {
        return form_refuse(f, "not a list");
    }
    if (json_array_size(value) > (size_t)field->max) {
        return form_refuse(f, "too many entries");
    }
    json_array_foreach (value, i, item) {
        str_append(f->path, sizeof f->path, "[%zu]", i);
        if (form_read_object(f, field->fields, item) < 0) {
            return -1;
        }
        f->path[len] = '\0';
    }
    return 0;
}

static int
form_read_field(struct form *f, const struct form_field *field, const json_t *value)
{
    switch (field->type) {
    case FORM_TEXT:
        return form_read_text(f, field, value);
    case FORM_NUMBER:
        return form_read_number(f, field, value);
    case FORM_LIST:
        return form_read_list(f, field, value);
    case FORM_OBJECT:
        return json_object_size(value) > (size_t)field->max
                   ? form_refuse(f, "too many entries")
                   : form_read_object(f, field->fields, value);
    case FORM_BOOL:
    default:
        return json_is_boolean(value) ? 0 : form_refuse(f, "neither true nor false");
    }
}

static bool
form_is_end(const struct form_field *field)
{
    return field->key == NULL && field->is == NULL;
}

/* The row for a name, or NULL. */
static const struct form_field *
form_find(const struct form_field *fields, const char *key)
{
    for (; !form_is_end(fields); fields++) {
        if (fields->key == NULL ? strlen(key) <= fields->name && fields->is(key)
                                : str_eq(fields->key, key)) {
            return fields;
        }
    }
    return NULL;
}

static int
form_read_object(struct form *f, const struct form_field *fields, const json_t *value)
{
    size_t len = strlen(f->path);
    const char *key = NULL;
    json_t *inner = NULL;

    if (!json_is_object(value)) {
        return form_refuse(f, "not an object");
    }
    json_object_foreach (json_mutable(value), key, inner) {
        const struct form_field *field = form_find(fields, key);

        str_append(f->path, sizeof f->path, "%s%.100s", len > 0 ? "." : "", key);
        if (field == NULL) {
            return form_refuse(f, "unknown field");
        }
        if (form_read_field(f, field, inner) < 0) {
            return -1;
        }
        f->path[len] = '\0';
    }
    for (; !form_is_end(fields); fields++) {
        if (fields->needed && json_object_get(value, fields->key) == NULL) {
            str_append(f->path, sizeof f->path, "%s%s", len > 0 ? "." : "", fields->key);
            return form_refuse(f, "missing");
        }
    }
    return 0;
}

/* -- the text -- */

/* How deep a text's lists and objects are within each other. That of a text that is no
 * JSON means nothing. */
static size_t
form_depth(const char *text, size_t len)
{
    size_t depth = 0;
    size_t most = 0;
    bool quoted = false;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (quoted) {
            i += c == '\\' ? 1 : 0;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            depth++;
            most = depth > most ? depth : most;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return most;
}

json_t *
form_parse(const struct form_kind *kind, const char *text, size_t len, struct err *e)
{
    struct form f = { .what = kind->what, .e = e };
    char trouble[96];
    json_error_t je;
    json_t *o = NULL;

    if (len > kind->most) {
        (void)snprintf(trouble, sizeof trouble, "%zu bytes exceed the limit of %zu", len,
                       kind->most);
        form_refuse(&f, trouble);
        return NULL;
    }
    if (form_depth(text, len) > FORM_DEPTH_MAX) {
        form_refuse(&f, "nested too deeply");
        return NULL;
    }
    o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &je);
    if (o == NULL) {
        (void)snprintf(trouble, sizeof trouble, "not JSON: line %d, column %d", je.line,
                       je.column);
        form_refuse(&f, trouble);
    }
    return o;
}

int
form_read(const struct form_kind *kind, const char *text, size_t len, json_t **out,
          struct err *e)
{
    struct form f = { .what = kind->what, .e = e };
    json_t *o = form_parse(kind, text, len, e);

    if (o == NULL) {
        return -1;
    }
    if (form_read_object(&f, kind->fields, o) < 0) {
        json_decref(o);
        return -1;
    }
    *out = o;
    return 0;
}
