#ifndef RUN_EMIT_H
#define RUN_EMIT_H

struct flow;

/*
 * Events for the user interface.
 */

void tell_note(struct flow *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void tell_warning(struct flow *f, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void tell_start(struct flow *f);
/* The command that would carry a plan out; the caller frees it. */
char *tell_apply(const struct flow *f);

#endif
