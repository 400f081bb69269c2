#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/scope.h"
#include "cluster/cluster.h"
#include "cluster/session.h"
#include "engine/engine.h"
#include "engine/trial.h"
#include "kubedb/catalog.h"
#include "kubedb/checks.h"
#include "kubedb/rehearsal_job.h"
#include "preflight/rehearsal_kinds.h"
#include "preflight/rehearsal_pod.h"
#include "run/pod_exec.h"

/*
 * Whether the new server takes the configuration that the members have. What their set's
 * template gives them is tried: the files that are mounted, and the container's options.
 * The rest of a member's command line is made by scripts that come with the new version
 * themselves (the init container's).
 */
enum { OPTIONS_TRIAL_MS = 60 * 1000 };

static char *
rehearsal_options_of(const struct cluster *cluster)
{
    return rehearsal_config(rehearsal_template(cluster),
                            cluster->target->engine->container,
                            cluster->target->engine->trial->places);
}

static bool
rehearsal_options_is_for(const struct cluster *cluster)
{
    auto_free char *config = cluster->target->engine->trial != NULL
                                 ? rehearsal_options_of(cluster)
                                 : mem_strdup("");

    return config[0] != '\0';
}

/* What the script reads: the configuration, and what the server needs on top of it. */
static int
rehearsal_options_lines(struct rehearsal *r, char **out, struct err *e)
{
    auto_free char *config = rehearsal_options_of(r->cluster);
    auto_free char *more = NULL;
    auto_buf struct buf text = BUF_LIMIT(1024 * 1024);
    struct member *p = rehearsal_source(r->cluster);

    if (p == NULL) {
        return err_set(e, ERR_UNHEALTHY, "no server answers");
    }
    if (session_ask(r->cluster, p, r->cluster->target->engine->trial->more_sql, &more,
                    e) < 0) {
        return -1;
    }
    if (buf_puts(&text, config) < 0) {
        return err_set(e, ERR_INTERNAL, "too much configuration");
    }
    for (const char *at = more; *at != '\0';) {
        size_t n = strcspn(at, "\n");

        if (n > 0 && buf_printf(&text, "option %.*s\n", (int)n, at) < 0) {
            return err_set(e, ERR_INTERNAL, "too much configuration");
        }
        at += n + (at[n] == '\n' ? 1 : 0);
    }
    (void)!buf_puts(&text, "end\n");
    *out = buf_take(&text);
    return 0;
}

static int
rehearsal_options_ask(struct rehearsal *r, const char *last, struct pod_said *said,
                      struct err *e)
{
    const char *const argv[] = {
        "sh", "-c", r->cluster->target->engine->trial->script, "dbupgrade", last, NULL
    };
    auto_free char *lines = NULL;

    if (rehearsal_options_lines(r, &lines, e) < 0) {
        return -1;
    }
    return pod_exec(r->cluster->run, r->pod.name,
                    &(struct pod_command){ .argv = argv,
                                           .input = lines,
                                           .what = "querying the new server",
                                           .waits = true,
                                           .limit_ms = OPTIONS_TRIAL_MS,
                                           .container = REHEARSAL_NEW },
                    said, e);
}

static int
rehearsal_options_judge(const struct rehearsal *r, const struct pod_said *said,
                        struct preflight_result *out, struct err *e)
{
    const char *version = catalog_version(r->cluster->plan->to);
    char text[300];
    char took[32];

    switch (r->cluster->target->engine->trial->judge(said->code, said->out, text,
                                                     sizeof text)) {
    case TRIAL_REFUSED:
        err_set(e, ERR_UNHEALTHY, "%s", text);
        return err_reason(e, "REHEARSAL_REFUSED");
    case TRIAL_UNSURE:
        return err_set(e, ERR_UNHEALTHY, "%s", text);
    case TRIAL_TAKEN_BUT:
        check_say(out, CHECK_WARNING,
                  "a server of %s accepts the configuration, with warnings: %s", version,
                  text);
        return 0;
    case TRIAL_TAKEN:
        break;
    }
    check_say(out, CHECK_OK, "a server of %s accepts the configuration (%s)", version,
              clock_duration(clock_ms() - r->made_ms, took, sizeof took));
    return 0;
}

static int
rehearsal_options_go(struct rehearsal *r, struct preflight_result *out, struct err *e)
{
    const char *version = catalog_version(r->cluster->plan->to);
    const char *last = engine_sql_for(r->cluster->target->engine->trial->options,
                                      engine_version_number(version));
    auto_said struct pod_said said = { 0 };

    if (last == NULL || last[0] == '\0') {
        return err_set(e, ERR_UNHEALTHY,
                       "a server of %s cannot check its configuration before it starts",
                       version);
    }
    if (rehearsal_make_pod(r, e) < 0 || rehearsal_await_pod(r, e) < 0 ||
        rehearsal_options_ask(r, last, &said, e) < 0) {
        return -1;
    }
    return rehearsal_options_judge(r, &said, out, e);
}

const struct rehearsal_kind rehearsal_options = {
    .id = "mysql.config",
    .trying = "checking the configuration with the new server",
    .would = "the new server checks the configuration",
    .refusal = "the new server rejects the configuration",
    .without = "a rejected setting shows only after the first member is down",
    .doubt = "a setting that the new server rejects shows only after a member is down",
    .configured = true,
    .is_for = rehearsal_options_is_for,
    .go = rehearsal_options_go,
};
