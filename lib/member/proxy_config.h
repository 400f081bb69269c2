#ifndef MEMBER_PROXY_CONFIG_H
#define MEMBER_PROXY_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cluster/cluster.h"
#include "kubedb/checks.h"

/*
 * Of engines whose members hold a configuration instead of data (engine/config_tables.h).
 */

#define CONFIG_SAVED "config.saved" /* a check's id */

/* Adds "my-proxy-0: 2 of the query rules, 1 of the users", what of a member is at runtime
 * and not on disk or the other way round; *any becomes true if there is something, and
 * says whether the text has something already. */
int proxy_config_say_unsaved(struct cluster *cluster, struct member *p, char *text,
                             size_t size, bool *any, struct err *e);

/* Before an upgrade: what of the members' configuration would be lost with their pods.
 * Returns how many results were written. */
size_t proxy_config_preflight(struct cluster *cluster, struct preflight_result *out,
                              size_t max);

/* ERR_REFUSED where a member has something at runtime that is not on disk, just before
 * its pod goes. */
int proxy_config_check_saved(struct cluster *cluster, struct member *p, struct err *e);

/* A new pod begins with a file. What others had saved besides, and it had too, is copied
 * from one of them. */
int proxy_config_restore(struct cluster *cluster, struct member *p, struct err *e);

/* The step that saves what is at runtime, where that was asked for. */
bool proxy_config_is_to_be_saved(const struct cluster *cluster);
int step_save_done(struct cluster *cluster, bool *done, struct err *e);
int step_save_run(struct cluster *cluster, struct err *e);

#endif
