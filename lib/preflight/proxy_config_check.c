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

/* What is told of members' configuration before an upgrade. */

static void
proxy_config_tell_unsaved(struct cluster *cluster, struct preflight_result *to)
{
    char text[400] = "";
    struct err trouble = { 0 };
    bool any = false;

    *to = (struct preflight_result){ .id = CONFIG_SAVED };
    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (proxy_config_say_unsaved(cluster, &cluster->pods[i], text, sizeof text, &any,
                                     &trouble) < 0) {
            to->severity = CHECK_ERROR;
            str_append(to->text, sizeof to->text, "%s: %s", cluster->pods[i].name,
                       trouble.msg);
            return;
        }
    }
    if (!any) {
        str_append(to->text, sizeof to->text,
                   "runtime configuration saved to disk on %zu of %zu", cluster->n_pods,
                   cluster->n_pods);
        return;
    }
    to->severity =
        cluster->target->request->save_runtime_config ? CHECK_WARNING : CHECK_ERROR;
    str_append(to->text, sizeof to->text, "runtime and disk configuration differ: %s%s",
               text,
               cluster->target->request->save_runtime_config ? "; it will be saved" : "");
    if (!cluster->target->request->save_runtime_config) {
        str_copy(to->hint, sizeof to->hint,
                 "what exists only at runtime is lost with its pod; use "
                 "--save-runtime-config to save it first");
    }
}

/* Where what is on disk goes when the pod does. */
static void
proxy_config_tell_disk(const struct cluster *cluster, struct preflight_result *to)
{
    *to = (struct preflight_result){ .id = "config.return" };
    if (cluster->n_pods > 1) {
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
proxy_config_tell_peers(const struct cluster *cluster, struct preflight_result *to)
{
    const struct member *first = &cluster->pods[0];

    *to = (struct preflight_result){ .id = "config.peers" };
    for (size_t i = 1; i < cluster->n_pods; i++) {
        const struct member *p = &cluster->pods[i];

        for (const struct engine_config *c = cluster->target->engine->config;
             c->id != NULL; c++) {
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
proxy_config_preflight(struct cluster *cluster, struct preflight_result *out, size_t max)
{
    if (cluster->target->engine->config == NULL || cluster->plan->midway ||
        !course_is_forward(cluster->run) || max < 3) {
        return 0;
    }
    proxy_config_tell_unsaved(cluster, &out[0]);
    proxy_config_tell_disk(cluster, &out[1]);
    proxy_config_tell_peers(cluster, &out[2]);
    return cluster->n_pods > 1 ? 3 : 2;
}
