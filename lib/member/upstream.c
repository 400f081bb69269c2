#include "member/upstream.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/session.h"
#include "engine/engine.h"
#include "engine/replication_source.h"
#include "engine/topology.h"
#include "member/member_state.h"
#include "run/emit.h"
#include "run/pod_exec.h"
#include "run/run.h"
#include "run/wait.h"

enum { SOURCE_COMMAND_MS = 20 * 1000, SOURCE_PROBE_MS = 2000 };

#define auto_source scope_cleanup(source_clear)

static int
upstream_ask(struct run *run, struct member *p, struct source *s, struct err *e)
{
    auto_said struct pod_said said = { 0 };

    if (pod_exec(run, p->name,
                 &(struct pod_command){ .argv = run->target->engine->source->argv,
                                        .what = "asking its upstream server",
                                        .waits = true,
                                        .limit_ms = SOURCE_COMMAND_MS },
                 &said, e) < 0) {
        return -1;
    }
    if (said.code != 0) {
        return err_set(e, ERR_NETWORK,
                       "%s: asking for its upstream server failed with exit %d", p->name,
                       said.code);
    }
    source_parse(run->target->engine, said.out, s);
    return 0;
}

/* How many transactions of a set a member lacks; -1: not known. */
static long long
upstream_lacks(struct cluster *cluster, struct member *p, const char *set)
{
    auto_free char *sql = NULL;
    auto_free char *missing = NULL;
    struct err silent = { 0 };

    if (set == NULL) {
        return -1;
    }
    sql = engine_format(cluster->target->engine->source->lacks_sql, set);
    return session_ask(cluster, p, sql, &missing, &silent) < 0 ? -1
                                                               : source_count(missing);
}

bool
upstream_look(struct cluster *cluster, struct member *p, struct source *s,
              long long *lacks)
{
    struct err silent = { 0 };

    *lacks = -1;
    if (!engine_follows(cluster->plan->topology) ||
        upstream_ask(cluster->run, p, s, &silent) < 0) {
        return false;
    }
    *lacks = upstream_lacks(cluster, p, s->position);
    s->gone = upstream_lacks(cluster, p, s->purged);
    return true;
}

/* The member must have this as well. */
static void
upstream_want(struct member *p, const char *position)
{
    char *joined = NULL;

    if (position == NULL || *position == '\0') {
        return;
    }
    joined = p->position != NULL && p->position[0] != '\0'
                 ? mem_printf("%s,%s", p->position, position)
                 : mem_strdup(position);
    free(p->position);
    p->position = joined;
}

static int
upstream_refuse(const struct member *p, const struct source *s, struct err *e)
{
    err_set(
        e, ERR_REFUSED,
        "%s: its source has purged %lld transactions that it lacks: it cannot catch up",
        p->name, s->gone);
    err_reason(e, "source.reached");
    return err_hint(e,
                    "copy the source's data to it, by CLONE INSTANCE FROM or a backup");
}

static int
upstream_look_answers(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct member *p = ctx;
    auto_source struct source source = { 0 };
    struct member_report m = { 0 };

    str_copy(s->want, sizeof s->want, "its upstream server answering");
    if (member_check_broken(cluster, p, e) < 0 ||
        upstream_ask(cluster->run, p, &source, e) < 0 ||
        session_member(cluster, p, &m, e) < 0) {
        return -1;
    }
    source.gone = upstream_lacks(cluster, p, source.purged);
    if (source.gone > 0) {
        member_report_clear(&m);
        return upstream_refuse(p, &source, e);
    }
    s->done = !source.away;
    (void)snprintf(s->now, sizeof s->now, "%.60s: %.180s", source.address,
                   source.trouble);
    if (s->done) {
        upstream_want(p, m.position);
        upstream_want(p, source.position);
    }
    if (s->done && source.trouble[0] != '\0') {
        emit_note(cluster->run, "%s: its upstream server cannot be queried: %s", p->name,
                  source.trouble);
    }
    member_report_clear(&m);
    return 0;
}

int
upstream_await(struct cluster *cluster, struct member *p, struct err *e)
{
    struct wait w = { .id = "source",
                      .pod = p->name,
                      .text = "its upstream server",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = SOURCE_PROBE_MS,
                      .watchful = true,
                      .check = upstream_look_answers,
                      .on = cluster,
                      .ctx = p };

    return engine_follows(cluster->plan->topology) ? wait_until(cluster->run, &w, e) : 0;
}
