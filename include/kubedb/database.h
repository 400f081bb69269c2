#ifndef KUBEDB_DATABASE_H
#define KUBEDB_DATABASE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"

/*
 * The database object (kubedb.com/v1 or v1alpha2). Strings are borrowed from the
 * JSON that was parsed and live as long as it.
 */
struct database {
    const char *name, *name_space, *uid, *version, *phase, *resource_version;
    const char *topology_value;     /* of the engine's topology_path; "" if absent */
    const struct engine_mode *mode; /* NULL if the engine does not know the value */
    long long generation, observed;
    long long replicas; /* -1 if absent */
    bool halted, deleting, distributed;
    bool paused;
    const char *paused_message; /* "" if not paused */
};

int database_parse(const struct engine *en, const json_t *object, struct database *out,
                   struct err *e);

/* Merge patches of the status subresource that add or remove the condition Paused;
 * they carry the object's resourceVersion. Pausing is as KubeDB writes it (type and
 * reason "Paused", status "True", observedGeneration, lastTransitionTime). New
 * references. */
json_t *database_pause_patch(const json_t *object, const char *message,
                             long long wall_ms);
json_t *database_resume_patch(const json_t *object);

/* Merge patch of the object that sets spec.version, guarded by resourceVersion. */
json_t *database_version_patch(const json_t *object, const char *version);

/* Begins every message with which this program pauses a database. */
#define DATABASE_PAUSE_MARK "Paused by kubectl-dbupgrade"

bool database_paused_by_us(const struct database *db);

/* The message of a pause for an upgrade between two versions, or for its way back. The
 * caller frees it. */
char *database_pause_message(bool back, const char *from, const char *to,
                             const char *holder);

/* Whether it is paused by this program for an upgrade between just these versions, or its
 * way back; paused_for_other: for one between others. Neither, where the message names no
 * versions: an older program's. */
bool database_paused_for(const struct database *db, const char *from, const char *to);
bool database_paused_for_other(const struct database *db, const char *from,
                               const char *to);

/* A one-line reason why the object's phase is what it is, from its false conditions;
 * "" if there is none. Returns out. */
char *database_trouble(const json_t *object, char *out, size_t size);

#endif
