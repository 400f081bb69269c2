#include "cluster/member_clear.h"

#include <jansson.h>
#include <stdlib.h>

#include "cluster/cluster.h"
#include "cluster/session.h"
#include "cluster/state_transfer.h"

void
member_clear(struct member *p)
{
    session_close(&p->session);
    free(p->name);
    free(p->position);
    free(p->stopped);
    transfer_free(p->transfer);
    json_decref(p->storage.claims);
}
