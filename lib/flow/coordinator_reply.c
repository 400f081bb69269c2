#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "flow/coordinator.h"

/* "HTTP/1.0 200 OK", headers, an empty line, the body. */
int
coordinator_parse(const char *said, int *status, char **answer, struct err *e)
{
    const char *code = str_starts(said, "HTTP/1.") ? strchr(said, ' ') : NULL;
    const char *end = strstr(said, "\r\n\r\n");

    if (code == NULL || end == NULL) {
        return err_set(e, ERR_UNHEALTHY, "the answer is no HTTP: %.60s", said);
    }
    *status = (int)strtol(code, NULL, 10);
    end += 4;
    *answer = mem_strndup(end, strcspn(end, "\r\n"));
    return 0;
}
