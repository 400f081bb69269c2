/* Tokens that are known by their looks, or by the word before them. */
#include <string.h>
#include <strings.h>

#include "kubedb/redact.h"
#include "kubedb/redact_names.h"
#include "kubedb/redact_value.h"

/* What their makers put before them, and how many characters follow at least. */
static const struct {
    const char *prefix;
    size_t least;
} redact_prefixes[] = {
    { "AKIA", 16 },       { "ASIA", 16 },
    { "ghp_", 20 },       { "gho_", 20 },
    { "ghu_", 20 },       { "ghs_", 20 },
    { "ghr_", 20 },       { "github_pat_", 20 },
    { "glpat-", 16 },     { "gldt-", 16 },
    { "glrt-", 16 },      { "glcbt-", 16 },
    { "glptt-", 16 },     { "gloas-", 16 },
    { "glsoat-", 16 },    { "glft-", 16 },
    { "xoxb-", 16 },      { "xoxp-", 16 },
    { "xoxa-", 16 },      { "xoxr-", 16 },
    { "xoxs-", 16 },      { "xoxe-", 16 },
    { "xapp-", 16 },      { "AIza", 20 },
    { "ya29.", 20 },      { "hvs.", 16 },
    { "hvb.", 16 },       { "hvr.", 16 },
    { "npm_", 20 },       { "pypi-", 20 },
    { "dckr_pat_", 16 },  { "dop_v1_", 20 },
    { "sk_live_", 16 },   { "rk_live_", 16 },
    { "sk-", 20 },        { "SG.", 20 },
    { "shpat_", 20 },     { "GOCSPX-", 16 },
    { "AccountKey", 99 }, { "AGE-SECRET-KEY-", 16 },
};

enum { REDACT_PREFIXES = sizeof redact_prefixes / sizeof *redact_prefixes };

static bool
redact_is_token(char c)
{
    return redact_is_key(c) || c == '+' || c == '/' || c == '=' || c == '~';
}

/* Prefixes are lower and upper case as written. */
static bool
redact_is_prefix(struct redact_scan *s, const char *prefix)
{
    size_t n = strlen(prefix);

    s->steps++;
    return s->text[s->at] == *prefix && strncmp(s->text + s->at, prefix, n) == 0;
}

size_t
redact_prefix(struct redact_scan *s)
{
    for (size_t k = 0; k < REDACT_PREFIXES; k++) {
        size_t n = strlen(redact_prefixes[k].prefix);

        if (redact_is_prefix(s, redact_prefixes[k].prefix)) {
            size_t least = redact_prefixes[k].least;

            if (redact_run(s, s->at + n, redact_is_key, least) == least) {
                n += redact_run(s, s->at + n, redact_is_key, s->len);
                return redact_take(s, 0, n, 0);
            }
        }
    }
    return 0;
}

/* -- after a word -- */

/* A word of ordinary text where a token would be: "Basic authentication". A token has
 * digits, or capitals within. */
static bool
redact_is_prose(const char *word, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (isdigit((unsigned char)word[i]) ||
            (i > 0 && isupper((unsigned char)word[i])) ||
            strchr("+/=._~-", word[i]) != NULL) {
            return i + 1 == len && word[i] == '.';
        }
    }
    return true;
}

size_t
redact_scheme(struct redact_scan *s)
{
    enum { LEAST = 8 };
    size_t n = redact_word_of(s, s->at, "Bearer Basic Negotiate NTLM");
    size_t token = n > 0 ? redact_skip_blanks(s, s->at + n) : 0;
    size_t len = 0;

    if (token == s->at + n || n == 0) {
        return 0;
    }
    len = redact_run(s, token, redact_is_token, s->len);
    if (len < LEAST || redact_is_prose(s->text + token, len) ||
        redact_says(s, token, "realm=")) {
        return 0;
    }
    return redact_take(s, token - s->at, len, 0);
}

/* A JWT: two of its three parts begin as every JSON object does in base64. */
size_t
redact_jwt(struct redact_scan *s)
{
    size_t len = 0;

    if (!redact_is_prefix(s, "eyJ") ||
        (s->at > 0 && redact_is_key(s->text[s->at - 1]) && s->text[s->at - 1] != 'n')) {
        return 0;
    }
    len = redact_run(s, s->at, redact_is_token, s->len);
    return memchr(s->text + s->at, '.', len) != NULL ? redact_take(s, 0, len, 0) : 0;
}
