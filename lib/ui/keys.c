#include "ui/keys.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/sig.h"

enum { KEYS_PASTE = 8 }; /* more at once than that was not typed */

void
keys_init(struct ui_keys *k, int fd)
{
    *k = (struct ui_keys){ .fd = isatty(fd) ? fd : -1 };
}

bool
keys_in_front(int fd)
{
    pid_t front = tcgetpgrp(fd);

    return front < 0 || front == getpgrp();
}

void
keys_begin(struct ui_keys *k)
{
    if (!k->on && k->fd >= 0) {
        k->on = true;
        sig_catch_suspend(true);
    }
}

void
keys_restore(struct ui_keys *k)
{
    if (!k->ours) {
        return;
    }
    k->ours = false;
    if (keys_in_front(k->fd)) {
        (void)tcsetattr(k->fd, TCSANOW, &k->before); /* the others wait for output */
        (void)tcflush(k->fd, TCIFLUSH);
    }
}

void
keys_end(struct ui_keys *k)
{
    keys_restore(k);
    if (k->on) {
        k->on = false;
        sig_catch_suspend(false);
    }
}

/* Makes the mode ours, where it is not, or no longer. */
static bool
keys_take_over(struct ui_keys *k)
{
    struct termios now;

    if (!keys_in_front(k->fd) || tcgetattr(k->fd, &now) < 0) {
        k->ours = false;
        return false;
    }
    if (k->ours && (now.c_lflag & (tcflag_t)(ICANON | ECHO)) == 0) {
        return true;
    }
    k->before = now;
    now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    now.c_lflag |= ISIG;
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    k->ours = tcsetattr(k->fd, TCSANOW, &now) == 0;
    (void)tcflush(k->fd, TCIFLUSH); /* not meant for us */
    return k->ours;
}

static void
keys_type_abort(struct ui_keys *k, long long now)
{
    if (k->aborting == 0 || now - k->aborting > KEYS_ABORT_MS) {
        k->aborting = now;
    } else if (now - k->aborting >= KEYS_TWICE_MS) {
        k->aborting = 0;
        k->got = UI_KEY_ABORT;
    }
}

static void
keys_type(struct ui_keys *k, char c, long long now)
{
    if (c == 'a') {
        keys_type_abort(k, now);
        return;
    }
    k->aborting = 0;
    if (c == 'p') {
        k->pausing = true;
        k->got = UI_KEY_PAUSE;
    } else if (c == 'c') {
        k->pausing = false;
        k->got = UI_KEY_CONTINUE;
    } else if (c == 'q') {
        k->got = UI_KEY_QUIT;
        sig_stop_safely(SIGINT);
    } else if (c == '?') {
        k->helping = k->helping == 0 ? now : 0;
    }
}

/* Function keys and answers of the terminal: ESC, perhaps [ or O, parameters, a letter.
 */
static bool
keys_in_escape(struct ui_keys *k, char c)
{
    if (c == '\033') {
        k->escape = true;
        return true;
    }
    if (!k->escape) {
        return false;
    }
    k->escape = c == '[' || c == 'O' || (c >= ' ' && c <= '?');
    return true;
}

void
keys_feed(struct ui_keys *k, const char *typed, size_t len, long long now)
{
    if (len > KEYS_PASTE && typed[0] != '\033') {
        return;
    }
    for (size_t i = 0; i < len; i++) {
        if (!keys_in_escape(k, typed[i])) {
            keys_type(k, typed[i], now);
        }
    }
    k->escape = false; /* a lone ESC is a key too */
}

/* In the background a read would stop us: blocked, it fails. */
static ssize_t
keys_read(int fd, char *typed, size_t size)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    sigset_t block;
    sigset_t before;
    ssize_t got = 0;

    (void)sigemptyset(&block);
    (void)sigaddset(&block, SIGTTIN);
    (void)sigprocmask(SIG_BLOCK, &block, &before);
    if (poll(&p, 1, 0) == 1) {
        got = read(fd, typed, size);
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return got;
}

void
keys_poll(struct ui_keys *k, long long now)
{
    char typed[256];
    ssize_t got = 0;

    if (!k->on || !keys_take_over(k)) {
        return;
    }
    got = keys_read(k->fd, typed, sizeof typed);
    if (got > 0) {
        keys_feed(k, typed, (size_t)got, now);
    }
}

const char *
keys_notice(const struct ui_keys *k, long long now)
{
    if (k->aborting != 0 && now - k->aborting <= KEYS_ABORT_MS) {
        return "abort: roll back to the old version? press [a] again to confirm";
    }
    if (k->helping != 0 && now - k->helping <= KEYS_HELP_MS) {
        return "p pause  c continue  a abort  q stop safely  ^C twice stop at once";
    }
    return "";
}
