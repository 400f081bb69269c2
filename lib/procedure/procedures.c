#include "cluster/cluster.h"
#include "cluster/procedure.h"
#include "cluster/replacement.h"
#include "cluster/routers.h"
#include "cluster/sets.h"
#include "engine/engine.h"
#include "member/patch.h"
#include "member/proxy_config.h"
#include "procedure/pg.h"
#include "procedure/step_dry_run.h"
#include "procedure/step_text.h"
#include "procedure/steps.h"
#include "run/course.h"
#include "run/run.h"

/*
 * Which table of steps a run takes.
 */

/* Going back those of the set that was made, while it is there itself: a journal alone
 * does not say whose claims they are. */
static bool
discard_applies(const struct cluster *cluster)
{
    const struct flow_set *made = newset_made(cluster);

    return flow_is_forward(cluster->run) ? cluster->plan->wishes.delete_old_data
                                         : made->seen && *made->uid != '\0';
}

static bool
major_is_to_delete(const struct cluster *cluster)
{
    return cluster->plan->wishes.delete_old_data;
}

/* Where a commit waits for a standby, the first standby is more urgent than statistics.
 */
static bool
major_commits_alone(const struct cluster *cluster)
{
    return !major_commits_wait(cluster);
}

static const struct flow_step flow_rolling[] = {
    { FLOW_STEP(pause, "pause the operator", "resume"), .describe = text_pause,
      .dry_run = mutate_pause, .reversible = true },
    { FLOW_STEP(save, "save the runtime configuration to disk", "-"), .reversible = true,
      .applies = config_is_to_be_saved },
    { FLOW_STEP(images, "set the new images", "set old images"), .describe = text_images,
      .dry_run = mutate_images, .reversible = true },
    { FLOW_STEP(front, "restart the routers", "set old images, restart"),
      .describe = text_front, .dry_run = try_front, .reversible = true,
      .applies = front_is_there },
    { FLOW_STEP(roll, "restart", "set old images, delete pod"), .each_pod = true },
    { FLOW_STEP(verify, "verify all members", "-") },
    { FLOW_STEP(version, "set spec.version", "-"), .describe = text_version,
      .dry_run = mutate_version },
    { FLOW_STEP(resume, "resume the operator", "-"), .dry_run = mutate_resume },
    { FLOW_STEP(settle, "wait for the operator to reconcile", "-") },
    { 0 },
};

/* The way back is a table of its own rather than the other one read upwards: the set's
 * images must be the old ones before its pods can be. */
static const struct flow_step flow_walk_back[] = {
    { FLOW_STEP(pause, "pause the operator", "resume"), .describe = text_pause,
      .dry_run = mutate_pause },
    { FLOW_STEP(images, "set the old images", "-"), .describe = text_images,
      .dry_run = mutate_images },
    { FLOW_STEP(roll, "restart", "-"), .each_pod = true },
    { FLOW_STEP(verify, "verify all members", "-") },
    { FLOW_STEP(front, "restart the routers", "-"), .describe = text_front,
      .dry_run = try_front, .applies = front_is_there },
    { FLOW_STEP(resume, "resume the operator", "-"), .dry_run = mutate_resume },
    { FLOW_STEP(settle, "wait for the operator to reconcile", "-") },
    { 0 },
};

static const struct flow_step flow_pg_upgrade[] = {
    { FLOW_STEP(pause, "pause the operator", "resume"), .describe = text_pause,
      .dry_run = mutate_pause, .reversible = true },
    { FLOW_STEP(keep, "copy the old server's programs to the volume", "remove the copy"),
      .reversible = true },
    { FLOW_STEP(lead, "switch the primary to member 0, whose data are upgraded", "-"),
      .reversible = true, .applies = major_has_standbys },
    { FLOW_STEP(hold, "disable failover and restarts of the server", "enable them again"),
      .reversible = true },
    { FLOW_STEP(images, "set the new images", "set old images"), .describe = text_images,
      .dry_run = mutate_images, .reversible = true },
    { FLOW_STEP(stop,
                "stop the old server: the database is down until the new one starts",
                "start it again"),
      .reversible = true },
    { FLOW_STEP(switch,
                "restart member 0 with the new images, without starting its server",
                "set old images, delete pod"),
      .dry_run = try_first, .reversible = true },
    { FLOW_STEP(upgrade, "upgrade the data with pg_upgrade",
                "none: the old data are kept"),
      .reversible = true },
    { FLOW_STEP(swap, "replace the old data with the upgraded data", "swap them back"),
      .reversible = true,
      .line =
          "after the new server starts, the old data are out of date and abort refuses" },
    { FLOW_STEP(start, "start the new server", "-") },
    { FLOW_STEP(analyze, "collect planner statistics", "-"),
      .applies = major_commits_alone },
    { FLOW_STEP(aftercare,
                "report extensions, collations and settings that need attention", "-") },
    { FLOW_STEP(roll, "restart", "-"), .each_pod = true, .takes = major_is_standby },
    { FLOW_STEP(analyze, "collect planner statistics", "-"),
      .applies = major_commits_wait },
    { FLOW_STEP(verify, "verify all members", "-") },
    { FLOW_STEP(failover, "enable failover again", "-"), .applies = major_has_standbys },
    { FLOW_STEP(version, "set spec.version", "-"), .describe = text_version,
      .dry_run = mutate_version },
    { FLOW_STEP(resume, "resume the operator", "-"), .dry_run = mutate_resume },
    { FLOW_STEP(settle, "wait for the operator to reconcile", "-") },
    { FLOW_STEP(delete, "delete the old data", "-"), .applies = major_is_to_delete },
    { 0 },
};

static const struct flow_step flow_pg_walk_back[] = {
    { FLOW_STEP(pause, "pause the operator", "resume"), .describe = text_pause,
      .dry_run = mutate_pause },
    { FLOW_STEP(images, "set the old images", "-"), .describe = text_images,
      .dry_run = mutate_images },
    { FLOW_STEP(giveback, "restart member 0 with the old images", "-") },
    { FLOW_STEP(restore, "restore the old data", "-") },
    { FLOW_STEP(serve, "start the old server", "-") },
    { FLOW_STEP(roll, "restart", "-"), .each_pod = true, .takes = major_is_standby },
    { FLOW_STEP(verify, "verify all members", "-") },
    { FLOW_STEP(failover, "enable failover again", "-"), .applies = major_has_standbys },
    { FLOW_STEP(tidy, "remove the files that the upgrade kept", "-") },
    { FLOW_STEP(resume, "resume the operator", "-"), .dry_run = mutate_resume },
    { FLOW_STEP(settle, "wait for the operator to reconcile", "-") },
    { 0 },
};

static const struct flow_step flow_new_set[] = {
    { FLOW_STEP(pause, "pause the operator", "resume"), .describe = text_pause,
      .dry_run = mutate_pause, .reversible = true },
    { FLOW_STEP(make, "create the replacement set", "delete it"), .describe = text_make,
      .dry_run = try_make, .reversible = true },
    { FLOW_STEP(join, "start", "scale the replacement set down"), .reversible = true,
      .each_pod = true, .takes = newset_is_goal_pod, .order = ORDER_RISING },
    { FLOW_STEP(promote, "switch the primary", "switch it back"), .reversible = true },
    { FLOW_STEP(retire, "retire", "scale the old set up"), .reversible = true,
      .each_pod = true, .takes = newset_is_other_pod, .order = ORDER_FALLING },
    { FLOW_STEP(takeover, "check that the new members do all the work", "-") },
    { FLOW_STEP(remove, "delete the old set", "-"), .describe = text_remove,
      .dry_run = try_remove },
    { FLOW_STEP(verify, "verify all members", "-") },
    { FLOW_STEP(version, "set spec.version", "-"), .describe = text_version,
      .dry_run = mutate_version },
    { FLOW_STEP(resume, "resume the operator", "-"), .dry_run = mutate_resume },
    { FLOW_STEP(settle, "wait for the operator to reconcile", "-") },
    { FLOW_STEP(discard, "delete the old members' PVCs", "-"),
      .applies = discard_applies },
    { 0 },
};

static const struct flow_step flow_new_set_back[] = {
    { FLOW_STEP(pause, "pause the operator", "resume"), .describe = text_pause,
      .dry_run = mutate_pause },
    { FLOW_STEP(join, "start", "-"), .each_pod = true, .takes = newset_is_goal_pod,
      .order = ORDER_RISING },
    { FLOW_STEP(promote, "switch the primary back", "-") },
    { FLOW_STEP(retire, "retire", "-"), .each_pod = true, .takes = newset_is_other_pod,
      .order = ORDER_FALLING },
    { FLOW_STEP(takeover, "check that the old members do all the work", "-") },
    /* Before their set, which is what tells whose they are. */
    { FLOW_STEP(discard, "delete the new members' PVCs", "-"),
      .applies = discard_applies },
    { FLOW_STEP(remove, "delete the replacement set", "-"), .describe = text_remove,
      .dry_run = try_remove },
    { FLOW_STEP(verify, "verify all members", "-") },
    { FLOW_STEP(resume, "resume the operator", "-"), .dry_run = mutate_resume },
    { FLOW_STEP(settle, "wait for the operator to reconcile", "-") },
    { 0 },
};

/* How long a plan may be. */
#define STEPS_FIT(table)                                                       \
    _Static_assert(sizeof(table) / sizeof *(table)-1 <= (size_t)FLOW_ROWS_MAX, \
                   "raise FLOW_ROWS_MAX")
STEPS_FIT(flow_rolling);
STEPS_FIT(flow_walk_back);
STEPS_FIT(flow_pg_upgrade);
STEPS_FIT(flow_pg_walk_back);
STEPS_FIT(flow_new_set);
STEPS_FIT(flow_new_set_back);

const struct procedure procedures[] = {
    [PROCEDURE_ROLL] = { .forward = flow_rolling,
                         .back = flow_walk_back,
                         .each_returns = true },
    [PROCEDURE_PG_UPGRADE] = { .converts = true,
                               .forward = flow_pg_upgrade,
                               .back = flow_pg_walk_back,
                               .tend = major_tend_standby },
    [PROCEDURE_NEW_SET] = { .two_sets = true,
                            .forward = flow_new_set,
                            .back = flow_new_set_back },
};

const struct flow_step *
flow_table(const struct run *run)
{
    return flow_is_forward(run) ? run->plan->procedure->forward
                                : run->plan->procedure->back;
}
