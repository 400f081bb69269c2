/* What a new server says of a configuration: its exit status, then its lines.  Values of
 * settings that it does not know are not shown.
 * parsers: lib/engine/mysql_trial.c */
#include "base/str.h"
#include "engine/trial.h"
#include "fuzz.h"

static void
check_hidden(const char *text)
{
    static const char unknown[] = "unknown variable '";

    while ((text = strstr(text, unknown)) != NULL) {
        text += sizeof unknown - 1;
        fuzz_check(text[strcspn(text, "='")] != '=');
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    int code = fuzz_byte(&in);
    auto_free char *said = fuzz_text(&in);
    const struct engine_trial *t = engine_find("mysql")->trial;
    char text[300];
    enum trial_verdict verdict = t->judge(code, said, text, sizeof text);

    fuzz_check(memchr(text, '\0', sizeof text) != NULL);
    fuzz_check(strpbrk(text, "\r\n") == NULL);
    fuzz_check(code == 0 ? verdict == TRIAL_TAKEN || verdict == TRIAL_TAKEN_BUT
                         : verdict == TRIAL_REFUSED || verdict == TRIAL_UNSURE);
    fuzz_check((verdict == TRIAL_TAKEN) == (text[0] == '\0'));
    check_hidden(text);
    return 0;
}
