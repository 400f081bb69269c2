#ifndef DOUBLE_BUNDLE_H
#define DOUBLE_BUNDLE_H

#include "double_fixture.h"
#include "shell.h"

/* Upgrades that fail, and what is kept of them in a folder. */

int open_shell(void **state);
int close_shell(void **state);
int run_to(const char *to, bool rescue);
void expect(const char *command, const char *want);

/* The file, or one of those that match, has the text. */
void expect_in(const char *file, const char *text);

void start_crashing(void);

/* Exactly one file, readable for its owner only; it is unpacked into its folder. */
void unpack(void);

#endif
