#ifndef UI_BLOCK_H
#define UI_BLOCK_H

#include "ui/ui_private.h"

/*
 * The lines at the bottom of a terminal that tell where a run stands.
 */
struct block {
    struct ui_line lines[UI_BLOCK_MAX];
    size_t n;
    size_t max; /* of lines: the terminal may be low */
};

/* Fills the block from the model. Release it with block_free. */
void block_build(struct block *b, const struct ui *u, size_t height);
void block_free(struct block *b);
#define auto_block scope_cleanup(block_free)

#endif
