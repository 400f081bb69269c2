#include "double_program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { PROGRAM_OUTPUT_MAX = 16 * 1024 * 1024 };

/* What main() does with a line, without its name. */
static void
program_main(const char *line)
{
    auto_options struct options o = { 0 };
    auto_invocation struct invocation in = { 0 };
    auto_free char *words = mem_strdup(line);
    struct err e = { 0 };
    char *argv[32];
    int argc = 0;
    int status = 0;

    for (char *at = words; *at != '\0';) {
        argv[argc++] = at;
        at += strcspn(at, " ");
        if (*at == ' ') {
            *at++ = '\0';
        }
    }
    if (str_eq(argv[0], "__complete")) {
        argv[argc - 1][strcspn(argv[argc - 1], "~")] = '\0'; /* a word that is empty */
        status = complete_run(argc - 1, argv + 1);
        (void)fflush(stdout);
        return;
    }
    options_init(&o);
    if (options_parse(&o, argc, argv, &e) < 0 || command_resolve(&o, &in, &e) < 0) {
        status = -1;
    } else {
        status = in.command->run(&in, &e);
    }
    if (status < 0) {
        ui_print_error(stderr, &e, false);
    }
    (void)fflush(stdout);
}

void
program_run(const char *line, bool terminal, struct buf *out)
{
    struct winsize size = { .ws_row = 24, .ws_col = 100 };
    char part[4096];
    int ends[2] = { -1, -1 };
    int status = 0;
    pid_t pid = -1;
    ssize_t n = 0;

    buf_reset(out);
    out->limit = PROGRAM_OUTPUT_MAX;
    if (terminal) {
        pid = forkpty(&ends[0], NULL, NULL, &size);
    } else if (pipe(ends) == 0) {
        pid = fork();
    }
    assert_true(pid >= 0);
    if (pid == 0) {
        if (!terminal) {
            (void)dup2(ends[1], STDOUT_FILENO);
            (void)dup2(ends[1], STDERR_FILENO);
            (void)close(ends[0]);
        }
        world.run++;
        program_main(line);
        _exit(0);
    }
    if (!terminal) {
        (void)close(ends[1]);
    }
    while ((n = read(ends[0], part, sizeof part)) > 0) {
        assert_int_equal(buf_add(out, part, (size_t)n), 0);
    }
    (void)close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (status != 0) {
        fail_msg("\"%s\" ended with %#x: ...%s", line, (unsigned)status,
                 out->len > 400 ? buf_text(out) + out->len - 400 : buf_text(out));
    }
}
