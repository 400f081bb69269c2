#define _DEFAULT_SOURCE /* mkdtemp */
#include "shell.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"

extern char **environ;

enum { SHELL_OUTPUT_MAX = 64 * 1024 * 1024 };

int
shell_open(struct shell *s)
{
    str_copy(s->dir, sizeof s->dir, "/tmp/dbupgrade-test-XXXXXX");
    return mkdtemp(s->dir) != NULL ? 0 : -1;
}

void
shell_close(struct shell *s)
{
    free(shell_run(s, "rm -rf \"$PWD\""));
}

/* The output goes to a file that has no name once the command runs. */
char *
shell_run(const struct shell *s, const char *command)
{
    auto_free char *out = mem_printf("%s.out", s->dir);
    auto_free char *line = mem_printf("cd %s && { %s\n}", s->dir, command);
    char *const argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, line, NULL };
    posix_spawn_file_actions_t actions;
    struct err e = { 0 };
    char *text = NULL;
    pid_t pid = -1;

    if (posix_spawn_file_actions_init(&actions) != 0) {
        abort();
    }
    (void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out,
                                           O_WRONLY | O_CREAT | O_TRUNC, 0600);
    (void)posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    if (posix_spawnp(&pid, "sh", &actions, NULL, argv, environ) != 0 ||
        waitpid(pid, NULL, 0) != pid ||
        file_read(out, SHELL_OUTPUT_MAX, &text, NULL, &e) < 0) {
        abort();
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)unlink(out);
    return text;
}

char *
shell_path(const struct shell *s, const char *name)
{
    return mem_printf("%s/%s", s->dir, name);
}
