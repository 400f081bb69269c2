#ifndef CLUSTER_SETS_H
#define CLUSTER_SETS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "kubedb/checks.h"

/*
 * The database's sets of pods, and their images.
 */
struct run;
struct cluster;
struct member;

enum { SETS_MAX = 1 + PREFLIGHT_SETS_MAX };

/* One of the database's sets of pods. The first is that of the members; an upgrade by a
 * new set has another one of members, which it makes. Servers of the others only follow
 * them, and never lead (read replicas). */
struct member_set {
    char *name;
    char *uid;       /* "" while it is not made */
    size_t replicas; /* with all its pods */
    size_t size;     /* pods that it is to have now: fewer while it grows or goes */
    size_t was;      /* before that changed last, as a mirror may still show it */
    bool seen;       /* it was there in this run, and the database controls it */
    bool absent;     /* not made yet, or deleted: it is not to be there */
    bool made;       /* by the upgrade */
    bool follows;
    const char *role; /* of its pods, for people; NULL: as their servers say */
    struct image_changes images;
};

/* The sets that the database controls, as the mirror has them, and their pods, there or
 * not. That there is no set is for a check to say. */
int sets_choose(struct cluster *cluster, struct err *e);

/* Adds a set that is there, with its pods; sets_add_pods: of one that was added, there or
 * not. ERR_REFUSED: there are too many. */
int sets_add(struct cluster *cluster, const json_t *object, bool follows, struct err *e);
void sets_add_pods(struct cluster *cluster, struct member_set *s);

/* What a catalogue object changes in a set's template. */
int sets_images(struct cluster *cluster, const struct member_set *s,
                const json_t *catalog, struct image_changes *out, struct err *e);

const json_t *sets_object(const struct cluster *cluster,
                          const struct member_set *s); /* NULL: gone */

/* Whether a set's pods are those that the run is to end with. */
bool sets_is_goal(const struct run *run, const struct member_set *s);

/* The set of members that is there; of two, the one from before. */
struct member_set *sets_members(struct cluster *cluster);

/* Whether a pod is to be there now; how many are, of all sets. */
bool sets_has_pod(const struct member *p);
unsigned sets_count_pods(const struct cluster *cluster);

/* Learns from a set's pods how webhooks rewrite its images; not of a run that goes on:
 * its pods may be of either version. */
void sets_learn_rewriting(struct cluster *cluster, struct member_set *s,
                          const struct member *pods, size_t n);

/* What the catalogue object wants in each set's template, and how its pods have it. */
int sets_want(struct cluster *cluster, const json_t *catalog, struct err *e);

/* The images from before, as a journal has them, become those of each set: to go back to
 * (all of what is known of them then), or as what they are changed from. ERR_PROTOCOL:
 * the journal has none of a set that is to go back. */
int sets_recall(struct cluster *cluster, const json_t *journal, bool back, struct err *e);

/* A set's images in a journal; NULL: it does not know the set. */
const json_t *sets_in_journal(const json_t *journal, const struct member_set *s);

/* Whether a run takes a set's images from the journal, where it has them. Forward not
 * those of a set that came later; nor any when the old set is deleted, because nothing
 * goes back to them then. */
bool sets_recalls(const struct cluster *cluster, const struct member_set *s,
                  const json_t *known);

/* What a set's pods are, or were, or will be made after. */
const json_t *sets_template(struct cluster *cluster, const struct member_set *s);

/* Adds the images of the sets behind the members', which a journal has apart. */
void sets_to_journal(const struct cluster *cluster, json_t *journal);

/* The same by the catalogue's object of the version that is left, where no journal is. */
int sets_guess(struct cluster *cluster, const json_t *catalog, struct err *e);

/* Takes the old images from a list of changes: those that a journal has as `from`, or
 * (to) those that the catalogue has as `to` for the version that is left. */
void sets_take_old(struct member_set *s, const struct image_changes *was, bool to);

/* Takes from a journal what a set's images were before; walking back, also which ones
 * they are. ERR_PROTOCOL: they cannot be read. */
int sets_recall_images(struct cluster *cluster, struct member_set *s, const json_t *known,
                       bool back, struct err *e);

/* How many images, or variables, differ in all sets. */
size_t sets_count_changes(const struct cluster *cluster, bool variables);

/* What a pod's turn in the roll goes by. */
struct roll_item sets_roll_item(const struct cluster *cluster, const struct member *p);

void sets_free(struct cluster *cluster);

#endif
