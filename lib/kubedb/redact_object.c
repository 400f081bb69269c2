#include "kubedb/redact_object.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/scope.h"
#include "kubedb/redact.h"
#include "kubedb/redact_names.h"

/* A short value: without its quotes. */
static size_t
redact_word_at(struct redact_scan *s, size_t *i)
{
    *i += redact_quote_at(s, *i).len;
    return redact_run(s, *i, redact_is_key, REDACT_NAME_MAX);
}

bool
redact_object_refers(struct redact_scan *s, size_t i)
{
    return redact_word_of(s, redact_skip_spaces(s, i),
                          "secretKeyRef valueFrom secretName secretRef") > 0;
}

/* -- the data of a Secret -- */

/* Behind the data that begin at `from` of the copy: a pair of braces, or all lines that
 * are indented more than the one before. */
static size_t
redact_data_end(struct redact_scan *s, size_t from)
{
    struct redact_scan copy = { .text = buf_text(s->out), .len = s->out->len };
    struct redact_value v = { 0 };

    if (redact_char(&copy, from) == '{') {
        v = redact_value_brackets(&copy, from,
                                  (struct redact_quote){ .mark = '"', .len = 1 });
    } else {
        v = redact_value_block(&copy, from);
    }
    s->steps += copy.steps;
    return from + v.len;
}

/* They were copied before it was known whose they are. */
static void
redact_take_data_back(struct redact_scan *s)
{
    size_t from = s->data;
    size_t end = from > 0 ? redact_data_end(s, from) : 0;
    auto_free char *rest = NULL;

    s->data = 0;
    if (end <= from || end > s->out->len ||
        redact_is_harmless(buf_text(s->out) + from, end - from)) {
        return;
    }
    rest = mem_strndup(buf_text(s->out) + end, s->out->len - end);
    s->steps += s->out->len - from;
    redact_cut(s, from);
    (void)!buf_puts(s->out, REDACT_MARK);
    (void)!buf_puts(s->out, rest);
}

static size_t
redact_data(struct redact_scan *s, size_t value, struct redact_quote quote)
{
    char c = redact_char(s, value);

    if (c != '{' && c != '\n' && c != '\r') {
        return 0;
    }
    if (!s->secret) {
        s->data = s->out->len + (value - s->at);
        return 0;
    }
    return redact_take_value(s, value,
                             c == '{' ? redact_value_brackets(s, value, quote)
                                      : redact_value_block(s, value));
}

size_t
redact_object(struct redact_scan *s, size_t name, size_t len, size_t value,
              struct redact_quote quote)
{
    const char *key = s->text + name;

    if (redact_is_one_of(key, len, "data stringData")) {
        return redact_data(s, value, quote);
    }
    if (redact_is_one_of(key, len, "name")) {
        size_t at = value;
        size_t n = redact_word_at(s, &at);

        s->variable_until =
            redact_is_secret_variable(s->text + at, n) ? at + n + REDACT_BACK : 0;
    } else if (redact_is_one_of(key, len, "kind")) {
        size_t at = value;
        size_t n = redact_word_at(s, &at);

        s->secret = redact_is_one_of(s->text + at, n, "Secret SecretList") ||
                    (s->secret && !redact_is_one_of(s->text + at, n, "ConfigMap"));
        if (s->secret) {
            redact_take_data_back(s);
        }
    }
    return 0;
}
