#ifndef KUBE_YAML_H
#define KUBE_YAML_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

/*
 * YAML text as the tree that the rest of the program knows, for files of the
 * user (kubeconfig). JSON text is YAML as well.
 *
 * Plain scalars follow the core schema of YAML 1.2 as far as JSON can say it:
 * null, true, false and decimal numbers. Everything else is a string: quoted
 * text, "yes" and "on", hexadecimal and octal numbers, numbers with leading
 * zeros or too large, dates, .inf and .nan. sigs.k8s.io/yaml reads YAML 1.1 and
 * would turn some of these into booleans and numbers; no member of a kubeconfig
 * wants a number, so here the text that the user wrote survives.
 *
 * Anchors, aliases and merge keys ("<<") are followed. Refused, with line and
 * column: a key given twice, keys that are not scalars, foreign tags, NUL
 * characters, more than one document, and what is larger, deeper or expands to
 * more than the limits below.
 */
enum {
    KUBE_YAML_SIZE = 8 * 1024 * 1024,   /* bytes of text */
    KUBE_YAML_DEPTH = 64,               /* collections inside each other */
    KUBE_YAML_MEMORY = 64 * 1024 * 1024 /* bytes after aliases are expanded, about */
};

/* Parses one document; no document at all is a JSON null. `what` names the text
 * in errors, which are ERR_CONFIG and never quote a value. Returns a new
 * reference, or NULL. */
json_t *kube_yaml_parse(const char *text, size_t len, const char *what, struct err *e);

#endif
