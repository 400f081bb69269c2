#ifndef KUBEDB_CHECK_REGISTRY_H
#define KUBEDB_CHECK_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "kubedb/checks.h"

struct engine;

/*
 * All checks that a run may report before it changes anything, in the order in which it
 * reports them. --skip-check takes their ids; `kubectl dbupgrade checks`, the completion
 * and the manual list them.
 */
struct check_row {
    const char *id;
    enum check_severity severity; /* the worst that it reports */
    bool forceable;               /* --force and --skip-check make its error a warning */
    bool (*is_for)(const struct engine *en); /* engine/feature.h; NULL: every engine */
    const char *title;                       /* what is looked at, or what is wrong */
    const char *advice;                      /* what to do about it */
    const struct engine *engine;             /* whose question it is; NULL: it is none */
};

/* The i-th check of an engine, of all engines with NULL; false after the last. No id is
 * there twice. */
bool check_at(const struct engine *en, size_t i, struct check_row *out);

/* The check of that id; false if the engine (NULL: any) has none. */
bool check_find(const struct engine *en, const char *id, struct check_row *out);

/* Whether --force and --skip-check make its error a warning. */
bool check_is_forceable(const char *id);

bool check_is_for(const struct check_row *row, const struct engine *en);

/* The id of an engine's check that is nearest to a word, static; NULL if none is near. */
const char *check_nearest(const struct engine *en, const char *word);

/* "error", "warning", "info". */
const char *check_severity_word(enum check_severity severity);

/* Whether --skip-check does something about what the check says at its worst. */
bool check_is_skippable(const struct check_row *row);

#endif
