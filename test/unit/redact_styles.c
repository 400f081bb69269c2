#include "redact_styles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGIT "0123456789"
#define ALNUM UPPER LOWER DIGIT
#define WORD  ALNUM "!%*+-./:=?@^_~"
#define PRINT WORD " \"#$&'(),;<>[\\]`{|}"

size_t
redact_random(size_t n)
{
    static uint64_t x = 0x9e3779b97f4a7c15;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (size_t)((x * 0x2545f4914f6cdd1d >> 32) % n);
}

/* What is written for each of these characters; 0 ends it. */
struct escape {
    char c;
    const char *as;
};

static const struct escape sql[] = { { '\'', "''" }, { '\\', "\\\\" }, { 0 } };
static const struct escape sqldq[] = { { '"', "\\\"" }, { '\\', "\\\\" }, { 0 } };
static const struct escape doubled[] = { { '\'', "''" }, { 0 } };
static const struct escape shell[] = { { '\'', "'\\''" }, { 0 } };
static const struct escape shell_double[] = {
    { '"', "\\\"" }, { '\\', "\\\\" }, { '$', "\\$" }, { '`', "\\`" }, { 0 }
};
static const struct escape json[] = { { '"', "\\\"" }, { '\\', "\\\\" }, { 0 } };
static const struct escape conninfo[] = { { '\'', "\\'" }, { '\\', "\\\\" }, { 0 } };
static const struct escape conninfo_sql[] = { { '\'', "\\''" }, { '\\', "\\\\" }, { 0 } };
static const struct escape odbc[] = { { '}', "}}" }, { 0 } };
static const struct escape pgpass[] = { { ':', "\\:" }, { '\\', "\\\\" }, { 0 } };
static const struct escape xml[] = {
    { '<', "&lt;" }, { '>', "&gt;" }, { '&', "&amp;" }, { 0 }
};

struct style {
    const char *name;
    const char *of; /* its characters */
    size_t min;
    size_t max;
    const struct escape *escape;
    int times;                 /* the escape is put on so often */
    const struct escape *more; /* and then this one */
    char *(*write)(const char *raw);
};

static char *
write_url(const char *raw)
{
    auto_buf struct buf out = BUF_LIMIT(4096);

    for (; *raw != '\0'; raw++) {
        (void)!buf_printf(&out, strchr(ALNUM "-._~", *raw) != NULL ? "%c" : "%%%02X",
                          *raw);
    }
    return buf_take(&out);
}

static char *
write_base64(const char *raw)
{
    static const char digits[] = ALNUM "+/";
    auto_buf struct buf out = BUF_LIMIT(4096);
    size_t len = strlen(raw);

    for (size_t i = 0; i < len; i += 3) {
        unsigned long v = (unsigned long)(unsigned char)raw[i] << 16;
        char group[5] = "====";

        v |= i + 1 < len ? (unsigned long)(unsigned char)raw[i + 1] << 8 : 0;
        v |= i + 2 < len ? (unsigned long)(unsigned char)raw[i + 2] : 0;
        for (size_t k = 0; k < 4 && i + k <= len; k++) {
            group[k] = digits[v >> (18 - 6 * k) & 63];
        }
        (void)!buf_puts(&out, group);
    }
    return buf_take(&out);
}

static char *
write_pem(const char *raw)
{
    auto_free char *pem = mem_printf("-----BEGIN RSA PRIVATE KEY-----\n%s\n", raw);

    return write_base64(pem);
}

static char *
write_lines(const char *raw)
{
    return mem_printf("%.64s\n%.64s\n%s", raw, raw + 64, raw + 128);
}

static char *
write_hash(const char *raw)
{
    return mem_printf("*%s", raw);
}

static const struct style styles[] = {
    { "sql", PRINT, 8, 32, .escape = sql, .times = 1 },
    { "sqldq", PRINT, 8, 32, .escape = sqldq, .times = 1 },
    { "pg", PRINT, 8, 32, .escape = doubled, .times = 1 },
    { "yaml1", PRINT, 8, 32, .escape = doubled, .times = 1 },
    { "dollar", WORD " \"'\\;,", 8, 32 },
    { "sh1", PRINT, 8, 32, .escape = shell, .times = 1 },
    { "sh2", PRINT, 8, 32, .escape = shell_double, .times = 1 },
    { "json", PRINT, 8, 32, .escape = json, .times = 1 },
    { "json2", PRINT, 8, 32, .escape = json, .times = 2 },
    { "json3", PRINT, 8, 32, .escape = json, .times = 3 },
    { "sqljson", PRINT, 8, 32, .escape = sql, .times = 1, .more = json },
    { "line", PRINT, 8, 32 },
    { "word", WORD, 8, 32 },
    { "wordsemi", WORD, 8, 32 },
    { "godsn", WORD ":/@()&,;", 8, 32 },
    { "url", PRINT, 8, 32, .write = write_url },
    { "conn", WORD, 8, 32 },
    { "connsql", WORD, 8, 32 },
    { "connpl", PRINT, 8, 32, .escape = conninfo, .times = 1 },
    { "connq", PRINT, 8, 32, .escape = conninfo_sql, .times = 1 },
    { "odbc", PRINT, 8, 32, .escape = odbc, .times = 1 },
    { "pgpass", PRINT, 8, 32, .escape = pgpass, .times = 1 },
    { "xml", PRINT, 8, 32, .escape = xml, .times = 1 },
    { "num", DIGIT, 8, 15 },
    { "alnum", ALNUM, 8, 32 },
    { "token", ALNUM, 24, 48 },
    { "alnum36", ALNUM, 36, 36 },
    { "upper16", UPPER "234567", 16, 16 },
    { "hash40", "0123456789ABCDEF", 40, 40, .write = write_hash },
    { "hash32", "0123456789abcdef", 32, 32 },
    { "hexlong", "0123456789ABCDEF", 120, 140 },
    { "b64", PRINT, 24, 64, .write = write_base64 },
    { "b64pem", ALNUM, 64, 128, .write = write_pem },
    { "b64lines", ALNUM "+/", 140, 180, .write = write_lines },
};

static char *
escape_once(const char *text, const struct escape *escapes)
{
    auto_buf struct buf out = BUF_LIMIT(4096);

    for (; *text != '\0'; text++) {
        char plain[2] = { *text, '\0' };
        const char *as = plain;

        for (const struct escape *x = escapes; x->c != 0; x++) {
            as = x->c == *text ? x->as : as;
        }
        (void)!buf_puts(&out, as);
    }
    return buf_take(&out);
}

/* Begins and ends with a letter or digit: what a syntax does with a blank there is its
 * own affair. */
static char *
random_text(const struct style *s)
{
    size_t len = s->min + redact_random(s->max - s->min + 1);
    char *text = mem_alloc(len + 1);

    for (size_t i = 0; i < len; i++) {
        bool edge = i == 0 || i + 1 == len;
        const char *of = edge && strchr(s->of, 'z') != NULL ? ALNUM : s->of;

        text[i] = of[redact_random(strlen(of))];
    }
    return text;
}

static const struct style *
style_find(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        if (strlen(styles[i].name) == len && memcmp(styles[i].name, name, len) == 0) {
            return &styles[i];
        }
    }
    fail_msg("no style %.*s", (int)len, name);
    return styles;
}

struct secret
secret_new(const char *name, size_t len)
{
    const struct style *style = style_find(name, len);
    struct secret s = { .raw = random_text(style) };

    s.written = style->write != NULL ? style->write(s.raw) : mem_strdup(s.raw);
    for (int i = 0; i < style->times + (style->more != NULL); i++) {
        char *more =
            escape_once(s.written, i < style->times ? style->escape : style->more);

        free(s.written);
        s.written = more;
    }
    return s;
}

void
secret_free(struct secret *s)
{
    free(s->raw);
    free(s->written);
}
