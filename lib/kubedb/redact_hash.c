/* Passwords as servers keep them: who has the hash can guess, or log in with it. */
#include <string.h>
#include <strings.h>

#include "kubedb/redact.h"
#include "kubedb/redact_names.h"
#include "kubedb/redact_value.h"

static bool
redact_is_crypt(char c)
{
    return isalnum((unsigned char)c) || (c != '\0' && strchr("./$+=,_-", c) != NULL);
}

/* crypt(3) and its like, between the first two dollars. */
#define REDACT_CRYPTS                                                           \
    "1 2 2a 2b 2x 2y 5 6 7 y gy md5 sha1 apr1 argon2i argon2d argon2id scrypt " \
    "pbkdf2-sha256 pbkdf2-sha512 bcrypt-sha256 P H"

/* LDAP's, before the hash. */
#define REDACT_SCHEMES "SSHA SHA SSHA256 SSHA512 SHA256 SHA512 MD5 SMD5 CRYPT PBKDF2"

static bool
redact_is_scheme(char c)
{
    return isalnum((unsigned char)c) || c == '-';
}

/* $A$005$: 20 bytes of salt, which may be anything, and 43 of the hash. */
static size_t
redact_caching_sha2(struct redact_scan *s)
{
    enum { SALT = 20, HASH = 43 };
    size_t line = redact_line_end(s, s->at);
    size_t at = s->at + strlen("$A$005$");
    size_t hash = 0;
    size_t far = at + REDACT_BACK;

    if (!redact_says(s, s->at, "$A$005$")) {
        return 0;
    }
    for (at += SALT; at < line && at < far && hash < HASH; at++) {
        hash = redact_is_crypt(s->text[at]) ? hash + 1 : 0;
        s->steps++;
    }
    return redact_take(s, 0, (at < line ? at : line) - s->at, 0);
}

size_t
redact_crypt(struct redact_scan *s)
{
    enum { LEAST = 16 };
    bool ldap = s->text[s->at] == '{';
    bool scram = redact_says(s, s->at, "SCRAM-SHA-");
    size_t name = s->at + (scram ? strlen("SCRAM-SHA-") : 1);
    size_t n = redact_run(s, name, redact_is_scheme, REDACT_NAME_MAX);
    char close = ldap ? '}' : '$';
    size_t len = 0;

    if ((redact_is_word(s->text[s->at]) && !scram) || redact_char(s, name + n) != close) {
        return 0;
    }
    if (!scram &&
        !redact_is_one_of(s->text + name, n, ldap ? REDACT_SCHEMES : REDACT_CRYPTS)) {
        return ldap ? 0 : redact_caching_sha2(s);
    }
    len = redact_run(s, name + n + 1, redact_is_crypt, s->len);
    if (scram) { /* iterations:salt$key:key */
        while (redact_char(s, name + n + 1 + len) == ':') {
            len += 1 + redact_run(s, name + n + 2 + len, redact_is_crypt, s->len);
        }
    }
    return len >= LEAST ? redact_take(s, 0, name + n + 1 + len - s->at, 0) : 0;
}

/* md5 and 32 digits of PostgreSQL, * and 40 of MySQL, 0x and these in hexadecimal. */
static const struct {
    const char *prefix;
    size_t least;
    size_t most;
} redact_hashes[] = {
    { "md5", 32, 32 },
    { "*", 40, 40 },
    { "0x24412430303524", 80, 999 },
    { "0x2A", 80, 80 },
};

size_t
redact_hash(struct redact_scan *s)
{
    for (size_t k = 0; k < sizeof redact_hashes / sizeof *redact_hashes; k++) {
        size_t n = strlen(redact_hashes[k].prefix);
        size_t len = 0;

        if (!redact_says(s, s->at, redact_hashes[k].prefix)) {
            continue;
        }
        len = redact_run(s, s->at + n, redact_is_hex, redact_hashes[k].most + 1);
        if (len >= redact_hashes[k].least && len <= redact_hashes[k].most &&
            !redact_is_word(redact_char(s, s->at + n + len))) {
            return redact_take(s, 0, n + len, 0);
        }
    }
    return 0;
}
