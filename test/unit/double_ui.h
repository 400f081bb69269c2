#ifndef DOUBLE_UI_H
#define DOUBLE_UI_H

#include "base/buf.h"
#include "base/json.h"
#include "double_world.h"
#include "ui/ui.h"

/*
 * ui/ui.h: what the user was told, a line an event, to be searched by tests. Waits are
 * counted only.
 */

struct ui {
    struct buf told;
    unsigned waits, ticks;
    bool ok, changed, paused;
    int exit_status;
    enum ui_key key; /* that is typed next */
    struct err err;  /* of the result */
    char state[512];
    char resume[256];
    char bundle[256];
    size_t plan_steps;
};

#endif
