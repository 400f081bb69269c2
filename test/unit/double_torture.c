#include "double_torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct fix_size
torture_size(const struct torture *t)
{
    return (struct fix_size){ .members = t->members,
                              .followers = t->followers,
                              .topology = t->topology,
                              .renamed = t->strategy != NULL,
                              .routers = t->routers };
}

static int
torture_run(const struct torture *t, bool by_name)
{
    struct upgrade_request rq = fix_request(t->stop == NULL && by_name ? t->to : NULL);

    rq.abort = t->stop != NULL && by_name;
    /* A journal of what was not begun says nothing of how. */
    rq.strategy = rq.to != NULL || !world_paused() ? t->strategy : NULL;
    return flow_run(&rq);
}

void
torture_revive(void)
{
    world.n_rules = 0;
    world.dead = false;
    double_forget_signals();
}

/* The world in which the run under torture begins. */
static void
torture_begin(const struct torture *t)
{
    struct upgrade_request rq = fix_request(t->to);

    rq.strategy = t->strategy;
    world_new_with(t->engine, torture_size(t), t->from, "petsets");
    if (t->spoil != NULL) {
        t->spoil();
    }
    if (t->stop != NULL) {
        (void)world_rule((struct rule){ .what = t->stop,
                                        .how = t->dies ? RULE_DIE_AFTER : RULE_FAIL,
                                        .status = 403 });
        assert_int_equal(flow_run(&rq), t->dies ? EXIT_INTERRUPTED : EXIT_INCOMPLETE);
        torture_revive();
        world.calls = 0;
    }
}

unsigned long
torture_stride(void)
{
    const char *text = getenv("TEST_STRIDE");
    unsigned long n = text != NULL ? strtoul(text, NULL, 10) : 1;

    return n > 0 ? n : 1;
}

/* Without what differs from run to run. */
static void
torture_strip(json_t *object)
{
    static const char *const keys[] = { "resourceVersion", "uid", "generation",
                                        "creationTimestamp" };
    json_t *meta = json_object_get(object, "metadata");

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        (void)json_object_del(meta, keys[i]);
    }
    (void)json_object_del(json_path(meta, "ownerReferences.0"), "uid");
    (void)json_object_del(json_path(object, "spec.claimRef"), "uid");
    (void)json_object_del(json_object_get(object, "status"), "observedGeneration");
}

char *
torture_state(void)
{
    auto_json json_t *all = json_deep_copy(world.objects);
    const char *key = NULL;
    json_t *resource = NULL;
    auto_buf struct buf text = BUF_LIMIT(1 << 20);

    json_object_foreach (all, key, resource) {
        const char *name = NULL;
        json_t *object = NULL;

        json_object_foreach (resource, name, object) {
            torture_strip(object);
        }
        if (json_object_size(resource) > 0) {
            auto_free char *dump = json_dumps(resource, JSON_SORT_KEYS);

            (void)!buf_printf(&text, "%s\n%s\n", key, dump);
        }
    }
    for (size_t i = 0; i < world.members; i++) {
        (void)!buf_printf(&text, "server %zu %s %d\n", i, world.servers[i].version,
                          (int)world.servers[i].state);
    }
    for (size_t i = 0; i < world.members; i++) {
        const struct volume *v = &world.servers[i].volume;

        (void)!buf_printf(&text, "volume %zu data %d old %d kept %d fresh %d linked %d\n",
                          i, v->data, v->old_data, v->kept, (int)v->fresh, v->linked);
    }
    (void)!buf_printf(&text, "primary %d, failover %s\n", world.primary >= 0,
                      world.failover);
    return mem_strdup(buf_text(&text));
}

char *
torture_undisturbed(const struct torture *t)
{
    world_new_with(t->engine, torture_size(t), t->from, "petsets");
    if (t->stop == NULL) {
        torture_begin(t);
        assert_int_equal(torture_run(t, true), EXIT_OK);
    }
    assert_string_equal(buf_text(&world.violations), "");
    world_wait(5000);
    return torture_state();
}

/* The invocation after the one that failed: with the same words, or "resume". */
static int
torture_again(const struct torture *t, unsigned long n)
{
    auto_json json_t *journal = world_journal();

    if (n % 3 == 0) {
        world_wait(30000);
    }
    return torture_run(t, journal == NULL || n % 2 != 0 ||
                              (t->stop != NULL && !observe_is_back()));
}

/* Whether the last invocation ended as it should: an abort that came to its end before
 * its program could say so leaves nothing for the next. */
static bool
torture_ended_well(const struct torture *t, int status)
{
    return t->stop == NULL
               ? status == EXIT_OK
               : status == EXIT_WALKED_BACK ||
                     (status == EXIT_REFUSED && str_eq(told.err.reason, "NO_UPGRADE"));
}

void
torture_show(const struct torture *t, unsigned long n, int first, int second,
             const char *end)
{
    fix_show();
    (void)fprintf(stderr, "%s, call %lu: exit %d then %d\n%s", t->title, n, first, second,
                  end);
}

/* Returns whether the fault was met. */
static bool
torture_once(const struct torture *t, unsigned long n, const char *undisturbed)
{
    auto_free char *end = NULL;
    const struct rule *fault = NULL;
    int first = 0;
    int second = 0;
    bool hit = false;
    bool died = false;

    torture_begin(t);
    fault =
        world_rule((struct rule){ .after = n - 1, .how = t->how, .status = t->status });
    first = torture_run(t, true);
    hit = fault->seen > 0;
    died = world.dead;
    torture_revive();
    second = first;
    if (!torture_ended_well(t, first) || died || world_lease() != NULL) {
        second = torture_again(t, n);
    }
    world_wait(5000);
    end = torture_state();
    if (!torture_ended_well(t, second) || world.violations.len > 0 ||
        !str_eq(end, undisturbed)) {
        torture_show(t, n, first, second, end);
        fail();
    }
    return hit;
}

static void
torture_all(const struct torture *t)
{
    auto_free char *undisturbed = torture_undisturbed(t);
    unsigned long n = 1;

    while (torture_once(t, n, undisturbed)) {
        n += torture_stride();
    }
    print_message("# %s: %lu calls, each %lu.\n", t->title, n - 1, torture_stride());
    world_free();
}

static const struct torture_way {
    const char *name;
    enum rule_how how;
    int status;
} torture_ways_all[] = {
    { "reply lost", RULE_LOSE, 0 },      { "dies before", RULE_DIE, 0 },
    { "dies after", RULE_DIE_AFTER, 0 }, { "cut before", RULE_FAIL, 0 },
    { "HTTP 503", RULE_FAIL, 503 },
};

_Static_assert(sizeof torture_ways_all / sizeof *torture_ways_all == WAYS,
               "WAYS counts them");

void
torture_row(const struct torture *row, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char title[128];
        struct torture t = *row;

        (void)snprintf(title, sizeof title, "%s%s%s%s %zu, %s -> %s, %s",
                       row->stop != NULL ? "abort at " : "",
                       row->stop != NULL ? row->stop : "", row->stop != NULL ? ", " : "",
                       row->engine, row->members, row->from, row->to,
                       torture_ways_all[i].name);
        t.title = title;
        t.how = torture_ways_all[i].how;
        t.status = torture_ways_all[i].status;
        torture_all(&t);
    }
}

void
torture_ways(const char *engine, size_t members, const char *from, const char *to,
             size_t n, void (*spoil)(void), const char *stop)
{
    torture_row(&(struct torture){ .engine = engine,
                                   .members = members,
                                   .from = from,
                                   .to = to,
                                   .spoil = spoil,
                                   .stop = stop },
                n);
}
