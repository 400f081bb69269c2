#include "engine/config_tables.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/config_tables_mark.h"

enum { CONFIG_MARK = sizeof CONFIG_MARK_TEXT - 1 };

/* A sum goes through JSON, whose numbers others read with 53 bits. */
#define CONFIG_SUM_BITS ((UINT64_C(1) << 52) - 1)

/* The next line that was printed with the mark: its text and length; NULL after the last.
 */
static const char *
config_next(const char **out, size_t *len)
{
    while (**out != '\0') {
        const char *line = *out;
        size_t n = strcspn(line, "\n");

        *out += n + (line[n] == '\n' ? 1 : 0);
        if (n >= CONFIG_MARK && strncmp(line, CONFIG_MARK_TEXT, CONFIG_MARK) == 0) {
            *len = n - CONFIG_MARK;
            return line + CONFIG_MARK;
        }
    }
    return NULL;
}

/* FNV-1a. */
static uint64_t
config_hash(const char *text, size_t len)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

struct config_sum
config_sum(const char *out)
{
    struct config_sum got = { 0 };
    uint64_t sum = 0;
    const char *line = NULL;
    size_t len = 0;

    while ((line = config_next(&out, &len)) != NULL) {
        got.rows++;
        sum += config_hash(line, len);
    }
    got.sum = (long long)(sum & CONFIG_SUM_BITS);
    return got;
}

char *
config_line(const char *out, size_t i)
{
    const char *line = NULL;
    size_t len = 0;

    do {
        line = config_next(&out, &len);
    } while (line != NULL && i-- > 0);
    return line != NULL ? mem_strndup(line, len) : NULL;
}

/* Skips what a text begins with. */
static bool
config_skip(const char **at, const char *what)
{
    bool is = str_starts(*at, what);

    *at += is ? strlen(what) : 0;
    return is;
}

/* Skips as many of these as there are; how many. */
static size_t
config_skip_all(const char **at, const char *which)
{
    size_t n = strspn(*at, which);

    *at += n;
    return n;
}

static bool
config_skip_value(const char **at)
{
    if (config_skip(at, "CAST(x'")) {
        return config_skip_all(at, "0123456789ABCDEF") % 2 == 0 &&
               config_skip(at, "' AS TEXT)");
    }
    if (config_skip(at, "NULL")) {
        return true;
    }
    (void)config_skip(at, "-");
    return config_skip_all(at, "0123456789") > 0;
}

/* Skips "TABLE(" of a table that is emptied before. */
static bool
config_skip_table(const struct engine_config *c, const char **at)
{
    static const char empties[] = "DELETE FROM ";

    for (const char *const *sql = c->clear_sql; sql != NULL && *sql != NULL; sql++) {
        const char *table = *sql + strlen(empties);
        size_t n = strlen(table);

        if (str_starts(*sql, empties) && strncmp(*at, table, n) == 0 && (*at)[n] == '(') {
            *at += n + 1;
            return true;
        }
    }
    return false;
}

bool
config_is_row(const struct engine_config *c, const char *line)
{
    if (!config_skip(&line, "REPLACE INTO ") || !config_skip_table(c, &line) ||
        config_skip_all(&line,
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_,") == 0 ||
        !config_skip(&line, ") VALUES(") || !config_skip_value(&line)) {
        return false;
    }
    while (config_skip(&line, ",")) {
        if (!config_skip_value(&line)) {
            return false;
        }
    }
    return str_eq(line, ")");
}

/* All lines, sorted. */
struct config_lines {
    size_t n;
    char **at;
};

static int
config_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
config_split(const char *out, struct config_lines *lines)
{
    const char *line = NULL;
    size_t len = 0;

    while ((line = config_next(&out, &len)) != NULL) {
        lines->at = mem_grow(lines->at, lines->n + 1, sizeof *lines->at);
        lines->at[lines->n++] = mem_strndup(line, len);
    }
    if (lines->n > 0) {
        qsort(lines->at, lines->n, sizeof *lines->at, config_compare);
    }
}

static void
config_lines_clear(struct config_lines *lines)
{
    for (size_t i = 0; i < lines->n; i++) {
        free(lines->at[i]);
    }
    free(lines->at);
}

size_t
config_differences(const char *a, const char *b)
{
    scope_cleanup(config_lines_clear) struct config_lines x = { 0 };
    scope_cleanup(config_lines_clear) struct config_lines y = { 0 };
    size_t i = 0;
    size_t j = 0;
    size_t both = 0;

    config_split(a, &x);
    config_split(b, &y);
    while (i < x.n && j < y.n) {
        int order = strcmp(x.at[i], y.at[j]);

        both += order == 0 ? 1 : 0;
        i += order <= 0 ? 1 : 0;
        j += order >= 0 ? 1 : 0;
    }
    return (x.n > y.n ? x.n : y.n) - both;
}
