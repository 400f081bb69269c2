/* The scanner: its rules, and the pieces they are made of. */
#include "kubedb/redact_scan.h"

#include <string.h>

#include "kubedb/redact.h"
#include "kubedb/redact_names.h"

/* What a rule begins with. The first that takes something wins. */
static const struct redact_rule {
    const char *first; /* one of these characters; NULL: any */
    bool word;         /* which begins a word */
    redact_find *find;
} redact_rules[] = {
    { NULL, true, redact_program },
    { "iIsSrRcCeEdDaApPoOhH", true, redact_sql_statement },
    { ";=()", false, redact_sql_sign },
    { "-", false, redact_pem_begin },
    { "-", false, redact_pem_end },
    { NULL, true, redact_sql_word },
    { "'\"\\$", false, redact_sql_literal },
    { NULL, true, redact_pem_base64 },
    { NULL, true, redact_prefix },
    { "mM0", true, redact_hash },
    { "*", false, redact_hash },
    { "${", false, redact_crypt },
    { "sS", true, redact_crypt },
    { NULL, true, redact_named },
    { "-/._", false, redact_named },
    { "-", false, redact_flag },
    { "bBnN", true, redact_scheme },
    { "e", true, redact_jwt },
    { NULL, true, redact_pgpass },
    { "*", false, redact_pgpass },
    { ":", false, redact_url },
    { "@", false, redact_user_at },
};

/* Where none of them begins there is nothing to ask. */
static const char redact_firsts[] = ";=()-'\"\\$*{/._:@";

enum { REDACT_RULES = sizeof redact_rules / sizeof *redact_rules };

/* -- what stands there -- */

size_t
redact_run(struct redact_scan *s, size_t i, bool (*is)(char), size_t max)
{
    size_t n = 0;

    while (n < max && i + n < s->len && is(s->text[i + n])) {
        n++;
    }
    s->steps += n + 1;
    return n;
}

bool
redact_says(struct redact_scan *s, size_t i, const char *text)
{
    size_t n = 0;

    while (text[n] != '\0' && tolower((unsigned char)redact_char(s, i + n)) ==
                                  tolower((unsigned char)text[n])) {
        n++;
    }
    s->steps += n;
    return text[n] == '\0';
}

size_t
redact_word_of(struct redact_scan *s, size_t i, const char *words)
{
    size_t len = redact_run(s, i, redact_is_word, REDACT_NAME_MAX);

    return len > 0 && redact_is_one_of(s->text + i, len, words) ? len : 0;
}

size_t
redact_line_end(struct redact_scan *s, size_t i)
{
    size_t end = i;

    if (s->end > 0 && i >= s->known && i <= s->end) {
        return s->end;
    }
    while (end < s->len && s->text[end] != '\n' && s->text[end] != '\r') {
        end = end == s->known && s->end > end ? s->end : end + 1;
        s->steps++;
    }
    s->known = i;
    s->end = end;
    return end;
}

size_t
redact_skip_blanks(struct redact_scan *s, size_t i)
{
    return i + redact_run(s, i, redact_is_blank, REDACT_BLANKS_MAX);
}

size_t
redact_skip_spaces(struct redact_scan *s, size_t i)
{
    size_t max = i + REDACT_BACK;

    while (i < max) {
        size_t n = redact_run(s, i, redact_is_space, REDACT_BLANKS_MAX);

        i += n;
        if (redact_says(s, i, "/*") && redact_char(s, i + 2) != '!') {
            while (i < max && i < s->len && !redact_says(s, i, "*/")) {
                i++;
            }
            i += 2;
        } else if (n == 0) {
            break;
        }
    }
    return i < s->len ? i : s->len;
}

/* Whether "\n" or its like, of an escaped text, ends before i. */
static bool
redact_after_escape(const struct redact_scan *s, size_t i)
{
    return i >= 2 && s->text[i - 2] == '\\' && strchr("nrt", s->text[i - 1]) != NULL;
}

bool
redact_begins_word(const struct redact_scan *s)
{
    size_t i = s->at;

    return redact_is_word(redact_char(s, i)) &&
           (i == 0 || !redact_is_word(s->text[i - 1]) || redact_after_escape(s, i));
}

bool
redact_begins_line(struct redact_scan *s, size_t i, bool *soft)
{
    static const char *const openings[] = { "export ", "declare -x ", "set ", "- ",
                                            "env " };
    size_t least = i > REDACT_BLANKS_MAX ? i - REDACT_BLANKS_MAX : 0;

    *soft = false;
    for (size_t k = 0; k < sizeof openings / sizeof *openings; k++) {
        size_t n = strlen(openings[k]);

        if (i >= n && redact_says(s, i - n, openings[k])) {
            i -= n;
            break;
        }
    }
    while (i > least && redact_is_blank(s->text[i - 1])) {
        i--;
        s->steps++;
    }
    if (redact_after_escape(s, i) && s->text[i - 1] != 't') {
        *soft = true;
        return true;
    }
    return i == 0 || s->text[i - 1] == '\n' || s->text[i - 1] == '\r';
}

/* -- the copy -- */

static void
redact_copy(struct redact_scan *s, size_t i, size_t n)
{
    (void)!buf_add(s->out, s->text + i, n);
    s->steps += n;
}

size_t
redact_take(struct redact_scan *s, size_t before, size_t len, size_t after)
{
    redact_copy(s, s->at, before);
    (void)!buf_puts(s->out, REDACT_MARK);
    redact_copy(s, s->at + before + len, after);
    return before + len + after;
}

void
redact_cut(struct redact_scan *s, size_t from)
{
    if (from < s->out->len) {
        s->out->len = from;
        s->out->data[from] = '\0';
    }
}

/* -- going on -- */

static size_t
redact_apply(struct redact_scan *s)
{
    char c = s->text[s->at];
    bool word = redact_begins_word(s);
    size_t used = 0;

    if (!word && strchr(redact_firsts, c) == NULL) {
        return 0;
    }
    for (size_t i = 0; i < REDACT_RULES && used == 0; i++) {
        const struct redact_rule *r = &redact_rules[i];

        if (r->word == word && (r->first == NULL || strchr(r->first, c) != NULL)) {
            used = r->find(s);
        }
    }
    return used;
}

/* A word in one go: nothing begins inside of it. But for the letter of a "\n". */
static size_t
redact_plain(struct redact_scan *s)
{
    size_t n = redact_run(s, s->at, redact_is_word, s->len);
    bool escape = s->at > 0 && s->text[s->at - 1] == '\\';

    n = n == 0 || escape ? 1 : n;
    redact_copy(s, s->at, n);
    return n;
}

void
redact_step(struct redact_scan *s)
{
    size_t used = 0;

    if (s->text[s->at] == '\n') {
        redact_sql_line(s);
        redact_shell_line(s);
    }
    s->steps++;
    used = redact_apply(s);
    s->at += used > 0 ? used : redact_plain(s);
}
