#ifndef DOUBLE_GALERA_H
#define DOUBLE_GALERA_H

#include "double_servers.h"

/*
 * Galera: all nodes take writes and none leads. A node that comes back gets what it
 * missed from another one; the first to come where none is there makes the cluster.
 * Transactions are numbered, and each change of the cluster is a view.
 */

#define GALERA_HISTORY "aaaaaaaa-1111-2222-3333-444444444444"

unsigned galera_count(void);
void galera_start(size_t ordinal);
void galera_stop(size_t ordinal);
void galera_pass(void);

/* -- statements -- */

/* Of which history its data are. Returns the command's exit status. */
int galera_history(size_t ordinal, struct buf *out);

extern const struct servers servers_galera;

#endif
