#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

const struct command *const command_all[] = {
    &command_resume,
    &command_abort,
    &command_status,
    &command_ctl,
    &command_cleanup,
    &command_versions,
    &command_checks,
    &command_completion,
    &command_version,
    &command_help,
    NULL,
};

const struct command *
command_find(const char *word, const struct engine **engine)
{
    *engine = NULL;
    for (size_t i = 0; command_all[i] != NULL; i++) {
        if (str_eq(command_all[i]->name, word)) {
            return command_all[i];
        }
    }
    *engine = engine_find(word);
    return *engine != NULL ? &command_upgrade : NULL;
}

void
invocation_free(struct invocation *in)
{
    free(in->split);
    in->split = NULL;
}

const char *
invocation_word(const struct invocation *in)
{
    return in->command == &command_upgrade && in->engine != NULL ? in->engine->name
                                                                 : in->command->name;
}

/* The names of commands and engines that a typo may have meant. */
static const char *
command_nearest(const char *word, bool commands)
{
    const char *names[64];
    size_t n = 0;

    for (size_t i = 0; commands && command_all[i] != NULL && n < 64; i++) {
        names[n++] = command_all[i]->name;
    }
    for (size_t i = 0; engine_all[i] != NULL && n < 64; i++) {
        names[n++] = engine_all[i]->name;
    }
    return str_nearest(word, names, n);
}

static void
command_hint_kinds(struct err *e)
{
    char kinds[256] = "";

    for (size_t i = 0; engine_all[i] != NULL; i++) {
        str_append(kinds, sizeof kinds, "%s%s (%s)", i > 0 ? ", " : "",
                   engine_all[i]->name, engine_all[i]->aliases);
    }
    (void)err_hint(e, "known kinds: %s", kinds);
}

int
command_unknown_kind(const char *word, struct err *e)
{
    const char *near = command_nearest(word, false);

    (void)err_set(e, ERR_USAGE, "unknown kind \"%s\"", word);
    if (near != NULL) {
        (void)err_hint(e, "did you mean %s?", near);
    }
    command_hint_kinds(e);
    return -1;
}

int
command_unknown(const char *word, struct err *e)
{
    const char *near = command_nearest(word, true);

    (void)err_set(e, ERR_USAGE, "unknown command or kind \"%s\"", word);
    if (near != NULL) {
        return err_hint(e, "did you mean %s?", near);
    }
    command_hint_kinds(e);
    return err_hint(e, "list the commands: kubectl dbupgrade help");
}

/* A name that the API server would take (RFC 1123), so that it can stand in a path. */
static int
command_check_name(const char *name, struct err *e)
{
    size_t len = strlen(name);

    if (len == 0 || len > 253 ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != len ||
        strchr("-.", name[0]) != NULL || strchr("-.", name[len - 1]) != NULL) {
        return err_set(e, ERR_USAGE, "\"%s\" is not a valid database name", name);
    }
    return 0;
}

struct command_words {
    char *const *at;
    size_t n;
    size_t next;
};

static const char *
command_take(struct command_words *w)
{
    return w->next < w->n ? w->at[w->next++] : NULL;
}

/* Takes KIND, or both of KIND/NAME, from the words. */
static int
command_take_kind(struct invocation *in, struct command_words *w, struct err *e)
{
    const char *word = command_take(w);
    const char *slash = word != NULL ? strchr(word, '/') : NULL;

    if (word == NULL) {
        (void)err_set(e, ERR_USAGE, "the kind is missing: kubectl dbupgrade %s %s",
                      in->command->name, in->command->args);
        command_hint_kinds(e);
        return -1;
    }
    if (slash != NULL) {
        in->split = mem_strndup(word, (size_t)(slash - word));
        in->name = slash + 1;
        word = in->split;
    }
    in->engine = engine_find(word);
    return in->engine != NULL ? 0 : command_unknown_kind(word, e);
}

/* Whether a kind is to be taken from the words: it may have been the first of them. */
static bool
command_wants_kind(const struct invocation *in, const struct command_words *w)
{
    unsigned needs = in->command->needs;

    return in->engine == NULL &&
           ((needs & NEEDS_KIND) != 0 || ((needs & TAKES_KIND) != 0 && w->next < w->n));
}

static int
command_take_name(struct invocation *in, struct command_words *w, struct err *e)
{
    if (in->name == NULL) {
        in->name = command_take(w);
    }
    if (in->name != NULL) {
        return command_check_name(in->name, e);
    }
    if ((in->command->needs & NEEDS_NAME) == 0) {
        return 0;
    }
    return err_set(e, ERR_USAGE,
                   "the database's name is missing: kubectl dbupgrade %s %s",
                   invocation_word(in), in->command->args);
}

static int
command_check_output(const struct invocation *in, struct err *e)
{
    const char *given = in->options->output.format;
    const char *words = in->command->outputs;
    size_t len = 0;

    if (given == NULL || words == NULL) {
        return 0;
    }
    for (; *words != '\0'; words += len + (words[len] == ' ')) {
        len = strcspn(words, " ");
        if (strlen(given) == len && strncmp(words, given, len) == 0) {
            return 0;
        }
    }
    return err_set(e, ERR_USAGE, "--output: \"%s\" is not one of: %s", given,
                   in->command->outputs);
}

/* The first word: a command, a kind, or KIND/NAME. */
static int
command_take_command(struct invocation *in, struct command_words *w, struct err *e)
{
    const char *word = w->at[w->next];

    if (strchr(word, '/') != NULL) {
        in->command = &command_upgrade;
        return command_take_kind(in, w, e);
    }
    in->command = command_find(word, &in->engine);
    w->next++;
    return in->command != NULL ? 0 : command_unknown(word, e);
}

/* The kind whose flags the help is to show, if there is one. */
static void
command_guess_kind(struct invocation *in, const struct command_words *w)
{
    if (command_wants_kind(in, w) && w->next < w->n) {
        in->split = mem_strndup(w->at[w->next], strcspn(w->at[w->next], "/"));
        in->engine = engine_find(in->split);
    }
}

int
command_resolve(const struct options *o, struct invocation *in, struct err *e)
{
    struct command_words w = { .at = o->lists.args.at, .n = o->lists.args.n };

    in->options = o;
    if (w.n == 0) {
        in->command = &command_help;
        return 0;
    }
    if (command_take_command(in, &w, e) < 0) {
        return -1;
    }
    if (o->output.help) {
        command_guess_kind(in, &w);
        return 0; /* whatever else is missing */
    }
    if (options_check(o, in->command->options | OPTIONS_COMMON, invocation_word(in), e) <
            0 ||
        (command_wants_kind(in, &w) && command_take_kind(in, &w, e) < 0) ||
        ((in->command->needs & (NEEDS_NAME | TAKES_NAME)) != 0 &&
         command_take_name(in, &w, e) < 0)) {
        return -1;
    }
    if ((in->command->needs & TAKES_WORD) != 0) {
        in->word = command_take(&w);
    }
    if (w.next < w.n) {
        return err_set(e, ERR_USAGE, "%s does not accept \"%s\"", invocation_word(in),
                       w.at[w.next]);
    }
    return in->engine != NULL && options_check_kind(o, in->engine, e) < 0
               ? -1
               : command_check_output(in, e);
}
