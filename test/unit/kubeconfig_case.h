#ifndef KUBECONFIG_CASE_H
#define KUBECONFIG_CASE_H

#include <jansson.h>

#include "kube/config.h"
#include "kube/kubeconfig.h"

/*
 * The folders of test/data/kubeconfig. Each holds a case.json and the files that it
 * speaks of, and is the working directory while its test runs:
 *
 *     flags   members of struct kube_flags
 *     env     members of struct kube_env
 *     view    what kubeconfig_load() makes of it: contexts, clusters, users,
 *             current_context, looked_at (test_kubeconfig)
 *     want    the target: members of struct kube_target that are set; a PEM text is
 *             given by its second line (test_target)
 *     error   instead of want: the message; "code" is "config" unless it says "usage";
 *             "hint" is looked at if it is there
 *
 * Every secret in a case contains "sesame", which no error may show.
 */
struct kubeconfig_case {
    json_t *json;
    struct kube_flags flags;
    struct kube_env env;
    const char *lists[2][8]; /* behind the lists of the flags */
};

/* Runs one test a folder whose case.json has one of the two members. Returns what
 * main() is to return. */
int kubeconfig_cases_run(const char *group, const char *member, const char *or_member,
                         void (*test)(const struct kubeconfig_case *c));

/* Fails unless the two are equal, and prints them. */
void kubeconfig_case_equal(const json_t *got, const json_t *want);

/* Fails if the error shows a secret. */
void kubeconfig_case_no_secret(const struct err *e);

#endif
