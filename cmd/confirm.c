#include "confirm.h"

#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "ui/ui.h"

int
confirm_must_ask(const struct invocation *in, const char *seen, bool *ask, struct err *e)
{
    *ask = !in->options->yes && in->options->dry_run == DRY_RUN_NONE;
    if (*ask && (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))) {
        (void)err_set(e, ERR_USAGE, "confirmation required, but stdin is not a terminal");
        return err_hint(e, "use --yes to skip this prompt; to see %s: --dry-run", seen);
    }
    return 0;
}

bool
confirm_ask(const char *text, const char *to_do, const char *name)
{
    auto_free char *question =
        mem_printf("%s. To %s, type the database's name:", text, to_do);

    return ui_confirm(stdin, stderr, question, name);
}
