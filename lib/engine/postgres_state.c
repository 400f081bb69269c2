/*
 * What the script of a major upgrade says: rows of "key<TAB>value".
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "base/visible.h"
#include "engine/parse.h"
#include "engine/postgres.h"

enum { PG_VALUE_MAX = 16 * 1024, PG_PLACE_MAX = 4096, PG_VERSION_MAX = 9999 };

/* JSON of names may hold bytes of any encoding, and a text may be cut within a character:
 * what is no UTF-8 is lost, and the rest stays. */
static json_t *
pg_json(const char *text, size_t len)
{
    enum { FLAGS = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES };
    auto_free char *copy = NULL;
    json_t *o = len <= PG_VALUE_MAX ? json_loadb(text, len, FLAGS, NULL) : NULL;

    if (o != NULL || len > PG_VALUE_MAX) {
        return o;
    }
    copy = mem_strndup(text, len);
    len = strlen(copy);
    for (size_t i = 0, n = 0; i < len; i += n) {
        uint32_t cp = 0;

        n = visible_decode(copy + i, len - i, &cp);
        if (cp == VISIBLE_BROKEN) {
            copy[i] = '?';
        }
    }
    return json_loadb(copy, len, FLAGS, NULL);
}

/* Adds a line, in which tabs are blanks. */
static void
pg_add_line(struct buf *b, const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const char *c = (unsigned char)line[i] < ' ' || line[i] == 0x7f ? " " : line + i;

        (void)!buf_add(b, c, 1);
    }
}

/* A text as one line: its own lines, without the blanks around them, are parted by
 * semicolons, but behind a colon. */
static void
pg_one_line(struct buf *b, const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        bool last = text[len] == '\0';
        size_t end = len;

        while (end > 0 && !last && (text[end - 1] == ' ' || text[end - 1] == '\t')) {
            end--;
        }
        if (end > 0 && b->len > 0) {
            (void)!buf_puts(b, buf_text(b)[b->len - 1] == ':' ? " " : "; ");
        }
        pg_add_line(b, text, end);
        text += len + (last ? 0 : 1);
        text += last ? 0 : strspn(text, " \t");
    }
}

/* The text of a string or number, on one line; one that is cut says so, after a whole
 * character. */
static void
pg_plain(const json_t *o, char *to, size_t size)
{
    auto_buf struct buf line = BUF_LIMIT(4 * PG_VALUE_MAX);

    if (json_is_integer(o)) {
        (void)snprintf(to, size, "%" JSON_INTEGER_FORMAT, json_integer_value(o));
        return;
    }
    pg_one_line(&line, json_is_string(o) ? json_string_value(o) : "");
    str_copy(to, size, "");
    for (size_t i = 0, n = 0; i < line.len; i += n) {
        uint32_t cp = 0;

        n = visible_decode(buf_text(&line) + i, line.len - i, &cp);
        if (i + n + sizeof " ..." > size && line.len >= size) {
            str_append(to, size, " ...");
            return;
        }
        str_append(to, size, "%.*s", (int)n, buf_text(&line) + i);
    }
}

/* The JSON string of a row; false where there is none. */
static bool
pg_string(const char *out, const char *key, char *to, size_t size)
{
    auto_free char *value = parse_value(out, key);
    auto_json json_t *o = value != NULL ? pg_json(value, strlen(value)) : NULL;

    pg_plain(o, to, size);
    return json_is_string(o);
}

static void
pg_text(const char *out, const char *key, char *to, size_t size)
{
    auto_free char *value = parse_value(out, key);

    str_copy(to, size, value != NULL ? value : "");
}

/* A number of at most `most`, or 0 where there is none. */
static long long
pg_number(const char *out, const char *key, long long most)
{
    char text[32];
    long long n = 0;

    pg_text(out, key, text, sizeof text);
    return str_to_ll(text, &n) && n > 0 && n <= most ? n : 0;
}

static bool
pg_is(const char *out, const char *key, const char *value)
{
    char text[32];

    pg_text(out, key, text, sizeof text);
    return str_eq(text, value);
}

int
pg_state_parse(const char *out, struct pg_state *s, struct err *e)
{
    struct pg_state got = {
        .binaries = (int)pg_number(out, "binaries", PG_VERSION_MAX),
        .data = (int)pg_number(out, "data", PG_VERSION_MAX),
        .kept = pg_is(out, "kept", "yes"),
        .fresh = pg_is(out, "new", "upgraded")  ? PG_NEW_UPGRADED
                 : pg_is(out, "new", "partial") ? PG_NEW_PARTIAL
                                                : PG_NEW_ABSENT,
        .swapped = pg_is(out, "swapped", "yes"),
        .started = pg_is(out, "started", "yes"),
        .analyzed = pg_is(out, "analyzed", "yes"),
        .up = pg_is(out, "server", "up"),
        .held = !pg_is(out, "role", "present"),
        .linked = pg_is(out, "linked", "yes"),
        .free = pg_number(out, "free", LLONG_MAX),
        .job.running = pg_is(out, "job_state", "running"),
        .job.done = pg_is(out, "job_state", "done"),
        .job.failed = pg_is(out, "job_state", "failed"),
        .job.lost = pg_is(out, "job_lost", "yes"),
        .job.full = pg_is(out, "job_full", "yes"),
    };

    if (got.binaries <= 0 ||
        !pg_string(out, "job_error", got.job.error, sizeof got.job.error)) {
        return err_set(e, ERR_PROTOCOL, "unexpected report of the data's state: %.60s",
                       out);
    }
    pg_text(out, "cluster", got.cluster, sizeof got.cluster);
    pg_text(out, "checkpoint", got.checkpoint, sizeof got.checkpoint);
    pg_text(out, "job", got.job.name, sizeof got.job.name);
    (void)pg_string(out, "job_says", got.job.says, sizeof got.job.says);
    *s = got;
    return 0;
}

bool
pg_state_is_begun(const struct pg_state *s, int to)
{
    /* Without work folder and old data all is over, and those were removed at the end. A
     * pod that came anew between swap and mark may have started its server by itself. */
    return s->data == to && (s->started || !s->swapped || s->up);
}

/* Reads the fields of a row "kept". */
static bool
pg_kept_row(const char *line, struct pg_kept *k)
{
    enum { FROM, TO, BYTES, NUMBERS };
    long long numbers[NUMBERS] = { 0 };
    char word[32];

    for (size_t i = 0; i < NUMBERS; i++) {
        line += strcspn(line, "\t\n");
        line += *line == '\t' ? 1 : 0;
        str_copy(word, sizeof word, line);
        word[strcspn(word, "\t\n")] = '\0';
        if (!str_to_ll(word, &numbers[i]) || numbers[i] < 0 ||
            (i != BYTES && numbers[i] > PG_VERSION_MAX)) {
            return false;
        }
    }
    line += strcspn(line, "\t\n");
    *k = (struct pg_kept){ .from = (int)numbers[FROM],
                           .to = (int)numbers[TO],
                           .bytes = numbers[BYTES],
                           .over = str_starts(line, "\tyes") };
    return k->over || str_starts(line, "\tno");
}

int
pg_leavings_parse(const char *out, struct pg_leavings *l, struct err *e)
{
    struct pg_leavings got = { .data = (int)pg_number(out, "data", PG_VERSION_MAX),
                               .up = pg_is(out, "server", "up") };
    const char *line = out;
    auto_free char *server = parse_value(out, "server");

    if (server == NULL) {
        return err_set(e, ERR_PROTOCOL, "unexpected report of kept data: %.60s", out);
    }
    while (*line != '\0') {
        bool is = str_starts(line, "kept\t");

        if (is && (got.n == PG_KEPT_MAX || !pg_kept_row(line, &got.at[got.n++]))) {
            return err_set(e, ERR_PROTOCOL, "unexpected report of kept data: %.60s",
                           line);
        }
        line += strcspn(line, "\n");
        line += *line == '\n' ? 1 : 0;
    }
    *l = got;
    return 0;
}

char *
pg_error(const char *out)
{
    char text[1024];

    return pg_string(out, "error", text, sizeof text) ? mem_strdup(text) : NULL;
}

/* Builds of one version differ: distributions and vendors patch in parameters, access
 * methods and types, and leave libraries out. */
static const struct pg_known {
    const char *says, *cause;
} pg_known[] = {
    { "unrecognized parameter \"",
      "The old server's build wrote a parameter into its catalogs that the new build "
      "does "
      "not know: the images are builds of two distributions, or of different patch "
      "levels. Choose an image of the new version that is built like the old one, with "
      "the same patches or later ones" },
    { "unrecognized configuration parameter",
      "A role, a database or a function has a setting that the new build does not know, "
      "or whose extension is not in shared_preload_libraries there. RESET it, or choose "
      "an image that has it" },
    { "could not load library",
      "The new image lacks a library, or has one that was built for another version. "
      "Choose an image with the extensions that the database uses, or DROP EXTENSION" },
    { "could not access file",
      "The new image lacks the library of an extension. Choose an image that has it, or "
      "DROP EXTENSION" },
    { "old and new pg_controldata",
      "The two servers were built with different options, such as the block size. Choose "
      "an image of the new version that is built like the old one" },
    { "access method \"",
      "The new build lacks an access method that the old one has. Choose an image with "
      "the extension that provides it" },
    { 0 },
};

const char *
pg_cause(const char *said)
{
    for (const struct pg_known *row = pg_known; row->says != NULL; row++) {
        if (strstr(said, row->says) != NULL) {
            return row->cause;
        }
    }
    return NULL;
}

bool
pg_row_next(const char **out, struct pg_row *row)
{
    while (**out != '\0') {
        const char *line = *out;
        size_t n = strcspn(line, "\n");
        size_t key = strcspn(line, "\t\n");
        auto_json json_t *o = NULL;

        *out += n + (line[n] == '\n' ? 1 : 0);
        *row = (struct pg_row){ 0 };
        if (key == 0 || key >= sizeof row->key || line[key] != '\t') {
            continue;
        }
        o = pg_json(line + key + 1, n - key - 1);
        if (!json_is_array(o)) {
            continue;
        }
        memcpy(row->key, line, key);
        for (size_t i = 0; i < PG_ROW_FIELDS; i++) {
            pg_plain(json_array_get(o, i), row->fields[i], sizeof row->fields[i]);
        }
        return true;
    }
    return false;
}

char *
pg_places(const char *hex, struct err *e)
{
    auto_buf struct buf text = { .limit = PG_PLACES_MAX * (PG_PLACE_MAX + 2) };
    size_t n = 0;

    (void)!buf_puts(&text, "dbupgrade_places='");
    while (*hex != '\0') {
        size_t len = strspn(hex, "0123456789abcdef");

        if (len > PG_PLACE_MAX || (hex[len] != '\n' && hex[len] != '\0')) {
            err_set(e, ERR_PROTOCOL, "unexpected report of tablespaces: %.60s", hex);
            return NULL;
        }
        if (len > 0 && n++ == PG_PLACES_MAX) {
            err_set(e, ERR_PROTOCOL, "more than %d tablespaces: the limit for clearing",
                    PG_PLACES_MAX);
            return NULL;
        }
        (void)!buf_printf(&text, "%.*s ", (int)len, hex);
        hex += len + (hex[len] == '\n' ? 1 : 0);
    }
    (void)!buf_puts(&text, "'\n");
    return buf_take(&text);
}
