#include "run/course.h"

#include <jansson.h>

#include "base/str.h"
#include "kubedb/database.h"
#include "run/flow.h"
#include "run/run.h"

/*
 * Where a run goes: forward to the new version, or back to the old one. Steps, gates and
 * checks ask here, so that one and the same code walks both ways.
 */

bool
flow_is_forward(const struct flow *f)
{
    return f->run.direction == FLOW_FORWARD;
}

const char *
flow_goal(const struct flow *f)
{
    return flow_is_forward(f) ? f->plan.to_name : f->plan.from_name;
}

const json_t *
flow_goal_object(const struct flow *f)
{
    return flow_is_forward(f) ? f->plan.to : f->plan.from;
}

bool
flow_needs_no_pause(const struct flow *f, const struct database *db)
{
    return flow_is_forward(f) && str_eq(db->version, f->plan.to_name);
}
