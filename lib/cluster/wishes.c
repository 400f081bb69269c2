#include "cluster/wishes.h"

#include <jansson.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/procedure.h"
#include "lock/journal.h"
#include "run/course.h"
#include "run/flow.h"
#include "run/plan.h"

/* What a run that goes on was begun with counts where the cluster shows that it was
 * begun; before that nobody but this command has a say. */
static int
wishes_take_mode(struct flow *f, struct err *e)
{
    const char *kept =
        f->plan.midway ? json_path_str(f->lock.journal, "pg_upgrade.mode") : "";
    const char *wish = f->target.request->pg_upgrade_mode;

    if (*kept != '\0' && wish != NULL && !str_eq(wish, kept)) {
        err_set(
            e, ERR_REFUSED,
            "the upgrade of %s/%s from %s to %s in progress uses --pg-upgrade-mode %s",
            f->target.engine->name, f->target.request->name, f->plan.from_name,
            f->plan.to_name, kept);
        err_reason(e, "OTHER_MODE");
        return err_hint(e, "resume it:  kubectl dbupgrade resume %s %s%s",
                        f->target.engine->name, f->target.request->name,
                        f->target.request->command_flags);
    }
    str_copy(f->plan.pg_upgrade_mode, sizeof f->plan.pg_upgrade_mode,
             *kept != '\0'  ? kept
             : wish != NULL ? wish
                            : "copy");
    return 0;
}

static int
wishes_check_strategy(const struct flow *f, struct err *e)
{
    if (!f->plan.resuming || f->plan.midway || !flow_is_forward(f) ||
        !f->plan.procedure->two_sets || f->target.request->strategy != NULL) {
        return 0;
    }
    err_set(e, ERR_REFUSED,
            "the journal of an earlier run names --strategy new-set, but nothing shows "
            "that its upgrade from %s to %s was started",
            f->plan.from_name, f->plan.to_name);
    err_hint(e, "if it is right, add --strategy new-set; otherwise:");
    (void)journal_hint_remove(f, e);
    return err_reason(e, "OTHER_STRATEGY");
}

/* What changes data is done where it is said to this run: that a journal has it says only
 * what somebody wished. */
static void
wishes_of_data(struct flow *f)
{
    const json_t *j = json_object_get(f->lock.journal, "pg_upgrade");

    f->cluster.progress.begun = json_path_true(j, "begun");
    f->plan.wishes.delete_old_data = f->target.request->delete_old_data;
    f->plan.wishes.update_extensions = f->target.request->update_extensions;
    f->plan.wishes.reindex = f->target.request->reindex;
    f->plan.unsaid = (struct wishes){
        .delete_old_data = !f->plan.wishes.delete_old_data &&
                           (json_path_true(j, "delete_old_data") ||
                            json_path_true(f->lock.journal, "new_set.delete_old_data")),
        .update_extensions =
            !f->plan.wishes.update_extensions && json_path_true(j, "update_extensions"),
        .reindex = !f->plan.wishes.reindex && json_path_true(j, "reindex"),
    };
}

int
wishes_take(struct flow *f, struct err *e)
{
    if (wishes_take_mode(f, e) < 0 || wishes_check_strategy(f, e) < 0) {
        return -1;
    }
    wishes_of_data(f);
    return 0;
}
