#ifndef LIB_KUBEDB_SELECTOR_H
#define LIB_KUBEDB_SELECTOR_H

#include <jansson.h>
#include <stdbool.h>

/* Whether a requirement of a selector (meta/v1 LabelSelectorRequirement, core/v1
 * NodeSelectorRequirement) fits a label or field; `value` NULL: there is none of it.
 * `unknown`: of an operator that is not In, NotIn, Exists or DoesNotExist. */
bool selector_fits(const json_t *requirement, const char *value, bool unknown);

/* Whether an object has all the labels of matchLabels, or of a nodeSelector. */
bool selector_has_labels(const json_t *labels, const json_t *wanted);

#endif
