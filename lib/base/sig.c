#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t sig_count;
static volatile sig_atomic_t sig_first;
static int sig_pipe[2] = { -1, -1 };

void
sig_request(int n)
{
    int saved = errno;
    char c = 0;

    if (sig_first == 0) {
        sig_first = n;
    }
    if (sig_count < 2) {
        sig_count = sig_count + 1;
    }
    if (sig_pipe[1] >= 0) {
        (void)!write(sig_pipe[1], &c, 1);
    }
    errno = saved;
}

static int
sig_nonblocking(int fd)
{
    return fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -1
                                                                                    : 0;
}

int
sig_init(void)
{
    static const int asked[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_handler = sig_request };
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    if (sig_pipe[0] >= 0) {
        return 0;
    }
    if (pipe(sig_pipe) < 0 || sig_nonblocking(sig_pipe[0]) < 0 ||
        sig_nonblocking(sig_pipe[1]) < 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        if (sigaction(asked[i], &action, NULL) < 0) {
            return -1;
        }
    }
    return sigaction(SIGPIPE, &ignore, NULL);
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
