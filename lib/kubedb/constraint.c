/*
 * Version constraints, as Masterminds/semver v3.4 reads them: KubeDB's webhooks decide by
 * that library, so its odd corners are followed too, such as "1 2 - 3" being an error.
 *
 *     constraint = all { "||" all }
 *     all        = item { ( "," | white space ) item }
 *     item       = [ operator ] version | version " - " version
 *
 * A version may lack parts or have x, X or * for them.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/semver.h"

#define CONSTRAINT_SPACE " \t\n\f\r"
/* The library's pattern has '|' in its class of characters; it never makes a number. */
#define CONSTRAINT_PART  "0123456789xX*|"
#define CONSTRAINT_ALNUM "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-"

struct constraint {
    struct semver v;
    unsigned parts; /* how many were given as numbers: 3 is a full version */
};

struct constraint_op {
    const char *text;
    bool (*matches)(const struct constraint *c, const struct semver *v);
};

static bool
constraint_not_equal(const struct constraint *c, const struct semver *v)
{
    if (c->parts == 3) {
        return semver_compare(v, &c->v) != 0;
    }
    if (v->major != c->v.major) {
        return true;
    }
    if (c->parts == 1) {
        return false;
    }
    if (c->parts == 0) {
        /* A wildcard alone is compared as 0.0.0. */
        return v->minor != 0 || v->patch != 0 || semver_compare(v, &c->v) != 0;
    }
    return v->minor != c->v.minor || !str_eq(v->pre, c->v.pre);
}

static bool
constraint_greater(const struct constraint *c, const struct semver *v)
{
    if (c->parts == 3 || c->parts == 0 || v->major != c->v.major) {
        return c->parts == 3 || v->major == c->v.major ? semver_compare(v, &c->v) > 0
                                                       : v->major > c->v.major;
    }
    return c->parts == 2 && v->minor > c->v.minor;
}

static bool
constraint_less(const struct constraint *c, const struct semver *v)
{
    return semver_compare(v, &c->v) < 0;
}

static bool
constraint_at_least(const struct constraint *c, const struct semver *v)
{
    return semver_compare(v, &c->v) >= 0;
}

static bool
constraint_at_most(const struct constraint *c, const struct semver *v)
{
    if (c->parts == 3) {
        return semver_compare(v, &c->v) <= 0;
    }
    return v->major < c->v.major ||
           (v->major == c->v.major && (c->parts == 1 || v->minor <= c->v.minor));
}

/* ~1.2.3 is >= 1.2.3, < 1.3; ~1 is >= 1, < 2; ~0.0.0 and ~* are anything. */
static bool
constraint_tilde(const struct constraint *c, const struct semver *v)
{
    bool zero = c->v.major == 0 && c->v.minor == 0 && c->v.patch == 0;

    if (semver_compare(v, &c->v) < 0) {
        return false;
    }
    if (zero && (c->parts == 0 || c->parts == 3)) {
        return true;
    }
    return v->major == c->v.major && (c->parts == 1 || v->minor == c->v.minor);
}

static bool
constraint_equal(const struct constraint *c, const struct semver *v)
{
    return c->parts < 3 ? constraint_tilde(c, v) : semver_compare(v, &c->v) == 0;
}

/* ^1.2.3 is >= 1.2.3, < 2; ^0.2.3 is >= 0.2.3, < 0.3; ^0.0.3 is 0.0.3. */
static bool
constraint_caret(const struct constraint *c, const struct semver *v)
{
    if (semver_compare(v, &c->v) < 0) {
        return false;
    }
    if (v->major != c->v.major || c->v.major > 0 || c->parts == 1) {
        return v->major == c->v.major;
    }
    if (v->minor != c->v.minor || c->v.minor > 0 || c->parts == 2) {
        return v->minor == c->v.minor;
    }
    return v->patch == c->v.patch;
}

/* The first row that a text begins with is its operator. */
static const struct constraint_op constraint_ops[] = {
    { "!=", constraint_not_equal }, { ">=", constraint_at_least },
    { "=>", constraint_at_least },  { "<=", constraint_at_most },
    { "=<", constraint_at_most },   { "~>", constraint_tilde },
    { "=", constraint_equal },      { ">", constraint_greater },
    { "<", constraint_less },       { "~", constraint_tilde },
    { "^", constraint_caret },      { "", constraint_equal },
};

static const struct constraint_op *
constraint_find_op(const char *s)
{
    const struct constraint_op *op = constraint_ops;

    while (!str_starts(s, op->text)) {
        op++;
    }
    return op;
}

static size_t
constraint_blank(const char *s)
{
    return strspn(s, CONSTRAINT_SPACE);
}

/* Length of the dotted identifiers behind a mark, with the mark; 0 if there is none. */
static size_t
constraint_suffix(const char *s, char mark)
{
    size_t len = 1;

    if (*s != mark) {
        return 0;
    }
    for (;;) {
        size_t n = strspn(s + len, CONSTRAINT_ALNUM);

        if (n == 0) {
            /* A dot that nothing follows is not part of it. */
            return len > 1 ? len - 1 : 0;
        }
        len += n;
        if (s[len] != '.') {
            return len;
        }
        len++;
    }
}

static bool
constraint_is_x(const char *part, size_t len)
{
    return len == 1 && strchr("xX*", *part) != NULL;
}

/* Reads a version with wildcards. Returns its length, or 0. */
static size_t
constraint_read(const char *s, struct constraint *out)
{
    const char *at = s + (*s == 'v' ? 1 : 0);
    const char *first = at;
    size_t given = 0; /* length of the parts that are numbers */
    size_t suffix = 0;
    bool wild = false;
    char text[160];

    out->parts = 0;
    for (unsigned i = 0; i < 3; i++) {
        size_t dot = i > 0 && *at == '.' ? 1 : 0;
        size_t n = strspn(at + dot, CONSTRAINT_PART);

        if (n == 0 || (i > 0 && dot == 0)) {
            break;
        }
        wild = wild || constraint_is_x(at + dot, n);
        at += dot + n;
        if (!wild) {
            given = (size_t)(at - first);
            out->parts = i + 1;
        }
    }
    if (at == first) {
        return 0;
    }
    suffix = constraint_suffix(at, '-');
    (void)snprintf(text, sizeof text, "%.*s%s%.*s", (int)given, first,
                   out->parts == 0 ? "0" : "", (int)suffix, at);
    if (given + suffix + 2 > sizeof text ||
        semver_parse(text, &out->v, &(struct err){ 0 }) < 0) {
        return 0;
    }
    at += suffix;
    return (size_t)(at - s) + constraint_suffix(at, '+');
}

/* What one alternative says: whether all items match. With a prerelease in any of its
 * items, all of them accept prereleases; without one none does. */
struct constraint_all {
    bool match;
    bool pre;
    bool may_range; /* the next item may be "1.2 - 1.4" */
};

static void
constraint_apply(struct constraint_all *all, const struct constraint_op *op,
                 const struct constraint *c, const struct semver *v)
{
    all->match = all->match && op->matches(c, v);
    all->pre = all->pre || c->v.pre[0] != '\0';
}

/* The second half of "1.2 - 1.4", or 0 if there is none here. */
static size_t
constraint_read_hyphen(const char *s, struct constraint *to)
{
    size_t before = constraint_blank(s);
    size_t after = before > 0 && s[before] == '-' ? constraint_blank(s + before + 1) : 0;
    size_t n = after > 0 ? constraint_read(s + before + 1 + after, to) : 0;

    return n > 0 ? before + 1 + after + n : 0;
}

/* One item and the space behind it. Returns its length, or 0. */
static size_t
constraint_item(const char *s, const struct semver *v, struct constraint_all *all)
{
    const struct constraint_op *op = constraint_find_op(s);
    size_t len = strlen(op->text) + constraint_blank(s + strlen(op->text));
    struct constraint from;
    struct constraint to;
    size_t n = constraint_read(s + len, &from);
    size_t hyphen = 0;

    if (n == 0) {
        return 0;
    }
    len += n;
    hyphen =
        *op->text == '\0' && all->may_range ? constraint_read_hyphen(s + len, &to) : 0;
    if (hyphen > 0) {
        constraint_apply(all, constraint_find_op("<="), &to, v);
        op = constraint_find_op(">=");
    }
    constraint_apply(all, op, &from, v);
    all->may_range = hyphen > 0;
    len += hyphen;
    return len + constraint_blank(s + len);
}

/* One alternative. Returns 0, or -1 if it cannot be read. A range may only stand at the
 * start, behind a comma or behind another one, and a number not directly behind "||". */
static int
constraint_all(const char *s, bool first, const struct semver *v, bool *match)
{
    struct constraint_all all = {
        .match = true,
        .may_range = first || *s == 'v' || constraint_blank(s) > 0,
    };

    s += constraint_blank(s);
    do {
        size_t n = constraint_item(s, v, &all);

        if (n == 0) {
            return -1;
        }
        s += n;
        if (*s == ',') {
            all.may_range = true;
            s += 1 + constraint_blank(s + 1);
            if (*s == '\0') {
                return -1;
            }
        } else if (*s != '\0' && strchr(CONSTRAINT_SPACE, s[-1]) == NULL) {
            return -1;
        }
    } while (*s != '\0');
    *match = *match || (all.match && (all.pre || v->pre[0] == '\0'));
    return 0;
}

int
semver_matches(const char *constraint, const struct semver *v, bool *match, struct err *e)
{
    const char *at = constraint;
    bool any = false;

    for (;;) {
        const char *end = strstr(at, "||");
        auto_free char *part =
            end != NULL ? mem_strndup(at, (size_t)(end - at)) : mem_strdup(at);

        if (constraint_all(part, at == constraint, v, &any) < 0) {
            return err_set(e, ERR_PROTOCOL, "\"%s\" is not a version constraint",
                           constraint);
        }
        if (end == NULL) {
            *match = any;
            return 0;
        }
        at = end + 2;
    }
}
