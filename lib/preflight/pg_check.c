#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/str.h"
#include "base/sum.h"
#include "cluster/cluster.h"
#include "cluster/coordinator.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "engine/postgres.h"
#include "kubedb/checks.h"
#include "member/switchover.h"
#include "procedure/pg.h"
#include "run/course.h"
#include "run/pod_exec.h"

/*
 * Preflight of a major upgrade: whether failover can be stopped, and the volume has room.
 */

/* Programs and libraries of the old server that are kept: 75 to 110 MiB were seen. A new
 * cluster without any data of users: some 40 MiB a database, and its log. */
#define CHECK_PROGRAMS (160LL << 20)
#define CHECK_CLUSTER  (128LL << 20)

/* The coordinators must know who leads, and what they may do. */
static void
pg_check_check_coordinator(struct cluster *cluster, struct preflight_result *r)
{
    struct member *primary = switchover_primary(cluster, NULL);
    auto_free char *status = NULL;
    struct err trouble = { 0 };
    int leads = -1;

    if (!pg_upgrade_has_standbys(cluster) || primary == NULL) {
        return;
    }
    str_copy(r->hint, sizeof r->hint,
             "without it, a standby could take over during the conversion");
    if (coordinator_primary(cluster->run, primary, &leads, &trouble) < 0 ||
        coordinator_get(cluster->run, primary, COORDINATOR_STATUS, &status, &trouble) <
            0) {
        check_say(r, CHECK_ERROR, "%s", trouble.msg);
    } else if (leads != primary->ordinal) {
        check_say(r, CHECK_ERROR,
                  "the coordinators report member %d as primary, but %s is", leads,
                  primary->name);
    } else if (status[0] == '\0') {
        check_say(r, CHECK_ERROR,
                  "the coordinators do not support %s: failover might not be disabled",
                  COORDINATOR_STATUS);
    } else if (!cluster->plan->midway && !str_eq(status, COORDINATOR_RESUME)) {
        check_say(r, CHECK_ERROR,
                  "%s is %s: failover is already disabled, by another client or by an "
                  "abandoned upgrade",
                  COORDINATOR_STATUS, status);
        str_copy(r->hint, sizeof r->hint,
                 "if nobody is working on it, set it to " COORDINATOR_RESUME
                 " on the coordinators");
    } else {
        str_copy(r->hint, sizeof r->hint, "");
        check_say(r, CHECK_OK, "%s is primary, %s is %s", primary->name,
                  COORDINATOR_STATUS, status);
    }
}

static long long
pg_check_bytes(const struct member *p)
{
    for (size_t i = 0; i < p->before.n; i++) {
        if (str_eq(p->before.at[i].id, "bytes")) {
            return p->before.at[i].value;
        }
    }
    return 0;
}

static void
pg_check_check_space(struct cluster *cluster, struct preflight_result *r)
{
    bool copies = str_eq(cluster->plan->pg_upgrade_mode, "copy");
    struct pg_state s = { 0 };
    struct err trouble = { 0 };
    long long bytes = pg_check_bytes(pg_upgrade_first(cluster));
    long long need =
        sum_add(CHECK_PROGRAMS + CHECK_CLUSTER, copies ? sum_add(bytes, bytes / 10) : 0);
    char need_text[32];
    char free_text[32];
    char data_text[32];

    if (cluster->plan->midway) {
        return;
    }
    if (pg_upgrade_state(cluster, pg_upgrade_first(cluster), &s, &trouble) < 0) {
        check_say(r, CHECK_ERROR, "%s", trouble.msg);
        return;
    }
    str_bytes(need, need_text, sizeof need_text);
    str_bytes(s.free, free_text, sizeof free_text);
    str_bytes(bytes, data_text, sizeof data_text);
    check_say(r, s.free < need ? CHECK_ERROR : CHECK_OK,
              "%s free on the volume of %s, %s needed (mode %s, data %s)", free_text,
              pg_upgrade_first(cluster)->name, need_text, cluster->plan->pg_upgrade_mode,
              data_text);
    if (s.free < need) {
        str_copy(r->hint, sizeof r->hint,
                 copies ? "expand the volume, or use --pg-upgrade-mode link, which needs "
                          "no space for a second copy"
                        : "expand the volume");
    }
}

/* What a member's data directory is made of besides its files. False: it cannot be told.
 */
static bool
pg_check_ask_layout(struct cluster *cluster, const struct member *p,
                    struct preflight_result *r)
{
    auto_said struct pod_said said = { 0 };
    struct err trouble = { 0 };
    struct pg_row row = { 0 };
    const char *out = NULL;

    if (pg_upgrade_run(cluster->run, p, "layout", NULL, &said, &trouble) < 0) {
        check_say(r, CHECK_ERROR, "%s", trouble.msg);
        return false;
    }
    out = said.out;
    while (pg_row_next(&out, &row)) {
        if (!str_eq(row.key, "layout")) {
            continue;
        }
        if (r->text[0] == '\0') {
            check_say(r, CHECK_ERROR,
                      "the data directory of %s would not be kept as it is", p->name);
            str_copy(r->hint, sizeof r->hint,
                     "move what is named into the data directory, or a tablespace out of "
                     "it to a volume of the pod; or dump and restore");
        }
        str_append(r->text, sizeof r->text, "; %s: %s", row.fields[0], row.fields[1]);
    }
    return true;
}

/* pg_upgrade makes a plain data directory, and standbys copy one: links and mounts in the
 * old one would silently be gone. */
static void
pg_check_check_layout(struct cluster *cluster, struct preflight_result *r)
{
    for (size_t i = 0; !cluster->plan->midway && i < cluster->n_pods; i++) {
        const struct member *p = &cluster->pods[i];

        if (mirror_pod_is_ready(cluster, p) &&
            (!pg_check_ask_layout(cluster, p, r) || r->text[0] != '\0')) {
            return;
        }
    }
    if (!cluster->plan->midway) {
        check_say(r, CHECK_OK, "no links or mounts in the data directories");
    }
}

/* What the modes other than the usual one mean. */
static void
pg_check_check_mode(struct cluster *cluster, struct preflight_result *r)
{
    if (str_eq(cluster->plan->pg_upgrade_mode, "link")) {
        check_say(r, CHECK_WARNING,
                  "mode link: old and new data share files; the old data cannot be used "
                  "after the new server has started");
    }
}

static void
pg_check_check_commits(struct cluster *cluster, struct preflight_result *r)
{
    if (pg_upgrade_commits_wait(cluster)) {
        check_say(r, CHECK_WARNING,
                  "spec.streamingMode is Synchronous: commits wait until the first "
                  "standby is re-cloned");
    }
}

static const struct major_row {
    const char *id;
    void (*judge)(struct cluster *cluster, struct preflight_result *r);
} major_rows[] = {
    { "pg.coordinator", pg_check_check_coordinator },
    { "pg.space", pg_check_check_space },
    { "pg.layout", pg_check_check_layout },
    { "pg.mode", pg_check_check_mode },
    { "pg.commits", pg_check_check_commits },
};

size_t
pg_check_preflight(struct cluster *cluster, struct preflight_result *out, size_t max)
{
    size_t n = 0;

    if (!cluster->plan->procedure->converts || !course_is_forward(cluster->run) ||
        cluster->n_pods == 0) {
        return 0;
    }
    for (size_t i = 0; i < sizeof major_rows / sizeof *major_rows && n < max; i++) {
        out[n] = (struct preflight_result){ .id = major_rows[i].id };
        major_rows[i].judge(cluster, &out[n]);
        if (cluster->plan->midway && out[n].severity == CHECK_ERROR) {
            out[n].severity = CHECK_WARNING;
        }
        n += out[n].text[0] != '\0' ? 1 : 0;
    }
    return n;
}
