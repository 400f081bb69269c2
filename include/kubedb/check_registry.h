#ifndef KUBEDB_CHECK_REGISTRY_H
#define KUBEDB_CHECK_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "kubedb/checks.h"

struct engine;

/* What finds out about a check: the facts that kubedb/checks.h judges, or a module that
 * asks or tries something itself. */
enum check_asker {
    CHECK_BY_FACTS,
    CHECK_BY_PG,        /* preflight/pg_check.c */
    CHECK_BY_PROBES,    /* preflight/probes.c */
    CHECK_BY_TRANSFER,  /* member/state_transfer.c */
    CHECK_BY_CONFIG,    /* preflight/proxy_config_check.c */
    CHECK_BY_BACKEND,   /* preflight/backend.c */
    CHECK_BY_ROUTERS,   /* cluster/routers.c */
    CHECK_BY_CHANNELS,  /* cluster/channels.c */
    CHECK_BY_STORAGE,   /* preflight/storage_check.c */
    CHECK_BY_POD,       /* preflight/pod_check.c */
    CHECK_BY_REHEARSAL, /* preflight/rehearsal.c */
    CHECK_BY_STEP,      /* a step of the run itself, procedure/ */
};

enum check_flag {
    /* While an interrupted run is resumed its error is only a warning, because the run
     * itself brings such a state about, or because to stop half-way would be worse than
     * what the check warns of. */
    CHECK_SOFTENED = 1 << 0,
    CHECK_FORWARD = 1 << 1, /* not asked on the way back */
    CHECK_BACK = 1 << 2,    /* asked only there */
};

/*
 * All checks that a run may report before it changes anything, in the order in which it
 * reports them. --skip-check takes their ids; `kubectl dbupgrade checks`, the completion
 * and the manual list them.
 */
struct check_row {
    const char *id;
    enum check_severity severity; /* the worst that it reports */
    const char *title;            /* what is looked at, or what is wrong */
    const char *advice;           /* what to do about it */
    bool forceable;               /* --force and --skip-check make its error a warning */
    bool (*is_for)(const struct engine *en); /* engine/feature.h; NULL: every engine */
    const struct engine *engine;             /* whose question it is; NULL: it is none */
    enum check_asker asked_by;
    /* Of a check of facts: whether they are known, what it says of them, and its
     * CHECK_... flags. */
    bool (*applies)(const struct preflight_facts *f);
    void (*judge)(const struct preflight_facts *f, struct preflight_result *r);
    unsigned flags;
};

/* The i-th check of an engine, of all engines with NULL; false after the last. No id is
 * there twice. */
bool check_at(const struct engine *en, size_t i, struct check_row *out);

/* The check of that id; false if the engine (NULL: any) has none. */
bool check_find(const struct engine *en, const char *id, struct check_row *out);

/* Whether --force and --skip-check make its error a warning. */
bool check_is_forceable(const char *id);

/* Whether the engine has a check that this module asks about. */
bool check_is_asked_by(const struct engine *en, enum check_asker asker);

bool check_is_for(const struct check_row *row, const struct engine *en);

/* The id of an engine's check that is nearest to a word, static; NULL if none is near. */
const char *check_nearest(const struct engine *en, const char *word);

/* "error", "warning", "info". */
const char *check_severity_word(enum check_severity severity);

/* Whether --skip-check does something about what the check says at its worst. */
bool check_is_skippable(const struct check_row *row);

#endif
