/* What a coordinator's port answers, be it anything.
 * parsers: lib/cluster/coordinator_reply.c */
#include "base/str.h"
#include "cluster/coordinator.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_free char *said = fuzz_text(&in);
    auto_free char *answer = NULL;
    auto_free char *first = NULL;
    char code[16];
    struct err e = { 0 };
    int status = 0;

    if (coordinator_parse(said, &status, &answer, &e) < 0) {
        fuzz_check(e.code == ERR_UNHEALTHY && answer == NULL && status == 0);
        return 0;
    }
    fuzz_check(strpbrk(answer, "\r\n") == NULL);
    fuzz_check(str_starts(said, "HTTP/1."));
    /* The status is that of the first line. */
    (void)snprintf(code, sizeof code, " %d", status);
    first = mem_strndup(said, strcspn(said, "\r\n"));
    fuzz_check(status >= 100 && status <= 599 && strstr(first, code) != NULL);
    return 0;
}
