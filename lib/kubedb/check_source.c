/* Preflight: the server elsewhere that members follow. */
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "kubedb/catalog.h"
#include "kubedb/check.h"

enum { CHECK_AWAY_MS = 2 * 60 * 1000 }; /* a restart, where an image is to be pulled */

/* The AppBinding that KubeDB has of it (spec.topology.remoteReplica.sourceRef). */
static const char *
check_source_name(const struct preflight_facts *f)
{
    const char *name =
        json_path_str(f->object, "spec.topology.remoteReplica.sourceRef.name");

    return *name != '\0' ? name : "without a name";
}

static void
check_source_of(const struct preflight_facts *f, const struct preflight_member *m,
                struct preflight_result *r)
{
    const struct source *s = m->source;
    const char *name = check_source_name(f);
    const char *at = s->address[0] != '\0' ? s->address : "no address";

    if (s->gone > 0) {
        check_say(r, CHECK_ERROR,
                  "AppBinding %s at %s has purged %lld transactions that %s lacks: it "
                  "cannot catch up",
                  name, at, s->gone, m->pod);
        check_hint(r, "copy the source's data to it, by CLONE INSTANCE FROM or a backup");
        return;
    }
    if (s->keeps_ms > 0 && s->keeps_ms < CHECK_AWAY_MS) {
        char keeps[32];

        check_say(r, CHECK_ERROR,
                  "AppBinding %s at %s keeps binary logs for %s only: a replica that is "
                  "away for longer cannot catch up",
                  name, at, clock_duration(s->keeps_ms, keeps, sizeof keeps));
        check_hint(r, "SET PERSIST binlog_expire_logs_seconds = 604800 on the source");
        return;
    }
    if (s->trouble[0] == '\0') {
        check_say(r, m->lacks > f->engine->member.lag_warning ? CHECK_WARNING : CHECK_OK,
                  "AppBinding %s at %s, %s %s", name, at, f->engine->api.kind,
                  s->version);
        if (m->lacks >= 0) {
            str_append(r->text, sizeof r->text, "; %s lacks %lld %s of it", m->pod,
                       m->lacks, f->engine->member.lag_unit);
        }
        return;
    }
    check_say(r, s->away ? CHECK_ERROR : CHECK_WARNING,
              "%s: its upstream (AppBinding %s at %s) %s: %s", m->pod, name, at,
              s->away ? "does not answer" : "cannot be queried", s->trouble);
    check_hint(r, s->away ? "the replica could not catch up after its restart"
                          : "its version is unknown, and so is whether the replica has "
                            "all of its transactions");
}

void
check_source_reached(const struct preflight_facts *f, struct preflight_result *r)
{
    struct preflight_result worst = { 0 };

    for (size_t i = 0; i < f->n_members; i++) {
        struct preflight_result one = *r;

        if (f->members[i].source == NULL) {
            continue;
        }
        one.text[0] = '\0';
        check_source_of(f, &f->members[i], &one);
        if (worst.text[0] == '\0' || one.severity > worst.severity) {
            worst = one;
        }
    }
    if (worst.text[0] != '\0') {
        *r = worst;
    }
}

void
check_source_version(const struct preflight_facts *f, struct preflight_result *r)
{
    const char *to = catalog_version(f->version.to);

    for (size_t i = 0; i < f->n_members; i++) {
        const struct source *s = f->members[i].source;
        const char *refusal = NULL;

        if (s == NULL || s->version[0] == '\0') {
            continue;
        }
        refusal = source_refusal(f->engine, s->version, to);
        check_say(r, refusal != NULL ? CHECK_ERROR : CHECK_OK,
                  "%s can%s follow a source of %s%s%s", to, refusal != NULL ? "not" : "",
                  s->version, refusal != NULL ? ": " : "",
                  refusal != NULL ? refusal : "");
        if (refusal != NULL) {
            return;
        }
    }
}
