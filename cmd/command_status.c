#include "upgrade/status.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cluster.h"
#include "command.h"
#include "command_status.h"
#include "report/exit_status.h"

static void
status_print(const struct status_view *v)
{
    static const struct {
        const char *word;
        void (*print)(const struct status_view *v);
    } forms[] = {
        { "human", status_print_human },
        { "json", status_print_json },
        { "name", status_print_names },
    };
    const char *word = v->in->options->output.format;

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (word == NULL || str_eq(word, forms[i].word)) {
            forms[i].print(v);
            return;
        }
    }
}

static int
status_main(const struct invocation *in, struct err *e)
{
    auto_cluster struct cluster c = { 0 };
    auto_status struct status_list list = { 0 };
    struct status_query q = { .engine = in->engine, .name = in->name };
    struct status_view v = { .in = in, .cluster = &c, .list = &list };

    if (cluster_open(in->options, &c, e) < 0) {
        return -1;
    }
    q.name_space = in->options->output.all_namespaces ? NULL : c.name_space;
    if (status_read(&q, c.kube, &list, e) < 0) {
        return -1;
    }
    status_print(&v);
    return EXIT_OK;
}

const struct command command_status = {
    .name = "status",
    .args = "[KIND [NAME]]",
    .summary = "show upgrades in progress, their holders and steps",
    .text = "Shows the upgrades in progress, running or stopped: the current step of "
            "each and the\n"
            "holder of its lock. With KIND also the databases that were left paused "
            "without an\n"
            "upgrade; with NAME also the members, and what to do next.\n"
            "\n"
            "SEEN is how long ago the holder renewed its lock, by the holder's clock. If "
            "that is\n"
            "too long ago, the lock is watched for some seconds before its holder is "
            "reported\n"
            "dead: clocks may differ. The rights to get and list leases are enough; what "
            "else\n"
            "may not be read is left out.\n",
    .examples = "kubectl dbupgrade status -A\n"
                "kubectl dbupgrade status mysql my-db -n demo\n"
                "kubectl dbupgrade status -A -o json\n",
    .options = OPTIONS_EVERYWHERE | OPTIONS_OUTPUT | OPTIONS_CLUSTER,
    .outputs = "human json name",
    .needs = TAKES_KIND | TAKES_NAME,
    .run = status_main,
};
