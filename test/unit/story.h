#ifndef UNIT_STORY_H
#define UNIT_STORY_H

#include <stdbool.h>

#include "ui/ui_private.h"

/*
 * Runs as the user interface is told of them, with a clock that only the story moves.
 */
struct story {
    const char *name;
    bool dry_run;
    void (*tell)(struct ui *u);
};

extern const struct story stories[]; /* ends with a NULL name */

/* Lets time pass, with a tick each 200 ms. */
void story_wait(struct ui *u, long long ms);

/* Called at moments worth looking at, if set. */
extern void (*story_moment)(struct ui *u);

void story_begin(struct ui *u, const struct story *s);

/* -- story_plan.c -- */

void story_start(struct ui *u);
/* `refused`: by one of them. */
void story_checks(struct ui *u, bool refused);
void story_plan(struct ui *u, const char *dry_run);

#endif
