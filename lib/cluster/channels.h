#ifndef CLUSTER_CHANNELS_H
#define CLUSTER_CHANNELS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "engine/async_channel.h"
#include "kubedb/checks.h"

/*
 * The channels by which members replicate from servers that are none of the database's:
 * which there are, and which of them a run has stopped.
 */
struct cluster;
struct member;

/* Whether such a channel may be in the way of a member that restarts. */
bool channels_matter(const struct cluster *cluster);

/* A member's. */
int channels_ask(struct cluster *cluster, struct member *p, struct async_channels *list,
                 struct err *e);

/* Why a channel cannot be stopped and started again; NULL: it can. Static. */
const char *channels_refusal(const struct cluster *cluster, const struct member *p,
                             const struct async_channel *c);

/* "my-db-0 replicates from 10.0.0.9:3306 by channel 'ext' (running)". Returns out. */
char *channels_say(const struct member *p, const struct async_channel *c, char *out,
                   size_t size);

/* The checks of what members that are to restart say. Returns how many. */
size_t channels_preflight(struct cluster *cluster, struct preflight_result *out,
                          size_t max);

/* -- what a run has stopped -- */

bool channels_any_stopped(const struct cluster *cluster);
void channels_to_journal(const struct cluster *cluster, json_t *journal);

/* By the journal that a run goes on with. */
void channels_recall(struct cluster *cluster);

#endif
