/* Passwords between a user and a server: URLs, DSNs of Go, lines of .pgpass. */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "kubedb/redact.h"
#include "kubedb/redact_value.h"

static bool
redact_is_user(char c)
{
    return !redact_is_space(c) && strchr(":/@\"'`<>\\", c) == NULL;
}

static bool
redact_is_digit(char c)
{
    return isdigit((unsigned char)c);
}

/* Of URLs in a row each has its own end. */
static size_t
redact_url_end(struct redact_scan *s, size_t i)
{
    while (i < s->len && !redact_is_space(s->text[i]) &&
           strchr("\"'`<>", s->text[i]) == NULL && !redact_says(s, i, "://")) {
        i++;
    }
    return i;
}

/* scheme://user:PASSWORD@host; the last @ counts. */
size_t
redact_url(struct redact_scan *s)
{
    size_t user = s->at + 3;
    size_t password = 0;
    size_t digits = 0;
    size_t end = 0;
    size_t at = 0;

    if (!redact_says(s, s->at, "://")) {
        return 0;
    }
    user += redact_run(s, user, redact_is_user, REDACT_BACK);
    password = user + 1;
    digits = password + redact_run(s, password, redact_is_digit, REDACT_NAME_MAX);
    if (redact_char(s, user) != ':' || strchr("/?#,;", redact_char(s, digits)) != NULL) {
        return 0;
    }
    end = redact_url_end(s, password);
    for (size_t i = password; i < end; i++) {
        at = s->text[i] == '@' ? i : at;
    }
    return at > password ? redact_take_value(
                               s, password, (struct redact_value){ .len = at - password })
                         : 0;
}

/* -- before an @ -- */

/* What a user may stand behind. */
static bool
redact_is_edge(char c)
{
    return redact_is_space(c) || strchr("\"'`=", c) != NULL;
}

/* Behind "user:" where that begins at i of the copy; 0: it does not. */
static size_t
redact_copied_user(struct redact_scan *s, size_t i)
{
    const char *out = buf_text(s->out);
    size_t n = i;

    if ((i > 0 && !redact_is_edge(out[i - 1])) || !isalpha((unsigned char)out[i])) {
        return 0;
    }
    while (n < s->out->len && n < i + REDACT_NAME_MAX && redact_is_key(out[n])) {
        n++;
        s->steps++;
    }
    return out[n] == ':' && out[n + 1] != '\0' && !redact_is_space(out[n + 1]) &&
                   out[n + 1] != '/'
               ? n + 1
               : 0;
}

/* The last one in its line, or, `far`, the first: the password may have blanks in it.
 * What was searched in vain is not searched again, since nothing in it can begin one. */
static size_t
redact_copied_password(struct redact_scan *s, bool far)
{
    const char *out = buf_text(s->out);
    size_t least = s->out->len > REDACT_FAR ? s->out->len - REDACT_FAR : 0;
    size_t found = 0;

    least = least > s->searched ? least : s->searched;
    for (size_t i = s->out->len; i > least && out[i - 1] != '\n'; i--) {
        size_t at = redact_copied_user(s, i - 1);

        s->steps++;
        found = at > 0 ? at : found;
        if (!far && redact_is_space(out[i - 1])) {
            break;
        }
    }
    return found;
}

/* Where the word ends that the password is in: at its last @. */
static size_t
redact_last_at(struct redact_scan *s, bool dsn)
{
    size_t last = s->at;

    for (size_t i = s->at;
         !dsn && i < s->len && !redact_is_edge(s->text[i]) && s->text[i] != '/'; i++) {
        last = s->text[i] == '@' ? i : last;
        s->steps++;
    }
    return last;
}

static size_t
redact_take_back(struct redact_scan *s, size_t from, bool dsn)
{
    size_t last = redact_last_at(s, dsn);

    if (last == s->at && str_eq(buf_text(s->out) + from, REDACT_MARK)) {
        return 0;
    }
    redact_cut(s, from);
    (void)!buf_puts(s->out, REDACT_MARK);
    (void)!buf_puts(s->out, "@");
    return last + 1 - s->at;
}

/* user:PASSWORD@host:3306 */
static bool
redact_is_port(struct redact_scan *s, size_t i)
{
    i += redact_run(s, i, redact_is_key, REDACT_NAME_MAX);
    return redact_char(s, i) == ':' && redact_is_digit(redact_char(s, i + 1));
}

/* user:PASSWORD@tcp(host:port)/ as programs in Go name a server; and user:PASSWORD@host
 * with a port, or for a program that takes it. What is before the @ was copied. */
size_t
redact_user_at(struct redact_scan *s)
{
    size_t way = s->at + 1 + redact_run(s, s->at + 1, redact_is_word, REDACT_NAME_MAX);
    bool dsn = redact_char(s, way) == '(';
    size_t from = 0;

    if (!dsn && s->programs == 0 && !redact_is_port(s, s->at + 1)) {
        return 0;
    }
    s->searched = s->searched < s->out->len ? s->searched : s->out->len;
    from = redact_copied_password(s, false);
    if (from == 0 && dsn) {
        from = redact_copied_password(s, true);
    }
    if (from == 0) {
        s->searched = s->out->len;
        return 0;
    }
    return redact_take_back(s, from, dsn);
}

/* -- .pgpass -- */

static bool
redact_is_field(char c)
{
    return !redact_is_space(c) && c != ':' && c != '\\';
}

/* A field with its colon; 0: it is none. */
static size_t
redact_field(struct redact_scan *s, size_t i)
{
    size_t at = i;
    size_t n = 0;

    do {
        n = redact_run(s, at, redact_is_field, REDACT_NAME_MAX);
        at += n;
        if (redact_char(s, at) == '\\' && redact_char(s, at + 1) != '\0') {
            at += 2;
            n = 2;
        }
    } while (n > 0 && at < i + REDACT_NAME_MAX && redact_char(s, at) != ':');
    return at > i && redact_char(s, at) == ':' ? at + 1 - i : 0;
}

static bool
redact_has_letter(const struct redact_scan *s, size_t i, size_t len)
{
    for (size_t at = i; at < i + len; at++) {
        if (isalpha((unsigned char)s->text[at]) || strchr("*./", s->text[at]) != NULL) {
            return true;
        }
    }
    return false;
}

/* host:port:database:user:PASSWORD is a whole line. A UUID is no host (GTIDs look like
 * that), nor is a time. */
size_t
redact_pgpass(struct redact_scan *s)
{
    size_t at = s->at;
    bool soft = false;

    if (redact_field(s, at) == 0 || !redact_begins_line(s, s->at, &soft)) {
        return 0;
    }
    for (int i = 0; i < 4; i++) {
        size_t n = redact_field(s, at);
        bool number = n > 1 && redact_run(s, at, redact_is_digit, n) == n - 1;
        bool any = n == 2 && s->text[at] == '*';

        if (n == 0 || (i == 1 ? !number && !any : number) ||
            (i == 0 && (!redact_has_letter(s, at, n) || n == 36 + 1 ||
                        redact_char(s, at + 4) == '-'))) {
            return 0;
        }
        at += n;
    }
    return redact_is_space(redact_char(s, at))
               ? 0
               : redact_take_value(s, at, redact_value_line(s, at, soft));
}
