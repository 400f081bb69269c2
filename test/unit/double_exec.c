#include "double_exec.h"

struct kube_exec *
kube_exec_open(struct kube *k, const struct kube_exec_spec *spec, struct err *e)
{
    size_t ordinal = world_ordinal(spec->pod);
    bool rehearses = str_eq(spec->pod, REHEARSAL_POD);
    struct kube_exec *x = NULL;
    const json_t *pod = NULL;

    if (call_begin(k, e, "open %s", spec->pod) < 0) {
        return NULL;
    }
    pod = rehearses ? rehearsal_pod_object() : world_pod(ordinal);
    if (call_end(k, e) < 0) {
        return NULL;
    }
    if (pod == NULL ||
        !(rehearses ? world.rehearsal.running : world.servers[ordinal].running)) {
        (void)call_status(e, pod == NULL ? 404 : 500, "exec in %s", spec->pod);
        return NULL;
    }
    x = mem_alloc(sizeof *x);
    x->k = k;
    x->ordinal = rehearses ? 0 : ordinal;
    x->rehearses = rehearses;
    str_copy(x->uid, sizeof x->uid, json_path_str(pod, "metadata.uid"));
    x->starts = world.servers[ordinal].starts;
    x->next = world.execs;
    world.execs = x;
    exec_take_argv(x, spec->argv);
    if ((str_eq(spec->argv[0], "bash") && exec_command(x, spec, e) < 0) ||
        exec_row(x, spec, e) < 0 ||
        (exec_is_by_router(spec) && exec_by_router(x, spec, e) < 0)) {
        kube_exec_close(x);
        return NULL;
    }
    return x;
}

static void
exec_taint(struct buf *answer, size_t from)
{
    auto_free char *text = mem_strdup(buf_text(answer) + from);

    if (world.taint.field == 0 || text[0] == '\0') {
        return;
    }
    answer->len = from;
    for (const char *at = text; *at != '\0';) {
        size_t len = strcspn(at, "\t\n");

        (void)!buf_add(answer, at, len);
        if (world.taint.field > 0 && --world.taint.field == 0) {
            (void)!buf_puts(answer, world.taint.text);
        }
        (void)!buf_add(answer, at + len, at[len] != '\0' ? 1 : 0);
        at += len + (at[len] != '\0' ? 1 : 0);
    }
}

/* One statement: its answer, or an echo of the mark. */
static int
exec_statement(struct kube_exec *x, const char *sql, struct err *e)
{
    const char *kind = server_kind(sql);
    size_t from = 0;

    if (strstr(sql, "\n\\connect ") != NULL) { /* every database is the same one here */
        x->elsewhere = true;
        return exec_statement(x, strchr(strstr(sql, "\n\\connect ") + 1, '\n') + 1, e);
    }
    if (str_starts(sql, "SELECT 'pinned', ")) {
        const char *wrong = x->elsewhere ? world.unpinned_in : world.unpinned;

        return buf_printf(&x->pending, "pinned\t%s\n", wrong != NULL ? wrong : "");
    }
    if (str_starts(sql, "SELECT count(set_config(") ||
        str_starts(sql, "SET statement_timeout = ")) {
        return 0;
    }
    if (str_starts(sql, "WITH probe(o) AS (") || str_starts(sql, "SELECT 'count ")) {
        if (world.probe_finds != NULL && strstr(sql, world.probe_finds) != NULL) {
            const char *key = strstr(sql, "'count ") + strlen("'count ");
            int n = (int)strspn(key, "0123456789");

            return buf_printf(&x->pending, "count %.*s\t1\nobject %.*s\tit\n", n, key, n,
                              key);
        }
        return 0; /* nothing is found */
    }
    if (kind == NULL && str_starts(sql, "SELECT 'kubectl-dbupgrade-")) {
        const char *mark = strchr(sql, '\'') + 1;

        return buf_printf(&x->pending, "%.*s\n", (int)strcspn(mark, "'"), mark);
    }
    if (call_begin(x->k, e, "sql %s %s", world_name(x->ordinal),
                   kind != NULL ? kind : "?") < 0) {
        x->cut = true;
        return -1;
    }
    if (!exec_is_alive(x) || exec_is_lost(x)) {
        return 0;
    }
    from = x->pending.len;
    servers_answer(x->ordinal, sql, &x->pending);
    exec_taint(&x->pending, from);
    if (call_end(x->k, e) < 0) {
        x->cut = true;
        buf_reset(&x->pending);
    }
    return 0;
}

int
kube_exec_write(struct kube_exec *x, const char *data, size_t len, struct err *e)
{
    const char *at = data;

    if (!exec_is_alive(x) || x->cut) {
        return call_cut(e, "exec");
    }
    if (x->argv[0] != NULL) {
        return x->rehearses ? exec_rehearse(x, data, e) : exec_script(x, data, e);
    }
    while (at < data + len) {
        const char *end = strstr(at, ";\n");
        auto_free char *sql = mem_strndup(at, (size_t)(end - at));

        if (!x->cut && exec_statement(x, sql, e) < 0) {
            return -1;
        }
        policy_heard(&x->k->policy);
        at = end + 2;
    }
    return 0;
}

size_t
kube_exec_unsent(const struct kube_exec *x)
{
    (void)x;
    return 0;
}

struct buf *
kube_exec_stdout(struct kube_exec *x)
{
    return &x->out;
}

struct buf *
kube_exec_stderr(struct kube_exec *x)
{
    return &x->err_out;
}

bool
kube_exec_ended(const struct kube_exec *x)
{
    return x->ended || x->cut || !exec_is_alive(x);
}

int
kube_exec_result(const struct kube_exec *x, int *exit_code, struct err *e)
{
    if (!x->ended) {
        return call_cut(e, "exec");
    }
    *exit_code = x->code;
    return 0;
}

void
kube_exec_close(struct kube_exec *x)
{
    if (x == NULL) {
        return;
    }
    for (struct kube_exec **at = &world.execs; *at != NULL; at = &(*at)->next) {
        if (*at == x) {
            *at = x->next;
            break;
        }
    }
    for (size_t i = 0; x->argv[i] != NULL; i++) {
        free(x->argv[i]);
    }
    buf_free(&x->out);
    buf_free(&x->err_out);
    buf_free(&x->pending);
    free(x);
}

/* Whether a command goes on waiting; when it does no more it tells how things are. */
static bool
exec_waits(struct kube_exec *x)
{
    if (x->until == 0) {
        return false;
    }
    if (volume_works(x->ordinal) && double_now < x->until) {
        return true;
    }
    x->until = 0;
    buf_reset(&x->pending);
    volume_tell(x->ordinal, (const char *const *)x->argv, &x->pending);
    return false;
}

/* The servers' clients print what they were asked. */
static bool
exec_deliver(void)
{
    bool any = false;

    for (struct kube_exec *x = world.execs; x != NULL; x = x->next) {
        if ((x->pending.len == 0 && !x->command) || x->ended || x->cut ||
            !exec_is_alive(x) || world.servers[x->ordinal].hangs || exec_waits(x)) {
            continue;
        }
        any = true;
        if (!x->command &&
            (world.client_ends || world.clients_say != NULL || exec_is_lost(x))) {
            world.client_ends = false;
            (void)!buf_puts(&x->out, world.clients_say != NULL ? world.clients_say
                                                               : servers_here()->gone);
            x->ended = true;
            x->code = 1;
        } else {
            (void)!buf_add(&x->out, buf_text(&x->pending), x->pending.len);
            x->ended = x->command;
        }
        buf_reset(&x->pending);
    }
    return any;
}

void
kube_pump(struct kube *k, long timeout_ms)
{
    long long until = double_now + (timeout_ms > 0 ? timeout_ms : 1);
    bool any = exec_deliver();

    if (world.dead) {
        double_now = until;
        return;
    }
    if (world.calls > world.calls_max) {
        (void)fprintf(stderr, "the run does not end\n");
        abort();
    }
    while (!any && double_now < until && sig_asked() == SIG_STOP_NONE) {
        long long left = until - double_now;

        world_pass(left < CALL_SLICE_MS ? left : CALL_SLICE_MS);
        any = call_refresh(k);
        if (k->tick != NULL && double_now - k->ticked >= CALL_TICK_MS) {
            k->ticked = double_now;
            k->tick(k->tick_ctx);
        }
    }
    if (world.strict) {
        (void)call_refresh(k);
    }
}
