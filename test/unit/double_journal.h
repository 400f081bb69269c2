#ifndef DOUBLE_JOURNAL_H
#define DOUBLE_JOURNAL_H

#include "double_newset_runs.h"

/*
 * Somebody who may edit Leases, and nothing else: changes the journal that an interrupted
 * run has left.
 */
#define EVIL "evil.example/backdoor:1"

/* Changes one member of the journal, by its path ("images.0.from"), to a JSON text. */
static inline void
journal_plant(const char *path, const char *value)
{
    json_t *lease = world_edit("leases", json_path_str(world_lease(), "metadata.name"));
    auto_json json_t *j = world_journal();
    auto_free char *parent = mem_strdup(path);
    char *dot = strrchr(parent, '.');
    json_t *to = j;
    auto_free char *text = NULL;

    if (dot != NULL) {
        *dot = '\0';
        to = json_path(j, parent);
    }
    assert_non_null(to);
    assert_int_equal(json_object_set_new(to, dot != NULL ? dot + 1 : parent,
                                         json_loads(value, JSON_DECODE_ANY, NULL)),
                     0);
    text = json_text(j);
    (void)json_object_set_new(json_path(lease, "metadata.annotations"),
                              "kubectl-dbupgrade/journal", json_string(text));
    world_put("leases", lease);
}

/* The journal as a whole. */
static inline void
journal_put(const char *text)
{
    json_t *lease = world_edit("leases", json_path_str(world_lease(), "metadata.name"));

    (void)json_object_set_new(json_path(lease, "metadata.annotations"),
                              "kubectl-dbupgrade/journal", json_string(text));
    world_put("leases", lease);
}

/* Nobody disturbs the next run, and nothing was changed yet. */
static inline void
journal_ready(void)
{
    torture_revive();
    buf_reset(&world.log);
}

/* A MySQL group's upgrade, interrupted before its primary's turn. */
static inline void
journal_of_group(void)
{
    world_new(3);
    (void)world_rule((struct rule){ .what = "evict my-db-1", .status = 403 });
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    journal_ready();
}

/* An upgrade by a new set, interrupted at a call; with or without the old data's end. */
static inline void
journal_of_new_set(const char *stop, bool delete_old_data)
{
    struct upgrade_request rq = fix_request("8.4.8");

    rq.strategy = "new-set";
    rq.delete_old_data = delete_old_data;
    world_new_set();
    (void)world_rule((struct rule){ .what = stop, .status = 403 });
    fix_expect(flow_run(&rq), EXIT_INCOMPLETE);
    journal_ready();
}

/* The run is refused, says why, and nothing was changed. */
static inline void
journal_is_refused(int got, const char *why)
{
    fix_expect(got, EXIT_REFUSED);
    fix_error(why);
    fix_changes("");
    fix_end();
}

#endif
