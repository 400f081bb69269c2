/* Private keys: in PEM, as part of it, and in base64 of it. */
#include <string.h>
#include <strings.h>

#include "kubedb/redact.h"
#include "kubedb/redact_value.h"

/* Behind KEY of a line "-----BEGIN RSA PRIVATE KEY-----"; 0: it is none. */
static size_t
redact_pem_label(struct redact_scan *s, size_t i, const char *border)
{
    size_t to = i + REDACT_BLANKS_MAX;

    if (!redact_says(s, i, border)) {
        return 0;
    }
    for (i += strlen(border); i < to && i < s->len && s->text[i] != '\n'; i++) {
        if (redact_says(s, i, "PRIVATE KEY")) {
            return i + strlen("PRIVATE KEY");
        }
        if (redact_says(s, i, "---")) {
            break;
        }
    }
    return 0;
}

/* From BEGIN to END, or as far as a key may be. */
size_t
redact_pem_begin(struct redact_scan *s)
{
    size_t at = redact_pem_label(s, s->at, "-----BEGIN ");
    size_t to = s->at + REDACT_BLOCK < s->len ? s->at + REDACT_BLOCK : s->len;

    at = at > 0 ? at : redact_pem_label(s, s->at, "---- BEGIN ");
    if (at == 0) {
        return 0;
    }
    for (; at < to; at++) {
        size_t end = s->text[at] == '-' ? redact_pem_label(s, at, "-----END ") : 0;

        s->steps++;
        end = end == 0 && s->text[at] == '-' ? redact_pem_label(s, at, "---- END ") : end;
        if (end > 0) {
            return redact_take(s, 0, end - s->at, 0);
        }
    }
    return redact_take(s, 0, to - s->at, 0);
}

/* -- the end alone -- */

/* Where in the copy its last line begins, of what ends at `end`; "\n" ends one too. */
static size_t
redact_copied_line(struct redact_scan *s, size_t end, size_t least)
{
    const char *out = buf_text(s->out);

    while (end > least && out[end - 1] != '\n' &&
           !(end > least + 1 && out[end - 2] == '\\' && out[end - 1] == 'n')) {
        end--;
        s->steps++;
    }
    return end;
}

/* Where base64 begins that ends a line of the copy; `end`: the line is no base64. Before
 * it only blanks, a quote or (in a log) a time may be; a short word is part of a key only
 * where it is all of its line. */
static size_t
redact_copied_base64(struct redact_scan *s, size_t line, size_t end)
{
    enum { SHORT = 40 };
    const char *out = buf_text(s->out);
    size_t at = end;

    while (at > line && redact_is_base64(out[at - 1])) {
        at--;
        s->steps++;
    }
    if (at == end || at == line || end - at >= SHORT) {
        return at;
    }
    for (size_t i = line; i < at; i++) {
        if (!redact_is_blank(out[i])) {
            return end;
        }
    }
    return at;
}

/* The length of the line's end that stands before i in the copy. */
static size_t
redact_copied_break(struct redact_scan *s, size_t i)
{
    static const char *const breaks[] = { "\\r\\n", "\\n", "\r\n", "\n" };
    const char *out = buf_text(s->out);

    for (size_t k = 0; k < sizeof breaks / sizeof *breaks; k++) {
        size_t n = strlen(breaks[k]);

        if (i >= n && memcmp(out + i - n, breaks[k], n) == 0) {
            return n;
        }
    }
    return 0;
}

/* The end of a key whose beginning was cut off: the lines before it that may belong to it
 * are taken back, and no others. */
size_t
redact_pem_end(struct redact_scan *s)
{
    size_t end = redact_pem_label(s, s->at, "-----END ");
    size_t least = s->out->len > REDACT_BLOCK ? s->out->len - REDACT_BLOCK : 0;
    size_t from = s->out->len;

    if (end == 0) {
        return 0;
    }
    for (size_t at = from; at > least;) {
        size_t stop = at - redact_copied_break(s, at);
        size_t line = redact_copied_line(s, stop, least);
        size_t begin = redact_copied_base64(s, line, stop);

        if (begin == stop) {
            break;
        }
        from = begin;
        at = begin > line && begin - line > REDACT_BLANKS_MAX ? least : line;
    }
    redact_cut(s, from);
    return redact_take(s, 0, end - s->at, 0);
}

/* -- base64 -- */

/* "PRIVATE KEY" in base64, by where in a group of three bytes it begins. */
static const char *const redact_key_base64[] = { "UFJJVkFURSBLRV", "BSSVZBVEUgS0VZ",
                                                 "QUklWQVRFIEtFW" };

size_t
redact_pem_base64(struct redact_scan *s)
{
    enum { LEAST = 40 };
    size_t len = 0;

    if (s->at > 0 && redact_is_base64(s->text[s->at - 1]) && s->text[s->at - 1] != '=') {
        return 0;
    }
    len = redact_run(s, s->at, redact_is_base64, s->len);
    for (size_t i = 0; len >= LEAST && i < len; i++) {
        for (size_t k = 0; k < sizeof redact_key_base64 / sizeof *redact_key_base64;
             k++) {
            if (strncmp(s->text + s->at + i, redact_key_base64[k],
                        strlen(redact_key_base64[k])) == 0) {
                return redact_take(s, 0, len, 0);
            }
        }
        s->steps++;
    }
    return 0;
}
