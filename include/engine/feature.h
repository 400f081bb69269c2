#ifndef ENGINE_FEATURE_H
#define ENGINE_FEATURE_H

#include <stdbool.h>

struct engine;

/*
 * What an engine has. Tables with rows for some engines only (checks, options) name one
 * of these in a column; NULL there means every engine.
 */
bool engine_has_data(const struct engine *en);       /* its members store data */
bool engine_has_config(const struct engine *en);     /* they store a configuration */
bool engine_has_drain(const struct engine *en);      /* clients are asked to leave */
bool engine_has_backend(const struct engine *en);    /* a database is behind it */
bool engine_has_router(const struct engine *en);     /* clients may come through one */
bool engine_has_handover(const struct engine *en);   /* a member can give way */
bool engine_has_channels(const struct engine *en);   /* members may follow others */
bool engine_has_upstream(const struct engine *en);   /* it may replicate from elsewhere */
bool engine_has_transfer(const struct engine *en);   /* members may be re-cloned */
bool engine_has_throttle(const struct engine *en);   /* they hold each other back */
bool engine_has_new_set(const struct engine *en);    /* members of a new set may join */
bool engine_has_pg_upgrade(const struct engine *en); /* a major version converts data */
bool engine_has_old_data(const struct engine *en);   /* an upgrade may keep old data */
bool engine_has_trial(const struct engine *en);      /* a server judges its options */
bool engine_has_rehearsal(const struct engine *en);  /* in a pod of its own */
bool engine_has_probes(const struct engine *en);     /* the server is asked questions */

/* Whether one of its topologies has peers, commits that wait for other members, or
 * several primaries. */
bool engine_has_peer_mode(const struct engine *en);
bool engine_has_acks_mode(const struct engine *en);
bool engine_has_multi_mode(const struct engine *en);

#endif
