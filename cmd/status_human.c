#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/visible.h"
#include "base/word.h"
#include "command_status.h"
#include "print.h"

/*
 * What is in progress, for people: a table as kubectl prints them, and with a name the
 * members below it and what to do next.
 */

enum { STATUS_CELL = 512, STATUS_COLUMNS_MAX = 16 };

/* The text of one cell; `out` has STATUS_CELL bytes. */
typedef void status_cell(const struct status_row *r, char *out);

static void
status_cell_namespace(const struct status_row *r, char *out)
{
    str_copy(out, STATUS_CELL, r->name_space);
}

static void
status_cell_database(const struct status_row *r, char *out)
{
    status_database(r, out, STATUS_CELL);
}

static void
status_cell_from(const struct status_row *r, char *out)
{
    str_copy(out, STATUS_CELL, r->journal.from);
}

static void
status_cell_to(const struct status_row *r, char *out)
{
    str_copy(out, STATUS_CELL, r->journal.to);
}

static void
status_cell_direction(const struct status_row *r, char *out)
{
    const char *way = r->journal.back ? "rollback" : "upgrade";

    str_copy(out, STATUS_CELL, *r->journal.to != '\0' ? way : "");
}

static void
status_cell_step(const struct status_row *r, char *out)
{
    str_copy(out, STATUS_CELL, r->journal.step);
}

static void
status_cell_holder(const struct status_row *r, char *out)
{
    const char *nobody = r->state == STATUS_STOPPED ? "nobody (stopped)" : "nobody";

    str_copy(out, STATUS_CELL, *r->lock.holder != '\0' ? r->lock.holder : nobody);
}

static void
status_cell_seen(const struct status_row *r, char *out)
{
    char since[32];

    if (r->lock.renewed_ms < 0) {
        out[0] = '\0';
    } else if (r->lock.seen_ms < 0) {
        str_copy(out, STATUS_CELL, "in the future");
    } else {
        (void)snprintf(
            out, STATUS_CELL, "%s ago",
            clock_duration(r->lock.seen_ms / 1000 * 1000, since, sizeof since));
    }
}

static void
status_cell_state(const struct status_row *r, char *out)
{
    status_say(r, out, STATUS_CELL);
}

static const struct status_column {
    const char *title;
    status_cell *cell;
    bool everywhere; /* only with -A */
} status_columns[] = {
    { "NAMESPACE", status_cell_namespace, true },
    { "DATABASE", status_cell_database, false },
    { "FROM", status_cell_from, false },
    { "TO", status_cell_to, false },
    { "DIRECTION", status_cell_direction, false },
    { "STEP", status_cell_step, false },
    { "HOLDER", status_cell_holder, false },
    { "SEEN", status_cell_seen, false },
    { "STATE", status_cell_state, false },
};

enum { STATUS_N_COLUMNS = sizeof status_columns / sizeof *status_columns };

static const char *
status_text(const struct status_column *c, const struct status_row *r, char *out)
{
    c->cell(r, out);
    return out[0] != '\0' ? out : "-";
}

static bool
status_is_shown(const struct status_view *v, const struct status_column *c)
{
    return !c->everywhere || v->in->options->output.all_namespaces;
}

static void
status_print_line(const struct status_view *v, const struct status_row *r,
                  const size_t *widths)
{
    char cell[STATUS_CELL];

    for (size_t i = 0; i < STATUS_N_COLUMNS; i++) {
        const struct status_column *c = &status_columns[i];
        const char *text = r != NULL ? status_text(c, r, cell) : c->title;

        if (!status_is_shown(v, c)) {
            continue;
        }
        if (i + 1 == STATUS_N_COLUMNS) {
            print_text(stdout, "%s\n", text);
        } else {
            print_text(stdout, "%-*s   ", (int)widths[i], text);
        }
    }
}

static void
status_print_table(const struct status_view *v)
{
    size_t widths[STATUS_N_COLUMNS];
    char cell[STATUS_CELL];

    for (size_t i = 0; i < STATUS_N_COLUMNS; i++) {
        widths[i] = strlen(status_columns[i].title);
        for (size_t n = 0; n < v->list->n; n++) {
            size_t len =
                visible_columns(status_text(&status_columns[i], &v->list->at[n], cell));

            widths[i] = len > widths[i] ? len : widths[i];
        }
    }
    status_print_line(v, NULL, widths);
    for (size_t n = 0; n < v->list->n; n++) {
        status_print_line(v, &v->list->at[n], widths);
    }
}

/* -- with a name -- */

/* "  Started    2026-11-21T10:40:59Z by root@host/1" */
static void
status_print_fact(const char *title, const char *text, const char *by)
{
    char line[STATUS_CELL];

    (void)snprintf(line, sizeof line, "%s%s%s", text, *by != '\0' ? " by " : "", by);
    print_text(stdout, "%-10s  %s\n", title, line);
}

static void
status_print_members(const struct status_row *r)
{
    size_t width = 6;

    if (r->n_members == 0) {
        return;
    }
    for (size_t i = 0; i < r->n_members; i++) {
        size_t len = visible_columns(r->members[i].name);

        width = len > width ? len : width;
    }
    print_text(stdout, "\n%-*s   ROLE        IMAGES   READY\n", (int)width, "MEMBER");
    for (size_t i = 0; i < r->n_members; i++) {
        const struct status_member *m = &r->members[i];

        print_text(stdout, "%-*s   %-9s   %-6s   %s\n", (int)width, m->name,
                   *m->role != '\0' ? m->role : "-", status_images_id(m->images),
                   m->deleting ? "going"
                   : m->ready  ? "yes"
                               : "no");
    }
}

static void
status_print_facts(const struct status_row *r)
{
    char text[STATUS_CELL];

    print_text(stdout, "\n");
    if (*r->journal.started != '\0') {
        status_print_fact("Started", r->journal.started, r->journal.by);
    }
    if (*r->lock.renewed != '\0') {
        (void)snprintf(text, sizeof text, "%s by its holder's clock", r->lock.renewed);
        status_print_fact("Renewed", text, "");
    }
    if (*r->lock.asked != '\0') {
        (void)snprintf(text, sizeof text, "to %s, not accepted yet", r->lock.asked);
        status_print_fact("Asked", text, r->lock.asked_by);
    }
    if (r->objects.database != NULL) {
        (void)snprintf(text, sizeof text, "%s, %s", r->database.version,
                       *r->database.phase != '\0' ? r->database.phase : "no phase");
        status_print_fact("Database", text, "");
        status_print_fact("Operator",
                          !r->database.paused ? "not paused"
                          : *r->database.paused_message != '\0'
                              ? r->database.paused_message
                              : "paused, no message says by whom",
                          "");
    }
    if (r->left_out[0] != '\0') {
        status_print_fact("Left out", r->left_out, "");
    }
}

/* Commands to go on with, by state. */
static const struct status_next {
    enum status_state state;
    const char *text;
    const char *command;
    const char *verb;
    bool back; /* it walks back; not offered where that is being done */
} status_nexts[] = {
    { STATUS_RUNNING, "To pause it before its next member", "ctl", "pause", false },
    { STATUS_RUNNING, "To roll it back", "ctl", "abort", true },
    { STATUS_HELD, "To continue", "ctl", "continue", false },
    { STATUS_HELD, "To roll it back", "ctl", "abort", true },
    { STATUS_STOPPED, "To resume it", "resume", NULL, false },
    { STATUS_STOPPED, "To roll it back", "abort", NULL, true },
    { STATUS_SILENT, "To take it over and resume", "resume", NULL, false },
    { STATUS_SILENT, "To take it over and roll it back", "abort", NULL, true },
};

static void
status_print_next(const struct status_view *v, const struct status_row *r)
{
    auto_free char *flags = cluster_flags(v->in->options, r->name_space);
    auto_free char *name = word_quote(r->name);
    auto_free char *patch = r->state == STATUS_LEFT ? status_unpause_patch(r) : NULL;
    auto_free char *patch_word = patch != NULL ? word_quote(patch) : NULL;

    print_text(stdout, "\n");
    for (size_t i = 0; i < sizeof status_nexts / sizeof *status_nexts; i++) {
        const struct status_next *n = &status_nexts[i];

        if (n->state == r->state && r->engine != NULL && !(n->back && r->journal.back)) {
            print_text(stdout, "%s:  kubectl dbupgrade %s %s %s%s%s%s\n", n->text,
                       n->command, r->engine->name, name, n->verb != NULL ? " " : "",
                       n->verb != NULL ? n->verb : "", flags);
        }
    }
    if (r->state == STATUS_NEWER) {
        print_text(stdout, "Resume it with the newer kubectl-dbupgrade.\n");
    }
    if (patch != NULL) {
        print_text(stdout, "To upgrade it:  kubectl dbupgrade %s %s --to VERSION%s\n",
                   r->engine->name, name, flags);
        print_text(
            stdout,
            "To return it to the operator as it is:\n"
            "  kubectl patch %s.kubedb.com %s%s --subresource=status --type=json -p %s\n",
            r->engine->api.resource, name, flags, patch_word);
    }
}

static void
status_print_nothing(const struct status_view *v)
{
    const struct invocation *in = v->in;

    print_text(stdout, "No upgrade is in progress");
    if (in->name != NULL) {
        print_text(stdout, ": %s/%s", in->engine->name, in->name);
    } else if (in->engine != NULL) {
        print_text(stdout, ": %s", in->engine->name);
    }
    if (in->options->output.all_namespaces) {
        print_text(stdout, " (all namespaces)\n");
    } else {
        print_text(stdout, " (namespace %s)\n", v->cluster->name_space);
    }
}

void
status_print_human(const struct status_view *v)
{
    if (v->list->n == 0) {
        status_print_nothing(v);
    } else {
        status_print_table(v);
    }
    for (size_t i = 0; v->in->name != NULL && i < v->list->n; i++) {
        status_print_facts(&v->list->at[i]);
        status_print_members(&v->list->at[i]);
        status_print_next(v, &v->list->at[i]);
    }
    if (v->list->left_out[0] != '\0') {
        (void)fflush(stdout); /* it goes below the table */
        print_text(stderr, "Not checked: %s\n", v->list->left_out);
    }
}
