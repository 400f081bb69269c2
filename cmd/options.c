#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { OPTION_ROWS_MAX = sizeof((struct options *)0)->given };

void
options_init(struct options *o)
{
    *o = (struct options){
        .limits.timeout_ms = 2LL * 60 * 60 * 1000,
        .limits.pod_timeout_ms = 15LL * 60 * 1000,
        .limits.drain_timeout_ms = -1,
        .limits.max_lag = -1,
        .limits.max_copy = -1,
        .limits.size_tolerance = -1,
        .bundle = ".",
    };
}

static void
option_list_free(struct option_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free(l->at[i]);
    }
    free(l->at);
    *l = (struct option_list){ 0 };
}

void
options_free(struct options *o)
{
    option_list_free(&o->lists.as_groups);
    option_list_free(&o->lists.as_extras);
    option_list_free(&o->lists.skip_checks);
    option_list_free(&o->lists.args);
}

void
option_list_add(struct option_list *l, const char *word, size_t len)
{
    l->at = mem_grow(l->at, l->n + 2, sizeof *l->at);
    l->at[l->n++] = mem_strndup(word, len);
    l->at[l->n] = NULL;
}

const char *const *
option_list_words(const struct option_list *l)
{
    return (const char *const *)l->at;
}

const struct option_row *
option_at(size_t i)
{
    static const struct option_row *const tables[] = { option_rows, option_rows_kubectl,
                                                       NULL };

    for (const struct option_row *const *t = tables; *t != NULL; t++) {
        for (const struct option_row *r = *t; r->name != NULL; r++) {
            if (i-- == 0) {
                return r;
            }
        }
    }
    return NULL;
}

static bool
option_is_named(const char *own, const char *name, size_t len)
{
    return own != NULL && strlen(own) == len && strncmp(own, name, len) == 0;
}

const struct option_row *
option_find(const char *name, size_t len)
{
    const struct option_row *r = NULL;

    for (size_t i = 0; (r = option_at(i)) != NULL; i++) {
        if (option_is_named(r->name, name, len) ||
            option_is_named(r->formerly, name, len)) {
            break;
        }
    }
    return r;
}

const struct option_row *
option_find_letter(char letter)
{
    const struct option_row *r = NULL;

    for (size_t i = 0; (r = option_at(i)) != NULL; i++) {
        if (r->letter == letter && letter != '\0') {
            break;
        }
    }
    return r;
}

bool
option_takes_word(const struct option_row *row)
{
    return row->type != OPTION_BOOL && row->type != OPTION_DRY_RUN &&
           row->type != OPTION_LEVEL;
}

static const char *
option_nearest(const char *name, size_t len)
{
    auto_free char *word = mem_strndup(name, len);
    const char *names[OPTION_ROWS_MAX];
    const struct option_row *r = NULL;
    size_t n = 0;

    for (; (r = option_at(n)) != NULL; n++) {
        names[n] = r->name;
    }
    return str_nearest(word, names, n);
}

static int
option_unknown(const char *name, size_t len, struct err *e)
{
    const char *near = option_nearest(name, len);

    (void)err_set(e, ERR_USAGE, "unknown flag --%.*s", (int)len, name);
    if (near != NULL) {
        (void)err_hint(e, "did you mean --%s?", near);
    }
    return -1;
}

/* --name, --name=value, --name value */
static int
option_parse_long(struct options *o, int argc, char *const *argv, int *i, struct err *e)
{
    const char *name = argv[*i] + 2;
    size_t len = strcspn(name, "=");
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    const struct option_row *row = option_find(name, len);

    if (row == NULL) {
        return option_unknown(name, len, e);
    }
    if (value == NULL && option_takes_word(row)) {
        if (*i + 1 >= argc) {
            return err_set(e, ERR_USAGE, "--%s needs a value: --%s %s", row->name,
                           row->name, row->metavar);
        }
        value = argv[++*i];
    }
    return option_set(o, row, value, e);
}

static int
option_unknown_letter(const char *word, const char *letter, struct err *e)
{
    size_t len = strcspn(word, "=");

    (void)err_set(e, ERR_USAGE, "unknown flag -%c in -%s", *letter, word);
    if (option_find(word, len) != NULL) {
        (void)err_hint(e, "did you mean --%.*s?", (int)len, word);
    }
    return -1;
}

/* -q, -qy, -n demo, -ndemo, -n=demo */
static int
option_parse_short(struct options *o, int argc, char *const *argv, int *i, struct err *e)
{
    const char *word = argv[*i] + 1;

    for (const char *c = word; *c != '\0'; c++) {
        const struct option_row *row = option_find_letter(*c);
        const char *value = c[1] == '=' ? c + 2 : c + 1;

        if (row == NULL) {
            return option_unknown_letter(word, c, e);
        }
        if (row->type == OPTION_BOOL && c[1] != '=') {
            if (option_set(o, row, NULL, e) < 0) {
                return -1;
            }
            continue;
        }
        if (c[1] == '\0' && option_takes_word(row)) {
            if (*i + 1 >= argc) {
                return err_set(e, ERR_USAGE, "-%c needs a value: -%c %s", *c, *c,
                               row->metavar);
            }
            value = argv[++*i];
        } else if (c[1] == '\0') {
            value = NULL;
        }
        return option_set(o, row, value, e);
    }
    return 0;
}

int
options_parse(struct options *o, int argc, char *const *argv, struct err *e)
{
    bool flags = true;

    for (int i = 0; i < argc; i++) {
        int failed = 0;

        if (flags && str_eq(argv[i], "--")) {
            flags = false;
        } else if (flags && str_starts(argv[i], "--")) {
            failed = option_parse_long(o, argc, argv, &i, e);
        } else if (flags && argv[i][0] == '-' && argv[i][1] != '\0') {
            failed = option_parse_short(o, argc, argv, &i, e);
        } else {
            option_list_add(&o->lists.args, argv[i], strlen(argv[i]));
        }
        if (failed < 0) {
            return -1;
        }
    }
    o->kube.as_groups = option_list_words(&o->lists.as_groups);
    o->kube.as_extras = option_list_words(&o->lists.as_extras);
    return 0;
}

int
options_check(const struct options *o, unsigned groups, const char *command,
              struct err *e)
{
    const struct option_row *r = NULL;

    for (size_t i = 0; (r = option_at(i)) != NULL; i++) {
        if (o->given[i] && (groups & r->group) == 0) {
            return err_set(e, ERR_USAGE, "%s does not accept --%s", command, r->name);
        }
    }
    return 0;
}
