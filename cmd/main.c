#define _GNU_SOURCE /* prctl, and O_CLOEXEC's friends */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/log.h"
#include "base/sig.h"
#include "base/str.h"
#include "command.h"
#include "report/exit_status.h"
#include "ui/ui.h"

/*
 * The only place that decides the exit status and shows errors that no run has shown.
 */

/* Nothing that is opened later may become one of the standard streams. */
static void
main_keep_streams(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
            (void)!open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY);
        }
    }
}

/* Credentials lie in memory: it must not be written to a disk, nor read by others. */
static void
main_keep_secrets(void)
{
    const struct rlimit none = { 0, 0 };

    (void)umask(077);
    (void)setrlimit(RLIMIT_CORE, &none);
#ifdef __linux__
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

static const char *
main_program_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static bool
main_color(const struct options *o)
{
    const char *none = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return !o->output.no_color && (none == NULL || *none == '\0') && term != NULL &&
           !str_eq(term, "dumb") && isatty(STDERR_FILENO);
}

/* What was printed must have arrived; a reader that has gone away is no error to tell. */
static int
main_flush(int status, struct err *e)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return status;
    }
    if (errno == EPIPE) {
        return status == EXIT_OK ? EXIT_ERROR : status;
    }
    return status != EXIT_OK
               ? status
               : err_set(e, ERR_CONFIG, "cannot write the output: %s", strerror(errno));
}

static int
main_run(struct options *o, int argc, char *const *argv, struct err *e)
{
    auto_invocation struct invocation in = { 0 };

    if (options_parse(o, argc, argv, e) < 0) {
        return -1;
    }
    log_set_level(o->output.verbosity > 9 ? 9 : (int)o->output.verbosity);
    if (o->output.version) {
        return command_version.run(&in, e);
    }
    if (command_resolve(o, &in, e) < 0) {
        if (e->code == ERR_USAGE && in.command != NULL && e->hint[0] == '\0') {
            (void)err_hint(e, "for help: kubectl dbupgrade %s --help",
                           invocation_word(&in));
        }
        return -1;
    }
    if (o->output.help && in.command != &command_help) {
        help_print_command(stdout, in.command, in.engine);
        return EXIT_OK;
    }
    return in.command->run(&in, e);
}

int
main(int argc, char **argv)
{
    auto_options struct options o = { 0 };
    struct err e = { 0 };
    int status = 0;

    main_keep_streams();
    main_keep_secrets();
    if (sig_init() < 0) {
        (void)err_set(&e, ERR_INTERNAL, "signals: %s", strerror(errno));
        ui_print_error(stderr, &e, false);
        return EXIT_ERROR;
    }
    if (argc > 0 && str_starts(main_program_name(argv[0]), "kubectl_complete-")) {
        return complete_run(argc - 1, argv + 1);
    }
    if (argc > 1 && str_starts(argv[1], "__")) {
        status = str_eq(argv[1], "__complete") ? complete_run(argc - 2, argv + 2)
                                               : internals_run(argv[1]);
        if (status >= 0) {
            return status;
        }
    }
    options_init(&o);
    status = main_run(&o, argc > 0 ? argc - 1 : 0, argv + 1, &e);
    if (status >= 0) {
        status = main_flush(status, &e);
    }
    if (status < 0) {
        ui_print_error(stderr, &e, main_color(&o));
        status = exit_status_for(&e, false);
    }
    return status;
}
