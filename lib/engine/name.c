#include "engine/name.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/scope.h"

enum { NAME_BYTES = 4096, NAME_SUM = 17 /* "~", and 16 digits */ };

/* -- hex -- */

static int
name_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

char *
name_bytes(const char *hex, size_t n)
{
    auto_free char *bytes = NULL;

    if (n % 2 != 0 || n / 2 > NAME_BYTES) {
        return NULL;
    }
    bytes = mem_alloc(n / 2 + 1);
    for (size_t i = 0; i < n; i += 2) {
        int high = name_digit(hex[i]);
        int low = high < 0 ? -1 : name_digit(hex[i + 1]);

        if (low < 0 || (high == 0 && low == 0)) {
            return NULL;
        }
        bytes[i / 2] = (char)(high * 16 + low);
    }
    bytes[n / 2] = '\0';
    return scope_steal(&bytes);
}

/* -- to be read -- */

/* What the bytes at `at` begin with in UTF-8, and how many they are; 0: it is none. */
static size_t
name_next(const unsigned char *at, uint32_t *cp)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } shapes[] = { { 0x80, 0x00, 0 },
                   { 0xe0, 0xc0, 0x80 },
                   { 0xf0, 0xe0, 0x800 },
                   { 0xf8, 0xf0, 0x10000 } };

    for (size_t n = 0; n < sizeof shapes / sizeof *shapes; n++) {
        if ((at[0] & shapes[n].mask) != shapes[n].lead) {
            continue;
        }
        *cp = (uint32_t)at[0] & (uint32_t)(unsigned char)~shapes[n].mask;
        for (size_t i = 1; i <= n; i++) {
            if ((at[i] & 0xc0) != 0x80) { /* also at the end */
                return 0;
            }
            *cp = *cp << 6 | (at[i] & 0x3f);
        }
        return *cp >= shapes[n].least && *cp <= 0x10ffff && (*cp < 0xd800 || *cp > 0xdfff)
                   ? n + 1
                   : 0;
    }
    return 0;
}

/* Characters that are obeyed instead of shown, or that nobody sees. */
static bool
name_is_hidden(uint32_t cp)
{
    static const uint32_t spans[][2] = {
        { 0x00, 0x1f },     { 0x7f, 0xa0 },       { 0xad, 0xad },     { 0x34f, 0x34f },
        { 0x61c, 0x61c },   { 0x115f, 0x1160 },   { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
        { 0x2000, 0x200f }, { 0x2028, 0x202f },   { 0x205f, 0x206f }, { 0x3000, 0x3000 },
        { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
        { 0xfff0, 0xfffb }, { 0xe0000, 0xe0fff },
    };

    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        if (cp >= spans[i][0] && cp <= spans[i][1]) {
            return true;
        }
    }
    return false;
}

char *
name_show(const char *bytes)
{
    auto_buf struct buf text = BUF_LIMIT(4 * strlen(bytes) + 1);
    int bad = 0;

    while (*bytes != '\0') {
        uint32_t cp = 0;
        size_t n = name_next((const unsigned char *)bytes, &cp);
        size_t taken = n > 0 ? n : 1;

        if (cp == '\\' && n == 1) {
            bad |= buf_puts(&text, "\\\\");
        } else if (n > 0 && !name_is_hidden(cp)) {
            bad |= buf_add(&text, bytes, n);
        } else {
            for (size_t i = 0; i < taken; i++) {
                bad |= buf_printf(&text, "\\x%02x", (unsigned char)bytes[i]);
            }
        }
        bytes += taken;
    }
    return bad < 0 ? mem_strdup("") : buf_take(&text);
}

char *
name_from_hex(const char *hex, size_t n)
{
    auto_free char *bytes = name_bytes(hex, n);

    return bytes != NULL ? name_show(bytes) : NULL;
}

/* FNV-1a. */
static uint64_t
name_sum(const char *name)
{
    uint64_t sum = 0xcbf29ce484222325U;

    for (; *name != '\0'; name++) {
        sum = (sum ^ (unsigned char)*name) * 0x100000001b3U;
    }
    return sum;
}

char *
name_fit(char *out, size_t size, const char *name)
{
    size_t len = strlen(name);

    if (len >= size) {
        len = size > NAME_SUM ? size - NAME_SUM - 1 : 0;
        while (len > 0 && ((unsigned char)name[len] & 0xc0) == 0x80) {
            len--; /* not in a character's midst */
        }
        (void)snprintf(out, size, "%.*s~%016llx", (int)len, name,
                       (unsigned long long)name_sum(name));
        return out;
    }
    memcpy(out, name, len + 1);
    return out;
}
