#include "engine/feature.h"

#include <stddef.h>

#include "engine/engine.h"
#include "engine/transfer.h"

static bool
feature_has_mode(const struct engine *en, enum engine_topology topology)
{
    for (const struct engine_mode *m = en->object.modes; m->value != NULL; m++) {
        if (m->topology == topology) {
            return true;
        }
    }
    return false;
}

bool
engine_has_data(const struct engine *en)
{
    return en->config == NULL;
}

bool
engine_has_config(const struct engine *en)
{
    return en->config != NULL;
}

bool
engine_has_drain(const struct engine *en)
{
    return en->member.drain != NULL;
}

bool
engine_has_backend(const struct engine *en)
{
    return en->object.backend_path != NULL;
}

bool
engine_has_router(const struct engine *en)
{
    return en->front != NULL;
}

bool
engine_has_handover(const struct engine *en)
{
    return en->member.handovers[0].id != NULL;
}

bool
engine_has_upstream(const struct engine *en)
{
    return en->source != NULL;
}

bool
engine_has_transfer(const struct engine *en)
{
    return en->transfer != NULL;
}

bool
engine_has_channels(const struct engine *en)
{
    return en->member.channels != NULL;
}

bool
engine_has_throttle(const struct engine *en)
{
    return en->transfer != NULL && en->transfer->throttles;
}

bool
engine_has_new_set(const struct engine *en)
{
    return en->new_set != NULL;
}

bool
engine_has_pg_upgrade(const struct engine *en)
{
    return en->versions.major == PROCEDURE_PG_UPGRADE;
}

bool
engine_has_old_data(const struct engine *en)
{
    return engine_has_pg_upgrade(en) || engine_has_new_set(en);
}

bool
engine_has_trial(const struct engine *en)
{
    return en->trial != NULL;
}

bool
engine_has_rehearsal(const struct engine *en)
{
    return engine_has_pg_upgrade(en) || engine_has_trial(en);
}

bool
engine_has_probes(const struct engine *en)
{
    return en->probes != NULL;
}

bool
engine_has_peer_mode(const struct engine *en)
{
    return feature_has_mode(en, TOPOLOGY_PEERS);
}

bool
engine_has_acks_mode(const struct engine *en)
{
    return feature_has_mode(en, TOPOLOGY_SEMISYNC);
}

bool
engine_has_multi_mode(const struct engine *en)
{
    return feature_has_mode(en, TOPOLOGY_PRIMARIES);
}
