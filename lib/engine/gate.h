#ifndef LIB_ENGINE_GATE_H
#define LIB_ENGINE_GATE_H

#include "engine/engine.h"

/*
 * Gates that suit every engine; its row names those that it wants. All have the shape
 * of engine_gate's eval.
 */

/* The server is of the wanted version. Another one will not change by waiting: the
 * catalogue names an image that holds something else. */
enum gate_verdict gate_version(const struct gate_want *w, const struct gate_seen *s,
                               char *now, char *want, size_t size);

/* The member serves, and in a group sees all of it online. */
enum gate_verdict gate_member(const struct gate_want *w, const struct gate_seen *s,
                              char *now, char *want, size_t size);

/* It has nothing left to apply. */
enum gate_verdict gate_queue(const struct gate_want *w, const struct gate_seen *s,
                             char *now, char *want, size_t size);

/* Its data contains the wanted position. */
enum gate_verdict gate_position(const struct gate_want *w, const struct gate_seen *s,
                                char *now, char *want, size_t size);

/* No measure of the rows fell by more than its tolerance, or went missing that must not.
 */
enum gate_verdict gate_size(const struct engine_measure *rows, const struct gate_want *w,
                            const struct gate_seen *s, char *now, char *want,
                            size_t size);

#endif
