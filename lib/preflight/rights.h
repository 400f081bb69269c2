#ifndef PREFLIGHT_RIGHTS_H
#define PREFLIGHT_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct cluster;

enum { RIGHTS_MAX = 56 };

/* What the user lacks: "create pods/exec", "patch mysqls.kubedb.com". */
struct rights {
    char *missing[RIGHTS_MAX + 1]; /* ends with NULL */
    size_t n;
};
/* `rehearsal`: with what a rehearsal needs. */
int rights_ask(struct cluster *cluster, bool rehearsal, struct rights *out,
               struct err *e);
bool rights_may_exec(const struct rights *r);
bool rights_has(const struct rights *r, const char *right); /* "create pods" */
void rights_clear(struct rights *r);

#endif
