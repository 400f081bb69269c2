#include "double_newset_runs.h"

void
world_new_set(void)
{
    world_new_with("mysql", (struct fix_size){ .members = 3, .renamed = true }, "8.4.7",
                   "petsets");
}

int
run_new_set(const char *to)
{
    struct upgrade_request rq = fix_request(to);

    rq.strategy = "new-set";
    return flow_run(&rq);
}

int
run_abort(void)
{
    struct upgrade_request rq = fix_request(NULL);

    rq.abort = true;
    return flow_run(&rq);
}
