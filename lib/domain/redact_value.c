/* The pieces that secrets are found by: quotes, values, schemes. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "domain/redact.h"
#include "domain/redact_rules.h"

void
redact_copy(struct redact_scan *s, size_t n)
{
    (void)!buf_add(s->out, s->text + s->at, n);
}

void
redact_write(struct redact_scan *s, const char *text)
{
    (void)!buf_puts(s->out, text);
}

const char *
redact_here(const struct redact_scan *s)
{
    return s->text + s->at;
}

bool
redact_is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

bool
redact_begins_word(const struct redact_scan *s)
{
    return redact_is_word(*redact_here(s)) &&
           (s->at == 0 || !redact_is_word(s->text[s->at - 1]));
}

size_t
redact_spaces(const char *text)
{
    return strspn(text, " \t");
}

size_t
redact_quote(const char *text)
{
    size_t slashes = strspn(text, "\\");

    return text[slashes] != '\0' && strchr("\"'`", text[slashes]) != NULL ? slashes + 1
                                                                          : 0;
}

size_t
redact_quoted(const char *text, const char *quote, size_t n)
{
    size_t i = 0;

    while (text[i] != '\0') {
        if (n == 1 && text[i] == '\\' && text[i + 1] != '\0') {
            i += 2; /* an escaped quote, or anything else escaped */
        } else if (strncmp(text + i, quote, n) == 0 &&
                   strncmp(text + i + n, quote, n) == 0) {
            i += 2 * n; /* SQL's doubled one */
        } else if (strncmp(text + i, quote, n) == 0) {
            return i;
        } else {
            i++;
        }
    }
    return strcspn(text, "\n");
}

/* "Bearer TOKEN", "Basic BASE64": the length of the first word, with its space. */
static size_t
redact_scheme(const char *text)
{
    static const char *const schemes[] = { "Bearer", "Basic" };

    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t n = strlen(schemes[i]);

        if (strncasecmp(text, schemes[i], n) == 0 && redact_spaces(text + n) > 0) {
            return n + redact_spaces(text + n);
        }
    }
    return 0;
}

struct redact_value
redact_value_at(const char *text, bool line)
{
    struct redact_value v = { .quote = redact_quote(text) };
    size_t scheme = redact_scheme(text);

    if (v.quote > 0) {
        v.len = redact_quoted(text + v.quote, text, v.quote);
    } else {
        v.len = scheme + strcspn(text + scheme, line ? "\r\n" : " \t\r\n\"'");
    }
    if (redact_is_harmless(text + v.quote, v.len)) {
        v.len = 0;
    }
    return v;
}

size_t
redact_take_out(struct redact_scan *s, size_t before, struct redact_value v)
{
    redact_copy(s, before + v.quote);
    redact_write(s, REDACT_MARK);
    return before + v.quote + v.len;
}
