#ifndef DOUBLE_MYSQL_MULTI_H
#define DOUBLE_MYSQL_MULTI_H

#include "double_galera.h"
#include "double_mysql.h"

/*
 * A MySQL group whose members are all primaries. They come and go as nodes of a Galera
 * cluster do; those of the lowest version take writes, and a member that leaves by a
 * statement joins again when its coordinator has it do so.
 */

extern const struct servers servers_multi;

#endif
