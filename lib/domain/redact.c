#include "domain/redact.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "domain/redact_rules.h"

enum { REDACT_LIMIT = 1024 * 1024 * 1024 };

char *
redact_text(const char *text, struct redact_watch *watch)
{
    auto_buf struct buf out = BUF_LIMIT(REDACT_LIMIT);
    struct redact_scan s = { .text = text, .out = &out };

    (void)watch;
    while (s.text[s.at] != '\0') {
        size_t used = 0;

        for (size_t i = 0; redact_rules[i] != NULL && used == 0; i++) {
            used = redact_rules[i](&s);
        }
        if (used == 0) {
            redact_copy(&s, 1);
            used = 1;
        }
        s.at += used;
    }
    return buf_take(&out);
}

/* -- JSON -- */

static const char *const redact_dropped[] = {
    "managedFields",
    "kubectl.kubernetes.io/last-applied-configuration",
};

static json_t *
redact_mark(void)
{
    return mem_check(json_string(REDACT_MARK));
}

/* A text without its secrets; NULL if it has none. New reference. */
static json_t *
redact_string(const json_t *value, struct redact_watch *watch)
{
    const char *was = json_string_value(value);
    auto_free char *now = redact_text(was, watch);

    return str_eq(was, now) ? NULL : mem_check(json_string(now));
}

/* What becomes of a member of an object or array: NULL: it stays. New reference. */
static json_t *
redact_member(json_t *value, bool secret, struct redact_watch *watch)
{
    if (!json_is_string(value)) {
        redact_json(value, watch);
        return NULL;
    }
    if (secret &&
        !redact_is_harmless(json_string_value(value), json_string_length(value))) {
        return redact_mark();
    }
    return redact_string(value, watch);
}

/* {"name": "MYSQL_ROOT_PASSWORD", "value": "..."}: a variable. */
static bool
redact_is_variable(const json_t *o)
{
    const char *name = json_string_value(json_object_get(o, "name"));

    return name != NULL && json_is_string(json_object_get(o, "value")) &&
           redact_is_secret_variable(name, strlen(name));
}

static void
redact_object(json_t *o, struct redact_watch *watch)
{
    bool variable = redact_is_variable(o);
    const char *key = NULL;
    json_t *value = NULL;
    void *next = NULL;

    for (size_t i = 0; i < sizeof redact_dropped / sizeof *redact_dropped; i++) {
        (void)json_object_del(o, redact_dropped[i]);
    }
    json_object_foreach_safe(o, next, key, value)
    {
        bool secret =
            redact_is_secret_key(key, strlen(key)) || (variable && str_eq(key, "value"));
        json_t *other = redact_member(value, secret, watch);

        if (other != NULL) {
            (void)json_object_set_new(o, key, other);
        }
    }
}

/* Of a list of arguments the one after "--password" is the password, and "-pWORD" is one
 * when a client of MySQL is what runs. */
static void
redact_array(json_t *array, struct redact_watch *watch)
{
    bool secret = false;
    bool mysql = false;
    size_t i = 0;
    json_t *value = NULL;

    json_array_foreach (array, i, value) {
        const char *text = json_string_value(value);
        bool flag = text != NULL && str_starts(text, "-");
        bool short_flag =
            flag && mysql && str_starts(text, "-p") && text[2] != '\0' && text[2] != '$';
        json_t *other = redact_member(value, (secret && !flag) || short_flag, watch);

        secret = flag && strpbrk(text, "= ") == NULL &&
                 redact_is_secret_key(text, strlen(text));
        mysql = mysql || (text != NULL && strstr(text, "mysql") != NULL);
        if (other != NULL) {
            (void)json_array_set_new(array, i, other);
        }
    }
}

void
redact_json(json_t *value, struct redact_watch *watch)
{
    if (json_is_object(value)) {
        redact_object(value, watch);
    } else if (json_is_array(value)) {
        redact_array(value, watch);
    }
}
