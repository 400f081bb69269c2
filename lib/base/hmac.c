#include "base/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* Room for a key of the greatest length and the padding of its last group. */
enum { HMAC_DECODED = HMAC_KEY_MAX + 3, HMAC_TEXT = (HMAC_DECODED / 3) * 4 };

void
hmac_key_wipe(struct hmac_key *key)
{
    OPENSSL_cleanse(key, sizeof *key);
}

bool
hmac_key_decode(struct hmac_key *key, const char *base64)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char out[HMAC_DECODED];
    size_t len = strlen(base64);
    size_t digits = strspn(base64, alphabet);
    size_t padding = len - digits;
    int n = 0;

    *key = (struct hmac_key){ 0 };
    if (len == 0 || len > HMAC_TEXT || len % 4 != 0 || padding > 2 ||
        strspn(base64 + digits, "=") != padding) {
        return false;
    }
    n = EVP_DecodeBlock(out, (const unsigned char *)base64, (int)len);
    if (n >= (int)padding) {
        key->n = (size_t)n - padding;
    }
    if (key->n >= HMAC_KEY_MIN && key->n <= HMAC_KEY_MAX) {
        memcpy(key->bytes, out, key->n);
    } else {
        key->n = 0;
    }
    OPENSSL_cleanse(out, sizeof out);
    return key->n > 0;
}

void
hmac_sha256(const struct hmac_key *key, const char *text, char out[HMAC_HEX])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    (void)mem_check(HMAC(EVP_sha256(), key->bytes, (int)key->n,
                         (const unsigned char *)text, strlen(text), digest, &n));
    for (unsigned i = 0; i < n && 2 * i + 2 < HMAC_HEX; i++) {
        (void)snprintf(out + (size_t)2 * i, 3, "%02x", digest[i]);
    }
}

bool
hmac_equal(const char *a, const char *b)
{
    size_t n = strlen(a);

    return n == strlen(b) && CRYPTO_memcmp(a, b, n) == 0;
}
