#ifndef DOUBLE_PROXYSQL_H
#define DOUBLE_PROXYSQL_H

#include "double_servers.h"
#include "engine/config_tables.h"

/*
 * ProxySQL: proxies with a configuration of three layers, of which only how many rows
 * each part has counts here. A new pod begins with what its file has.
 */

/* -- statements -- */

/* The kind of a statement, or NULL. */
const char *proxysql_kind(const char *sql);

extern const struct servers servers_proxysql;

#endif
