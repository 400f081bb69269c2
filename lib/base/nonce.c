#include "base/nonce.h"

#include <openssl/rand.h>
#include <stddef.h>
#include <stdio.h>

int
nonce_make(char out[NONCE_SIZE], struct err *e)
{
    unsigned char bits[NONCE_SIZE / 2];

    if (RAND_bytes(bits, sizeof bits) != 1) {
        return err_set(e, ERR_INTERNAL, "the system provides no random numbers");
    }
    for (size_t i = 0; i < sizeof bits; i++) {
        (void)snprintf(out + 2 * i, 3, "%02x", bits[i]);
    }
    return 0;
}
