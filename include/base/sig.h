#ifndef BASE_SIG_H
#define BASE_SIG_H

/*
 * Signals. INT, TERM and HUP ask to stop: the first asks to finish what is under
 * way and stop safely, a second one to stop at once. A pipe wakes whoever polls.
 */

enum sig_stop { SIG_STOP_NONE, SIG_STOP_SAFELY, SIG_STOP_NOW };

int sig_init(void); /* 0, or -1 with errno; idempotent */
int sig_fd(void);   /* becomes readable when a signal came; -1 before sig_init */
void sig_drain(void);
enum sig_stop sig_asked(void);
int sig_number(void);    /* of the first signal, else 0 */
void sig_request(int n); /* as if signal n had come; for keys and tests */

#endif
