#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "command.h"
#include "report/exit_status.h"
#include "text_wrap.h"

enum { HELP_COLUMN = 28, HELP_COMMANDS = 24, HELP_KINDS = 13 };

static const struct help_group {
    enum option_group group;
    const char *title;
} help_groups[] = {
    { OPTIONS_TARGET | OPTIONS_ASK | OPTIONS_RUN | OPTIONS_EVERYWHERE | OPTIONS_OUTPUT |
          OPTIONS_COMMON,
      "Flags" },
    { OPTIONS_CLUSTER, "Flags that select the cluster, as in kubectl" },
};

/* Prints a left column of `width` and a text beside it, or below where it is too long. */
static void
help_print_row(const char *left, size_t width, const char *text, FILE *out)
{
    size_t len = strlen(left);

    fprintf(out, "  %s", left);
    if (len + 3 > width) {
        fprintf(out, "\n%*s", (int)width, "");
    } else {
        fprintf(out, "%*s", (int)(width - len - 2), "");
    }
    text_wrap(out, width, text);
}

static void
help_option_left(const struct option_row *row, char *left, size_t size)
{
    left[0] = '\0';
    if (row->letter != '\0') {
        str_append(left, size, "-%c", row->letter);
    } else {
        str_append(left, size, "   ");
    }
    if (row->letter == '\0' || strlen(row->name) > 1) {
        str_append(left, size, "%s--%s", row->letter != '\0' ? ", " : " ", row->name);
    }
    if (row->metavar != NULL) {
        str_append(left, size, option_takes_word(row) ? " %s" : "[=%s]", row->metavar);
    }
}

static void
help_print_option(const struct option_row *row, const struct command *c,
                  const struct engine *en, FILE *out)
{
    char left[64];
    char text[400];

    help_option_left(row, left, sizeof left);
    option_help(row, en, text, sizeof text);
    if (row->group == OPTIONS_OUTPUT && c->outputs != NULL) {
        str_append(text, sizeof text, " %s (default %.*s)", c->outputs,
                   (int)strcspn(c->outputs, " "), c->outputs);
    }
    help_print_row(left, HELP_COLUMN, text, out);
}

static void
help_print_options(const struct command *c, const struct engine *en, FILE *out)
{
    const struct option_row *row = NULL;

    for (size_t g = 0; g < sizeof help_groups / sizeof *help_groups; g++) {
        unsigned groups = help_groups[g].group & (c->options | OPTIONS_COMMON);

        if (groups == 0) {
            continue;
        }
        fprintf(out, "\n%s:\n", help_groups[g].title);
        for (size_t i = 0; (row = option_at(i)) != NULL; i++) {
            if ((row->group & groups) != 0 && option_is_for(row, en)) {
                help_print_option(row, c, en, out);
            }
        }
    }
}

static void
help_print_examples(FILE *out, const struct command *c, const struct engine *en)
{
    const struct text_mark marks[] = {
        { "{kind}", en->name },
        { "{version}", en->versions.sample },
        { 0 },
    };

    fputs("\nExamples:\n", out);
    text_indent(out, c->examples, marks);
}

void
help_print_command(FILE *out, const struct command *c, const struct engine *en)
{
    const struct engine *shown = en != NULL ? en : engine_all[0];
    const char *word = c == &command_upgrade ? shown->name : c->name;

    fprintf(out, "%c%s.\n\nUsage:\n  kubectl dbupgrade %s%s%s [flags]\n",
            c->summary[0] - 'a' + 'A', c->summary + 1, word, *c->args != '\0' ? " " : "",
            c->args);
    if (c->text != NULL) {
        fprintf(out, "\n%s", c->text);
    }
    if (c->examples != NULL) {
        help_print_examples(out, c, shown);
    }
    help_print_options(c, c == &command_upgrade ? shown : en, out);
}

static void
help_print_kinds(FILE *out)
{
    fputs("\nKinds:\n", out);
    for (size_t i = 0; engine_all[i] != NULL; i++) {
        const struct engine *en = engine_all[i];
        char text[256] = "";

        for (const struct engine_mode *m = en->object.modes; m->value != NULL; m++) {
            if (m->topology != TOPOLOGY_UNSUPPORTED &&
                strstr(text, m->title) == NULL) { /* several values may mean one */
                str_append(text, sizeof text, "%s%s", text[0] != '\0' ? ", " : "",
                           m->title);
            }
        }
        str_append(text, sizeof text, "; short: %s", en->aliases);
        fprintf(out, "  %-*s ", HELP_KINDS, en->name);
        text_wrap(out, HELP_KINDS + 3, text);
    }
}

static void
help_print_commands(FILE *out)
{
    fputs("\nCommands:\n", out);
    fprintf(out, "  %-*s %s\n", HELP_COMMANDS, "KIND NAME --to VERSION",
            command_upgrade.summary);
    for (size_t i = 0; command_all[i] != NULL; i++) {
        char left[64];

        (void)snprintf(left, sizeof left, "%s %s", command_all[i]->name,
                       command_all[i]->args);
        if (strlen(left) > HELP_COMMANDS) {
            fprintf(out, "  %s\n%*s", left, HELP_COMMANDS + 3, "");
        } else {
            fprintf(out, "  %-*s ", HELP_COMMANDS, left);
        }
        fprintf(out, "%s\n", command_all[i]->summary);
    }
}

void
help_print_all(FILE *out)
{
    fputs("Upgrades databases that KubeDB manages: one member at a time, each verified. "
          "An\n"
          "interrupted upgrade is resumed from any machine.\n"
          "\n"
          "Usage:\n"
          "  kubectl dbupgrade KIND NAME --to VERSION [flags]\n"
          "  kubectl dbupgrade COMMAND [flags]\n",
          out);
    help_print_kinds(out);
    help_print_commands(out);
    help_print_examples(out, &command_upgrade, engine_all[0]);
    fputs("\nExit statuses:\n", out);
    for (size_t i = 0; i < exit_n_rows; i++) {
        char status[16];

        (void)snprintf(status, sizeof status, "%3d", exit_rows[i].status);
        help_print_row(status, 7, exit_rows[i].meaning, out);
    }
    fputs("\nList the flags of a kind: kubectl dbupgrade KIND --help\n", out);
}

static int
help_main(const struct invocation *in, struct err *e)
{
    const struct command *c = NULL;
    const struct engine *en = NULL;

    if (in->word == NULL) {
        help_print_all(stdout);
        return EXIT_OK;
    }
    c = command_find(in->word, &en);
    if (c == NULL) {
        return command_unknown(in->word, e);
    }
    help_print_command(stdout, c, en);
    return EXIT_OK;
}

const struct command command_help = {
    .name = "help",
    .args = "[COMMAND]",
    .summary = "show this help, or the help of a command",
    .needs = TAKES_WORD,
    .run = help_main,
};
