/* Base64 of anything: what is encoded comes back, and only what some encoder wrote is
 * taken.
 * parsers: lib/kube/base64.c */
#include <openssl/evp.h>

#include "fuzz.h"
#include "kube/base64.h"

/* Another's encoder. */
static char *
encode(const void *bytes, size_t len)
{
    char *out = mem_alloc(len / 3 * 4 + 5);

    (void)EVP_EncodeBlock((unsigned char *)out, bytes, (int)len);
    return out;
}

static void
check_round(const uint8_t *data, size_t size)
{
    auto_free char *code = encode(data, size);
    auto_free char *back = NULL;
    size_t len = 0;

    fuzz_check(kube_base64_decode(code, &back, &len) == 0);
    fuzz_check(len == size && (size == 0 || memcmp(back, data, size) == 0));
    fuzz_check(back[len] == '\0');
}

/* Line ends are skipped; nothing else is. */
static void
check_canonical(const char *text, const char *bytes, size_t len)
{
    auto_free char *code = encode(bytes, len);
    const char *at = code;

    for (; *text != '\0'; text++) {
        if (*text != '\n' && *text != '\r') {
            fuzz_check(*text == *at++);
        }
    }
    fuzz_check(*at == '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_free char *text = fuzz_text(&in);
    auto_free char *bytes = NULL;
    size_t len = 0;

    check_round(data, size);
    if (kube_base64_decode(text, &bytes, &len) == 0) {
        check_canonical(text, bytes, len);
    } else {
        fuzz_check(bytes == NULL);
    }
    return 0;
}
