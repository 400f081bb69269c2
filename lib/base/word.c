#include "base/word.h"

#include <string.h>

#include "base/visible.h"

enum { WORD_MAX = 64 * 1024 };

/* Whether a shell reads it as it is: zsh puts a command's path for =COMMAND. */
static bool
word_is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-._/:@%+=,";

    return *word != '\0' && *word != '=' && strspn(word, plain) == strlen(word);
}

static bool
word_is_shown(const char *word)
{
    for (size_t len = strlen(word); len > 0;) {
        uint32_t cp = 0;
        size_t n = visible_decode(word, len, &cp);

        if (!visible_is_shown(cp)) {
            return false;
        }
        word += n;
        len -= n;
    }
    return true;
}

static int
word_add_escaped(struct buf *b, const char *word)
{
    int full = buf_puts(b, "$'");

    for (; *word != '\0' && full == 0; word++) {
        unsigned char c = (unsigned char)*word;

        if (c == '\'' || c == '\\' || c < ' ' || c >= 0x7f) {
            full = buf_printf(b, "\\%03o", c);
        } else {
            full = buf_add(b, word, 1);
        }
    }
    return full == 0 ? buf_puts(b, "'") : -1;
}

int
word_add(struct buf *b, const char *word)
{
    int full = 0;

    if (word_is_plain(word)) {
        return buf_puts(b, word);
    }
    if (!word_is_shown(word)) {
        return word_add_escaped(b, word);
    }
    full = buf_puts(b, "'");
    for (; *word != '\0' && full == 0; word++) {
        full = *word == '\'' ? buf_puts(b, "'\\''") : buf_add(b, word, 1);
    }
    return full == 0 ? buf_puts(b, "'") : -1;
}

char *
word_quote(const char *word)
{
    auto_buf struct buf b = BUF_LIMIT(WORD_MAX);

    if (word_add(&b, word) < 0) {
        buf_reset(&b); /* half a word would be another one */
    }
    return buf_take(&b);
}
