#include "double_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void
fix_lease(const char *holder, const char *journal)
{
    json_t *lease = world_json(
        "{'kind': 'Lease', 'metadata': {'name': '%s', 'namespace': '%s', 'annotations': "
        "{}}, 'spec': {'holderIdentity': '%s', 'leaseDurationSeconds': 15, 'renewTime': "
        "'2026-11-18T00:00:00.000000Z'}}",
        FIX_LEASE, WORLD_NS, holder);

    if (journal != NULL) {
        (void)json_object_set_new(json_path(lease, "metadata.annotations"),
                                  "kubectl-dbupgrade/journal", json_string(journal));
    }
    world_put("leases", lease);
}

void
world_free(void)
{
    json_decref(world.objects);
    buf_free(&world.log);
    buf_free(&world.violations);
    memset(&world, 0, sizeof world);
    double_slept = 0;
    double_forget_signals();
}

void
world_new_with(const char *engine, struct fix_size size, const char *version,
               const char *sets)
{
    world_free();
    world.engine = engine_find(engine);
    world.topology = size.topology != NULL ? size.topology : WORLD_SINGLE;
    world.objects = json_object();
    world.members = size.members + size.followers;
    world.followers = size.followers;
    world.volume = size.volume;
    world.renamed = size.renamed;
    world.group = size.members > 1 || size.topology != NULL;
    world.term_ms = 2000;
    world.start_ms = 4000;
    world.file_rows = 3;
    world.recover_ms = 3000;
    world.elect_ms = 500;
    world.calls_max = 100000;
    world.log.limit = 1U << 20;
    world.violations.limit = 1U << 20;
    world.primary = -1;
    world.lead = -1;
    str_copy(world.failover, sizeof world.failover, "Resume");
    world.write_at = double_now;
    world.operator_at = double_now + 300;
    storage_new();
    fix_catalog();
    fix_database(version);
    fix_set(sets, version, 0, size.members);
    if (size.followers > 0) {
        fix_set(sets, version, size.members, size.followers);
    }
    for (size_t i = 0; i < world.members; i++) {
        world.servers[i].executed = 5000;
        pods_create(i);
        world.servers[i].start_at = 0;
        servers_start(i, version);
        pods_ready(i, true);
        world.servers[i].state = SERVER_ONLINE;
        world.servers[i].online_at = 0;
        world.servers[i].had = 0;
    }
    if (size.routers > 0) {
        fix_routers(sets, version, size.routers);
    }
    world.primary = world_has_peers() || world_is_remote() ? -1
                    : size.members > 1                     ? 1
                                                           : 0;
    world.lead = world.primary;
}

void
world_new_of(const char *engine, size_t members, const char *version, const char *sets)
{
    world_new_with(engine, (struct fix_size){ .members = members }, version, sets);
}

void
world_new_at(size_t members, const char *version, const char *sets)
{
    world_new_of("mysql", members, version, sets);
}

void
world_new(size_t members)
{
    world_new_at(members, FIX_FROM, "petsets");
}

/* -- runs -- */

struct upgrade_request
fix_request(const char *to)
{
    return (struct upgrade_request){
        .engine = world_engine(),
        .name_space = WORLD_NS,
        .name = WORLD_DB,
        .to = to,
        .limits.timeout_ms = 0,
        .limits.pod_timeout_ms = 10 * 60 * 1000,
        .limits.max_lag = 0,
        .limits.size_tolerance = -1,
        .limits.max_copy = 1LL << 30,
        .limits.drain_timeout_ms = 5000,
        .context = "test",
        .command_flags = " -n demo",
    };
}

struct ui told;

int
flow_run(const struct upgrade_request *rq)
{
    struct err e = { 0 };
    auto_kube struct kube *k = kube_new(NULL, &e);
    int status = 0;

    buf_free(&told.told);
    memset(&told, 0, sizeof told);
    world.run++;
    world.holder[0] = '\0';
    status = upgrade_run(rq, k, &told);
    if (!world.dead) {
        observe_end();
    }
    if (k->watches != NULL || world.execs != NULL) {
        observe_violation("a watch or a session was left open");
    }
    if (status != told.exit_status && status != EXIT_PENDING) {
        observe_violation("status %d, but the result says %d", status, told.exit_status);
    }
    return status;
}

int
flow_run_to(const char *to)
{
    struct upgrade_request rq = fix_request(to);

    return flow_run(&rq);
}

int
flow_abort(void)
{
    struct upgrade_request rq = fix_request(NULL);

    rq.abort = true;
    return flow_run(&rq);
}

/* -- what tests ask -- */

void
fix_show(void)
{
    (void)fprintf(stderr, "%s (%s)\n%s%s%s\n--- violations\n%s--- log\n%s--- told\n%s",
                  told.err.msg, told.err.reason, told.err.detail, told.err.hint,
                  told.state, buf_text(&world.violations), buf_text(&world.log),
                  buf_text(&told.told));
}

void
fix_expect(int got, int want)
{
    if (got != want) {
        fix_show();
    }
    assert_int_equal(got, want);
}

void
fix_told(const char *text)
{
    if (strstr(buf_text(&told.told), text) == NULL) {
        fix_show();
        print_error("not told: %s\n", text);
        fail();
    }
}

void
fix_not_told(const char *text)
{
    if (strstr(buf_text(&told.told), text) != NULL) {
        fix_show();
        print_error("told: %s\n", text);
        fail();
    }
}

void
fix_error(const char *text)
{
    if (strstr(told.err.msg, text) == NULL && strstr(told.err.reason, text) == NULL &&
        strstr(told.err.detail, text) == NULL && strstr(told.err.hint, text) == NULL) {
        fix_show();
        print_error("no error: %s\n", text);
        fail();
    }
}

void
fix_changes(const char *log)
{
    if (!str_eq(buf_text(&world.log), log)) {
        fix_show();
    }
    assert_string_equal(buf_text(&world.log), log);
}

bool
fix_changed(const char *line)
{
    return strstr(buf_text(&world.log), line) != NULL;
}

void
fix_is_at(const char *version)
{
    assert_string_equal(json_path_str(world_db(), "spec.version"), version);
    assert_string_equal(json_path_str(world_db(), "status.phase"), "Ready");
    assert_false(world_paused());
    assert_null(world_lease());
    for (size_t i = 0; i < world.members; i++) {
        if (!world_is_due(i)) {
            continue;
        }
        assert_true(observe_serves(i));
        assert_string_equal(world.servers[i].version, version);
    }
}

void
fix_end(void)
{
    if (world.violations.len > 0) {
        fix_show();
    }
    assert_string_equal(buf_text(&world.violations), "");
    buf_free(&told.told);
    world_free();
}

void
world_wait(long long ms)
{
    for (; ms > 0; ms -= CALL_SLICE_MS) {
        world_pass(CALL_SLICE_MS);
    }
}
