#ifndef DOUBLE_MYSQL_H
#define DOUBLE_MYSQL_H

#include "double_servers.h"

/*
 * MySQL. A group has one primary; when it goes, the online member with the lowest
 * version is elected after a while, as MySQL does. Transactions are numbered: a member's
 * gtid_executed is the set 1-executed of one source. The primary's number grows all the
 * time, because somebody writes.
 */

#define MYSQL_SOURCE "aaaaaaaa-1111-2222-3333-444444444444"

enum {
    MYSQL_REJOIN_MS = 20000, /* the coordinator starts replication again */
};

char *mysql_id(size_t ordinal, char *out, size_t size);
unsigned mysql_count(bool online);

/* -- elections -- */

/* A member leaves the group, on its way down or not. What it committed is with the
 * others already: they only have to apply it. */
void mysql_leave(size_t ordinal);

/* -- statements -- */

void mysql_say_measures(size_t ordinal, const char *sql, struct buf *out);
void mysql_say_reached(size_t ordinal, const char *sql, struct buf *out);

extern const struct servers servers_mysql;

#endif
