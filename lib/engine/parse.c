/*
 * What servers print: rows of "key<TAB>value". Other lines (a client's warnings) have no
 * tab, or a key that nobody asks for.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/databases.h"
#include "engine/engine.h"
#include "engine/name.h"
#include "engine/parse.h"
#include "engine/role.h"

char *
parse_value(const char *out, const char *key)
{
    size_t len = strlen(key);

    for (const char *line = out; *line != '\0';) {
        size_t n = strcspn(line, "\n");

        if (n > len && strncmp(line, key, len) == 0 && line[len] == '\t') {
            const char *value = line + len + 1;
            size_t size = n - len - 1;

            size -= size > 0 && value[size - 1] == '\r' ? 1 : 0;
            return size == 4 && strncmp(value, "NULL", 4) == 0 ? NULL
                                                               : mem_strndup(value, size);
        }
        line += n + (line[n] == '\n' ? 1 : 0);
    }
    return NULL;
}

/* A value that the caller cannot do without. */
static int
parse_text(const char *out, const char *key, char *to, size_t size, struct err *e)
{
    auto_free char *value = parse_value(out, key);

    if (value == NULL || *value == '\0') {
        return err_set(e, ERR_PROTOCOL, "the server did not report its %s", key);
    }
    str_copy(to, size, value);
    return 0;
}

static int
parse_number(const char *out, const char *key, long long *to, struct err *e)
{
    char text[32];

    if (parse_text(out, key, text, sizeof text, e) < 0) {
        return -1;
    }
    if (!str_to_ll(text, to) || *to < 0) {
        return err_set(e, ERR_PROTOCOL,
                       "the server reports %s \"%s\", which is not a number", key, text);
    }
    return 0;
}

static int
parse_count(const char *out, const char *key, unsigned *to, struct err *e)
{
    long long n = 0;

    if (parse_number(out, key, &n, e) < 0) {
        return -1;
    }
    *to = n > 9999 ? 9999U : (unsigned)n;
    return 0;
}

static enum member_role
parse_role(const char *out)
{
    auto_free char *role = parse_value(out, "role");

    return role_said(role);
}

int
engine_parse_member(const char *out, struct member_report *m, struct err *e)
{
    struct member_report got = { .role = parse_role(out) };
    auto_free char *view = NULL;
    long long writable = 0;

    if (parse_text(out, "version", got.version, sizeof got.version, e) < 0 ||
        parse_text(out, "id", got.id, sizeof got.id, e) < 0 ||
        parse_text(out, "state", got.state, sizeof got.state, e) < 0 ||
        parse_number(out, "writable", &writable, e) < 0 ||
        parse_number(out, "queue", &got.queue, e) < 0 ||
        parse_count(out, "members", &got.members, e) < 0 ||
        parse_count(out, "online", &got.online, e) < 0) {
        return -1;
    }
    got.writable = writable != 0;
    view = parse_value(out, "view");
    str_copy(got.view, sizeof got.view, view != NULL ? view : "");
    got.position = parse_value(out, "position");
    if (got.position != NULL && *got.position == '\0') {
        free(scope_steal(&got.position));
    }
    *m = got;
    return 0;
}

/* Whether it may be a measure's id: it becomes a key in the journal. */
static bool
parse_is_measure(const char *id)
{
    return id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789._")] == '\0' &&
           !str_eq(id, "of");
}

int
engine_parse_measures(const char *out, struct measures *m, struct err *e)
{
    struct measures got = { 0 };

    while (*out != '\0' && got.n < MEASURE_MAX) {
        struct measure *to = &got.at[got.n];
        size_t n = strcspn(out, "\n");
        auto_free char *line = mem_strndup(out, n);
        char *tab = strchr(line, '\t');
        char *of = tab != NULL ? strchr(tab + 1, '\t') : NULL;
        auto_free char *name = NULL;

        out += n + (out[n] == '\n' ? 1 : 0);
        if (tab == NULL || tab == line || (size_t)(tab - line) >= sizeof to->id) {
            continue;
        }
        *tab = '\0';
        if (of != NULL) {
            *of++ = '\0';
            name = name_from_hex(of, strlen(of));
        }
        if (!parse_is_measure(line) || (of != NULL && name == NULL)) {
            continue;
        }
        if (!str_to_ll(tab + 1, &to->value) || to->value < 0 ||
            to->value > MEASURE_VALUE_MAX) {
            return err_set(e, ERR_PROTOCOL,
                           "the server reports %s \"%s\", which is not an amount", line,
                           tab + 1);
        }
        str_copy(to->id, sizeof to->id, line);
        name_fit(to->of, sizeof to->of, name != NULL ? name : "");
        got.n += engine_find_measure(&got, to->id, to->of) == NULL ? 1 : 0;
    }
    if (got.n == 0) {
        return err_set(e, ERR_PROTOCOL, "the server did not report how much data it has");
    }
    *m = got;
    return 0;
}

/* The number that a field begins with, and what is behind the tab that ends it; NULL: it
 * is none. */
static const char *
parse_field(const char *at, long long *to)
{
    char text[32];
    size_t n = strcspn(at, "\t");

    if (at[n] != '\t' || n >= sizeof text) {
        return NULL;
    }
    memcpy(text, at, n);
    text[n] = '\0';
    return str_to_ll(text, to) ? at + n + 1 : NULL;
}

void
engine_parse_databases(const char *out, struct databases *list)
{
    struct databases got = { 0 };

    while (*out != '\0') {
        size_t n = strcspn(out, "\n");
        auto_free char *line = mem_strndup(out, n);
        long long bytes = 0;
        long long oid = 0;
        const char *at = parse_field(line, &bytes);
        auto_free char *name = NULL;

        out += n + (out[n] == '\n' ? 1 : 0);
        at = at != NULL ? parse_field(at, &oid) : NULL;
        name = at != NULL && *at != '\0' ? name_from_hex(at, strlen(at)) : NULL;
        if (name == NULL || oid <= 0 || oid > UINT32_MAX) {
            continue;
        }
        got.at = mem_grow(got.at, got.n + 1, sizeof *got.at);
        got.at[got.n++] = (struct database_size){ .oid = (unsigned long)oid,
                                                  .name = scope_steal(&name),
                                                  .bytes = bytes };
    }
    *list = got;
}

char *
engine_parse_pins(const char *out)
{
    static const char said[] = "pinned\t";

    while (!str_starts(out, said)) {
        out = strchr(out, '\n');
        if (out == NULL) {
            return NULL;
        }
        out++;
    }
    out += strlen(said);
    return name_from_hex(out, strcspn(out, "\n"));
}

bool
engine_parse_count(const char *out, long long *rows)
{
    static const char copied[] = "COPY ";
    const char *at = str_starts(out, copied) ? out + strlen(copied) : out;
    char text[32];
    size_t n = strcspn(at, "\n");

    if (n >= sizeof text) {
        return false;
    }
    memcpy(text, at, n);
    text[n] = '\0';
    return str_to_ll(text, rows) && *rows >= 0;
}

void
databases_clear(struct databases *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->at[i].name);
    }
    free(list->at);
    *list = (struct databases){ 0 };
}

void
member_report_clear(struct member_report *m)
{
    free(m->position);
    *m = (struct member_report){ 0 };
}
