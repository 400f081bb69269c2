#define _XOPEN_SOURCE 700
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/str.h"
#include "cluster.h"
#include "command.h"
#include "kubedb/catalog.h"
#include "kubedb/database.h"
#include "print.h"
#include "report/exit_status.h"

/*
 * What may come next on a command line. kubectl asks with all words so far, the last of
 * which is being typed (and may be empty); the reply is a candidate a line, with a
 * description after a tab, and at the end Cobra's directive: 4 is "no file names"
 * (kubectl pkg/cmd/plugin_completion.go). Names in the cluster are asked for, but only
 * for two seconds; then there are none.
 */
enum { COMPLETE_SECONDS = 2 };

#define COMPLETE_END ":4\n"

struct complete {
    struct options *options; /* of the words before */
    const struct command *command;
    const struct engine *engine;
    const char *name;   /* of the database, if it is there already */
    const char *prefix; /* what is being typed */
    const char *before; /* printed before each candidate: "--to=", "mysql/" */
};

static void
complete_too_late(int n)
{
    (void)n;
    (void)!write(STDOUT_FILENO, COMPLETE_END, sizeof COMPLETE_END - 1);
    _exit(EXIT_OK);
}

/* A shell puts a word on the command line as it is, where the user may run it: only what
 * stands for nothing but itself there is offered. All names that Kubernetes allows are.
 */
static bool
complete_is_harmless(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-._/:@%+=,";

    return *word != '\0' && strspn(word, plain) == strlen(word);
}

static void
complete_offer(const struct complete *c, const char *word, const char *text)
{
    if (str_starts(word, c->prefix) && complete_is_harmless(word)) {
        print_text(stdout, *text != '\0' ? "%s%s\t%s\n" : "%s%s%s\n", c->before, word,
                   text);
    }
}

/* The same for a word of the cluster, which is never a flag. */
static void
complete_offer_name(const struct complete *c, const char *word, const char *text)
{
    if (word[0] != '-') {
        complete_offer(c, word, text);
    }
}

/* Words separated by one character. */
static void
complete_offer_words(const struct complete *c, const char *words, const char *separator)
{
    while (words != NULL && *words != '\0') {
        size_t len = strcspn(words, separator);
        char word[64];

        str_copy(word, len + 1 < sizeof word ? len + 1 : sizeof word, words);
        complete_offer(c, word, "");
        words += len + (words[len] != '\0');
    }
}

static void
complete_kinds(const struct complete *c)
{
    for (size_t i = 0; engine_all[i] != NULL; i++) {
        complete_offer(c, engine_all[i]->name, command_upgrade.summary);
    }
}

static void
complete_commands(const struct complete *c)
{
    complete_kinds(c);
    for (size_t i = 0; command_all[i] != NULL; i++) {
        complete_offer(c, command_all[i]->name, command_all[i]->summary);
    }
}

static bool
complete_connect(const struct complete *c, struct cluster *cluster)
{
    const struct sigaction late = { .sa_handler = complete_too_late };
    struct err ignored = { 0 };

    (void)fflush(stdout);
    (void)sigaction(SIGALRM, &late, NULL);
    (void)alarm(COMPLETE_SECONDS);
    return cluster_open(c->options, cluster, &ignored) == 0;
}

static void
complete_databases(const struct complete *c)
{
    auto_cluster struct cluster cluster = { 0 };
    auto_json json_t *list = NULL;
    struct err ignored = { 0 };
    const json_t *item = NULL;
    size_t i = 0;

    if (c->engine == NULL || !complete_connect(c, &cluster) ||
        cluster_list_databases(&cluster, c->engine, &list, &ignored) < 0) {
        return;
    }
    json_array_foreach (json_object_get(list, "items"), i, item) {
        complete_offer_name(c, json_path_str(item, "metadata.name"),
                            json_path_str(item, "spec.version"));
    }
}

/* The versions that the database may go to, or all that are not deprecated. */
static void
complete_versions(const struct complete *c)
{
    auto_cluster struct cluster cluster = { 0 };
    auto_json json_t *list = NULL;
    auto_json json_t *object = NULL;
    struct database db = { 0 };
    struct err ignored = { 0 };
    const json_t *from = NULL;
    const json_t *item = NULL;
    size_t i = 0;

    if (c->engine == NULL || !complete_connect(c, &cluster) ||
        cluster_list_catalog(&cluster, c->engine, &list, &ignored) < 0) {
        return;
    }
    if (c->name != NULL &&
        cluster_get_database(&cluster, c->engine, c->name, &object, &ignored) == 0 &&
        database_parse(c->engine, object, &db, &ignored) == 0 && db.mode != NULL) {
        from = catalog_find(list, db.version);
    }
    json_array_foreach (json_object_get(list, "items"), i, item) {
        char why[256] = "";

        if (from != NULL
                ? catalog_may_go(db.mode, from, item, why, sizeof why) == CATALOG_ALLOWED
                : !json_path_true(item, "spec.deprecated")) {
            complete_offer_name(c, json_path_str(item, "metadata.name"),
                                catalog_version(item));
        }
    }
}

static void
complete_namespaces(const struct complete *c)
{
    const struct kube_ref ref = { .group = "",
                                  .version = "v1",
                                  .resource = "namespaces" };
    auto_cluster struct cluster cluster = { 0 };
    auto_json json_t *list = NULL;
    struct err ignored = { 0 };
    const json_t *item = NULL;
    size_t i = 0;

    if (!complete_connect(c, &cluster) ||
        kube_list(cluster.kube, &ref, NULL, &list, &ignored) < 0) {
        return;
    }
    json_array_foreach (json_object_get(list, "items"), i, item) {
        complete_offer_name(c, json_path_str(item, "metadata.name"), "");
    }
}

static void
complete_outputs(const struct complete *c)
{
    complete_offer_words(c, c->command != NULL ? c->command->outputs : NULL, " ");
}

/* The words that a flag's row has; of several, separated by commas, the last one. */
static void
complete_choices(const struct complete *c, const struct option_row *row)
{
    const char *comma = row->type == OPTION_COMMAS ? strrchr(c->prefix, ',') : NULL;
    struct complete one = *c;
    struct option_choice choice;
    char before[256];

    if (comma != NULL) {
        (void)snprintf(before, sizeof before, "%s%.*s", c->before,
                       (int)(comma + 1 - c->prefix), c->prefix);
        one.before = before;
        one.prefix = comma + 1;
    }
    for (size_t i = 0; row->choice(c->engine, i, &choice); i++) {
        complete_offer(&one, choice.word, choice.text);
    }
}

static void
complete_value(const struct complete *c, const struct option_row *row)
{
    static const struct {
        const char *flag;
        void (*offer)(const struct complete *c);
    } values[] = {
        { "to", complete_versions },
        { "namespace", complete_namespaces },
        { "output", complete_outputs },
    };

    if (row->choice != NULL) {
        complete_choices(c, row);
    }
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (str_eq(values[i].flag, row->name)) {
            values[i].offer(c);
        }
    }
}

static void
complete_flags(const struct complete *c)
{
    unsigned groups = OPTIONS_COMMON | (c->command != NULL ? c->command->options : ~0U);
    const struct option_row *row = NULL;

    for (size_t i = 0; (row = option_at(i)) != NULL; i++) {
        if ((row->group & groups) != 0 && strlen(row->name) > 1 &&
            option_is_for(row, c->engine)) {
            char flag[64] = "--";
            char text[400];

            complete_offer(c, str_append(flag, sizeof flag, "%s", row->name),
                           option_help(row, c->engine, text, sizeof text));
        }
    }
}

/* What the last word of the command's usage line may be: "bash|zsh|fish". */
static void
complete_last_word(const struct complete *c)
{
    const char *last = strrchr(c->command->args, ' ');

    complete_offer_words(c, last != NULL ? last + 1 : c->command->args, "|");
}

static bool
complete_takes_kind(const struct complete *c)
{
    return c->command != NULL && (c->command->needs & (NEEDS_KIND | TAKES_KIND)) != 0;
}

/* Whether the command's own word is next, after KIND and NAME where it takes these. */
static bool
complete_is_at_last_word(const struct complete *c)
{
    return c->command != NULL && (c->command->needs & TAKES_WORD) != 0 &&
           c->options->lists.args.n == (complete_takes_kind(c) ? 3 : 1);
}

/* KIND, NAME, or what else the command's next word is. */
static void
complete_word(struct complete *c)
{
    size_t n = c->options->lists.args.n;

    if (n == 0 || (c->command == &command_help && n == 1)) {
        complete_commands(c);
    } else if (complete_is_at_last_word(c)) {
        complete_last_word(c);
    } else if (!complete_takes_kind(c)) {
        return;
    } else if (c->engine == NULL && n == 1) {
        complete_kinds(c);
    } else if (c->name == NULL) {
        complete_databases(c);
    }
}

/* The command and its words so far, as far as they make sense. */
static void
complete_understand(struct complete *c)
{
    const struct option_list *args = &c->options->lists.args;
    size_t next = 1;

    if (args->n == 0) {
        return;
    }
    c->command = command_find(args->at[0], &c->engine);
    if (complete_takes_kind(c) && c->engine == NULL && args->n > 1) {
        c->engine = engine_find(args->at[1]);
        next = 2;
    }
    if (c->engine != NULL && args->n > next) {
        c->name = args->at[next];
    }
}

/* The flag whose value is being typed, or NULL. */
static const struct option_row *
complete_pending(struct complete *c, const char *last)
{
    const char *equals = strchr(c->prefix, '=');
    const struct option_row *row = NULL;

    if (str_starts(c->prefix, "--") && equals != NULL) {
        row = option_find(c->prefix + 2, (size_t)(equals - c->prefix - 2));
        if (row != NULL) {
            static char before[64];

            str_copy(before, (size_t)(equals - c->prefix) + 2, c->prefix);
            c->before = before;
            c->prefix = equals + 1;
        }
        return row;
    }
    if (last != NULL && last[0] == '-' && strchr(last, '=') == NULL) {
        row = last[1] == '-' ? option_find(last + 2, strlen(last + 2)) : NULL;
        row = last[1] != '\0' && last[2] == '\0' ? option_find_letter(last[1]) : row;
    }
    return row != NULL && option_takes_word(row) ? row : NULL;
}

int
complete_run(int argc, char *const *argv)
{
    auto_options struct options o = { 0 };
    struct complete c = { .options = &o, .prefix = "", .before = "" };
    const struct option_row *pending = NULL;
    struct err ignored = { 0 };

    options_init(&o);
    if (argc > 0) {
        c.prefix = argv[argc - 1];
        (void)options_parse(&o, argc - 1, argv, &ignored);
    }
    complete_understand(&c);
    pending = complete_pending(&c, argc > 1 ? argv[argc - 2] : NULL);
    if (pending != NULL) {
        complete_value(&c, pending);
    } else if (c.prefix[0] == '-') {
        complete_flags(&c);
    } else {
        complete_word(&c);
    }
    print_text(stdout, COMPLETE_END);
    return EXIT_OK;
}
