#include "double_command.h"

bool
exec_is_alive(const struct kube_exec *x)
{
    const json_t *pod = world_pod(x->ordinal);

    if (x->rehearses) {
        return str_eq(json_path_str(rehearsal_pod_object(), "metadata.uid"), x->uid) &&
               world.rehearsal.running && !world.dead;
    }
    return str_eq(json_path_str(pod, "metadata.uid"), x->uid) &&
           world.servers[x->ordinal].running && !world.dead;
}

bool
exec_is_lost(const struct kube_exec *x)
{
    const struct server *s = &world.servers[x->ordinal];

    return !x->command && (!s->up || s->starts != x->starts);
}

int
exec_command(struct kube_exec *x, const struct kube_exec_spec *spec, struct err *e)
{
    if (call_begin(x->k, e, "coordinator %s %s", spec->argv[4], spec->argv[5]) < 0) {
        return -1;
    }
    if (exec_is_alive(x)) {
        x->code = coordinator_answer(spec->argv, &x->pending, &x->err_out);
    }
    x->command = true;
    return call_end(x->k, e);
}

int
exec_row(struct kube_exec *x, const struct kube_exec_spec *spec, struct err *e)
{
    const struct engine_transfer *t = world_engine()->transfer;
    const struct engine_source *s = world_engine()->source;
    const struct {
        const char *const *argv;
        const char *what;
        int (*answer)(size_t ordinal, struct buf *out);
    } rows[] = { { t != NULL ? t->history_argv : NULL, "history", galera_history },
                 { s != NULL ? s->argv : NULL, "source", remote_source } };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].argv != spec->argv) {
            continue;
        }
        if (call_begin(x->k, e, "%s %s", rows[i].what, world_name(x->ordinal)) < 0) {
            return -1;
        }
        if (exec_is_alive(x)) {
            x->code = rows[i].answer(x->ordinal, &x->pending);
        }
        x->command = true;
        return call_end(x->k, e);
    }
    return 0;
}

int
exec_by_router(struct kube_exec *x, const struct kube_exec_spec *spec, struct err *e)
{
    if (call_begin(x->k, e, "router %s", spec->argv[4]) < 0) {
        return -1;
    }
    if (exec_is_alive(x)) {
        x->code = routers_answer(spec->argv[4], &x->pending, &x->err_out);
    }
    x->command = true;
    return call_end(x->k, e);
}

bool
exec_is_by_router(const struct kube_exec_spec *spec)
{
    const struct engine_front *front = world_engine()->front;

    return front != NULL && spec->argv[2] == front->ask;
}

int
exec_script(struct kube_exec *x, const char *data, struct err *e)
{
    if (strstr(data, "\n#END\n") == NULL) {
        observe_violation("a script without an end");
    }
    if (call_begin(x->k, e, "script %s %s", world_name(x->ordinal), x->argv[4]) < 0) {
        x->cut = true;
        return -1;
    }
    if (exec_is_alive(x)) {
        x->code = volume_answer(x->ordinal, (const char *const *)x->argv,
                                x->k->policy.mode == KUBE_LIVE, &x->pending);
        x->until = x->code == 0 && volume_waits((const char *const *)x->argv)
                       ? double_now + VOLUME_WAIT_MS
                       : 0;
    }
    if (call_end(x->k, e) < 0) {
        x->cut = true;
        buf_reset(&x->pending);
    }
    return 0;
}

int
exec_rehearse(struct kube_exec *x, const char *data, struct err *e)
{
    bool schema = str_eq(x->argv[3], "schema");
    bool trial = world_engine()->trial != NULL;

    if (call_begin(x->k, e, "rehearsal %s",
                   trial    ? "trial"
                   : schema ? "schema"
                            : x->argv[4]) < 0) {
        x->cut = true;
        return -1;
    }
    if (exec_is_alive(x) && schema) {
        if (strlen(data) != strtoul(x->argv[4], NULL, 10)) {
            observe_violation("a schema of another length than was told");
        }
        world.rehearsal.schema = true;
    } else if (exec_is_alive(x) && trial) {
        x->code = rehearsal_try(data, x->k->policy.mode == KUBE_LIVE, &x->pending);
    } else if (exec_is_alive(x)) {
        x->code = rehearsal_answer((const char *const *)x->argv,
                                   x->k->policy.mode == KUBE_LIVE, &x->pending);
    }
    if (call_end(x->k, e) < 0) {
        x->cut = true;
        buf_reset(&x->pending);
    }
    return 0;
}

void
exec_take_argv(struct kube_exec *x, const char *const *argv)
{
    if (!str_eq(argv[0], "sh") || argv[3] == NULL ||
        !(str_eq(argv[3], "dbupgrade") || str_eq(argv[3], "schema"))) {
        return;
    }
    x->command = true;
    for (size_t i = 0; argv[i] != NULL && i + 1 < sizeof x->argv / sizeof *x->argv; i++) {
        x->argv[i] = mem_strdup(argv[i]);
    }
}
