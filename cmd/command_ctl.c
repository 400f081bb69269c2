#include "upgrade/control.h"

#include <stdio.h>

#include "base/str.h"
#include "cluster.h"
#include "command.h"
#include "print.h"
#include "report/exit_status.h"
#include "ui/ui.h"

enum { CTL_WORDS = 8 };

/* NULL, with *e set, for a word that is none. */
static const struct control_verb *
ctl_choose(const char *word, struct err *e)
{
    const struct control_verb *verb = word != NULL ? control_find(word) : NULL;
    const char *words[CTL_WORDS];
    const char *near = NULL;
    size_t n = 0;

    if (verb != NULL) {
        return verb;
    }
    for (; n < CTL_WORDS && ctl_verbs[n].word != NULL; n++) {
        words[n] = ctl_verbs[n].word;
    }
    if (word == NULL) {
        (void)err_set(e, ERR_USAGE, "the request is missing");
    } else {
        (void)err_set(e, ERR_USAGE, "unknown request \"%s\"", word);
        near = str_nearest(word, words, n);
    }
    if (near != NULL) {
        (void)err_hint(e, "did you mean %s?", near);
    } else {
        (void)err_hint(e, "known requests: pause, continue, abort");
    }
    return NULL;
}

static int
ctl_main(const struct invocation *in, struct err *e)
{
    struct control_request rq = { .engine = in->engine,
                                  .name = in->name,
                                  .verb = ctl_choose(in->word, e) };
    auto_cluster struct cluster c = { 0 };
    auto_free char *flags = NULL;
    char holder[192];

    if (rq.verb == NULL || cluster_open(in->options, &c, e) < 0) {
        return -1;
    }
    flags = cluster_flags(in->options, c.name_space);
    rq.name_space = c.name_space;
    rq.command_flags = flags;
    if (control_ask(&rq, c.kube, holder, sizeof holder, e) < 0) {
        if (e->code != ERR_TIMEOUT) {
            return -1;
        }
        ui_print_error(stderr, e, false);
        return EXIT_TIME; /* somewhere an upgrade is half done */
    }
    print_text(stdout, "%s/%s: %s; requested from %s\n", in->engine->name, in->name,
               rq.verb->will, holder);
    return EXIT_OK;
}

const struct command command_ctl = {
    .name = "ctl",
    .args = "KIND NAME pause|continue|abort",
    .summary = "control a running upgrade from elsewhere",
    .text =
        "Sends a request to the run that upgrades a database, wherever it runs, and "
        "waits up\n"
        "to 30s until the run accepts it; after that the request is withdrawn.\n"
        "\n"
        "  pause      the run stops before the restart of its next member, until it is\n"
        "             continued\n"
        "  continue   the run continues\n"
        "  abort      the run rolls back, as `kubectl dbupgrade abort` does, and ends "
        "with\n"
        "             status 5; if it cannot, it reports why and continues. There is no\n"
        "             further confirmation.\n"
        "\n"
        "If no run is in progress, it ends with status 3: use resume or abort instead.\n"
        "It needs the rights to get and patch leases.coordination.k8s.io.\n",
    .examples = "kubectl dbupgrade ctl mysql my-db pause -n demo\n"
                "kubectl dbupgrade ctl mysql my-db continue -n demo\n"
                "kubectl dbupgrade ctl mysql/my-db abort -n demo\n",
    .options = OPTIONS_CLUSTER,
    .needs = NEEDS_KIND | NEEDS_NAME | TAKES_WORD,
    .run = ctl_main,
};
