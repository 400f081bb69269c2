#include "base/str.h"
#include "run/flow.h"

/*
 * Where a run goes: forward to the new version, or back to the old one. Steps, gates and
 * checks ask here, so that one and the same code walks both ways.
 */

bool
flow_is_forward(const struct flow *f)
{
    return f->direction == FLOW_FORWARD;
}

const char *
flow_goal(const struct flow *f)
{
    return flow_is_forward(f) ? f->to_name : f->from_name;
}

const json_t *
flow_goal_object(const struct flow *f)
{
    return flow_is_forward(f) ? f->to : f->from;
}

const struct flow_step *
flow_table(const struct flow *f)
{
    static const struct flow_step *const tables[][2] = {
        [PROCEDURE_ROLL] = { flow_rolling, flow_walk_back },
        [PROCEDURE_PG_UPGRADE] = { flow_pg_upgrade, flow_pg_walk_back },
        [PROCEDURE_NEW_SET] = { flow_new_set, flow_new_set_back },
    };

    return tables[f->procedure][flow_is_forward(f) ? 0 : 1];
}

bool
flow_needs_no_pause(const struct flow *f, const struct database *db)
{
    return flow_is_forward(f) && str_eq(db->version, f->to_name);
}
