#include "double_call.h"

static bool
call_is_read(const char *label)
{
    return str_starts(label, "get ") || str_starts(label, "list ") ||
           str_starts(label, "raw ") || str_starts(label, "open ") ||
           str_starts(label, "sql ");
}

/* -- mirrors -- */

static bool
watch_wants(const struct kube_watch *w, const char *name, const json_t *object)
{
    return (w->name == NULL || str_eq(w->name, name)) &&
           (w->labels == NULL || world_has_labels(object, w->labels));
}

/* Takes over what the world holds; in strict mode even what did not change is another
 * object than before, as after a new list. */
static bool
watch_refresh(struct kube_watch *w)
{
    json_t *now = NULL;
    const char *name = NULL;
    json_t *object = NULL;
    bool changed = false;
    size_t n = 0;

    if (w->taken == world.versions && !world.strict) {
        return false;
    }
    w->taken = world.versions;
    now = json_object();
    json_object_foreach (world_all(w->resource), name, object) {
        const char *seen = NULL;

        if (!watch_wants(w, name, object)) {
            continue;
        }
        n++;
        seen = json_path_str(json_object_get(w->seen, name), "metadata.resourceVersion");
        changed |= !str_eq(seen, json_path_str(object, "metadata.resourceVersion"));
        (void)json_object_set_new(
            now, name, world.strict ? json_deep_copy(object) : json_incref(object));
    }
    changed |= n != json_object_size(w->seen);
    if (changed || world.strict) {
        json_decref(w->seen);
        w->seen = json_incref(now);
    }
    w->version += changed ? 1 : 0;
    json_decref(now);
    return changed;
}

bool
call_refresh(struct kube *k)
{
    bool changed = false;

    if (world.dead || double_now < world.mirrors_stale_until) {
        return false;
    }
    for (struct kube_watch *w = k->watches; w != NULL; w = w->next) {
        changed |= watch_refresh(w);
    }
    return changed;
}

/* -- the rules -- */

static void
call_die(void)
{
    world.dead = true;
    sig_request(2); /* so that it ends at once */
}

static bool
rule_applies(struct rule *r, const char *label)
{
    if (r->what == NULL ? r->after + 1 != world.calls : !str_starts(label, r->what)) {
        return false;
    }
    if (r->what == NULL) {
        r->seen++;
        return true;
    }
    r->seen++;
    return r->seen > r->after && (r->times == 0 || r->seen <= r->after + r->times);
}

static int
rule_run(struct kube *k, struct rule *r, const char *label, struct err *e)
{
    if (r->act != NULL) {
        r->act();
        return 0;
    }
    switch (r->how) {
    case RULE_DIE:
        call_die();
        return call_cut(e, "dead");
    case RULE_DIE_AFTER:
        k->die = true;
        k->lose = true;
        return 0;
    case RULE_LOSE:
        k->lose = true;
        return 0;
    case RULE_FAIL:
    default:
        return r->status == 0 ? call_cut(e, label)
                              : call_status(e, r->status, "%s", label);
    }
}

int
call_begin(struct kube *k, struct err *e, const char *fmt, ...)
{
    char label[128];
    va_list ap;

    if (world.dead) {
        return call_cut(e, "dead");
    }
    if (k->until > 0 && double_now >= k->until) {
        return err_set(e, ERR_TIMEOUT, "there is no time left for it");
    }
    va_start(ap, fmt);
    (void)vsnprintf(label, sizeof label, fmt, ap);
    va_end(ap);
    k->lose = false;
    k->die = false;
    k->requests++;
    world.calls++;
    world_pass(CALL_MS);
    (void)call_refresh(k);
    for (size_t i = 0; i < world.n_rules; i++) {
        if (rule_applies(&world.rules[i], label) &&
            rule_run(k, &world.rules[i], label, e) < 0) {
            policy_note(&k->policy, e->status, call_is_read(label),
                        str_starts(label, "evict "), double_now);
            return -1;
        }
    }
    policy_heard(&k->policy);
    return 0;
}

int
call_end(struct kube *k, struct err *e)
{
    bool lost = k->lose;

    (void)call_refresh(k);
    if (k->die) {
        call_die();
    }
    k->lose = false;
    k->die = false;
    lease_nap(kube_is_away(k) ? NULL : &k->policy.away_before);
    return lost && e != NULL ? call_cut(e, "reply lost") : 0;
}

/* -- changes: the mode, the guard, then the call -- */

int
change_begin(struct kube *k, const struct kube_ref *ref, struct err *e, const char *fmt,
             ...)
{
    char label[128];
    long long until = 0;
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(label, sizeof label, fmt, ap);
    va_end(ap);
    if (policy_may_change(&k->policy, label, ref->resource, e) < 0 ||
        policy_ask(&k->policy, ref, &until, e) < 0) {
        return -1;
    }
    lease_check_until(k->policy.guard != NULL && k->policy.mode == KUBE_LIVE, ref, until,
                      label);
    return call_begin(k, e, "%s", label);
}

int
change_refuse(struct kube *k, struct err *e, int status, const char *label)
{
    (void)call_end(k, NULL);
    return call_status(e, status, "%s", label);
}

int
change_end(struct kube *k, const char *resource, const char *name, json_t **out,
           struct err *e)
{
    json_t *now = json_deep_copy(world_find(resource, name));

    if (call_end(k, e) < 0) {
        json_decref(now);
        return -1;
    }
    if (out != NULL) {
        *out = now;
    } else {
        json_decref(now);
    }
    return 0;
}

/* -- the rest of kube/client.h and kube/watch.h -- */

struct kube *
kube_new(const struct kube_target *t, struct err *e)
{
    (void)t;
    (void)e;
    return mem_alloc(sizeof(struct kube));
}

void
kube_free(struct kube *k)
{
    free(k);
}

void
kube_set_mode(struct kube *k, enum kube_mode mode)
{
    k->policy.mode = mode;
}

enum kube_mode
kube_get_mode(const struct kube *k)
{
    return k->policy.mode;
}

void
kube_set_guard(struct kube *k, kube_guard *guard, void *ctx)
{
    k->policy.guard = guard;
    k->policy.guard_ctx = ctx;
}

void
kube_set_tick(struct kube *k, void (*tick)(void *ctx), void *ctx)
{
    k->tick = tick;
    k->tick_ctx = ctx;
}

unsigned long
kube_requests(const struct kube *k)
{
    return k->requests;
}

struct kube_watch *
kube_watch_open(struct kube *k, const struct kube_ref *ref, const char *labels,
                const char *fields, struct err *e)
{
    struct kube_watch *w = NULL;
    const char *name = fields != NULL ? strchr(fields, '=') : NULL;

    if (call_begin(k, e, "watch %s", ref->resource) < 0) {
        return NULL;
    }
    if (call_end(k, e) < 0) {
        return NULL;
    }
    if (str_eq(world.no_kind, ref->resource)) {
        (void)call_status(e, 404, "list %s", ref->resource);
        return NULL;
    }
    w = mem_alloc(sizeof *w);
    w->k = k;
    w->resource = mem_strdup(ref->resource);
    w->name = name != NULL ? mem_strdup(name + 1) : NULL;
    w->labels = labels != NULL ? mem_strdup(labels) : NULL;
    w->seen = json_object();
    (void)watch_refresh(w);
    w->next = k->watches;
    k->watches = w;
    return w;
}

const json_t *
kube_watch_objects(const struct kube_watch *w)
{
    return w->seen;
}

unsigned long
kube_watch_version(const struct kube_watch *w)
{
    return w->version;
}

long long
kube_watch_stale_ms(const struct kube_watch *w, const char **why)
{
    long long begun = world.mirrors_stale_until - world.mirrors_stale_ms;
    bool stale = double_now < world.mirrors_stale_until;

    (void)w;
    if (why != NULL) {
        *why = stale ? "the watch was cut" : "";
    }
    return stale ? double_now - begun : 0;
}

void
kube_watch_close(struct kube_watch *w)
{
    if (w == NULL) {
        return;
    }
    for (struct kube_watch **at = &w->k->watches; *at != NULL; at = &(*at)->next) {
        if (*at == w) {
            *at = w->next;
            break;
        }
    }
    free(w->resource);
    free(w->name);
    free(w->labels);
    json_decref(w->seen);
    free(w);
}
