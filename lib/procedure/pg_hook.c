#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "procedure/pg.h"
#include "procedure/steps.h"
#include "run/emit.h"
#include "run/pod_exec.h"

/*
 * What a user has run once the new cluster serves: what makes a backup tool know it. It
 * is said to this run alone; no journal has it.
 */

enum { HOOK_LIMIT_MS = 30 * 60 * 1000, HOOK_SAID = 300 };

bool
pg_upgrade_has_hook(const struct cluster *cluster)
{
    const char *command = cluster->target->request->major.after;

    return command != NULL && *command != '\0';
}

/* The last line with something in it. */
static void
hook_last(const char *text, char *out, size_t size)
{
    str_copy(out, size, "");
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        auto_free char *line = mem_strndup(text, n);

        if (line[strspn(line, " \t\r")] != '\0') {
            str_copy(out, size, line);
        }
        text += n + (text[n] == '\n' ? 1 : 0);
    }
}

int
step_hook_done(struct cluster *cluster, bool *done, struct err *e)
{
    (void)e;
    *done = cluster->progress.major.hooked;
    return 0;
}

/* By way of the standard input: arguments are in the URL, which others log. */
int
step_hook_run(struct cluster *cluster, struct err *e)
{
    static const char *const argv[] = {
        "sh", "-c", "eval \"$(sed '/^#END$/q')\" </dev/null", "dbupgrade", "after", "0",
        "0",  NULL
    };
    const struct member *p = pg_upgrade_first(cluster);
    auto_free char *input =
        mem_printf("%s\n#END\n", cluster->target->request->major.after);
    auto_said struct pod_said said = { 0 };
    char last[HOOK_SAID];

    if (pg_upgrade_may(cluster, p, e) < 0 ||
        pod_exec(cluster->run, p->name,
                 &(struct pod_command){ .argv = argv,
                                        .input = input,
                                        .what = "--after-upgrade",
                                        .limit_ms = HOOK_LIMIT_MS },
                 &said, e) < 0) {
        return -1;
    }
    hook_last(said.err != NULL && *said.err != '\0' ? said.err : said.out, last,
              sizeof last);
    if (said.code != 0) {
        err_set(e, ERR_UNHEALTHY, "%s: it ended with status %d%s%s", p->name, said.code,
                last[0] != '\0' ? ": " : "", last);
        err_reason(e, "PG_HOOK");
        return err_hint(e, "correct it, and resume with --after-upgrade; or resume "
                           "without it, and run the command yourself");
    }
    if (last[0] != '\0') {
        emit_note(cluster->run, "%s: --after-upgrade: %s", p->name, last);
    }
    cluster->progress.major.hooked = true;
    return 0;
}
