#ifndef RUN_EMIT_H
#define RUN_EMIT_H

struct run;

/*
 * Events for the user interface.
 */

void emit_note(struct run *run, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void emit_warning(struct run *run, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void emit_start(struct run *run);
/* The command that would carry a plan out; the caller frees it. */
char *emit_apply(const struct run *run);

#endif
