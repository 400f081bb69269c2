#ifndef UI_KEYS_H
#define UI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "ui/ui.h"

/*
 * Keys that steer a run from its terminal. While they are on, the terminal gives each key
 * at once and does not echo; ^C, ^Z and ^\ stay what they are. It is only touched by the
 * process group in front, and each look sees whether somebody (a shell, another program)
 * has changed it meanwhile.
 *
 * An abort needs the key twice: not as fast as a held or pasted one comes, and not so
 * late that the first is forgotten.
 */
enum { KEYS_ABORT_MS = 5000, KEYS_TWICE_MS = 250, KEYS_HELP_MS = 10000 };

struct ui_keys {
    int fd;  /* of the terminal; -1: there is none */
    bool on; /* keys are taken now */
    bool ours;
    struct termios before; /* while the mode is ours: what it was */
    enum ui_key got;       /* the last that nobody has taken yet */
    bool pausing;          /* a pause was asked, and not yet taken back */
    bool escape;           /* within what a function key sends */
    long long aborting;    /* when the first `a` came; 0: it did not */
    long long helping;     /* when `?` came */
};

void keys_init(struct ui_keys *k, int fd);

/* Takes keys from now on, and no more. Both may be called again. */
void keys_begin(struct ui_keys *k);
void keys_end(struct ui_keys *k);

/* Reads what was typed, and sees to the terminal's mode; never waits. */
void keys_poll(struct ui_keys *k, long long now);

/* As if this had been typed. */
void keys_feed(struct ui_keys *k, const char *typed, size_t len, long long now);

/* Gives the terminal back until the next keys_poll. */
void keys_restore(struct ui_keys *k);

/* Whether the process may use the terminal as its own: no other group is in front. */
bool keys_in_front(int fd);

/* What a first key waits for, to be shown: "" for nothing. */
const char *keys_notice(const struct ui_keys *k, long long now);

#endif
