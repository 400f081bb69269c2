#include "kube/base64.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/scope.h"

static const char base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Writes the bytes of one group of four, of which `pads` are padding. */
static int
base64_group(uint32_t bits, size_t pads, char **out)
{
    if (pads > 2 || (bits & ((1U << (8 * pads)) - 1)) != 0) {
        return -1;
    }
    for (size_t i = 0; i < 3 - pads; i++) {
        *(*out)++ = (char)(unsigned char)(bits >> (16 - 8 * i));
    }
    return 0;
}

int
kube_base64_decode(const char *text, char **out, size_t *len)
{
    auto_free char *bytes = mem_alloc(strlen(text) / 4 * 3 + 1);
    char *at = bytes;
    uint32_t bits = 0;
    size_t chars = 0;
    size_t pads = 0;

    for (; *text != '\0'; text++) {
        const char *digit = strchr(base64_alphabet, *text);

        if (*text == '\n' || *text == '\r') {
            continue;
        }
        if (*text == '=' ? chars % 4 < 2 : digit == NULL || pads > 0) {
            return -1;
        }
        pads += *text == '=' ? 1 : 0;
        bits = bits << 6 | (digit != NULL ? (uint32_t)(digit - base64_alphabet) : 0);
        if (++chars % 4 == 0) {
            if (pads > 0 && text[1 + strspn(text + 1, "\r\n")] != '\0') {
                return -1;
            }
            if (base64_group(bits & 0xffffff, pads, &at) < 0) {
                return -1;
            }
        }
    }
    if (chars % 4 != 0) {
        return -1;
    }
    *len = (size_t)(at - bytes);
    *out = scope_steal(&bytes);
    return 0;
}
