#include "base/reason.h"

#include "base/str.h"

/* Every status but those of the codes that say otherwise. */
#define EXIT_USUAL EXIT_ERROR, EXIT_INCOMPLETE

/*
 * The table of reasons: id, meaning, and, for a code, its exit statuses before and after
 * the first change. A time limit that passes before it is an error like any other.
 */
static const struct reason reason_rows[] = {
    /* Those of codes, by code. */
    [ERR_NONE] = { "UNKNOWN", "the cause is unknown", EXIT_USUAL },
    [ERR_USAGE] = { "USAGE", "usage error, or confirmation missing", EXIT_USAGE,
                    EXIT_INCOMPLETE },
    [ERR_CONFIG] = { "CONFIG", "the kubeconfig, a credential or a local file is unusable",
                     EXIT_USUAL },
    [ERR_NETWORK] = { "NETWORK", "a connection failed", EXIT_USUAL },
    [ERR_API] = { "API", "the API server rejected a request", EXIT_USUAL },
    [ERR_NOT_FOUND] = { "NOT_FOUND", "an object does not exist", EXIT_USUAL },
    [ERR_CONFLICT] = { "CONFLICT", "another client changed the object at the same time",
                       EXIT_USUAL },
    [ERR_FORBIDDEN] = { "FORBIDDEN", "this user is not allowed to do it", EXIT_USUAL },
    [ERR_REFUSED] = { "REFUSED", "the state of the database does not allow it",
                      EXIT_REFUSED, EXIT_INCOMPLETE },
    [ERR_LOCKED] = { "LOCKED", "another run holds the lock", EXIT_LOCKED, EXIT_LOCKED },
    [ERR_LOCK_LOST] = { "LOCK_LOST", "the lock expired or was taken over", EXIT_LOCKED,
                        EXIT_INCOMPLETE },
    [ERR_UNHEALTHY] = { "UNHEALTHY", "a pod or a server failed", EXIT_USUAL },
    [ERR_TIMEOUT] = { "TIMEOUT", "a time limit passed", EXIT_ERROR, EXIT_TIME },
    [ERR_INTERRUPTED] = { "INTERRUPTED", "a signal or a request stopped the run",
                          EXIT_INTERRUPTED, EXIT_INTERRUPTED },
    [ERR_PROTOCOL] = { "PROTOCOL", "a server sent something unintelligible", EXIT_USUAL },
    [ERR_INTERNAL] = { "INTERNAL", "a defect of this program", EXIT_USUAL },

    /* The API server. */
    { "TestFailed", "the object was changed by another client before the patch" },
    { "OUTCOME_UNKNOWN", "the connection failed before a change was confirmed" },

    /* Which upgrade. */
    { "DATABASE_NOT_FOUND", "the database does not exist" },
    { "NO_UPGRADE", "no upgrade is in progress" },
    { "OTHER_UPGRADE", "another upgrade is in progress" },
    { "WALKING_BACK", "a rollback is in progress" },
    { "OTHER_MODE", "the upgrade in progress uses another --pg-upgrade-mode" },
    { "OTHER_STRATEGY", "the upgrade in progress uses another --strategy" },
    { "MOVED", "the database changed while the run waited for the lock" },
    { "JOURNAL", "the journal of an earlier run cannot be used" },

    /* Requests to a running upgrade. */
    { "NO_RUN", "the upgrade is stopped: no run is there to receive the request" },
    { "RUN_ENDED", "the run ended before it received the request" },
    { "NO_ANSWER", "the run did not answer the request" },

    /* What others did meanwhile. */
    { "DATABASE_GONE", "the database was deleted during the run" },
    { "PAUSE_LOST", "the Paused condition was removed during the run" },
    { "OPS_REQUEST", "an OpsRequest for the database was created during the run" },
    { "SET_GONE", "a workload was deleted during the run" },
    { "SET_SCALED", "a workload was scaled during the run" },
    { "IMAGES_REVERTED", "another client reverted a workload's images" },
    { "VERSION_REVERTED", "another client reverted the version of the database" },
    { "SECOND_SET", "the operator recreated the workload that was replaced" },
    { "SET_TAKEN", "the replacement set's name belongs to another workload" },
    { "CLAIM_TAKEN", "a PVC of the replacement set's name already exists" },
    { "STORAGE_CHANGED", "a member's new pod has another PVC or volume than before" },
    { "PDB_NEVER", "a PodDisruptionBudget never allows the eviction" },

    /* A pod that does not start. */
    { "POD_CRASHLOOP", "a container crashes repeatedly", .curable = true },
    { "POD_OOM", "a container runs out of memory repeatedly", .curable = true },
    { "POD_IMAGE_PULL", "an image cannot be pulled", .curable = true },
    { "POD_INVALID_IMAGE", "an image is invalid", .curable = true },
    { "POD_CONFIG", "a container cannot be created", .curable = true },
    { "POD_FAILED", "a pod failed", .curable = true },
    { "POD_SERVER", "the server in a pod repeatedly fails to start", .curable = true },
    { "POD_UNSCHEDULABLE", "a pod cannot be scheduled" },
    { "POD_QUOTA", "a quota does not allow the pod" },
    /* A policy may be about the images; a pod whose volume cannot be mounted may come to
     * another node when it is made once more. */
    { "POD_CREATE", "a pod cannot be created", .curable = true },
    { "POD_VOLUME", "a pod's volume cannot be attached or mounted", .curable = true },
    { "POD_SIDECAR", "an injected container keeps a pod from running" },
    { "POD_SANDBOX", "a pod's network cannot be set up" },
    { "POD_OTHER_IMAGES", "a pod was created with other images than its set has" },

    /* A server that runs. The gates are those of the engines. */
    { "GATE_VERSION", "a member runs another version than expected", .curable = true },
    { "GATE_MEMBER", "a member's state is not as expected" },
    { "GATE_POSITION", "a member lacks transactions" },
    { "GATE_QUEUE", "a member's receive queue does not empty" },
    { "DATA_EMPTY", "a restarted member has none of the previous data" },
    { "GATE_SIZE", "a member's amount of data is not as expected" },
    { "GATE_CONFIG", "a proxy's configuration is not as before" },
    { "SERVER_ID", "a member of the replacement set has no server_id", .curable = true },
    { "STATEMENT_FAILED", "a server rejected a query" },
    { "SESSION_UNSAFE", "a session's settings could not be set" },
    { "NO_ENTRY", "a server does not let this program query one of its databases" },
    { "ACCOUNT", "a server does not let the program's account in" },
    { "COPY_AGAIN", "a member is re-cloned again and again" },
    { "COORDINATOR", "a member's coordinator does not answer as expected" },
    { "PG_UPGRADE", "the conversion of the data failed", .curable = true },
    { "PG_INCOMPLETE", "the new server lacks what the old one had" },
    { "PG_HOOK", "the command that follows the conversion failed" },

    /* Deleting old data. */
    { "NOT_FINISHED", "the old data are still in use" },
    { "SERVER_DOWN", "no server is running on the new data" },
    { "NO_POD", "the pod whose volume has the old data does not exist" },

    /* Between modules. */
    { "FILE_EXISTS", "a file of that name exists", .inner = true },
    { "JOB_FAILED", "the rehearsal's script failed", .inner = true },
    { "JOB_FULL", "the rehearsal's volume is full", .inner = true },
    { "JOB_LOST", "the rehearsal's script is gone", .inner = true },
    { "REHEARSAL_IMAGE", "the rehearsal's image cannot be pulled", .inner = true },
    { "REHEARSAL_REFUSED", "the new version rejects what was rehearsed", .inner = true },
};

const struct reason *
reason_at(size_t i)
{
    return i < sizeof reason_rows / sizeof *reason_rows ? &reason_rows[i] : NULL;
}

const struct reason *
reason_find(const char *id)
{
    const struct reason *row = NULL;

    for (size_t i = 0; (row = reason_at(i)) != NULL; i++) {
        if (str_eq(row->id, id)) {
            return row;
        }
    }
    return NULL;
}

const struct reason *
reason_of_code(enum err_code code)
{
    return &reason_rows[code];
}

bool
reason_is_curable(const struct err *e)
{
    const struct reason *row = reason_find(e->reason);

    return e->code == ERR_UNHEALTHY && row != NULL && row->curable;
}
