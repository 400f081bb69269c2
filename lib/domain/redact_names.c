/* What holds a secret, by its name. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "domain/redact.h"
#include "domain/redact_rules.h"

static const char *const redact_key_words[] = {
    "password",    "passwd",      "passphrase", "pwd",           "secret",
    "token",       "credential",  "apikey",     "api_key",       "api-key",
    "accesskey",   "access_key",  "access-key", "authorization", "privatekey",
    "private_key", "private-key", NULL
};
static const char *const redact_key_ends[] = { "pass", NULL };

/* References to secrets, and what is said about them. validate_password is a plugin with
 * its settings. */
static const char *const redact_plain_ends[] = { "name", "file", "path", "seconds",
                                                 "ref",  "type", NULL };
static const char *const redact_plain_words[] = { "validate_password", NULL };

static const char *const redact_variable_words[] = { "PASS", "TOKEN", "SECRET", "KEY",
                                                     "CRED", "PWD",   "AUTH",   NULL };

static const char *const redact_harmless[] = { "YES", "NO",        "ON",
                                               "OFF", "null",      "<secret>",
                                               "",    REDACT_MARK, NULL };

static bool
redact_at(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);

    return n <= len && strncasecmp(text, word, n) == 0;
}

static bool
redact_has(const char *text, size_t len, const char *const *words)
{
    for (; *words != NULL; words++) {
        for (size_t i = 0; i < len; i++) {
            if (redact_at(text + i, len - i, *words)) {
                return true;
            }
        }
    }
    return false;
}

static bool
redact_ends(const char *text, size_t len, const char *const *words)
{
    for (; *words != NULL; words++) {
        size_t n = strlen(*words);

        if (n <= len && redact_at(text + len - n, n, *words)) {
            return true;
        }
    }
    return false;
}

bool
redact_is_secret_key(const char *name, size_t len)
{
    return (redact_has(name, len, redact_key_words) ||
            redact_ends(name, len, redact_key_ends)) &&
           !redact_ends(name, len, redact_plain_ends) &&
           !redact_has(name, len, redact_plain_words);
}

bool
redact_is_secret_variable(const char *name, size_t len)
{
    return redact_has(name, len, redact_variable_words) &&
           !redact_ends(name, len, redact_plain_ends);
}

bool
redact_is_harmless(const char *value, size_t len)
{
    while (len > 1 && strchr(").,;]}", value[len - 1]) != NULL) {
        len--;
    }
    for (const char *const *word = redact_harmless; *word != NULL; word++) {
        if (strlen(*word) == len && redact_at(value, len, *word)) {
            return true;
        }
    }
    return false;
}

/* Whose values go to the end of the line. */
static const char *const redact_line_ends[] = { "authorization", NULL };

bool
redact_goes_to_line_end(const char *name, size_t len)
{
    return redact_ends(name, len, redact_line_ends);
}

bool
redact_is_secret_name(const char *name, size_t len, char next)
{
    bool upper = next == '='; /* SSL_KEY=...: a variable */

    for (size_t i = 0; i < len && upper; i++) {
        upper = isupper((unsigned char)name[i]) || isdigit((unsigned char)name[i]) ||
                name[i] == '_';
    }
    return redact_is_secret_key(name, len) ||
           (upper && redact_is_secret_variable(name, len));
}

bool
redact_is_one_of(const char *word, size_t len, const char *words)
{
    while (*words != '\0') {
        size_t n = strcspn(words, " ");

        if (n == len && strncasecmp(word, words, n) == 0) {
            return true;
        }
        words += n + strspn(words + n, " ");
    }
    return false;
}
