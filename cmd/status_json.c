#include <stdio.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "command_status.h"
#include "print.h"

/*
 * What is in progress, for scripts: one document, and names as kubectl prints them.
 */

/* Sets a string; one that is empty is left out. */
static void
status_json_set(json_t *o, const char *key, const char *value)
{
    if (value != NULL && *value != '\0') {
        (void)json_object_set_new(o, key, json_visible(value));
    }
}

static json_t *
status_json_members(const struct status_row *r)
{
    json_t *all = mem_check(json_array());

    for (size_t i = 0; i < r->n_members; i++) {
        const struct status_member *m = &r->members[i];
        json_t *o = mem_check(json_pack("{s:s, s:s, s:b, s:b}", "name", m->name, "images",
                                        status_images_id(m->images), "ready",
                                        (int)m->ready, "deleting", (int)m->deleting));

        status_json_set(o, "role", m->role);
        (void)json_array_append_new(all, o);
    }
    return all;
}

static void
status_json_details(json_t *o, const struct status_row *r)
{
    if (r->objects.database != NULL) {
        status_json_set(o, "databaseVersion", r->database.version);
        status_json_set(o, "phase", r->database.phase);
        (void)json_object_set_new(o, "operatorPaused", json_boolean(r->database.paused));
        status_json_set(o, "pausedMessage", r->database.paused_message);
    }
    if (r->objects.pods != NULL) {
        (void)json_object_set_new(o, "members", status_json_members(r));
    }
    status_json_set(o, "leftOut", r->left_out);
}

static json_t *
status_json_row(const struct status_row *r)
{
    json_t *o = mem_check(json_object());
    char text[512];

    status_json_set(o, "kind", r->engine != NULL ? r->engine->api.kind : "");
    status_json_set(o, "namespace", r->name_space);
    status_json_set(o, "name", r->name);
    status_json_set(o, "state", status_id(r->state));
    status_json_set(o, "text", status_say(r, text, sizeof text));
    status_json_set(o, "from", r->journal.from);
    status_json_set(o, "to", r->journal.to);
    if (*r->journal.to != '\0') {
        status_json_set(o, "direction", r->journal.back ? "back" : "forward");
    }
    status_json_set(o, "step", r->journal.step);
    status_json_set(o, "holder", r->lock.holder);
    status_json_set(o, "heldBy", r->lock.held_by);
    status_json_set(o, "asked", r->lock.asked);
    status_json_set(o, "askedBy", r->lock.asked_by);
    status_json_set(o, "started", r->journal.started);
    status_json_set(o, "startedBy", r->journal.by);
    status_json_set(o, "renewed", r->lock.renewed);
    if (r->lock.renewed_ms >= 0) {
        (void)json_object_set_new(o, "renewedAgoMs", json_integer(r->lock.seen_ms));
    }
    status_json_details(o, r);
    return o;
}

void
status_print_json(const struct status_view *v)
{
    auto_json json_t *doc = mem_check(json_pack("{s:i, s:[]}", "v", 1, "upgrades"));

    for (size_t i = 0; i < v->list->n; i++) {
        (void)json_array_append_new(json_object_get(doc, "upgrades"),
                                    status_json_row(&v->list->at[i]));
    }
    status_json_set(doc, "leftOut", v->list->left_out);
    print_json(stdout, doc);
}

void
status_print_names(const struct status_view *v)
{
    char name[320];

    for (size_t i = 0; i < v->list->n; i++) {
        print_text(stdout, "%s\n", status_database(&v->list->at[i], name, sizeof name));
    }
}
