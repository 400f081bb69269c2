#include "double_observe.h"

enum {
    OBSERVE_LEASE_MS = 15000,
    OBSERVE_SEEN_MS = 500, /* what is newer nobody can have seen */
};

void
observe_violation(const char *fmt, ...)
{
    char line[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    (void)!buf_printf(&world.violations, "%s\n", line);
}

bool
observe_is_back(void)
{
    auto_json json_t *journal = world_journal();

    return str_eq(json_path_str(journal, "direction"), "back");
}

/* The version object that the database goes to, by the journal; NULL without one. */
static const json_t *
observe_target(void)
{
    auto_json json_t *journal = world_journal();

    return world_find(world_engine()->api.catalog_resource,
                      json_path_str(journal, observe_is_back() ? "from" : "to"));
}

static bool
observe_spec_is_target(void)
{
    return observe_target() != NULL &&
           str_eq(json_path_str(observe_target(), "metadata.name"),
                  json_path_str(world_db(), "spec.version"));
}

bool
observe_is_upgraded(const json_t *pod)
{
    const json_t *target = observe_target();

    return pod != NULL && target != NULL &&
           str_eq(world_wanted_image(pod),
                  json_path_str(json_path(target, "spec"),
                                world_engine()->object.images[0].path));
}

bool
observe_serves(size_t ordinal)
{
    const json_t *pod = world_pod(ordinal);
    const struct server *s = &world.servers[ordinal];
    const char *ready = json_path_str(
        json_array_find(json_path(pod, "status.conditions"), "type", "Ready", NULL),
        "status");

    return pod != NULL && json_path(pod, "metadata.deletionTimestamp") == NULL &&
           str_eq(ready, "True") && s->running && s->up &&
           (!world.group || s->state == SERVER_ONLINE);
}

bool
observe_is_down(size_t ordinal)
{
    return !observe_serves(ordinal) &&
           double_now - world.servers[ordinal].down_at > OBSERVE_SEEN_MS;
}

void
observe_change(const char *what, bool pause)
{
    const json_t *lease = world_lease();
    const char *holder = json_path_str(lease, "spec.holderIdentity");
    long long renewed = clock_parse_rfc3339(json_path_str(lease, "spec.renewTime"));

    if (lease == NULL || *holder == '\0' || !str_eq(holder, world.holder)) {
        observe_violation("%s without the lock (held by \"%s\")", what, holder);
    } else if (clock_wall_ms() - renewed > OBSERVE_LEASE_MS &&
               double_now - world.jumped_at > OBSERVE_SEEN_MS) {
        observe_violation("%s with a lock %lldms old", what, clock_wall_ms() - renewed);
    }
    if (!pause && !world_paused() && (observe_is_back() || !observe_spec_is_target())) {
        observe_violation("%s while the operator is not paused", what);
    }
}

/* Whether an upgrade goes from one major version of a Postgres to another. */
static bool
observe_is_major(void)
{
    auto_json json_t *journal = world_journal();

    return str_eq(world_engine()->name, "postgres") &&
           strtol(json_path_str(journal, "from"), NULL, 10) !=
               strtol(json_path_str(journal, "to"), NULL, 10);
}

/* Of a major upgrade the first member goes first, when its server is shut down; the
 * others when it serves again. Those that wait for their turn follow nobody. */
static void
observe_evict_major(size_t ordinal)
{
    const struct server *first = &world.servers[0];

    if (ordinal == 0 && first->up && !observe_is_back()) {
        observe_violation("%s-0 evicted while its server is up", WORLD_DB);
    }
    for (size_t i = 0; ordinal > 0 && i < world.members; i++) {
        if (i != ordinal && (i == 0 || observe_is_upgraded(world_pod(i))) &&
            observe_is_down(i)) {
            observe_violation("%s evicted while %s does not serve", world_name(ordinal),
                              world_name(i));
        }
    }
}

/* One that only follows goes after all that it follows, unless it serves nobody. */
static void
observe_evict_follower(size_t ordinal)
{
    for (size_t i = 0; i < world_voters() && observe_serves(ordinal); i++) {
        if (!observe_is_upgraded(world_pod(i))) {
            observe_violation("%s evicted before %s", world_name(ordinal), world_name(i));
        }
    }
}

void
observe_evict(size_t ordinal)
{
    bool major = observe_is_major();

    observe_change("evict", false);
    if (ordinal >= world_voters()) {
        observe_evict_follower(ordinal);
    }
    if (major) {
        observe_evict_major(ordinal);
    }
    for (size_t i = 0; !major && i < world.members; i++) {
        if (i == ordinal) {
            continue;
        }
        if (observe_is_down(i)) {
            observe_violation("%s evicted while %s does not serve", world_name(ordinal),
                              world_name(i));
        }
        if (world.primary == (int)ordinal && i < world_voters() &&
            double_now - world.led_at > OBSERVE_SEEN_MS &&
            !observe_is_upgraded(world_pod(i))) {
            observe_violation("the primary %s evicted before %s", world_name(ordinal),
                              world_name(i));
        }
    }
    if (observe_is_upgraded(world_pod(ordinal)) && observe_serves(ordinal)) {
        observe_violation("%s evicted though it is well and upgraded",
                          world_name(ordinal));
    }
}

void
observe_handover(int to)
{
    observe_change("handover", false);
    for (size_t i = 0; i < world.members; i++) {
        if (world_is_due(i) && observe_is_down(i)) {
            observe_violation("handover while %s does not serve", world_name(i));
        }
    }
    if (to >= 0 && !observe_is_major() && world.made == 0 &&
        !observe_is_upgraded(world_pod((size_t)to))) {
        observe_violation("handover to %s-%d, which is not upgraded", WORLD_DB, to);
    }
}

void
observe_version(const char *version)
{
    auto_json json_t *journal = world_journal();

    observe_change("version", false);
    if (observe_is_back() || !str_eq(version, json_path_str(journal, "to"))) {
        observe_violation("spec.version set to %s, which is not the target", version);
    }
    for (size_t i = 0; i < world.members; i++) {
        if (!world_is_due(i)) {
            continue;
        }
        if (!observe_is_upgraded(world_pod(i)) || observe_is_down(i)) {
            observe_violation("spec.version set before %s was done (down %lldms)",
                              world_name(i), double_now - world.servers[i].down_at);
        } else if (world.servers[i].asked != world.run) {
            observe_violation("spec.version set before %s was asked", world_name(i));
        }
    }
}

void
observe_resume(void)
{
    observe_change("resume", false);
    if (!observe_spec_is_target()) {
        observe_violation("the operator resumed before spec.version was set");
    }
    for (size_t i = 0; observe_is_back() && i < world.members; i++) {
        if (world_is_due(i) &&
            (!observe_is_upgraded(world_pod(i)) || observe_is_down(i))) {
            observe_violation("the operator resumed before %s was back", world_name(i));
        }
    }
}

void
world_say_text(struct buf *out, const char *key, const char *text)
{
    auto_json json_t *o = json_string(text != NULL ? text : "");
    auto_free char *quoted = json_text(o);

    (void)!buf_printf(out, "%s\t%s\n", key, quoted);
}

void
observe_end(void)
{
    auto_json json_t *journal = world_journal();

    if (world_paused() && journal == NULL) {
        observe_violation("the operator stays paused and there is no journal");
    }
}
