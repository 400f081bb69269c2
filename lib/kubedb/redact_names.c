/* What holds a secret, by its name. */
#include "kubedb/redact_names.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Wherever they stand in a name. */
static const char *const redact_secret_words[] = {
    "passw",          "passphrase",
    "passcode",       "pwd",
    "secret",         "token",
    "credential",     "creds",
    "apikey",         "api_key",
    "api-key",        "accesskey",
    "access_key",     "access-key",
    "accountkey",     "authorization",
    "cookie",         "privatekey",
    "private_key",    "private-key",
    "encryptionkey",  "encryption_key",
    "encryption-key", "signingkey",
    "signing_key",    "signing-key",
    "key-data",       "keydata",
    "signature",      "sst_auth",
    "auth_string",    "authentication_string",
    "from-literal",   NULL
};

static const char *const redact_secret_ends[] = { "pass", "masterkey", "master_key",
                                                  "master-key", NULL };

/* As a whole, without the dashes of a flag. variable_value: ProxySQL's and MySQL's tables
 * of settings have a column of that name, and passwords among the rows. */
#define REDACT_SECRET_NAMES \
    "auth psk masterauth jwt sig variable_value x-amz-signature sas"

#define REDACT_LINE_NAMES                                            \
    "authorization proxy-authorization cookie set-cookie x-api-key " \
    "x-auth-token x-vault-token private-token requirepass masterauth"

/* A value that is named so is said about a secret. */
static const char *const redact_plain_ends[] = {
    "name",     "file",     "path",       "seconds",    "ref",
    "type",     "dir",      "lifetime",   "history",    "length",
    "interval", "policy",   "expired",    "expiration", "expiry",
    "ttl",      "rounds",   "encryption", "count",      "enabled",
    "required", "mode",     "algorithm",  "plugin",     "command_supports_reload",
    "users",    "_keys",    "size",       "limit",      "percentage",
    "attempts", "endpoint", "audience",   "issuer",     "version",
    "class",    "bypass",   "compass",    "source",     "namespace",
    NULL
};

/* Plugins, with their settings. */
static const char *const redact_plain_words[] = {
    "validate_password", "native_password", "sha2_password",
    "sha256_password",   "clear_password",  "old_passwords",
    "tokenreview",       "tokenizer",       NULL
};

/* Objects in Kubernetes that refer to a Secret. */
static const char *const redact_reference_ends[] = { "secret",       "secrets",
                                                     "secretref",    "keyref",
                                                     "accounttoken", NULL };

static const char *const redact_variable_words[] = { "PASS", "TOKEN", "SECRET",
                                                     "CRED", "PWD",   NULL };
static const char *const redact_variable_ends[] = { "KEY",     "AUTH",    "KEY_DATA",
                                                    "KEY_PEM", "KEY_B64", "KEY_BASE64",
                                                    NULL };

static bool
redact_is_at(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);

    return n <= len && strncasecmp(text, word, n) == 0;
}

static bool
redact_has(const char *text, size_t len, const char *const *words)
{
    for (size_t i = 0; i < len; i++) {
        int c = tolower((unsigned char)text[i]);

        for (const char *const *word = words; *word != NULL; word++) {
            if (tolower((unsigned char)**word) == c &&
                redact_is_at(text + i, len - i, *word)) {
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

        if (n <= len && redact_is_at(text + len - n, n, *words)) {
            return true;
        }
    }
    return false;
}

bool
redact_is_one_of(const char *word, size_t len, const char *words)
{
    while (*words != '\0') {
        size_t n = strcspn(words, " ");

        if (n == len && tolower((unsigned char)*word) == tolower((unsigned char)*words) &&
            strncasecmp(word, words, n) == 0) {
            return true;
        }
        words += n + strspn(words + n, " ");
    }
    return false;
}

static bool
redact_is_upper(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!isupper((unsigned char)name[i]) && !isdigit((unsigned char)name[i]) &&
            name[i] != '_') {
            return false;
        }
    }
    return len > 0;
}

bool
redact_is_secret_capitals(const char *name, size_t len)
{
    return memchr(name, '_', len) != NULL && redact_is_upper(name, len) &&
           redact_is_secret_variable(name, len);
}

bool
redact_is_secret_variable(const char *name, size_t len)
{
    return redact_has(name, len, redact_variable_words)
               ? !redact_ends(name, len, redact_plain_ends) &&
                     !redact_has(name, len, redact_plain_words)
               : redact_ends(name, len, redact_variable_ends);
}

/* What it would be, were it not for what is said about secrets. */
static enum redact_name
redact_secret_name(const char *name, size_t len)
{
    static const char *const passwords[] = { "passw", NULL };

    if (redact_is_one_of(name, len, REDACT_LINE_NAMES)) {
        return REDACT_LINE;
    }
    if (redact_has(name, len, passwords) || redact_ends(name, len, redact_secret_ends) ||
        redact_is_one_of(name, len, "pw pswd psw")) {
        return REDACT_PASSWORD;
    }
    return redact_is_one_of(name, len, REDACT_SECRET_NAMES) ||
                   redact_has(name, len, redact_secret_words)
               ? REDACT_SECRET
               : REDACT_PLAIN;
}

enum redact_name
redact_name_of(const char *name, size_t len)
{
    enum redact_name kind = REDACT_PLAIN;

    while (len > 0 && *name == '-') {
        name++;
        len--;
    }
    kind = len > 1 ? redact_secret_name(name, len) : REDACT_PLAIN;
    if (kind == REDACT_PLAIN || kind == REDACT_LINE) {
        return kind;
    }
    if (redact_ends(name, len, redact_plain_ends) ||
        redact_has(name, len, redact_plain_words)) {
        return REDACT_PLAIN;
    }
    return redact_ends(name, len, redact_reference_ends) ? REDACT_REFERENCE : kind;
}

bool
redact_is_reference_key(const char *name, size_t len)
{
    return redact_is_one_of(
        name, len,
        "name namespace kind key path secretname optional items mode defaultmode "
        "apigroup "
        "apiversion externallymanaged expirationseconds audience sources uid "
        "resourceversion activefrom rotateafter");
}
