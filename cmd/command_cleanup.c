#include "upgrade/cleanup.h"

#include <stdio.h>

#include "base/mem.h"
#include "cluster.h"
#include "command.h"
#include "confirm.h"
#include "print.h"
#include "report/exit_status.h"
#include "ui/ui.h"

static bool
cleanup_ask(void *ctx, const char *text)
{
    return confirm_ask(text, "delete them", *(const char *const *)ctx);
}

static int
cleanup_check_kind(const struct invocation *in, struct err *e)
{
    return in->engine->versions.major == PROCEDURE_PG_UPGRADE
               ? 0
               : err_set(
                     e, ERR_USAGE,
                     "an upgrade of %s keeps no old data: cleanup is for postgres only",
                     in->engine->name);
}

static void
cleanup_print(const struct invocation *in, const struct cleanup_report *r, bool dry_run)
{
    if (r->found.n == 0) {
        print_text(stdout, "%s/%s: %s keeps no data of an upgrade: nothing to do\n",
                   in->engine->name, in->name, r->pod);
    }
    for (size_t i = 0; i < r->found.n && (dry_run || i < r->deleted); i++) {
        auto_free char *text = cleanup_text(&r->found.at[i]);

        print_text(stdout, "%s/%s: %s on %s: %s\n", in->engine->name, in->name,
                   dry_run ? "would be deleted" : "deleted", r->pod, text);
    }
}

static int
cleanup_main(const struct invocation *in, struct err *e)
{
    const struct options *o = in->options;
    const struct ui_options ui_options = { .format = UI_HUMAN,
                                           .no_color = o->output.no_color,
                                           .quiet = true };
    auto_cleanup_report struct cleanup_report report = { 0 };
    auto_cluster struct cluster c = { 0 };
    auto_free char *flags = NULL;
    auto_ui struct ui *ui = NULL;
    const char *name = in->name;
    bool dry_run = o->dry_run != DRY_RUN_NONE;
    struct cleanup_request rq = { .engine = in->engine,
                                  .name = in->name,
                                  .dry_run = dry_run,
                                  .timeout_ms = o->limits.timeout_ms,
                                  .confirm_ctx = &name };
    bool ask = false;
    int got = 0;

    if (cleanup_check_kind(in, e) < 0 ||
        confirm_must_ask(in, "show what would be deleted", &ask, e) < 0 ||
        cluster_open(o, &c, e) < 0) {
        return -1;
    }
    flags = cluster_flags(o, c.name_space);
    ui = ui_new(&ui_options, stderr, stderr);
    rq.name_space = c.name_space;
    rq.confirm = ask ? cleanup_ask : NULL;
    rq.command_flags = flags;
    got = cleanup_run(&rq, c.kube, ui, &report, e);
    if (got == 0 || report.deleted > 0) {
        cleanup_print(in, &report, dry_run);
    }
    if (got < 0 && report.changed) {
        (void)err_hint(e, "to delete what is left, run the same command again");
        ui_print_error(stderr, e, false);
        return exit_status_for(e, true);
    }
    return got < 0 ? -1 : EXIT_OK;
}

const struct command command_cleanup = {
    .name = "cleanup",
    .args = "KIND NAME",
    .summary = "delete the data that a finished upgrade kept",
    .text = "Deletes what a major upgrade of Postgres kept on the first member's volume: "
            "the old\n"
            "data directory, the old version's directories in the tablespaces, the old "
            "server's\n"
            "programs. On a terminal it asks for the database's name first. It refuses "
            "(status 3)\n"
            "while an upgrade is in progress or unfinished, and while no server runs on "
            "the new\n"
            "data. If nothing is kept, it says so and ends with status 0.\n"
            "\n"
            "To complete an interrupted deletion, run the same command again.\n",
    .examples = "kubectl dbupgrade cleanup postgres my-pg -n demo --dry-run\n"
                "kubectl dbupgrade cleanup postgres my-pg -n demo\n",
    .options = OPTIONS_ASK | OPTIONS_CLUSTER,
    .needs = NEEDS_KIND | NEEDS_NAME,
    .run = cleanup_main,
};
