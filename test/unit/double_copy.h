#ifndef DOUBLE_COPY_H
#define DOUBLE_COPY_H

#include "double_servers.h"

/*
 * What members of a MySQL or a Postgres keep for those that are away, and the copy of all
 * data to one (world.copy). Who somehow gets one is a server's `whole`.
 */

/* A MySQL's member that starts: whether it clones, as a group's does by itself. */
void copy_start(size_t ordinal);

/* -- statements -- */

void copy_say_mysql(size_t ordinal, const char *sql, struct buf *out);
void copy_say_postgres(size_t ordinal, const char *sql, struct buf *out);
void copy_say_kept(size_t ordinal, const char *sql, struct buf *out);
void copy_say_clone(size_t ordinal, const char *sql, struct buf *out);
void copy_say_backup(size_t ordinal, const char *sql, struct buf *out);

#endif
