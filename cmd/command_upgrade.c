#include "command_upgrade.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "cluster.h"
#include "confirm.h"
#include "ui/ui.h"
#include "upgrade/upgrade.h"

enum { UPGRADE_DRAIN_MS = 30 * 1000 };

static enum ui_format
upgrade_format(const char *word)
{
    static const struct {
        const char *word;
        enum ui_format format;
    } formats[] = {
        { "human", UI_HUMAN },
        { "json", UI_JSON },
        { "jsonl", UI_JSONL },
        { "name", UI_NAME },
    };

    for (size_t i = 0; word != NULL && i < sizeof formats / sizeof *formats; i++) {
        if (str_eq(word, formats[i].word)) {
            return formats[i].format;
        }
    }
    return UI_HUMAN;
}

struct upgrade_question {
    struct ui *ui;
    const char *name;
};

static bool
upgrade_confirm(void *ctx, const char *text)
{
    const struct upgrade_question *q = ctx;

    ui_suspend(q->ui);
    return confirm_ask(text, "start", q->name);
}

/* What a member may get anew without a consent, unless --max-copy says so: some seconds.
 */
#define UPGRADE_MAX_COPY (1LL << 30)

/* Whether old data are left is known when the strategy of the run is. */
static int
upgrade_check_strategy(const struct invocation *in, struct err *e)
{
    const struct options *o = in->options;

    if (o->major.delete_old_data && in->engine->new_set != NULL && o->to != NULL &&
        !str_eq(o->strategy, "new-set")) {
        return err_set(e, ERR_USAGE,
                       "--delete-old-data requires --strategy new-set here: an upgrade "
                       "in place leaves no old data");
    }
    return 0;
}

/* A Secret's name and one of a key in it: what they may be says the API (DNS-1123;
 * letters, digits and "-._"). */
static int
upgrade_check_key(const struct invocation *in, struct err *e)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
    static const char key[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "-._";
    const char *text = in->options->journal_key;
    size_t n = text != NULL ? strspn(text, name) : 0;
    size_t more = text != NULL && text[n] == '/' ? strspn(text + n + 1, key) : 0;

    if (text == NULL || (n > 0 && text[n] == '\0') ||
        (n > 0 && more > 0 && text[n + 1 + more] == '\0')) {
        return 0;
    }
    return err_set(e, ERR_USAGE, "--journal-key: \"%s\" is not SECRET or SECRET/KEY",
                   text);
}

/* The folder for what is kept of a failure. */
static const char *
upgrade_bundle(const char *word)
{
    if (str_eq(word, "none")) {
        return NULL;
    }
    return word[0] != '\0' ? word : ".";
}

static struct upgrade_request
upgrade_request_from(const struct invocation *in, enum upgrade_task task)
{
    const struct options *o = in->options;
    struct upgrade_request rq = {
        .engine = in->engine,
        .name = in->name,
        .to = task == TASK_UPGRADE ? o->to : NULL,
        .abort = task == TASK_ABORT,
        .strategy = o->strategy,
        .no_rescue = o->no_rescue,
        .dry_run = o->dry_run,
        .detailed_exitcode = o->detailed_exitcode,
        .limits = o->limits,
        .checks = o->checks,
        .major = o->major,
        .save_runtime_config = o->save_runtime_config,
        .journal_key = o->journal_key,
        .lead = o->lead,
        .bundle = upgrade_bundle(o->bundle),
    };

    if (rq.limits.max_lag < 0) {
        rq.limits.max_lag = in->engine->member.max_lag;
    }
    if (rq.limits.max_copy < 0) {
        rq.limits.max_copy = UPGRADE_MAX_COPY;
    }
    if (rq.limits.drain_timeout_ms < 0) {
        rq.limits.drain_timeout_ms = UPGRADE_DRAIN_MS;
    }
    rq.checks.skipped = option_list_words(&o->lists.skip_checks);
    return rq;
}

int
upgrade_command(const struct invocation *in, enum upgrade_task task, struct err *e)
{
    const struct options *o = in->options;
    const struct ui_options ui_options = {
        .format = upgrade_format(o->output.format),
        .no_color = o->output.no_color,
        .quiet = o->output.quiet,
        .dry_run = o->dry_run != DRY_RUN_NONE,
    };
    struct upgrade_request rq = upgrade_request_from(in, task);
    struct upgrade_question question = { .name = in->name };
    auto_cluster struct cluster c = { 0 };
    auto_free char *flags = NULL;
    auto_ui struct ui *ui = NULL;
    bool ask = false;

    if (o->detailed_exitcode && o->dry_run == DRY_RUN_NONE) {
        return err_set(e, ERR_USAGE, "--detailed-exitcode requires --dry-run");
    }
    if (upgrade_check_key(in, e) < 0 || upgrade_check_strategy(in, e) < 0 ||
        confirm_must_ask(in, "the plan", &ask, e) < 0 || cluster_open(o, &c, e) < 0) {
        return -1;
    }
    flags = cluster_flags(o, c.name_space);
    ui = ui_new(&ui_options, stdout, stderr);
    question.ui = ui;
    rq.name_space = c.name_space;
    rq.context = c.target.context;
    rq.command_flags = flags;
    rq.consent.ask = ask ? upgrade_confirm : NULL;
    rq.consent.ctx = &question;
    return upgrade_run(&rq, c.kube, ui);
}

static int
upgrade_main(const struct invocation *in, struct err *e)
{
    if (in->options->to == NULL) {
        auto_free char *flags = cluster_flags(in->options, in->options->kube.name_space);

        (void)err_set(e, ERR_USAGE, "--to is missing: the version to upgrade to");
        return err_hint(e, "list the versions: kubectl dbupgrade versions %s %s%s",
                        in->engine->name, in->name, flags);
    }
    return upgrade_command(in, TASK_UPGRADE, e);
}

const struct command command_upgrade = {
    .name = "KIND",
    .args = "NAME --to VERSION",
    .summary = "upgrade a database, or resume its upgrade",
    .text = "Upgrades one database in the foreground, to the end: makes a plan and "
            "checks it,\n"
            "takes a lock, pauses the KubeDB operator for this database, sets the new "
            "images,\n"
            "restarts the members one at a time (secondaries first), verifies each of "
            "them inside\n"
            "the database, sets the version on the database object, resumes the "
            "operator, and\n"
            "waits until the database is Ready and stays Ready.\n"
            "\n"
            "On a terminal it asks for the database's name before it changes anything; "
            "without\n"
            "a terminal it needs --yes. Keys during a run: p pauses before the next "
            "member, c\n"
            "continues, a (twice) rolls back, q or ^C stops safely; a second ^C stops at "
            "once. If\n"
            "the run is killed, the same command resumes it, from any machine.\n",
    .examples = "kubectl dbupgrade {kind} my-db --to {version} -n demo --dry-run=server\n"
                "kubectl dbupgrade {kind} my-db --to {version} -n demo\n"
                "kubectl dbupgrade {kind}/my-db --to {version} --yes -o jsonl "
                ">events.jsonl\n",
    .options =
        OPTIONS_TARGET | OPTIONS_ASK | OPTIONS_RUN | OPTIONS_OUTPUT | OPTIONS_CLUSTER,
    .outputs = "human json jsonl name",
    .needs = NEEDS_KIND | NEEDS_NAME,
    .run = upgrade_main,
};
