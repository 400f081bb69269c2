#include <stdio.h>

#include "base/str.h"
#include "command.h"
#include "report/exit_status.h"

/*
 * Scripts for the shells, for who calls kubectl-dbupgrade directly. They only ask the
 * program (complete.c). For `kubectl dbupgrade` kubectl's own completion asks
 * kubectl_complete-dbupgrade, which needs no script.
 */
static const struct completion_shell {
    const char *name;
    const char *script;
} completion_shells[] = {
    { "bash", "# bash completion of kubectl-dbupgrade\n"
              "_kubectl_dbupgrade() {\n"
              "    local words=() word line i\n"
              "    # bash cuts --flag=value in three: put it together again\n"
              "    for ((i = 1; i <= COMP_CWORD; i++)); do\n"
              "        word=${COMP_WORDS[i]}\n"
              "        if ((${#words[@]} > 0)) && [[ $word == '=' || ${COMP_WORDS[i - "
              "1]} == '=' ]]; "
              "then\n"
              "            words[${#words[@]} - 1]+=$word\n"
              "        else\n"
              "            words+=(\"$word\")\n"
              "        fi\n"
              "    done\n"
              "    COMPREPLY=()\n"
              "    while IFS= read -r line; do\n"
              "        [[ $line == :* ]] && continue\n"
              "        line=${line%%$'\\t'*}\n"
              "        [[ ${words[${#words[@]} - 1]} == *=* ]] && line=${line#*=}\n"
              "        COMPREPLY+=(\"$line\")\n"
              "    done < <(kubectl-dbupgrade __complete \"${words[@]}\" 2>/dev/null)\n"
              "}\n"
              "complete -F _kubectl_dbupgrade kubectl-dbupgrade\n" },
    { "zsh", "#compdef kubectl-dbupgrade\n"
             "# zsh completion of kubectl-dbupgrade\n"
             "_kubectl_dbupgrade() {\n"
             "    local -a candidates\n"
             "    local line\n"
             "    for line in \"${(@f)$(kubectl-dbupgrade __complete "
             "\"${(@)words[2,CURRENT]}\" 2>/dev/null)}\"; do\n"
             "        [[ -z $line || $line == :* ]] && continue\n"
             "        candidates+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\")\n"
             "    done\n"
             "    _describe kubectl-dbupgrade candidates\n"
             "}\n"
             "compdef _kubectl_dbupgrade kubectl-dbupgrade\n" },
    { "fish", "# fish completion of kubectl-dbupgrade\n"
              "function __kubectl_dbupgrade\n"
              "    set -l words (commandline -opc) (commandline -ct)\n"
              "    kubectl-dbupgrade __complete $words[2..-1] 2>/dev/null | "
              "string match -v -r '^:'\n"
              "end\n"
              "complete -c kubectl-dbupgrade -f -a '(__kubectl_dbupgrade)'\n" },
};

static int
completion_main(const struct invocation *in, struct err *e)
{
    for (size_t i = 0; i < sizeof completion_shells / sizeof *completion_shells; i++) {
        if (str_eq(in->word, completion_shells[i].name)) {
            fputs(completion_shells[i].script, stdout);
            return EXIT_OK;
        }
    }
    if (in->word == NULL) {
        (void)err_set(e, ERR_USAGE, "the shell is missing");
    } else {
        (void)err_set(e, ERR_USAGE, "unknown shell \"%s\"", in->word);
    }
    return err_hint(e, "known shells: bash, zsh, fish");
}

const struct command command_completion = {
    .name = "completion",
    .args = "bash|zsh|fish",
    .summary = "print a completion script for a shell",
    .text =
        "The script completes the words of kubectl-dbupgrade called directly. `kubectl\n"
        "dbupgrade` needs none: kubectl's own completion asks "
        "kubectl_complete-dbupgrade\n"
        "where that is on the PATH.\n",
    .examples = "source <(kubectl dbupgrade completion bash)\n",
    .needs = TAKES_WORD,
    .run = completion_main,
};
