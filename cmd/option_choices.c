#include <string.h>

#include "base/str.h"
#include "engine/engine.h"
#include "kubedb/check_registry.h"
#include "options.h"

/*
 * The words that a flag's value may be, one function a flag, and what follows from the
 * columns of the rows: a flag of another kind and a word that a kind does not know are
 * refused.
 */

enum { CHOICES_MAX = 256, CHOICES_TOLD = 8 };

static bool
option_choice_of(const char *const *words, size_t i, struct option_choice *out)
{
    for (size_t at = 0; words[at] != NULL; at++) {
        if (at == i) {
            *out = (struct option_choice){ .word = words[i], .text = "" };
            return true;
        }
    }
    return false;
}

bool
option_choice_strategy(const struct engine *en, size_t i, struct option_choice *out)
{
    static const char *const words[] = { "in-place", "new-set", NULL };

    (void)en;
    return option_choice_of(words, i, out);
}

bool
option_choice_pg_upgrade_mode(const struct engine *en, size_t i,
                              struct option_choice *out)
{
    static const char *const words[] = { "copy", "link", "clone", NULL };

    (void)en;
    return option_choice_of(words, i, out);
}

bool
option_choice_dry_run(const struct engine *en, size_t i, struct option_choice *out)
{
    (void)en;
    for (const struct option_word *w = option_dry_runs; w->word != NULL; w++) {
        if (i-- == 0) {
            *out = (struct option_choice){ .word = w->word, .text = "" };
            return true;
        }
    }
    return false;
}

bool
option_choice_handover(const struct engine *en, size_t i, struct option_choice *out)
{
    if (i == 0) {
        *out =
            (struct option_choice){ .word = "none",
                                    .text = "the pod is deleted without a switchover" };
        return true;
    }
    for (const struct engine_handover *h = en != NULL ? en->member.handovers : NULL;
         h != NULL && h->id != NULL; h++) {
        if (--i == 0) {
            *out = (struct option_choice){ .word = h->id, .text = h->title };
            return true;
        }
    }
    return false;
}

bool
option_choice_check(const struct engine *en, size_t i, struct option_choice *out)
{
    struct check_row row;

    if (!check_at(en, i, &row)) {
        return false;
    }
    *out = (struct option_choice){ .word = row.id, .text = row.title };
    return true;
}

bool
option_is_for(const struct option_row *row, const struct engine *en)
{
    return en == NULL || row->is_for == NULL || row->is_for(en);
}

void
option_add_kinds(const struct option_row *row, const char *separator, char *out,
                 size_t size)
{
    bool any = false;

    for (size_t i = 0; row->is_for != NULL && engine_all[i] != NULL; i++) {
        if (row->is_for(engine_all[i])) {
            str_append(out, size, "%s%s", any ? separator : "", engine_all[i]->name);
            any = true;
        }
    }
}

char *
option_help(const struct option_row *row, const struct engine *en, char *out, size_t size)
{
    out[0] = '\0';
    if (en == NULL && row->is_for != NULL) {
        str_append(out, size, "(");
        option_add_kinds(row, ", ", out, size);
        str_append(out, size, ") ");
    }
    return str_append(out, size, "%s", row->help);
}

static int
option_refuse_kind(const struct option_row *row, struct err *e)
{
    char kinds[128] = "";

    option_add_kinds(row, " and ", kinds, sizeof kinds);
    return err_set(e, ERR_USAGE, "--%s is for %s", row->name, kinds);
}

/* A few words are told, of many the command that lists them. */
static int
option_refuse_word(const struct option_row *row, const struct engine *en,
                   const char *value, struct err *e)
{
    const char *words[CHOICES_MAX];
    char all[400] = "";
    struct option_choice c;
    const char *near = NULL;
    size_t n = 0;

    while (n < CHOICES_MAX && row->choice(en, n, &c)) {
        words[n] = c.word;
        str_append(all, sizeof all, "%s%s", n > 0 ? ", " : "", c.word);
        n++;
    }
    near = str_nearest(value, words, n);
    if (n <= CHOICES_TOLD) {
        (void)err_set(e, ERR_USAGE, "--%s: \"%s\" is not one of: %s", row->name, value,
                      all);
    } else {
        (void)err_set(e, ERR_USAGE, "--%s: \"%s\" is not known for %s", row->name, value,
                      en->name);
    }
    if (near != NULL) {
        (void)err_hint(e, "did you mean %s?", near);
    }
    if (row->choices_command != NULL) {
        (void)err_hint(e, "all of them: kubectl dbupgrade %s %s", row->choices_command,
                       en->name);
    }
    return -1;
}

static int
option_check_word(const struct option_row *row, const struct engine *en,
                  const char *value, struct err *e)
{
    struct option_choice c;

    for (size_t i = 0; row->choice(en, i, &c); i++) {
        if (str_eq(c.word, value)) {
            return 0;
        }
    }
    return option_refuse_word(row, en, value, e);
}

static int
option_check_words(const struct options *o, const struct option_row *row,
                   const struct engine *en, struct err *e)
{
    const void *place = (const char *)o + row->offset;

    if (row->type == OPTION_TEXT) {
        return option_check_word(row, en, *(const char *const *)place, e);
    }
    if (row->type == OPTION_COMMAS) {
        const struct option_list *list = place;

        for (size_t i = 0; i < list->n; i++) {
            if (option_check_word(row, en, list->at[i], e) < 0) {
                return -1;
            }
        }
    }
    return 0; /* its setter knows its words */
}

int
options_check_kind(const struct options *o, const struct engine *en, struct err *e)
{
    const struct option_row *row = NULL;

    for (size_t i = 0; (row = option_at(i)) != NULL; i++) {
        if (!o->given[i]) {
            continue;
        }
        if (!option_is_for(row, en)) {
            return option_refuse_kind(row, e);
        }
        if (row->choice != NULL && option_check_words(o, row, en, e) < 0) {
            return -1;
        }
    }
    return 0;
}
