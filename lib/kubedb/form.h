#ifndef KUBEDB_FORM_H
#define KUBEDB_FORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Foreign JSON that is read by a table of its fields: what no row names, what is of
 * another type, longer or larger than its row says, is refused.
 */
enum form_type { FORM_BOOL, FORM_NUMBER, FORM_TEXT, FORM_OBJECT, FORM_LIST };

/* A table ends with a row of zeros. */
struct form_field {
    const char *key; /* NULL: any other one that `is` allows, at most as long as `name` */
    enum form_type type;
    long long min, max; /* of a number; a text's bytes; an object's or list's entries */
    bool (*is)(const char *text);    /* of a text, or of the names of the key NULL */
    const char *const *words;        /* instead: one of these */
    const struct form_field *fields; /* of an object, or of each of a list's */
    bool needed;
    size_t name; /* of the key NULL */
};

/* A kind of text. */
struct form_kind {
    const char *what; /* for errors: "the journal" */
    const struct form_field *fields;
    size_t most; /* bytes of text */
};

/* Reads one object from a text of len bytes. ERR_REFUSED says which field is wrong;
 * *out, a new reference, is set on success alone. */
int form_read(const struct form_kind *kind, const char *text, size_t len, json_t **out,
              struct err *e);

/* The text as JSON, if it is an object, short and flat enough; no field is looked at. */
json_t *form_parse(const struct form_kind *kind, const char *text, size_t len,
                   struct err *e);

/* What texts may be. */
bool form_is_name(const char *text);  /* DNS-1123 labels, joined by dots */
bool form_is_label(const char *text); /* one of them */
bool form_is_word(const char *text);  /* letters and digits */
bool form_is_uid(const char *text);
bool form_is_variable(const char *text); /* of a container's environment */
bool form_is_image(const char *text);    /* an image's reference, or a version */
bool form_is_hex(const char *text);      /* pairs of digits */
bool form_is_measure(const char *text);
bool form_is_time(const char *text);
bool form_is_shown(const char *text); /* without what turns or hides text on a terminal */
bool form_is_any(const char *text);

#endif
