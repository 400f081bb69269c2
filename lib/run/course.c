#include "run/course.h"

#include <jansson.h>

#include "base/str.h"
#include "kubedb/database.h"
#include "run/run.h"

/*
 * Where a run goes: forward to the new version, or back to the old one. Steps, gates and
 * checks ask here, so that one and the same code walks both ways.
 */

bool
course_is_forward(const struct run *run)
{
    return run->direction == DIRECTION_FORWARD;
}

const char *
course_goal(const struct run *run)
{
    return course_is_forward(run) ? run->plan->to_name : run->plan->from_name;
}

const json_t *
course_goal_object(const struct run *run)
{
    return course_is_forward(run) ? run->plan->to : run->plan->from;
}

bool
course_needs_no_pause(const struct run *run, const struct database *db)
{
    return course_is_forward(run) && str_eq(db->version, run->plan->to_name);
}
