#ifndef KUBE_BASE64_H
#define KUBE_BASE64_H

#include <stddef.h>

/* Decodes standard base64 with its padding. Line breaks are skipped, as Go's
 * decoder skips them; anything else that is not of the alphabet, missing or misplaced
 * padding, and bits that padding cuts off, fail. Returns 0, or -1. The caller frees
 * *out, which ends in a NUL that does not count. */
int kube_base64_decode(const char *text, char **out, size_t *len);

#endif
