#ifndef ENGINE_NEW_SET_H
#define ENGINE_NEW_SET_H

#include "engine/engine.h"

/*
 * How the members of a new set join those of the old one, and get their data.
 */
struct engine_new_set {
    const char *variable;   /* of the containers: the name of their set */
    unsigned members_max;   /* of a group, old and new together */
    int copies_since;       /* from there on a whole copy may come from any version ... */
    int copies_series;      /* ... that is equal when divided by this; else of its own */
    const char *donor_sql;  /* key/value rows for new_set_parse_donor */
    const char *number_sql; /* prints the number of a member, which is not 0 */
};

/* How a member can give what it has to one that joins. */
struct new_set_donor {
    bool answered;
    bool copies;      /* as a whole */
    bool complete;    /* by its logs, which have all that it ever executed */
    char version[64]; /* of its server */
};

/* Rows of "key<TAB>value" -> what a donor can. A key that is missing is a no. */
void new_set_parse_donor(const char *out, struct new_set_donor *d);

/* Whether a server of version `to` can copy from this donor as a whole. */
bool new_set_may_copy(const struct engine *en, const struct new_set_donor *d,
                      const char *to);

#endif
