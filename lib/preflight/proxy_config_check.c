#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "engine/config_tables.h"
#include "engine/engine.h"
#include "kubedb/checks.h"
#include "member/proxy_config.h"
#include "run/course.h"
#include "run/flow.h"

/* What is told of members' configuration before an upgrade. */

static void
config_tell_unsaved(struct flow *f, struct preflight_result *to)
{
    char text[400] = "";
    struct err trouble = { 0 };
    bool any = false;

    *to = (struct preflight_result){ .id = CONFIG_SAVED };
    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        if (config_say_unsaved(f, &f->cluster.pods[i], text, sizeof text, &any,
                               &trouble) < 0) {
            to->severity = CHECK_ERROR;
            str_append(to->text, sizeof to->text, "%s: %s", f->cluster.pods[i].name,
                       trouble.msg);
            return;
        }
    }
    if (!any) {
        str_append(to->text, sizeof to->text,
                   "runtime configuration saved to disk on %zu of %zu", f->cluster.n_pods,
                   f->cluster.n_pods);
        return;
    }
    to->severity = f->target.request->save_runtime_config ? CHECK_WARNING : CHECK_ERROR;
    str_append(to->text, sizeof to->text, "runtime and disk configuration differ: %s%s",
               text, f->target.request->save_runtime_config ? "; it will be saved" : "");
    if (!f->target.request->save_runtime_config) {
        str_copy(to->hint, sizeof to->hint,
                 "what exists only at runtime is lost with its pod; use "
                 "--save-runtime-config to save it first");
    }
}

/* Where what is on disk goes when the pod does. */
static void
config_tell_disk(const struct flow *f, struct preflight_result *to)
{
    *to = (struct preflight_result){ .id = "config.return" };
    if (f->cluster.n_pods > 1) {
        str_append(to->text, sizeof to->text,
                   "a new pod starts with its configuration file; other saved settings "
                   "are copied from another pod");
        return;
    }
    to->severity = CHECK_WARNING;
    str_append(to->text, sizeof to->text,
               "a single proxy: its disk is deleted with its pod, and settings missing "
               "from its configuration file are lost");
    str_copy(to->hint, sizeof to->hint,
             "scale to two replicas during the upgrade, or add the settings to the file "
             "first");
}

/* Whether all have the same: what one lacks nobody could tell from what was lost. */
static void
config_tell_peers(const struct flow *f, struct preflight_result *to)
{
    const struct flow_pod *first = &f->cluster.pods[0];

    *to = (struct preflight_result){ .id = "config.peers" };
    for (size_t i = 1; i < f->cluster.n_pods; i++) {
        const struct flow_pod *p = &f->cluster.pods[i];

        for (const struct engine_config *c = f->target.engine->config; c->id != NULL;
             c++) {
            const struct measure *a =
                c->sum_id != NULL ? engine_find_measure(&first->before, c->sum_id, "")
                                  : NULL;
            const struct measure *b =
                a != NULL ? engine_find_measure(&p->before, c->sum_id, "") : NULL;

            if (b != NULL && a->value != b->value) {
                str_append(
                    to->text, sizeof to->text, "%s%s: its %s differ from those of %s",
                    to->severity == CHECK_OK ? "" : ", ", p->name, c->title, first->name);
                to->severity = CHECK_WARNING;
            }
        }
    }
    if (to->severity == CHECK_OK) {
        str_append(to->text, sizeof to->text,
                   "all proxies have the same servers, users and query rules");
        return;
    }
    str_copy(to->hint, sizeof to->hint,
             "each proxy gets its settings back if another proxy has them too");
}

size_t
config_preflight(struct flow *f, struct preflight_result *out, size_t max)
{
    if (f->target.engine->config == NULL || f->plan.midway || !flow_is_forward(f) ||
        max < 3) {
        return 0;
    }
    config_tell_unsaved(f, &out[0]);
    config_tell_disk(f, &out[1]);
    config_tell_peers(f, &out[2]);
    return f->cluster.n_pods > 1 ? 3 : 2;
}
