#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "base/clock.h"

static volatile sig_atomic_t sig_count;
static volatile sig_atomic_t sig_first;
static volatile sig_atomic_t sig_tstp;
static long long sig_since; /* when the first came; written once, before sig_count */
static int sig_pipe[2] = { -1, -1 };

static void
sig_wake(void)
{
    char c = 0;

    if (sig_pipe[1] >= 0) {
        (void)!write(sig_pipe[1], &c, 1);
    }
}

void
sig_request(int n)
{
    int saved = errno;

    if (sig_first == 0) {
        sig_first = n;
        sig_since = clock_ms();
    }
    if (sig_count < SIG_STOP_NOW) {
        sig_count = sig_count + 1;
    }
    sig_wake();
    errno = saved;
}

void
sig_stop_safely(int n)
{
    if (sig_count == SIG_STOP_NONE) {
        sig_request(n);
    }
}

/* A handler is not interrupted by the others: all of them are blocked meanwhile. */
static void
sig_caught(int n)
{
    int saved = errno;

    if (n == SIGTSTP) {
        sig_tstp = 1;
        sig_wake();
    } else if (n == SIGQUIT) {
        sig_request(n);
        sig_count = SIG_STOP_NOW;
    } else if (sig_count == SIG_STOP_NONE ||
               (n != SIGHUP && clock_ms() - sig_since > SIG_SAME_MS)) {
        sig_request(n);
    }
    errno = saved;
}

static int
sig_nonblocking(int fd)
{
    return fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -1
                                                                                    : 0;
}

static int
sig_set(int n, void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler };

    (void)sigfillset(&action.sa_mask);
    return sigaction(n, &action, NULL);
}

static bool
sig_is_ignored(int n)
{
    struct sigaction now = { 0 };

    return sigaction(n, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

int
sig_init(void)
{
    static const int asked[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

    if (sig_pipe[0] >= 0) {
        return 0;
    }
    if (pipe(sig_pipe) < 0 || sig_nonblocking(sig_pipe[0]) < 0 ||
        sig_nonblocking(sig_pipe[1]) < 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        if (asked[i] == SIGHUP && sig_is_ignored(SIGHUP)) {
            continue;
        }
        if (sig_set(asked[i], sig_caught) < 0) {
            return -1;
        }
    }
    return sig_set(SIGPIPE, SIG_IGN) < 0 || sig_set(SIGTTOU, SIG_IGN) < 0 ? -1 : 0;
}

int
sig_fd(void)
{
    return sig_pipe[0];
}

void
sig_drain(void)
{
    char sink[64];
    ssize_t got = 1;

    while (sig_pipe[0] >= 0 && got > 0) {
        got = read(sig_pipe[0], sink, sizeof sink);
    }
}

enum sig_stop
sig_asked(void)
{
    return (enum sig_stop)sig_count;
}

int
sig_number(void)
{
    return sig_first;
}

void
sig_catch_suspend(bool catch)
{
    if (!sig_is_ignored(SIGTSTP)) {
        (void)sig_set(SIGTSTP, catch ? sig_caught : SIG_DFL);
    }
}

const char *
sig_text(void)
{
    static const struct {
        int number;
        const char *text;
    } signals[] = {
        { SIGINT, "SIGINT (^C, or the key q)" },
        { SIGTERM, "SIGTERM" },
        { SIGQUIT, "SIGQUIT" },
        { SIGHUP, "SIGHUP: the terminal was closed" },
        { SIGPIPE, "SIGPIPE: the output was closed by its reader" },
    };

    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        if (signals[i].number == sig_number()) {
            return signals[i].text;
        }
    }
    return "a signal";
}

bool
sig_suspended(void)
{
    return sig_tstp != 0;
}

void
sig_suspend(void)
{
    sig_tstp = 0;
    (void)sig_set(SIGTSTP, SIG_DFL);
    (void)kill(getpid(), SIGTSTP); /* comes before kill returns */
    (void)sig_set(SIGTSTP, sig_caught);
}
