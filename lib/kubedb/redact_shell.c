/* Commands: which programs a line has named, and which short flags of theirs are secret.
 */
#include "kubedb/redact_shell.h"

#include <string.h>
#include <strings.h>

#include "kubedb/redact.h"
#include "kubedb/redact_names.h"
#include "kubedb/redact_value.h"

enum {
    REDACT_MYSQL = 1 << 0,
    REDACT_DSN = 1 << 1,
    REDACT_P_WORD = 1 << 2, /* -p takes the next word */
    REDACT_A_WORD = 1 << 3,
    REDACT_U_PAIR = 1 << 4, /* -u takes user:password */
    REDACT_OTHER = 1 << 5,  /* its -p is something else */
};

/* What a program's name begins with. */
static const struct {
    const char *name;
    unsigned is;
    bool whole;
} redact_programs[] = {
    { "mysql", REDACT_MYSQL, false },
    { "mariadb", REDACT_MYSQL, false },
    { "mariabackup", REDACT_MYSQL, true },
    { "xtrabackup", REDACT_MYSQL, true },
    { "innobackupex", REDACT_MYSQL, true },
    { "percona", REDACT_MYSQL, false },
    { "proxysql", REDACT_MYSQL, true },
    { "mydumper", REDACT_MYSQL | REDACT_P_WORD, true },
    { "myloader", REDACT_MYSQL | REDACT_P_WORD, true },
    { "pt", REDACT_MYSQL | REDACT_P_WORD | REDACT_DSN, true },
    { "sshpass", REDACT_MYSQL | REDACT_P_WORD, true },
    { "mongo", REDACT_P_WORD, false },
    { "docker", REDACT_P_WORD, true },
    { "podman", REDACT_P_WORD, true },
    { "redis", REDACT_A_WORD, true },
    { "curl", REDACT_U_PAIR, true },
    { "pigz", REDACT_OTHER, true },
    { "unpigz", REDACT_OTHER, true },
};

enum { REDACT_PROGRAMS = sizeof redact_programs / sizeof *redact_programs };

/* Short flags: the value is glued to it, or the next word, or behind its colon. */
static const struct {
    const char *flag;
    unsigned of;
    bool next;
    bool pair;
} redact_flags[] = {
    { "-p", REDACT_MYSQL, false, false },
    { "-p", REDACT_P_WORD, true, false },
    { "-a", REDACT_A_WORD, true, false },
    { "-u", REDACT_U_PAIR, true, true },
    { "-u", REDACT_U_PAIR, false, true },
    { "--user", REDACT_U_PAIR, true, true },
    { "--proxy-user", REDACT_U_PAIR, true, true },
};

static unsigned
redact_program_of(const char *word, size_t len)
{
    for (size_t i = 0; i < REDACT_PROGRAMS; i++) {
        size_t n = strlen(redact_programs[i].name);

        if ((redact_programs[i].whole ? n == len : n <= len) &&
            strncasecmp(word, redact_programs[i].name, n) == 0) {
            return redact_programs[i].is;
        }
    }
    return 0;
}

bool
redact_is_client(const char *word, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((i == 0 || word[i - 1] == '/') &&
            (redact_program_of(word + i, len - i) & REDACT_MYSQL) != 0) {
            return true;
        }
    }
    return false;
}

size_t
redact_program(struct redact_scan *s)
{
    size_t len = redact_run(s, s->at, redact_is_word, REDACT_NAME_MAX);
    unsigned is = redact_program_of(s->text + s->at, len);
    char next = redact_char(s, s->at + len);

    if (is != 0 && (redact_is_space(next) || strchr("-'\"\\,", next) != NULL)) {
        s->programs = is == REDACT_OTHER ? 0 : s->programs | is;
    }
    return 0;
}

/* A command goes on in the next line behind "\", and where arguments are listed. */
void
redact_shell_line(struct redact_scan *s)
{
    bool more = s->at > 0 && s->text[s->at - 1] == '\\';
    size_t next = redact_skip_blanks(s, s->at + 1);

    if (s->programs != 0 && !more && redact_char(s, next) != '-') {
        s->programs = 0;
    }
}

bool
redact_has_dsn(const struct redact_scan *s)
{
    return (s->programs & REDACT_DSN) != 0;
}

/* VARIABLE=x exec mysql, VARIABLE=x psql. */
bool
redact_is_command(struct redact_scan *s, size_t i)
{
    size_t len = redact_run(s, i, redact_is_word, REDACT_NAME_MAX);

    return redact_program_of(s->text + i, len) != 0 ||
           redact_word_of(s, i,
                          "exec psql pg_dump pg_dumpall pg_restore pg_basebackup "
                          "pg_isready createdb restic") > 0;
}

/* -- flags -- */

static size_t
redact_take_pair(struct redact_scan *s, size_t i, struct redact_value v)
{
    const char *value = s->text + i + v.keep;
    const char *colon = memchr(value, ':', v.len);
    size_t user = colon != NULL ? (size_t)(colon - value) + 1 : 0;

    if (user == 0 || user == v.len) {
        return 0;
    }
    s->steps += user;
    v.keep += user;
    v.len -= user;
    return redact_take_value(s, i, v);
}

static size_t
redact_take_flag(struct redact_scan *s, size_t i, bool pair)
{
    struct redact_quote around = redact_quote_before(s, s->at);
    bool quoted = redact_quote_at(s, i).mark != '\0';
    bool single = redact_char(s, i) == '\'';
    struct redact_value v = { 0 };

    if (around.mark != '\0' && !redact_is_space(s->text[i - 1])) {
        v = redact_value_enclosed(s, i, around);
    } else {
        v = quoted ? redact_value_quoted(s, i) : redact_value_word(s, i, "");
    }

    if (pair) {
        return redact_take_pair(s, i, v);
    }
    if (!single && redact_is_reference(s->text + i + v.keep, v.len)) {
        return 0;
    }
    return redact_take_value(s, i, v);
}

size_t
redact_flag(struct redact_scan *s)
{
    char before = redact_before(s, s->at);
    size_t used = 0;

    if (s->programs == 0 ||
        (before != '\0' && !redact_is_space(before) && strchr("'\"", before) == NULL)) {
        return 0;
    }
    for (size_t k = 0; k < sizeof redact_flags / sizeof *redact_flags && used == 0; k++) {
        size_t i = s->at + strlen(redact_flags[k].flag);

        if ((s->programs & redact_flags[k].of) == 0 ||
            strncmp(s->text + s->at, redact_flags[k].flag, i - s->at) != 0 ||
            redact_is_space(redact_char(s, i)) != redact_flags[k].next) {
            continue;
        }
        used = redact_take_flag(s, redact_skip_blanks(s, i), redact_flags[k].pair);
    }
    return used;
}
