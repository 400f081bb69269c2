#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/replacement.h"
#include "cluster/routers.h"

/*
 * The database's sets of pods, and their images: what they have, what they are to have,
 * and what they had before a run.
 */

const json_t *
sets_object(const struct flow *f, const struct flow_set *s)
{
    return s->name != NULL ? json_object_get(kube_watch_objects(f->w_set), s->name)
                           : NULL;
}

bool
sets_is_goal(const struct flow *f, const struct flow_set *s)
{
    return f->procedure != PROCEDURE_NEW_SET || s->follows ||
           s->made == flow_is_forward(f);
}

struct flow_set *
sets_members(struct flow *f)
{
    for (size_t i = 0; i < f->n_sets; i++) {
        if (!f->sets[i].follows && !f->sets[i].absent) {
            return &f->sets[i];
        }
    }
    return &f->sets[0];
}

bool
sets_has_pod(const struct flow_pod *p)
{
    return !p->set->absent && (size_t)p->ordinal < p->set->size && !p->lost;
}

unsigned
sets_count_pods(const struct flow *f)
{
    unsigned n = 0;

    for (size_t i = 0; i < f->n_pods; i++) {
        n += sets_has_pod(&f->pods[i]) ? 1U : 0U;
    }
    return n;
}

/* -- which they are -- */

/* The pods are NAME-0 ... NAME-(replicas-1), there or not. */
void
sets_add_pods(struct flow *f, struct flow_set *s)
{
    for (size_t i = 0; i < s->replicas; i++) {
        struct flow_pod *p = &f->pods[f->n_pods++];

        p->name = mem_printf("%s-%zu", s->name, i);
        p->set = s;
        p->ordinal = (int)i;
    }
}

int
sets_add(struct flow *f, const json_t *object, bool follows, struct err *e)
{
    struct flow_set *s = &f->sets[f->n_sets];
    long long replicas = json_path_int(object, "spec.replicas", 1);

    if (f->n_sets == FLOW_SETS_MAX) {
        return err_set(e, ERR_REFUSED,
                       "the database has more sets than the %d this program handles",
                       (int)FLOW_SETS_MAX);
    }
    if (replicas < 0 || replicas > FLOW_MEMBERS_MAX - (long long)f->n_pods) {
        return err_set(e, ERR_REFUSED,
                       "%lld members are more than the %d this program handles",
                       replicas + (long long)f->n_pods, (int)FLOW_MEMBERS_MAX);
    }
    f->n_sets++;
    *s = (struct flow_set){ .name = mem_strdup(json_path_str(object, "metadata.name")),
                            .uid = mem_strdup(json_path_str(object, "metadata.uid")),
                            .replicas = (size_t)replicas,
                            .size = (size_t)replicas,
                            .was = (size_t)replicas,
                            .follows = follows,
                            .role = follows ? "read replica" : NULL };
    sets_add_pods(f, s);
    return 0;
}

int
sets_choose(struct flow *f, struct err *e)
{
    auto_json json_t *list = mem_check(json_pack("{s:[]}", "items"));
    const char *name = NULL;
    json_t *set = NULL;
    const json_t *members = NULL;
    const json_t *followers[PREFLIGHT_SETS_MAX + 1] = { 0 };
    struct err none = { 0 };
    size_t n = 0;

    json_object_foreach (json_mutable(kube_watch_objects(f->w_set)), name, set) {
        (void)json_array_append(json_object_get(list, "items"), set);
    }
    if (f->procedure == PROCEDURE_NEW_SET) {
        return newset_choose(f, list, e);
    }
    members = workload_find(list, f->rq->name, f->db_uid, &none);
    if (members == NULL) {
        f->set_trouble = none.code == ERR_REFUSED ? mem_strdup(none.msg) : NULL;
        newset_explain_two(f, list);
        return 0;
    }
    if (front_choose(f, list, e) < 0) {
        return -1;
    }
    n = workload_find_followers(list, f->db_uid, followers, PREFLIGHT_SETS_MAX + 1);
    if (sets_add(f, members, false, e) < 0) {
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        if (sets_add(f, followers[i < PREFLIGHT_SETS_MAX ? i : PREFLIGHT_SETS_MAX], true,
                     e) < 0) {
            return -1;
        }
    }
    return 0;
}

struct roll_item
sets_roll_item(const struct flow *f, const struct flow_pod *p)
{
    return (struct roll_item){ .set = (size_t)(p->set - f->sets),
                               .ordinal = p->ordinal,
                               .role = p->role };
}

void
sets_free(struct flow *f)
{
    for (size_t i = 0; i < f->n_sets; i++) {
        free(f->sets[i].name);
        free(f->sets[i].uid);
        image_changes_free(&f->sets[i].images);
    }
    f->n_sets = 0;
    front_free(f);
}

/* -- their images -- */

#define auto_changes scope_cleanup(image_changes_free)

const json_t *
sets_template(struct flow *f, const struct flow_set *s)
{
    return sets_object(f, s->absent ? sets_members(f) : s);
}

static int
sets_images(struct flow *f, const struct flow_set *s, const json_t *catalog,
            struct image_changes *out, struct err *e)
{
    const json_t *template = sets_template(f, s);

    if (template == NULL) {
        return err_set(e, ERR_REFUSED, "the set %s was deleted meanwhile", s->name);
    }
    return workload_images(f->en, template, catalog, out, e);
}

int
sets_want(struct flow *f, const json_t *catalog, struct err *e)
{
    for (struct flow_set *s = f->sets; s < f->sets + f->n_sets; s++) {
        image_changes_free(&s->images);
        if (sets_images(f, s, catalog, &s->images, e) < 0) {
            return -1;
        }
    }
    return front_want(f, catalog, e);
}

/* The same container, or variable, among others; NULL. */
static const struct image_change *
sets_find_change(const struct image_changes *in, const struct image_change *c)
{
    for (size_t i = 0; i < in->n; i++) {
        if (str_eq(c->container, in->at[i].container) && c->init == in->at[i].init &&
            str_eq(c->variable, in->at[i].variable)) {
            return &in->at[i];
        }
    }
    return NULL;
}

void
sets_take_old(struct flow_set *s, const struct image_changes *was, bool to)
{
    for (size_t i = 0; i < s->images.n; i++) {
        struct image_change *c = &s->images.at[i];

        const struct image_change *like = sets_find_change(was, c);

        if (like != NULL) {
            free(c->from);
            c->from = mem_strdup(to ? like->to : like->from);
        }
    }
}

int
sets_guess(struct flow *f, const json_t *catalog, struct err *e)
{
    for (struct flow_set *s = f->sets; s < f->sets + f->n_sets; s++) {
        auto_changes struct image_changes was = { 0 };

        if (sets_images(f, s, catalog, &was, e) < 0) {
            return -1;
        }
        sets_take_old(s, &was, true);
    }
    return front_guess(f, catalog, e);
}

const json_t *
sets_in_journal(const json_t *journal, const struct flow_set *s)
{
    const json_t *of = s->made ? json_object_get(journal, "new_set")
                       : !s->follows
                           ? journal
                           : json_array_find(json_object_get(journal, "followers"), "set",
                                             s->name, NULL);

    return json_object_get(of, "images");
}

void
sets_to_journal(const struct flow *f, json_t *journal)
{
    json_t *followers = mem_check(json_array());

    for (size_t i = 1; i < f->n_sets && f->sets[i].follows; i++) {
        (void)json_array_append_new(
            followers, mem_check(json_pack("{s:s, s:o}", "set", f->sets[i].name, "images",
                                           image_changes_to_json(&f->sets[i].images))));
    }
    if (json_array_size(followers) > 0) {
        (void)json_object_set_new(journal, "followers", followers);
    } else {
        json_decref(followers);
    }
    front_to_journal(f, journal);
}

/* What each was to become: the catalogue's, else as it is now. A journal is not asked,
 * because what it says would be written to the Lease again. */
static void
sets_take_new(struct flow *f, struct flow_set *s)
{
    const json_t *template = sets_template(f, s);
    auto_changes struct image_changes want = { 0 };
    struct err ignored = { 0 };

    if (f->to != NULL && template != NULL) {
        (void)(f->front != NULL && s == &f->front->set
                   ? workload_front_images
                   : workload_images)(f->en, template, f->to, &want, &ignored);
    }
    for (size_t i = 0; i < s->images.n; i++) {
        struct image_change *c = &s->images.at[i];
        const struct image_change *like = sets_find_change(&want, c);
        const char *now = workload_value(json_path(template, "spec.template.spec"), c);

        free(c->to);
        c->to = mem_strdup(like != NULL ? like->to : *now != '\0' ? now : c->from);
    }
}

int
sets_recall_images(struct flow *f, struct flow_set *s, const json_t *known, bool back,
                   struct err *e)
{
    auto_changes struct image_changes was = { 0 };

    if (image_changes_from_json(known, &was, e) < 0) {
        return err_wrap(e, "the journal, of the set %s", s->name);
    }
    if (back) {
        image_changes_free(&s->images);
        s->images = was;
        was = (struct image_changes){ 0 };
        sets_take_new(f, s);
    } else {
        sets_take_old(s, &was, false);
    }
    return 0;
}

bool
sets_recalls(const struct flow *f, const struct flow_set *s, const json_t *known)
{
    if (!flow_is_forward(f)) {
        return true;
    }
    return (known != NULL || !s->follows) &&
           !(f->procedure == PROCEDURE_NEW_SET && f->sets[0].absent);
}

int
sets_recall(struct flow *f, const json_t *journal, bool back, struct err *e)
{
    for (struct flow_set *s = f->sets; s < f->sets + f->n_sets; s++) {
        const json_t *known = sets_in_journal(journal, s);

        if (sets_recalls(f, s, known) && sets_recall_images(f, s, known, back, e) < 0) {
            return -1;
        }
    }
    return front_recall(f, journal, back, e);
}

size_t
sets_count_changes(const struct flow *f, bool variables)
{
    size_t n = 0;

    for (const struct flow_set *s = f->sets; s < f->sets + f->n_sets; s++) {
        n += variables ? image_changes_count_variables(&s->images)
                       : image_changes_count(&s->images);
    }
    return n;
}
