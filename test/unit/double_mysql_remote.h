#ifndef DOUBLE_MYSQL_REMOTE_H
#define DOUBLE_MYSQL_REMOTE_H

#include "double_mysql.h"

/*
 * MySQLs that follow a source elsewhere, each for itself. One that starts connects after
 * a while, and then gets what it missed.
 */

/* What the source says to the command that asks it in a member's pod. */
int remote_source(size_t ordinal, struct buf *out);

extern const struct servers servers_remote;

#endif
