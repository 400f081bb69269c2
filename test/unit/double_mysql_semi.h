#ifndef DOUBLE_MYSQL_SEMI_H
#define DOUBLE_MYSQL_SEMI_H

#include "double_mysql.h"

/*
 * A MySQL source, and replicas that acknowledge its commits. Its coordinators hand the
 * lead over when they are asked, and have a replica take over when the source is lost.
 */

extern const struct servers servers_semi;

#endif
