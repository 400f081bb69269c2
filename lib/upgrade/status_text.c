#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/journal_form.h"
#include "upgrade/status.h"

/*
 * What status_read() found, in words.
 */

static const char *const status_ids[] = {
    [STATUS_RUNNING] = "running",  [STATUS_HELD] = "held",
    [STATUS_STOPPED] = "stopped",  [STATUS_SILENT] = "silent",
    [STATUS_NEWER] = "newer",      [STATUS_UNREADABLE] = "unreadable",
    [STATUS_LEFT] = "left-paused",
};

static const char *const status_images_ids[] = {
    [STATUS_OLD] = "old",
    [STATUS_NEW] = "new",
    [STATUS_SAME] = "same",
    [STATUS_MIXED] = "mixed",
};

const char *
status_id(enum status_state state)
{
    return status_ids[state];
}

const char *
status_images_id(enum status_images images)
{
    return status_images_ids[images];
}

char *
status_database(const struct status_row *r, char *out, size_t size)
{
    (void)snprintf(out, size, "%s%s%s", r->engine != NULL ? r->engine->name : "",
                   r->engine != NULL ? "/" : "", r->name);
    return out;
}

/* How far apart the clocks are shows in a renewal that was made just now. */
static void
status_say_alive(const struct status_row *r, char *out, size_t size)
{
    if (r->lock.alive && (r->lock.seen_ms > r->lock.lease_ms || r->lock.seen_ms < 0)) {
        char apart[32];

        str_append(
            out, size, " (its clock is %s %s the local one)",
            clock_duration(r->lock.seen_ms < 0 ? -r->lock.seen_ms : r->lock.seen_ms,
                           apart, sizeof apart),
            r->lock.seen_ms < 0 ? "ahead of" : "behind");
    }
}

char *
status_say(const struct status_row *r, char *out, size_t size)
{
    char since[32];

    str_copy(out, size, "");
    switch (r->state) {
    case STATUS_HELD:
        str_append(out, size, "paused before the next member by %s", r->lock.held_by);
        status_say_alive(r, out, size);
        break;
    case STATUS_STOPPED:
        str_copy(out, size, "stopped: resume or abort it");
        break;
    case STATUS_SILENT:
        str_append(
            out, size, "lock not renewed%s%s: the run is dead and can be taken over",
            r->lock.seen_ms > 0 ? " for " : " while watched",
            r->lock.seen_ms > 0 ? clock_duration(r->lock.seen_ms, since, sizeof since)
                                : "");
        break;
    case STATUS_NEWER:
        str_append(
            out, size,
            "written by a newer kubectl-dbupgrade (format %lld; this one reads up to %d)",
            r->journal.format, JOURNAL_VERSION);
        break;
    case STATUS_UNREADABLE:
        str_copy(out, size, "the journal cannot be read");
        break;
    case STATUS_LEFT:
        str_copy(out, size, "operator left paused; no upgrade is in progress");
        break;
    case STATUS_RUNNING:
    default:
        str_copy(out, size, "running");
        status_say_alive(r, out, size);
        break;
    }
    return out;
}

char *
status_unpause_patch(const struct status_row *r)
{
    auto_json json_t *patch = NULL;
    char path[64];
    char type[72];
    size_t i = 0;

    if (json_array_find(json_path(r->objects.database, "status.conditions"), "type",
                        "Paused", &i) == NULL) {
        return NULL;
    }
    (void)snprintf(path, sizeof path, "/status/conditions/%zu", i);
    (void)snprintf(type, sizeof type, "%s/type", path);
    patch = mem_check(json_pack("[{s:s, s:s, s:s}, {s:s, s:s}]", "op", "test", "path",
                                type, "value", "Paused", "op", "remove", "path", path));
    return json_text(patch);
}
