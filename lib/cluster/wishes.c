#include "cluster/wishes.h"

#include <jansson.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/procedure.h"
#include "lock/journal.h"
#include "lock/lock.h"
#include "run/course.h"
#include "run/plan.h"

/* What a run that goes on was begun with counts where the cluster shows that it was
 * begun; before that nobody but this command has a say. */
static int
wishes_take_mode(struct lock *lock, struct err *e)
{
    const char *kept =
        lock->plan->midway ? json_path_str(lock->journal, "pg_upgrade.mode") : "";
    const char *wish = lock->target->request->major.mode;

    if (*kept != '\0' && wish != NULL && !str_eq(wish, kept)) {
        err_set(
            e, ERR_REFUSED,
            "the upgrade of %s/%s from %s to %s in progress uses --pg-upgrade-mode %s",
            lock->target->engine->name, lock->target->request->name,
            lock->plan->from_name, lock->plan->to_name, kept);
        err_reason(e, "OTHER_MODE");
        return err_hint(e, "resume it:  kubectl dbupgrade resume %s %s%s",
                        lock->target->engine->name, lock->target->request->name,
                        lock->target->request->command_flags);
    }
    str_copy(lock->plan->pg_upgrade_mode, sizeof lock->plan->pg_upgrade_mode,
             *kept != '\0'  ? kept
             : wish != NULL ? wish
                            : "copy");
    return 0;
}

static int
wishes_check_strategy(const struct lock *lock, struct err *e)
{
    if (!lock->plan->resuming || lock->plan->midway || !course_is_forward(lock->run) ||
        !lock->plan->procedure->two_sets || lock->target->request->strategy != NULL) {
        return 0;
    }
    err_set(e, ERR_REFUSED,
            "the journal of an earlier run names --strategy new-set, but nothing shows "
            "that its upgrade from %s to %s was started",
            lock->plan->from_name, lock->plan->to_name);
    err_hint(e, "if it is right, add --strategy new-set; otherwise:");
    (void)journal_hint_remove(lock, e);
    return err_reason(e, "OTHER_STRATEGY");
}

/* What changes data is done where it is said to this run: that a journal has it says only
 * what somebody wished. */
static void
wishes_of_data(struct cluster *cluster)
{
    const json_t *j = json_object_get(cluster->lock->journal, "pg_upgrade");

    cluster->progress.major.begun = json_path_true(j, "begun");
    cluster->plan->wishes.delete_old_data =
        cluster->target->request->major.delete_old_data;
    cluster->plan->wishes.update_extensions =
        cluster->target->request->major.update_extensions;
    cluster->plan->wishes.reindex = cluster->target->request->major.reindex;
    cluster->plan->unsaid = (struct wishes){
        .delete_old_data =
            !cluster->plan->wishes.delete_old_data &&
            (json_path_true(j, "delete_old_data") ||
             json_path_true(cluster->lock->journal, "new_set.delete_old_data")),
        .update_extensions = !cluster->plan->wishes.update_extensions &&
                             json_path_true(j, "update_extensions"),
        .reindex = !cluster->plan->wishes.reindex && json_path_true(j, "reindex"),
    };
}

int
wishes_take(struct cluster *cluster, struct err *e)
{
    if (wishes_take_mode(cluster->lock, e) < 0 ||
        wishes_check_strategy(cluster->lock, e) < 0) {
        return -1;
    }
    wishes_of_data(cluster);
    return 0;
}
