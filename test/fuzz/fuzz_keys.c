/* What is typed, in reads as long as the first byte says, on a terminal or as if on one.
 * parsers: lib/ui/keys.c */
#define _XOPEN_SOURCE 700 /* posix_openpt */
#include <fcntl.h>
#include <unistd.h>

#include "fuzz.h"
#include "ui/keys.h"

enum { READ = 64, ROOM = 1024 };

static struct terminal {
    int master, slave;
} terminal = { -1, -1 };

static void
open_terminal(void)
{
    static bool tried;

    if (tried) {
        return;
    }
    tried = true;
    terminal.master = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal.master >= 0 && grantpt(terminal.master) == 0 &&
        unlockpt(terminal.master) == 0) {
        terminal.slave = open(ptsname(terminal.master), O_RDWR | O_NOCTTY);
    }
}

static void
check(const struct ui_keys *k, long long now)
{
    fuzz_check(k->got >= UI_KEY_NONE && k->got <= UI_KEY_QUIT);
    fuzz_check(k->aborting >= 0 && k->aborting <= now);
    fuzz_check(k->got != UI_KEY_PAUSE || k->pausing);
    fuzz_check(k->got != UI_KEY_CONTINUE || !k->pausing);
    fuzz_check_line(keys_notice(k, now), 128);
}

/* An abort takes two keys, neither held nor far apart. */
static void
feed(struct ui_keys *k, struct fuzz_input *in, size_t most)
{
    long long now = 1000;

    while (in->left > 0) {
        size_t len = in->left < most ? in->left : most;
        long long first = k->aborting;

        k->got = UI_KEY_NONE;
        keys_feed(k, in->at, len, now);
        check(k, now);
        fuzz_check(k->got != UI_KEY_ABORT || (first > 0 && now - first >= KEYS_TWICE_MS &&
                                              now - first <= KEYS_ABORT_MS));
        now += 10LL * (unsigned char)in->at[len - 1];
        in->at += len;
        in->left -= len;
    }
}

/* Control characters would be the terminal's own signals. */
static void
type(struct ui_keys *k, struct fuzz_input in)
{
    char text[ROOM];
    size_t len = 0;

    for (; len < sizeof text && len < in.left; len++) {
        text[len] = (char)(in.at[len] > ' ' ? in.at[len] : '\033');
    }
    keys_begin(k);
    keys_poll(k, 1); /* takes the terminal over, and forgets what was typed before */
    fuzz_check(write(terminal.master, text, len) == (ssize_t)len);
    for (long long now = 1000; now < 1000 + ROOM; now += READ) {
        keys_poll(k, now);
        check(k, now);
    }
    keys_end(k);
    fuzz_check(!k->on && !k->ours);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    unsigned how = fuzz_byte(&in);
    struct ui_keys k;

    open_terminal();
    keys_init(&k, terminal.slave);
    if (how % 8 == 0 && k.fd >= 0) {
        type(&k, in);
    } else {
        feed(&k, &in, how % 16 + 1);
    }
    return 0;
}
