#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "ui/ui_private.h"

/*
 * -o name: one line at the end, as kubectl has it.
 */

static void
name_event(struct ui *u, const struct ui_event *ev, const struct ui_change *c)
{
    const struct ui_model *m = &u->model;
    char db[UI_TEXT * 2];
    auto_line struct ui_line l = { 0 };

    (void)c;
    report_problem(u, ev);
    if (ev->type != UI_RESULT || !ev->result->ok) {
        return;
    }
    line_start(&l, &u->out);
    model_db(m, db, sizeof db);
    line_add(&l, "%.*s.kubedb.com%s upgraded%s", (int)strcspn(db, "/"), db,
             db + strcspn(db, "/"), u->options.dry_run ? " (dry run)" : "");
    line_write(&l, &u->out);
}

const struct ui_renderer ui_name = {
    .name = "name",
    .event = name_event,
};
