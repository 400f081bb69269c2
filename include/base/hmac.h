#ifndef BASE_HMAC_H
#define BASE_HMAC_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Keyed digests: HMAC with SHA-256 (RFC 2104), as hexadecimal digits.
 */
enum { HMAC_KEY_MAX = 128, HMAC_KEY_MIN = 16, HMAC_HEX = 65 };

struct hmac_key {
    unsigned char bytes[HMAC_KEY_MAX];
    size_t n;
};

/* A key as a Secret has it: standard base64. False where it is none, shorter than
 * HMAC_KEY_MIN or longer than HMAC_KEY_MAX; then the key is empty. */
bool hmac_key_decode(struct hmac_key *key, const char *base64);

/* Overwrites it. */
void hmac_key_wipe(struct hmac_key *key);

/* The digest of a text with the key, in `out`. */
void hmac_sha256(const struct hmac_key *key, const char *text, char out[HMAC_HEX]);

/* Whether two digests are equal, in a time that does not tell where they differ. */
bool hmac_equal(const char *a, const char *b);

#endif
