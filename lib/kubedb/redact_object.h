#ifndef KUBEDB_REDACT_OBJECT_H
#define KUBEDB_REDACT_OBJECT_H

#include "kubedb/redact_value.h"

/* Inside redaction: objects of Kubernetes that are written in a text. */

/* Notes what a member says of the object around it: {name: X_PASSWORD, value: ..} is a
 * variable, and the data of a Secret are secret, before its kind is named and behind.
 * Takes those out that follow; 0: nothing was taken. */
size_t redact_object(struct redact_scan *s, size_t name, size_t len, size_t value,
                     struct redact_quote quote);

/* Whether the block behind the line of i only refers to a secret. */
bool redact_object_refers(struct redact_scan *s, size_t i);

#endif
