#ifndef ENGINE_TOPOLOGY_H
#define ENGINE_TOPOLOGY_H

#include <stdbool.h>

/* How the members relate. What the database object says (topology_path) is
 * looked up in a table of the engine. */
enum engine_topology {
    TOPOLOGY_UNSUPPORTED,
    TOPOLOGY_STANDALONE,
    TOPOLOGY_GROUP,     /* MySQL group replication, one primary */
    TOPOLOGY_PRIMARIES, /* MySQL group replication, all of them primaries */
    TOPOLOGY_STANDBYS,  /* a primary, and standbys that know of none but it */
    TOPOLOGY_PEERS,     /* nodes of a Galera cluster */
    TOPOLOGY_PROXIES,   /* hold no data, and know nothing of each other */
    TOPOLOGY_SEMISYNC,  /* a MySQL source, and replicas that acknowledge its commits */
    TOPOLOGY_REMOTE,    /* replicas of a server that is not of this database */
};

/* Whether a member needs no other server to take part. */
bool engine_is_alone(enum engine_topology topology);

/* Whether one of the members leads, whether all take writes and none leads, and whether
 * they know how many they are. */
bool engine_has_primary(enum engine_topology topology);
bool engine_has_peers(enum engine_topology topology);
bool engine_is_group(enum engine_topology topology);

/* Whether a member whose data are gone gets them anew from another one. */
bool engine_recopies(enum engine_topology topology);

/* Whether members follow a server that is none of them. */
bool engine_follows(enum engine_topology topology);

/* Whether the primary's commits wait for other members, of which it knows how many there
 * are. */
bool engine_is_acknowledged(enum engine_topology topology);

#endif
