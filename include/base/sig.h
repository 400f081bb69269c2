#ifndef BASE_SIG_H
#define BASE_SIG_H

#include <stdbool.h>

/*
 * Signals. INT, TERM and HUP ask to stop: the first asks to finish what is under
 * way and stop safely, a second one to stop at once. A pipe wakes whoever polls.
 *
 * One wish often comes as two signals: a wrapper passes on what the terminal has sent to
 * all, a shell and the kernel both hang up. So what follows the first within
 * SIG_SAME_MS counts as the same, and HUP never asks for more than to stop safely. QUIT
 * asks to stop at once. HUP that was ignored at the start (nohup) stays so.
 *
 * A process in the background may write to its terminal (TTOU is ignored): to stand still
 * there would lose the lock.
 */

enum sig_stop { SIG_STOP_NONE, SIG_STOP_SAFELY, SIG_STOP_NOW };

enum { SIG_SAME_MS = 250 };

int sig_init(void); /* 0, or -1 with errno; idempotent */
int sig_fd(void);   /* becomes readable when a signal came; -1 before sig_init */
void sig_drain(void);
enum sig_stop sig_asked(void);
int sig_number(void);       /* of the first signal, else 0 */
const char *sig_text(void); /* what that one means: "SIGTERM" */
void sig_request(int n);    /* as if signal n had come; for tests */

/* Asks to stop safely for the reason that signal n stands for; nothing more when that was
 * asked already. For keys, and for terminals and readers that have gone away. */
void sig_stop_safely(int n);

/* ^Z. While it is caught, sig_suspended() tells that it came, and sig_suspend() stops the
 * process as ^Z does, and returns when it goes on. A shell without job control has it
 * ignored: it stays so. */
void sig_catch_suspend(bool catch);
bool sig_suspended(void);
void sig_suspend(void);

#endif
