#ifndef KUBEDB_SEMVER_H
#define KUBEDB_SEMVER_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Semantic versions and constraints as KubeDB's webhooks evaluate them
 * (Masterminds/semver v3.4): "17.9" is 17.9.0; comma or space is AND, "||" is OR;
 * operators = != > < >= <= ~ ^ and wildcards (x, X, *), hyphen ranges; an alternative
 * that names no prerelease never matches a prerelease version.
 */
struct semver {
    unsigned long major, minor, patch;
    char pre[64]; /* "" for none */
};

int semver_parse(const char *text, struct semver *out, struct err *e);
int semver_compare(const struct semver *a, const struct semver *b); /* <0, 0, >0 */
int semver_matches(const char *constraint, const struct semver *v, bool *match,
                   struct err *e);

#endif
