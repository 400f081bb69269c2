/* JSON values: what is secret by the names around it, and every text. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/redact.h"
#include "kubedb/redact_names.h"
#include "kubedb/redact_shell.h"
#include "kubedb/redact_value.h"

/* What all below a member is. */
enum redact_below {
    REDACT_BELOW_ANY,
    REDACT_BELOW_SECRET,    /* all of it is secret */
    REDACT_BELOW_REFERENCE, /* but for what only refers to a Secret */
};

static const char *const redact_dropped[] = {
    "managedFields",
    "kubectl.kubernetes.io/last-applied-configuration",
};

static void redact_value(json_t *value, enum redact_below below, struct redact_watch *w);

static json_t *
redact_mark(void)
{
    return mem_check(json_string(REDACT_MARK));
}

/* A text without its secrets; NULL if it has none. New reference. */
static json_t *
redact_string(const json_t *value, struct redact_watch *w)
{
    const char *was = json_string_value(value);
    auto_free char *now = redact_text(was, w);

    return str_eq(was, now) ? NULL : mem_check(json_string(now));
}

/* What says nothing: null, true, "YES", an empty text. */
static bool
redact_says_nothing(const json_t *value)
{
    return json_is_null(value) || json_is_boolean(value) ||
           (json_is_string(value) &&
            redact_is_harmless(json_string_value(value), json_string_length(value)));
}

/* What becomes of a member of an object or array: NULL: it stays. New reference. */
static json_t *
redact_replace(json_t *value, enum redact_below below, struct redact_watch *w)
{
    if (json_is_object(value) || json_is_array(value)) {
        redact_value(value, below, w);
        return NULL;
    }
    if (below != REDACT_BELOW_ANY && !redact_says_nothing(value)) {
        return redact_mark();
    }
    return json_is_string(value) ? redact_string(value, w) : NULL;
}

/* -- objects -- */

/* {"name": "MYSQL_ROOT_PASSWORD", "value": "..."}: a variable. */
static bool
redact_is_variable(const json_t *o)
{
    const char *name = json_string_value(json_object_get(o, "name"));

    return name != NULL && json_object_get(o, "value") != NULL &&
           redact_is_secret_variable(name, strlen(name));
}

/* The data of a Secret, whatever they are called. */
static void
redact_data_of(json_t *secret, struct redact_watch *w)
{
    static const char *const members[] = { "data", "stringData" };

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        redact_value(json_object_get(secret, members[i]), REDACT_BELOW_SECRET, w);
    }
}

/* The items of a list do not always say what they are. */
static void
redact_secrets(json_t *o, struct redact_watch *w)
{
    const char *kind = json_path_str(o, "kind");
    size_t i = 0;
    json_t *item = NULL;

    if (str_eq(kind, "Secret")) {
        redact_data_of(o, w);
    } else if (str_eq(kind, "SecretList")) {
        json_array_foreach (json_object_get(o, "items"), i, item) {
            redact_data_of(item, w);
        }
    }
}

/* What a member is, by its key and by what it stands in. */
static enum redact_below
redact_below_key(const char *key, const json_t *value, enum redact_below below)
{
    enum redact_name name = redact_name_of(key, strlen(key));
    bool nested = json_is_object(value) || json_is_array(value);

    if (below == REDACT_BELOW_REFERENCE && redact_is_reference_key(key, strlen(key))) {
        return nested ? REDACT_BELOW_REFERENCE : REDACT_BELOW_ANY;
    }
    if (name == REDACT_REFERENCE && nested) {
        return REDACT_BELOW_REFERENCE;
    }
    if (str_ends(key, "KeyRef") || str_ends(key, "secretRef")) {
        return REDACT_BELOW_REFERENCE;
    }
    if (redact_is_secret_capitals(key, strlen(key))) {
        name = REDACT_SECRET;
    }
    return name != REDACT_PLAIN && below == REDACT_BELOW_ANY ? REDACT_BELOW_SECRET
                                                             : below;
}

static void
redact_object_value(json_t *o, enum redact_below below, struct redact_watch *w)
{
    bool variable = redact_is_variable(o);
    const char *key = NULL;
    json_t *value = NULL;
    void *next = NULL;

    for (size_t i = 0; i < sizeof redact_dropped / sizeof *redact_dropped; i++) {
        (void)json_object_del(o, redact_dropped[i]);
    }
    redact_secrets(o, w);
    json_object_foreach_safe(o, next, key, value)
    {
        enum redact_below mine = redact_below_key(key, value, below);
        json_t *other = NULL;

        if (variable && str_eq(key, "value")) {
            mine = REDACT_BELOW_SECRET;
        }
        other = redact_replace(value, mine, w);
        if (other != NULL) {
            (void)json_object_set_new(o, key, other);
        }
    }
}

/* -- arrays -- */

/* Of a list of arguments, what the ones before say of the next. */
struct redact_arguments {
    bool secret; /* "--password" was the last */
    bool client; /* a client of MySQL is what runs */
};

/* Whether an argument is a secret; takes note of it. */
static bool
redact_is_argument(struct redact_arguments *a, const char *text)
{
    bool flag = str_starts(text, "-");
    bool glued = flag && a->client && str_starts(text, "-p") && text[2] != '\0' &&
                 !redact_is_reference(text + 2, strlen(text + 2));
    bool secret = (a->secret && !flag) || glued;

    a->secret = flag && strpbrk(text, "= ") == NULL &&
                redact_name_of(text, strlen(text)) != REDACT_PLAIN;
    a->client = a->client || redact_is_client(text, strcspn(text, " "));
    return secret;
}

static void
redact_array(json_t *array, enum redact_below below, struct redact_watch *w)
{
    struct redact_arguments a = { 0 };
    size_t i = 0;
    json_t *value = NULL;

    json_array_foreach (array, i, value) {
        const char *text = json_string_value(value);
        bool secret = text != NULL && redact_is_argument(&a, text);
        json_t *other = redact_replace(value, secret ? REDACT_BELOW_SECRET : below, w);

        if (other != NULL) {
            (void)json_array_set_new(array, i, other);
        }
    }
}

static void
redact_value(json_t *value, enum redact_below below, struct redact_watch *w)
{
    if (json_is_object(value)) {
        redact_object_value(value, below, w);
    } else if (json_is_array(value)) {
        redact_array(value, below, w);
    }
}

void
redact_json(json_t *value, struct redact_watch *watch)
{
    struct redact_watch nobody = { 0 };

    redact_value(value, REDACT_BELOW_ANY, watch != NULL ? watch : &nobody);
}
