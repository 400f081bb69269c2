#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "kube/config.h"
#include "upgrade/upgrade.h"

/*
 * The flags, as rows: the parser, the help texts, the man page and the completion all
 * read these tables. Flags may stand before and after the words of a command.
 */

/* Which commands a flag is for; a command names the groups that it takes. */
enum option_group {
    OPTIONS_TARGET = 1 << 0,     /* which version */
    OPTIONS_RUN = 1 << 1,        /* how an upgrade is run */
    OPTIONS_OUTPUT = 1 << 2,     /* -o */
    OPTIONS_CLUSTER = 1 << 3,    /* kubectl's standard flags */
    OPTIONS_COMMON = 1 << 4,     /* every command has these */
    OPTIONS_EVERYWHERE = 1 << 5, /* -A */
    OPTIONS_ASK = 1 << 6,        /* of what changes something: only show it, do not ask */
};

/* A list of owned words that ends with NULL. */
struct option_list {
    char **at;
    size_t n;
};

/* What may be given several times, and the words that are no flags. */
struct option_lists {
    struct option_list as_groups, as_extras, skip_checks, args;
};

/* What is printed, and how. */
struct option_output {
    const char *format; /* NULL: not given */
    bool all_namespaces, quiet, no_color, help, version;
    long long verbosity;
};

/* Words are borrowed from argv, but for the lists. */
struct options {
    struct kube_flags kube;
    struct option_lists lists;
    struct option_output output;
    const char *cache_dir;

    const char *to;
    enum dry_run dry_run;
    bool yes, detailed_exitcode, no_rescue;
    struct upgrade_limits limits; /* negative: not given */
    struct upgrade_checks checks; /* but for those that are skipped */
    struct upgrade_major major;
    bool save_runtime_config;
    struct upgrade_lead lead;
    const char *strategy;    /* NULL: not given */
    const char *journal_key; /* the same */
    const char *bundle;      /* a folder, or "none" */

    bool given[64]; /* by option_at's index */
};

enum option_type {
    OPTION_BOOL, /* --x, --x=false */
    OPTION_TEXT,
    OPTION_TIME,     /* text that must be a duration; kube/config.h takes it as text */
    OPTION_LIST,     /* repeatable */
    OPTION_COMMAS,   /* repeatable, and split at commas */
    OPTION_DURATION, /* milliseconds */
    OPTION_NUMBER,   /* whole, not negative */
    OPTION_PERCENT,  /* 0 to 100 */
    OPTION_SIZE,     /* bytes */
    OPTION_DRY_RUN,  /* bare, or one of its words */
    OPTION_LEVEL,    /* bare (1), or a number */
};

/* What commands in hints say of a flag that was given. Each flag of kubectl's says it:
 * one that is forgotten would lead to another cluster (test_hint_flags.c). */
enum option_hint {
    OPTION_HINT_UNSAID,
    OPTION_HINT_REPEAT, /* it chooses the cluster, or as whom it is asked */
    OPTION_HINT_SECRET, /* so does it, but its value is nobody's to see: the metavar */
    OPTION_HINT_FIRST,  /* the namespace, which the context may give too */
    OPTION_HINT_NOT,    /* it changes neither */
};

struct engine;

/* A word that a flag's value may be, and what it means ("": nothing is said). */
struct option_choice {
    const char *word, *text;
};

struct option_row {
    const char *name;
    const char *formerly; /* a name that is taken, but shown nowhere; NULL */
    char letter;          /* '\0': none */
    enum option_type type;
    const char *metavar; /* NULL for OPTION_BOOL */
    const char *help;
    enum option_group group;
    size_t offset; /* in struct options */
    enum option_hint hint;
    bool (*is_for)(const struct engine *en); /* engine/feature.h; NULL: every kind */
    /* The i-th word for a kind (NULL: any), false after the last; NULL: any text goes. */
    bool (*choice)(const struct engine *en, size_t i, struct option_choice *out);
    const char *choices_command; /* lists the words of a kind; NULL: they are few */
};

/* option_choices.c */
bool option_choice_strategy(const struct engine *en, size_t i, struct option_choice *out);
bool option_choice_pg_upgrade_mode(const struct engine *en, size_t i,
                                   struct option_choice *out);
bool option_choice_dry_run(const struct engine *en, size_t i, struct option_choice *out);
bool option_choice_handover(const struct engine *en, size_t i, struct option_choice *out);
bool option_choice_check(const struct engine *en, size_t i, struct option_choice *out);

/* Whether a kind has the flag; NULL: any kind. */
bool option_is_for(const struct option_row *row, const struct engine *en);

/* Appends the kinds that have the flag: nothing where all have it. */
void option_add_kinds(const struct option_row *row, const char *separator, char *out,
                      size_t size);

/* The flag's help, with the kinds that have it where none (NULL) is known. Returns out.
 */
char *option_help(const struct option_row *row, const struct engine *en, char *out,
                  size_t size);

/* Refuses flags of other kinds, and words that the kind does not know (ERR_USAGE). */
int options_check_kind(const struct options *o, const struct engine *en, struct err *e);

/* Each ends with a row without a name. */
extern const struct option_row option_rows[];
extern const struct option_row option_rows_kubectl[];

/* The i-th flag of all tables, in the order of the help; NULL after the last. */
const struct option_row *option_at(size_t i);

/* The words that --dry-run takes; ends with a NULL word. */
struct option_word {
    const char *word;
    enum dry_run mode;
};
extern const struct option_word option_dry_runs[];

void options_init(struct options *o); /* the defaults */
void options_free(struct options *o);
#define auto_options scope_cleanup(options_free)

/* Parses the words after the program's name. ERR_USAGE for a flag that is unknown or has
 * a wrong value; what came before it has then been parsed. */
int options_parse(struct options *o, int argc, char *const *argv, struct err *e);

/* Refuses flags that the command does not take. */
int options_check(const struct options *o, unsigned groups, const char *command,
                  struct err *e);

/* Whether the flag's value may be the next word: `--to 8.4.8`. */
bool option_takes_word(const struct option_row *row);

const struct option_row *option_find(const char *name, size_t len);
const struct option_row *option_find_letter(char letter);

/* Parses one value into its place. */
int option_set(struct options *o, const struct option_row *row, const char *value,
               struct err *e);

/* Adds the flags that were given and that commands in hints repeat: " --context prod". A
 * shell takes each value as one word. */
int options_add_hint(const struct options *o, struct buf *b)
    __attribute__((warn_unused_result));

void option_list_add(struct option_list *l, const char *word, size_t len);

/* The list as the libraries want it: NULL when empty. */
const char *const *option_list_words(const struct option_list *l);

#endif
