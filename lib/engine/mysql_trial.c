/*
 * Whether a MySQL server takes a configuration.
 *
 * Sources: "Server Configuration Validation" in the reference manual (--validate-config
 * came with 8.0.16). Tried on servers 5.7.22, 8.0.15 and 9.7.4: --verbose --help refuses
 * unknown settings in 5.7, but in 8.0 it does not; --validate-config loads the plugins
 * that it is told, knows no settings of others, nor of components, and looks at the
 * folders of secure_file_priv and tmpdir. mysqld-auto.cnf needs no trial: settings in it
 * that a server does not know are passed over.
 */
#include "engine/mysql_trial.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"

static const struct engine_sql mysql_trial_options[] = {
    { 50700, "--verbose --help" },
    { 80000, "" },
    { 80016, "--log-error=stderr --validate-config" },
    { 0 },
};

/* The length of "[Server] ", by which newer servers say which part of them it is. */
static size_t
trial_part(const char *at)
{
    size_t n = *at == '[' ? strcspn(at, " ]") : 0;

    return n > 1 && str_starts(at + n, "] ") ? n + 2 : 0;
}

/* What an error's line says: behind "[ERROR]", its number, the part of the server, and
 * the server's own path. NULL: it is none. Caller frees. */
static char *
trial_error(const char *line, size_t n)
{
    auto_free char *copy = mem_strndup(line, n);
    char *at = strstr(copy, "[ERROR] ");
    char *path = NULL;

    if (at == NULL) {
        return NULL;
    }
    at += strlen("[ERROR] ");
    if (str_starts(at, "[MY-") && strstr(at, "] ") != NULL) {
        at = strstr(at, "] ") + 2;
        at += trial_part(at);
    }
    path = strstr(at, "mysqld: ");
    if (*at == '/' && path != NULL) {
        at = path + strlen("mysqld: ");
    }
    at[strcspn(at, "\r")] = '\0';
    return mem_strdup(at);
}

/* Aborting is no reason; a plugin that is loaded twice, once because the member has it
 * and once because the configuration says so, is none either. */
static bool
trial_is_idle(const char *text)
{
    static const char *const idle[] = { "Aborting", "Couldn't load plugin named " };

    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++) {
        if (str_starts(text, idle[i])) {
            return true;
        }
    }
    return str_starts(text, "Function '") && strstr(text, "already exists") != NULL;
}

/* "unknown variable 'x=secret'." -> "unknown variable 'x'"; what follows goes, too: the
 * value may have a quote in it. */
static void
trial_hide(char *text)
{
    const char *unknown = strstr(text, "unknown variable '");
    char *equals = unknown != NULL ? strchr(unknown, '=') : NULL;

    if (equals != NULL) {
        equals[0] = '\'';
        equals[1] = '\0';
    }
}

/* The first error that tells something, else the last line; "" for none. */
static void
trial_reason(const char *said, bool any, char *text, size_t size)
{
    str_copy(text, size, "");
    for (size_t n = 0; *said != '\0'; said += n + (said[n] == '\n' ? 1 : 0)) {
        auto_free char *error = NULL;

        n = strcspn(said, "\n");
        error = trial_error(said, n);
        if (error != NULL && !trial_is_idle(error)) {
            trial_hide(error);
            str_copy(text, size, error);
            return;
        }
        if (any && error == NULL && n > 0) {
            auto_free char *line = mem_strndup(said, strcspn(said, "\r\n"));

            trial_hide(line);
            str_copy(text, size, line);
        }
    }
}

/* Settings with a dot are a component's, and those come with the data. */
static bool
trial_is_component(const char *text)
{
    static const char unknown[] = "unknown variable '";

    return str_starts(text, unknown) &&
           text[strlen(unknown) + strcspn(text + strlen(unknown), ".'")] == '.';
}

static enum trial_verdict
mysql_trial_judge(int code, const char *said, char *text, size_t size)
{
    enum { NOT_RUN = 126, NOT_FOUND = 127 };

    trial_reason(said, code != 0, text, size);
    if (code == 0) {
        return text[0] != '\0' ? TRIAL_TAKEN_BUT : TRIAL_TAKEN;
    }
    if (code == NOT_RUN || code == NOT_FOUND || text[0] == '\0') {
        str_append(text, size, "%sits server cannot be run there (status %d)",
                   text[0] != '\0' ? ": " : "", code);
        return TRIAL_UNSURE;
    }
    if (trial_is_component(text)) {
        str_append(text, size, ", which may belong to a component; none is loaded there");
        return TRIAL_UNSURE;
    }
    return TRIAL_REFUSED;
}

const struct engine_trial mysql_trial = {
    .id = "mysql.config",
    .places = "/etc/my",
    .more_sql = "SELECT DISTINCT CONCAT('--plugin-load-add=',PLUGIN_LIBRARY)"
                " FROM information_schema.PLUGINS WHERE PLUGIN_LIBRARY IS NOT NULL"
                " AND PLUGIN_STATUS='ACTIVE'",
    .script = engine_mysql_trial,
    .options = mysql_trial_options,
    .judge = mysql_trial_judge,
};
