#include "cluster/channels.h"
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
#include "run/request.h"
#include "run/run.h"

/*
 * Which table of steps a run takes.
 */

/* Going back those of the set that was made, while it is there itself: a journal alone
 * does not say whose claims they are. */
static bool
discard_applies(const struct cluster *cluster)
{
    const struct member_set *made = replacement_made(cluster);

    return course_is_forward(cluster->run) ? cluster->plan->wishes.delete_old_data
                                           : made->seen && *made->uid != '\0';
}

/* Whether there are channels to start again, or may be. */
static bool
procedure_stops_channels(const struct cluster *cluster)
{
    return channels_matter(cluster) && (cluster->target->request->lead.stop_channels ||
                                        channels_any_stopped(cluster));
}

static bool
procedure_is_to_delete(const struct cluster *cluster)
{
    return cluster->plan->wishes.delete_old_data;
}

/* Where a commit waits for a standby, the first standby is more urgent than statistics.
 */
static bool
procedure_commits_alone(const struct cluster *cluster)
{
    return !pg_upgrade_commits_wait(cluster);
}

static const struct step steps_rolling[] = {
    { STEP(pause, "pause the operator", "resume"), .describe = step_text_pause,
      .dry_run = patch_pause, .reversible = true },
    { STEP(save, "save the runtime configuration to disk", "-"), .reversible = true,
      .applies = proxy_config_is_to_be_saved },
    { STEP(images, "set the new images", "set old images"), .describe = step_text_images,
      .dry_run = patch_images, .reversible = true },
    { STEP(front, "restart the routers", "set old images, restart"),
      .describe = step_text_front, .dry_run = step_try_front, .reversible = true,
      .applies = routers_is_there },
    { STEP(roll, "restart", "set old images, delete pod"), .each_pod = true },
    { STEP(channels, "start the replication channels again", "-"),
      .applies = procedure_stops_channels },
    { STEP(verify, "verify all members", "-") },
    { STEP(version, "set spec.version", "-"), .describe = step_text_version,
      .dry_run = patch_version },
    { STEP(resume, "resume the operator", "-"), .dry_run = patch_resume },
    { STEP(settle, "wait for the operator to reconcile", "-") },
    { 0 },
};

/* The way back is a table of its own rather than the other one read upwards: the set's
 * images must be the old ones before its pods can be. */
static const struct step steps_rolling_back[] = {
    { STEP(pause, "pause the operator", "resume"), .describe = step_text_pause,
      .dry_run = patch_pause },
    { STEP(images, "set the old images", "-"), .describe = step_text_images,
      .dry_run = patch_images },
    { STEP(roll, "restart", "-"), .each_pod = true },
    { STEP(channels, "start the replication channels again", "-"),
      .applies = procedure_stops_channels },
    { STEP(verify, "verify all members", "-") },
    { STEP(front, "restart the routers", "-"), .describe = step_text_front,
      .dry_run = step_try_front, .applies = routers_is_there },
    { STEP(resume, "resume the operator", "-"), .dry_run = patch_resume },
    { STEP(settle, "wait for the operator to reconcile", "-") },
    { 0 },
};

static const struct step steps_pg_upgrade[] = {
    { STEP(pause, "pause the operator", "resume"), .describe = step_text_pause,
      .dry_run = patch_pause, .reversible = true },
    { STEP(keep, "copy the old server's programs to the volume", "remove the copy"),
      .reversible = true },
    { STEP(lead, "switch the primary to member 0, whose data are upgraded", "-"),
      .reversible = true, .applies = pg_upgrade_has_standbys },
    { STEP(hold, "disable failover and restarts of the server", "enable them again"),
      .reversible = true },
    { STEP(images, "set the new images", "set old images"), .describe = step_text_images,
      .dry_run = patch_images, .reversible = true },
    { STEP(stop, "stop the old server: the database is down until the new one starts",
           "start it again"),
      .reversible = true },
    { STEP(switch, "restart member 0 with the new images, without starting its server",
           "set old images, delete pod"),
      .dry_run = step_try_first, .reversible = true },
    { STEP(upgrade, "upgrade the data with pg_upgrade", "none: the old data are kept"),
      .reversible = true },
    { STEP(swap, "replace the old data with the upgraded data", "swap them back"),
      .reversible = true,
      .line =
          "after the new server starts, the old data are out of date and abort refuses" },
    { STEP(start, "start the new server", "-") },
    { STEP(analyze, "collect planner statistics", "-"),
      .applies = procedure_commits_alone },
    { STEP(aftercare, "report extensions, collations and settings that need attention",
           "-") },
    { STEP(roll, "restart", "-"), .each_pod = true, .takes = pg_upgrade_is_standby },
    { STEP(analyze, "collect planner statistics", "-"),
      .applies = pg_upgrade_commits_wait },
    { STEP(verify, "verify all members", "-") },
    { STEP(failover, "enable failover again", "-"), .applies = pg_upgrade_has_standbys },
    { STEP(version, "set spec.version", "-"), .describe = step_text_version,
      .dry_run = patch_version },
    { STEP(resume, "resume the operator", "-"), .dry_run = patch_resume },
    { STEP(settle, "wait for the operator to reconcile", "-") },
    { STEP(hook, "run the command of --after-upgrade", "-"),
      .applies = pg_upgrade_has_hook },
    { STEP(complete, "check that nothing of the old server is missing", "-") },
    { STEP(delete, "delete the old data", "-"), .applies = procedure_is_to_delete },
    { 0 },
};

static const struct step steps_pg_upgrade_back[] = {
    { STEP(pause, "pause the operator", "resume"), .describe = step_text_pause,
      .dry_run = patch_pause },
    { STEP(images, "set the old images", "-"), .describe = step_text_images,
      .dry_run = patch_images },
    { STEP(giveback, "restart member 0 with the old images", "-") },
    { STEP(restore, "restore the old data", "-") },
    { STEP(serve, "start the old server", "-") },
    { STEP(roll, "restart", "-"), .each_pod = true, .takes = pg_upgrade_is_standby },
    { STEP(verify, "verify all members", "-") },
    { STEP(failover, "enable failover again", "-"), .applies = pg_upgrade_has_standbys },
    { STEP(tidy, "remove the files that the upgrade kept", "-") },
    { STEP(resume, "resume the operator", "-"), .dry_run = patch_resume },
    { STEP(settle, "wait for the operator to reconcile", "-") },
    { 0 },
};

static const struct step steps_replacement[] = {
    { STEP(pause, "pause the operator", "resume"), .describe = step_text_pause,
      .dry_run = patch_pause, .reversible = true },
    { STEP(make, "create the replacement set", "delete it"), .describe = step_text_make,
      .dry_run = step_try_make, .reversible = true },
    { STEP(join, "start", "scale the replacement set down"), .reversible = true,
      .each_pod = true, .takes = replacement_is_goal_pod, .order = ORDER_RISING },
    { STEP(promote, "switch the primary", "switch it back"), .reversible = true },
    { STEP(retire, "retire", "scale the old set up"), .reversible = true,
      .each_pod = true, .takes = replacement_is_other_pod, .order = ORDER_FALLING },
    { STEP(takeover, "check that the new members do all the work", "-") },
    { STEP(remove, "delete the old set", "-"), .describe = step_text_remove,
      .dry_run = step_try_remove },
    { STEP(verify, "verify all members", "-") },
    { STEP(version, "set spec.version", "-"), .describe = step_text_version,
      .dry_run = patch_version },
    { STEP(resume, "resume the operator", "-"), .dry_run = patch_resume },
    { STEP(settle, "wait for the operator to reconcile", "-") },
    { STEP(discard, "delete the old members' PVCs", "-"), .applies = discard_applies },
    { 0 },
};

static const struct step steps_replacement_back[] = {
    { STEP(pause, "pause the operator", "resume"), .describe = step_text_pause,
      .dry_run = patch_pause },
    { STEP(join, "start", "-"), .each_pod = true, .takes = replacement_is_goal_pod,
      .order = ORDER_RISING },
    { STEP(promote, "switch the primary back", "-") },
    { STEP(retire, "retire", "-"), .each_pod = true, .takes = replacement_is_other_pod,
      .order = ORDER_FALLING },
    { STEP(takeover, "check that the old members do all the work", "-") },
    /* Before their set, which is what tells whose they are. */
    { STEP(discard, "delete the new members' PVCs", "-"), .applies = discard_applies },
    { STEP(remove, "delete the replacement set", "-"), .describe = step_text_remove,
      .dry_run = step_try_remove },
    { STEP(verify, "verify all members", "-") },
    { STEP(resume, "resume the operator", "-"), .dry_run = patch_resume },
    { STEP(settle, "wait for the operator to reconcile", "-") },
    { 0 },
};

/* How long a plan may be. */
#define STEPS_FIT(table)                                                        \
    _Static_assert(sizeof(table) / sizeof *(table)-1 <= (size_t)STEPS_ROWS_MAX, \
                   "raise STEPS_ROWS_MAX")
STEPS_FIT(steps_rolling);
STEPS_FIT(steps_rolling_back);
STEPS_FIT(steps_pg_upgrade);
STEPS_FIT(steps_pg_upgrade_back);
STEPS_FIT(steps_replacement);
STEPS_FIT(steps_replacement_back);

const struct procedure procedures[] = {
    [PROCEDURE_ROLL] = { .forward = steps_rolling,
                         .back = steps_rolling_back,
                         .each_returns = true },
    [PROCEDURE_PG_UPGRADE] = { .converts = true,
                               .forward = steps_pg_upgrade,
                               .back = steps_pg_upgrade_back,
                               .tend = pg_upgrade_tend_standby },
    [PROCEDURE_NEW_SET] = { .two_sets = true,
                            .forward = steps_replacement,
                            .back = steps_replacement_back },
};

const struct step *
procedure_steps(const struct run *run)
{
    return course_is_forward(run) ? run->plan->procedure->forward
                                  : run->plan->procedure->back;
}
