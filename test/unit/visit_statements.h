#ifndef VISIT_STATEMENTS_H
#define VISIT_STATEMENTS_H

#include <stddef.h>

#include "base/mem.h"
#include "base/scope.h"
#include "engine/config_tables.h"
#include "engine/engine.h"
#include "engine/engine_advice.h"
#include "engine/new_set.h"
#include "engine/probe.h"
#include "engine/replication_source.h"
#include "engine/transfer.h"
#include "engine/trial.h"

/* All statements that an engine's rows have, those of databases that are entered left
 * out. */
typedef void visit(const struct engine *en, const char *id, int since, const char *sql);

static inline void
visit_rows(const struct engine *en, const char *id, const struct engine_sql *rows,
           visit *f)
{
    for (; rows != NULL && rows->text != NULL; rows++) {
        f(en, id, rows->since, rows->text);
    }
}

static inline void
visit_list(const struct engine *en, const char *id, const char *const *list, visit *f)
{
    for (; list != NULL && *list != NULL; list++) {
        f(en, id, 0, *list);
    }
}

static inline void
visit_one(const struct engine *en, const char *id, const char *sql, visit *f)
{
    if (sql != NULL && *sql != '\0') {
        f(en, id, 0, sql);
    }
}

static inline void
visit_config(const struct engine *en, visit *f)
{
    for (const struct engine_config *c = en->config; c != NULL && c->id != NULL; c++) {
        visit_one(en, c->id, c->runtime_sql, f);
        visit_one(en, c->id, c->disk_sql, f);
        visit_one(en, c->id, c->seen_sql, f);
        visit_one(en, c->id, c->copy_sql, f);
        visit_list(en, c->id, c->clear_sql, f);
        visit_list(en, c->id, c->save_sql, f);
        visit_list(en, c->id, c->use_sql, f);
    }
}

static inline void
visit_probes(const struct engine *en, visit *f)
{
    for (const struct engine_probe *p = en->probes; p != NULL && p->id != NULL; p++) {
        auto_free char *sql = probe_sql(en, p, 0);

        f(en, p->id, p->since, sql);
    }
}

static inline void
visit_all(const struct engine *en, visit *f)
{
    visit_one(en, "echo", en->session.echo_sql, f);
    visit_one(en, "version", en->member.version_sql, f);
    visit_rows(en, "member", en->member.sql, f);
    visit_list(en, "status", en->member.status_sql, f);
    visit_rows(en, "reached", en->member.reached_sql, f);
    visit_rows(en, "measures", en->data.sql, f);
    visit_one(en, "directories", en->object.data_sql, f);
    visit_config(en, f);
    visit_probes(en, f);
    for (const struct engine_handover *h = en->member.handovers; h->id != NULL; h++) {
        visit_one(en, h->id, h->sql, f);
    }
    if (en->member.drain != NULL) {
        visit_one(en, "drain", en->member.drain->pause_sql, f);
        visit_one(en, "drain", en->member.drain->resume_sql, f);
        visit_one(en, "drain", en->member.drain->clients_sql, f);
    }
    if (en->transfer != NULL) {
        visit_rows(en, "transfer", en->transfer->sql, f);
        visit_rows(en, "transfer kept", en->transfer->kept_sql, f);
        visit_rows(en, "transfer copy", en->transfer->copy_sql, f);
    }
    if (en->trial != NULL) {
        visit_one(en, "trial", en->trial->more_sql, f);
    }
    if (en->source != NULL) {
        visit_one(en, "source", en->source->lacks_sql, f);
    }
    if (en->advice != NULL) {
        visit_rows(en, "advice", en->advice->sql, f);
    }
    if (en->new_set != NULL) {
        visit_one(en, "new set", en->new_set->donor_sql, f);
        visit_one(en, "new set", en->new_set->number_sql, f);
    }
}

#endif
