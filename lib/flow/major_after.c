#include "flow/major.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/*
 * What pg_upgrade leaves to its user: extensions that have a newer version, indexes whose
 * order of texts another library may see differently, settings that are gone. None of it
 * stops an upgrade.
 */

enum { AFTER_FIELDS = 5, AFTER_NAMED = 5 };

/* A row's fields, separated by tabs; missing ones are "". `line` is cut up. */
static void
after_split(char *line, const char *fields[AFTER_FIELDS])
{
    for (size_t i = 0; i < AFTER_FIELDS; i++) {
        fields[i] = line;
        line += strcspn(line, "\t");
        if (*line != '\0') {
            *line++ = '\0';
        }
    }
}

/* What a row of some kind is told as; `n` counts those of its kind. */
struct after_row {
    const char *key;
    void (*tell)(struct flow *f, const char *const *fields);
    const char *more; /* "%zu more indexes"; of those beyond AFTER_NAMED */
};

static void
after_tell_extension(struct flow *f, const char *const *v)
{
    tell_warning(f, "ALTER EXTENSION ... UPDATE there, or --update-extensions",
                 "extension %s in database %s is %s, the new server has %s", v[2], v[1],
                 v[3], v[4]);
}

static void
after_tell_failure(struct flow *f, const char *const *v)
{
    tell_warning(f, "", "extension %s in database %s could not be updated: %s", v[2],
                 v[1], v[3]);
}

static void
after_tell_collation(struct flow *f, const char *const *v)
{
    tell_note(f, "collation %s in database %s was version %s and is %s now", v[2], v[1],
              v[3], v[4]);
}

static void
after_tell_index(struct flow *f, const char *const *v)
{
    tell_warning(f, "REINDEX it, or --reindex",
                 "index %s in database %s is ordered by collation %s, which changed",
                 v[2], v[1], v[3]);
}

static void
after_tell_setting(struct flow *f, const char *const *v)
{
    tell_warning(f, "", "setting %s was commented out: %s", v[1], v[2]);
}

static const struct after_row after_rows[] = {
    { "extension", after_tell_extension, "extensions" },
    { "extension_error", after_tell_failure, "extensions" },
    { "collation", after_tell_collation, "collations" },
    { "index", after_tell_index, "indexes" },
    { "setting", after_tell_setting, "settings" },
    { 0 },
};

/* Tells the rows of an answer. Returns how many of a kind there were. */
static size_t
after_tell_kind(struct flow *f, const struct after_row *row, const char *out)
{
    auto_free char *copy = mem_strdup(out);
    size_t n = 0;

    for (char *line = copy; *line != '\0';) {
        const char *fields[AFTER_FIELDS];
        char *end = line + strcspn(line, "\n");
        char *next = end + (*end != '\0' ? 1 : 0);

        *end = '\0';
        after_split(line, fields);
        if (str_eq(fields[0], row->key) && n++ < AFTER_NAMED) {
            row->tell(f, fields);
        }
        line = next;
    }
    if (n > AFTER_NAMED) {
        tell_note(f, "and %zu more %s", n - AFTER_NAMED, row->more);
    }
    return n;
}

/* Asks a command and tells what it says; trouble is told, too. */
static void
after_ask(struct flow *f, const char *command, const char *arg)
{
    const char *const args[] = { arg, NULL };
    auto_said struct pod_said said = { 0 };
    struct err trouble = { 0 };

    if (world_check_early(f, &trouble) < 0 ||
        major_run(f, major_first(f), command, arg != NULL ? args : NULL, &said,
                  &trouble) < 0) {
        tell_warning(f, "", "%s", trouble.msg);
        return;
    }
    for (const struct after_row *row = after_rows; row->key != NULL; row++) {
        (void)after_tell_kind(f, row, said.out);
    }
}

static bool
after_is_reindexed(const struct pg_state *s)
{
    return str_eq(s->job, "reindex") && s->job_done;
}

/* Indexes are rebuilt before they are looked at, so that only what remains is told. */
static int
after_reindex(struct flow *f, struct err *e)
{
    static const struct major_job job = { "collations", "indexes rebuilt", "reindex",
                                          "reindex", after_is_reindexed };
    struct err trouble = { 0 };

    if (major_do_job(f, &job, &trouble) == 0) {
        return 0;
    }
    if (trouble.code != ERR_UNHEALTHY) {
        *e = trouble;
        return -1;
    }
    tell_warning(f, "", "indexes could not be rebuilt: %s", trouble.msg);
    return 0;
}

int
step_aftercare_done(struct flow *f, bool *done, struct err *e)
{
    (void)e;
    *done = f->cared;
    return 0;
}

int
step_aftercare_run(struct flow *f, struct err *e)
{
    if (f->reindex && after_reindex(f, e) < 0) {
        return -1;
    }
    after_ask(f, "extensions", f->update_extensions ? "update" : NULL);
    after_ask(f, "collations", NULL);
    after_ask(f, "settings", NULL);
    f->cared = true;
    return flow_check_stop(f, e);
}
