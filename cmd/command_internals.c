#include <stdio.h>
#include <string.h>

#include "base/reason.h"
#include "base/str.h"
#include "command.h"
#include "kubedb/check_registry.h"
#include "report/exit_status.h"

/*
 * Commands for the makers of documents: parts of the man page, from the rows that the
 * program itself uses.
 */

/* Text for mdoc: a backslash, and a dot at a line's start, mean something there. */
static void
internals_print_mdoc(const char *text)
{
    if (*text == '.' || *text == '\'') {
        fputs("\\&", stdout);
    }
    for (; *text != '\0'; text++) {
        if (*text == '\\') {
            fputs("\\e", stdout);
        } else if (*text == '-') {
            fputs("\\-", stdout);
        } else {
            fputc(*text, stdout);
        }
    }
    fputc('\n', stdout);
}

static void
internals_man_exit_statuses(void)
{
    fputs(".Bl -tag -width 3n\n", stdout);
    for (size_t i = 0; i < exit_n_rows; i++) {
        printf(".It %d\n", exit_rows[i].status);
        internals_print_mdoc(exit_rows[i].meaning);
    }
    fputs(".El\n", stdout);
}

static void
internals_man_option(const struct option_row *row)
{
    char text[400];

    fputs(".It ", stdout);
    if (row->letter != '\0') {
        printf("Fl %c", row->letter);
    }
    if (strlen(row->name) > 1) {
        printf("%sFl \\-%s", row->letter != '\0' ? " , " : "", row->name);
    }
    if (row->metavar != NULL && option_takes_word(row)) {
        printf(" Ar %s", row->metavar);
    } else if (row->metavar != NULL) {
        printf(" Ns Oo = Ns Ar %s Oc", row->metavar);
    }
    fputc('\n', stdout);
    internals_print_mdoc(option_help(row, NULL, text, sizeof text));
    if (row->group == OPTIONS_OUTPUT) {
        fputs("human, json, jsonl or name;\n"
              "see\n"
              ".Sx OUTPUT .\n",
              stdout);
    }
}

static void
internals_man_options(void)
{
    static const struct {
        unsigned groups;
        const char *title;
    } parts[] = {
        { OPTIONS_TARGET | OPTIONS_ASK | OPTIONS_RUN | OPTIONS_OUTPUT,
          "Flags of an upgrade" },
        { OPTIONS_EVERYWHERE, "Flags of status" },
        { OPTIONS_COMMON, "Flags of every command" },
        { OPTIONS_CLUSTER, "Flags that select the cluster" },
    };
    const struct option_row *row = NULL;

    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
        printf(".Ss %s\n.Bl -tag -width Ds\n", parts[p].title);
        for (size_t i = 0; (row = option_at(i)) != NULL; i++) {
            if ((row->group & parts[p].groups) != 0) {
                internals_man_option(row);
            }
        }
        fputs(".El\n", stdout);
    }
}

/* "mysql, postgres: "; nothing for a check of all kinds. */
static void
internals_check_kinds(const struct check_row *row, char *out, size_t size)
{
    char kinds[128] = "";
    bool all = true;

    for (size_t i = 0; engine_all[i] != NULL; i++) {
        if (check_is_for(row, engine_all[i])) {
            str_append(kinds, sizeof kinds, "%s%s", kinds[0] != '\0' ? ", " : "",
                       engine_all[i]->name);
        } else {
            all = false;
        }
    }
    if (!all) {
        str_append(out, size, "%s: ", kinds);
    }
}

static void
internals_man_checks(void)
{
    struct check_row row;

    fputs(".Bl -tag -width Ds\n", stdout);
    for (size_t i = 0; check_at(NULL, i, &row); i++) {
        char text[600] = "";

        fputs(".It ", stdout);
        internals_print_mdoc(row.id);
        internals_check_kinds(&row, text, sizeof text);
        str_append(text, sizeof text, "%s%s: %s", check_severity_word(row.severity),
                   row.severity == CHECK_ERROR && row.forceable ? ", can be skipped" : "",
                   row.title);
        internals_print_mdoc(text);
    }
    fputs(".El\n", stdout);
}

static void
internals_man_reasons(void)
{
    const struct reason *row = NULL;

    fputs(".Bl -tag -width Ds\n", stdout);
    for (size_t i = 0; (row = reason_at(i)) != NULL; i++) {
        if (!row->inner) {
            printf(".It Li %s\n", row->id);
            internals_print_mdoc(row->meaning);
            fputs(row->curable ? ".Pq restoring its previous images may help\n" : "",
                  stdout);
        }
    }
    fputs(".El\n", stdout);
}

int
internals_run(const char *word)
{
    static const struct {
        const char *word;
        void (*print)(void);
    } rows[] = {
        { "__man-exit-statuses", internals_man_exit_statuses },
        { "__man-options", internals_man_options },
        { "__man-checks", internals_man_checks },
        { "__man-reasons", internals_man_reasons },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (str_eq(word, rows[i].word)) {
            rows[i].print();
            return EXIT_OK;
        }
    }
    return -1;
}
