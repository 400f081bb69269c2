#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "base/scope.h"
#include "engine/engine.h"
#include "options.h"

/*
 * The commands, as rows: each stands at the end of its cmd/<name>.c, command.c lists
 * them. What a row needs is resolved before it runs, so that no command looks for its
 * words itself. Every engine is a command too: the one of upgrade.c.
 */

enum command_needs {
    NEEDS_KIND = 1 << 0,
    NEEDS_NAME = 1 << 1,
    TAKES_NAME = 1 << 2, /* may be left out */
    TAKES_WORD = 1 << 3, /* one more word, which the command itself looks at */
    TAKES_KIND = 1 << 4, /* may be left out, and the name with it */
};

struct command;

/* A command line that was understood. Borrowed from the options and the tables. */
struct invocation {
    const struct command *command;
    const struct engine *engine; /* NULL: the command takes no kind */
    const char *name;            /* of the database; NULL: not given */
    const char *word;            /* of TAKES_WORD; NULL: not given */
    char *split;                 /* owned: the kind of KIND/NAME */
    const struct options *options;
};

struct command {
    const char *name;
    const char *args;     /* as the usage line shows them */
    const char *summary;  /* one line */
    const char *text;     /* paragraphs of the help; NULL for none */
    const char *examples; /* lines; {kind} and {version} are an engine's; NULL for none */
    unsigned options;     /* the groups that it takes, beside the common ones */
    const char *outputs;  /* what -o takes, space-separated; the first is the default */
    unsigned needs;
    int (*run)(const struct invocation *in, struct err *e); /* an exit status, or -1 */
};

/* In the order of the help; NULL-terminated. */
extern const struct command *const command_all[];

extern const struct command command_upgrade; /* of each engine; not in command_all */
extern const struct command command_resume;
extern const struct command command_abort;
extern const struct command command_status;
extern const struct command command_ctl;
extern const struct command command_cleanup;
extern const struct command command_versions;
extern const struct command command_checks;
extern const struct command command_completion;
extern const struct command command_version;
extern const struct command command_help;

/* The row for a word, or NULL; *engine is set where the word is a kind. */
const struct command *command_find(const char *word, const struct engine **engine);

/* Understands the parsed words. ERR_USAGE says what is wrong with them. */
int command_resolve(const struct options *o, struct invocation *in, struct err *e);

void invocation_free(struct invocation *in);
#define auto_invocation scope_cleanup(invocation_free)

/* "mysql", "resume": as the user types it. */
const char *invocation_word(const struct invocation *in);

/* The errors for a word that is no kind, and none of all; they propose what was meant.
 * Return -1. */
int command_unknown_kind(const char *word, struct err *e);
int command_unknown(const char *word, struct err *e);

/* help.c: the help of everything, and of one command. */
void help_print_all(FILE *out);
void help_print_command(FILE *out, const struct command *c, const struct engine *en);

/* complete.c: what `kubectl_complete-dbupgrade` prints for the words typed so far. */
int complete_run(int argc, char *const *argv);

/* internals.c: the hidden commands that generate documents; -1 if the word is none. */
int internals_run(const char *word);

#endif
