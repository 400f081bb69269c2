#ifndef DOUBLE_MODEL_H
#define DOUBLE_MODEL_H

#include "double_galera.h"
#include "double_mysql.h"
#include "double_mysql_multi.h"
#include "double_mysql_remote.h"
#include "double_mysql_semi.h"
#include "double_proxysql.h"
#include "double_volume.h"

/* Whether none of its members leads. */
bool world_has_peers(void);

/* Whether its members follow a server elsewhere. */
bool world_is_remote(void);

/* The world's servers, whichever they are. */
const struct servers *servers_here(void);

void servers_start(size_t ordinal, const char *version);
void servers_stop(size_t ordinal);
void servers_pass(void);

/* What the server in a pod prints for one statement. */
void servers_answer(size_t ordinal, const char *sql, struct buf *out);

#endif
