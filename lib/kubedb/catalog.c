#include "kubedb/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/semver.h"

const json_t *
catalog_find(const json_t *list, const char *name)
{
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach (json_path(list, "items"), i, item) {
        if (str_eq(json_path_str(item, "metadata.name"), name)) {
            return item;
        }
    }
    return NULL;
}

const char *
catalog_version(const json_t *object)
{
    return json_path_str(object, "spec.version");
}

/* "allowlist" or "denylist", and of which topology, where the lists are divided so.
 * `upgradeConstraints` is what they were called before KubeDB v2023.04.10. */
static const json_t *
catalog_list(const json_t *object, const char *list, const char *part)
{
    const json_t *constraints = json_path(object, "spec.updateConstraints");
    const json_t *entries = NULL;

    if (constraints == NULL) {
        constraints = json_path(object, "spec.upgradeConstraints");
    }
    entries = json_path(constraints, list);
    return json_is_object(entries) && part != NULL ? json_path(entries, part) : entries;
}

/* The first entry of a list that matches, or NULL. -1 if one cannot be read. */
static int
catalog_match(const json_t *entries, const struct semver *v, const char **entry,
              struct err *e)
{
    size_t i = 0;
    json_t *item = NULL;

    *entry = NULL;
    json_array_foreach (entries, i, item) {
        const char *text = json_string_value(item);
        bool match = false;

        if (text == NULL || semver_matches(text, v, &match, e) < 0) {
            return text == NULL ? err_set(e, ERR_PROTOCOL, "an entry is not a string")
                                : -1;
        }
        if (match && *entry == NULL) {
            *entry = text;
        }
    }
    return 0;
}

/* Appends a list's entries: ">= 8.0.36, <= 9.1.0 or 9.7.1". */
static void
catalog_show(const json_t *entries, char *text, size_t size)
{
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach (entries, i, item) {
        str_append(text, size, "%s%s", i > 0 ? " or " : " ", json_string_value(item));
    }
}

/* What the lists of one topology (or the flat ones) say; the text names what decided. */
static enum catalog_verdict
catalog_ask(const json_t *from, const char *part, const struct semver *v, char *text,
            size_t size)
{
    const json_t *allow = catalog_list(from, "allowlist", part);
    const json_t *deny = catalog_list(from, "denylist", part);
    const char *name = json_path_str(from, "metadata.name");
    bool divided = json_is_object(catalog_list(from, "allowlist", NULL)) ||
                   json_is_object(catalog_list(from, "denylist", NULL));
    const char *allowed = NULL;
    const char *denied = NULL;
    struct err e = { 0 };

    if (catalog_match(allow, v, &allowed, &e) < 0 ||
        catalog_match(deny, v, &denied, &e) < 0) {
        (void)snprintf(text, size, "%s: %s", name, e.msg);
        return CATALOG_BROKEN;
    }
    if (denied != NULL) {
        (void)snprintf(text, size, "%s denies %s", name, denied);
    } else if (allowed != NULL) {
        (void)snprintf(text, size, "%s allows %s", name, allowed);
    } else if (json_array_size(allow) == 0) {
        (void)snprintf(text, size, "%s sets no limits", name);
        return CATALOG_ALLOWED;
    } else {
        (void)snprintf(text, size, "%s allows only", name);
        catalog_show(allow, text, size);
    }
    if (divided && part != NULL && (denied != NULL || allowed == NULL)) {
        str_append(text, size, " (%s)", part);
    }
    return denied != NULL    ? CATALOG_DENIED
           : allowed != NULL ? CATALOG_ALLOWED
                             : CATALOG_NOT_ALLOWED;
}

/* All lists that the mode names must allow. The text is that of the first one, or of the
 * one that refused. */
static enum catalog_verdict
catalog_constraints(const struct engine_mode *mode, const json_t *from,
                    const struct semver *v, char *text, size_t size)
{
    const char *parts =
        mode != NULL && mode->constraints != NULL ? mode->constraints : "";
    enum catalog_verdict verdict = CATALOG_ALLOWED;
    bool first = true;

    while (verdict == CATALOG_ALLOWED && (first || *parts != '\0')) {
        size_t n = strcspn(parts, " ");
        auto_free char *part = n > 0 ? mem_strndup(parts, n) : NULL;
        char reason[512];

        verdict = catalog_ask(from, part, v, reason, sizeof reason);
        if (first || verdict != CATALOG_ALLOWED) {
            str_copy(text, size, reason);
        }
        first = false;
        parts += n + (parts[n] == ' ' ? 1 : 0);
    }
    return verdict;
}

/* What KubeDB's webhook for Postgres compares; absent values are not compared. */
static const struct {
    const char *path;
    const char *title;
} catalog_alike[] = {
    { "spec.distribution", "distribution" },
    { "spec.db.baseOS", "base OS" },
};

static bool
catalog_is_alike(const json_t *from, const json_t *to, char *text, size_t size)
{
    for (size_t i = 0; i < sizeof catalog_alike / sizeof *catalog_alike; i++) {
        const char *a = json_path_str(from, catalog_alike[i].path);
        const char *b = json_path_str(to, catalog_alike[i].path);

        if (*a != '\0' && *b != '\0' && !str_eq(a, b)) {
            (void)snprintf(text, size, "the %s changes from %s to %s",
                           catalog_alike[i].title, a, b);
            return false;
        }
    }
    return true;
}

enum catalog_verdict
catalog_may_go(const struct engine_mode *mode, const json_t *from, const json_t *to,
               char *text, size_t size)
{
    const char *from_name = json_path_str(from, "metadata.name");
    const char *to_name = json_path_str(to, "metadata.name");
    struct semver a;
    struct semver b;
    struct err e = { 0 };

    if (str_eq(from_name, to_name)) {
        (void)snprintf(text, size, "%s is the current version", to_name);
        return CATALOG_SAME;
    }
    if (semver_parse(catalog_version(from), &a, &e) < 0 ||
        semver_parse(catalog_version(to), &b, &e) < 0) {
        str_copy(text, size, e.msg);
        return CATALOG_BROKEN;
    }
    if (semver_compare(&b, &a) < 0) {
        (void)snprintf(text, size, "%s is older than %s", to_name, from_name);
        return CATALOG_DOWNGRADE;
    }
    if (json_path_true(to, "spec.deprecated")) {
        (void)snprintf(text, size, "%s is deprecated", to_name);
        return CATALOG_DEPRECATED;
    }
    if (!catalog_is_alike(from, to, text, size)) {
        return CATALOG_OTHER_DISTRIBUTION;
    }
    return catalog_constraints(mode, from, &b, text, size);
}

struct catalog_target {
    const char *name;
    struct semver version;
};

/* Newest first; equal versions by name. */
static int
catalog_compare(const void *a, const void *b)
{
    const struct catalog_target *x = a;
    const struct catalog_target *y = b;
    int c = semver_compare(&y->version, &x->version);

    return c != 0 ? c : strcmp(x->name, y->name);
}

char *
catalog_targets(const struct engine_mode *mode, const json_t *list, const json_t *from,
                size_t max)
{
    const json_t *items = json_path(list, "items");
    auto_free struct catalog_target *may =
        mem_alloc((json_array_size(items) + 1) * sizeof *may);
    auto_buf struct buf out = BUF_LIMIT(1 << 20);
    size_t n = 0;
    size_t i = 0;
    json_t *item = NULL;
    char why[512];
    struct err e = { 0 };

    json_array_foreach (items, i, item) {
        if (catalog_may_go(mode, from, item, why, sizeof why) == CATALOG_ALLOWED &&
            semver_parse(catalog_version(item), &may[n].version, &e) == 0) {
            may[n++].name = json_path_str(item, "metadata.name");
        }
    }
    qsort(may, n, sizeof *may, catalog_compare);
    for (i = 0; i < n && i < max; i++) {
        if (buf_printf(&out, "%s%s", i > 0 ? ", " : "", may[i].name) < 0) {
            break;
        }
    }
    return mem_strdup(buf_text(&out));
}

const char *
catalog_nearest(const json_t *list, const char *name)
{
    const json_t *items = json_path(list, "items");
    auto_free const char **names =
        mem_alloc((json_array_size(items) + 1) * sizeof *names);
    size_t n = 0;
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach (items, i, item) {
        names[n++] = json_path_str(item, "metadata.name");
    }
    return str_nearest(name, names, n);
}
