#include "kubedb/semver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define SEMVER_DIGITS "0123456789"
#define SEMVER_ALNUM  SEMVER_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-"

/* Reads a number; leading zeros are let through, as the library does. Moves *at behind
 * it. */
static bool
semver_number(const char **at, unsigned long *out)
{
    size_t n = strspn(*at, SEMVER_DIGITS);
    char *end = NULL;

    if (n == 0) {
        return false;
    }
    errno = 0;
    *out = strtoul(*at, &end, 10);
    *at = end;
    return errno == 0;
}

/* Length of dotted identifiers: "rc.1", "debian"; 0 if there is none. With `strict`, a
 * number with a leading zero is none. */
static size_t
semver_identifiers(const char *s, bool strict)
{
    size_t len = 0;

    for (;;) {
        size_t n = strspn(s + len, SEMVER_ALNUM);

        if (n == 0 ||
            (strict && n > 1 && s[len] == '0' && strspn(s + len, SEMVER_DIGITS) == n)) {
            return 0;
        }
        len += n;
        if (s[len] != '.') {
            return len;
        }
        len++;
    }
}

/* "-rc.1+build" at the end of a version. */
static bool
semver_suffix(const char *at, struct semver *out)
{
    size_t n = 0;

    if (*at == '-') {
        n = semver_identifiers(++at, true);
        if (n == 0 || n >= sizeof out->pre) {
            return false;
        }
        memcpy(out->pre, at, n);
        out->pre[n] = '\0';
        at += n;
    }
    if (*at == '+') {
        n = semver_identifiers(++at, false);
        if (n == 0) {
            return false;
        }
        at += n;
    }
    return *at == '\0';
}

int
semver_parse(const char *text, struct semver *out, struct err *e)
{
    struct semver v = { 0 };
    unsigned long *const parts[] = { &v.major, &v.minor, &v.patch };
    const char *at = text + (*text == 'v' ? 1 : 0);
    bool good = semver_number(&at, parts[0]);

    for (size_t i = 1; good && i < 3 && *at == '.'; i++) {
        at++;
        good = semver_number(&at, parts[i]);
    }
    if (!good || !semver_suffix(at, &v)) {
        return err_set(e, ERR_PROTOCOL, "\"%s\" is not a version", text);
    }
    *out = v;
    return 0;
}

/* One identifier of a prerelease: numbers by value and before words. */
static int
semver_compare_part(const char *a, size_t an, const char *b, size_t bn)
{
    bool a_number = strspn(a, SEMVER_DIGITS) >= an;
    bool b_number = strspn(b, SEMVER_DIGITS) >= bn;
    int c = 0;

    if (an == 0 || bn == 0) {
        return (an > 0) - (bn > 0);
    }
    if (a_number != b_number) {
        return a_number ? -1 : 1;
    }
    if (a_number && an != bn) {
        return an < bn ? -1 : 1;
    }
    c = strncmp(a, b, an < bn ? an : bn);
    return c != 0 ? c : (an > bn) - (an < bn);
}

/* Prereleases of equal versions; none comes after any. */
static int
semver_compare_pre(const char *a, const char *b)
{
    if (*a == '\0' || *b == '\0') {
        return (*a == '\0') - (*b == '\0');
    }
    while (*a != '\0' || *b != '\0') {
        size_t an = strcspn(a, ".");
        size_t bn = strcspn(b, ".");
        int c = semver_compare_part(a, an, b, bn);

        if (c != 0) {
            return c;
        }
        a += an + (a[an] == '.' ? 1 : 0);
        b += bn + (b[bn] == '.' ? 1 : 0);
    }
    return 0;
}

int
semver_compare(const struct semver *a, const struct semver *b)
{
    if (a->major != b->major) {
        return a->major < b->major ? -1 : 1;
    }
    if (a->minor != b->minor) {
        return a->minor < b->minor ? -1 : 1;
    }
    if (a->patch != b->patch) {
        return a->patch < b->patch ? -1 : 1;
    }
    return semver_compare_pre(a->pre, b->pre);
}
