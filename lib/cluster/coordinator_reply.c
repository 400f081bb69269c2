#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/coordinator.h"

/* The number in "HTTP/1.0 200 OK"; 0 where there is none. */
static int
coordinator_status(const char *line)
{
    enum { DIGITS = 3 };
    const char *code = line + strcspn(line, " \r\n");

    if (!str_starts(line, "HTTP/1.") || *code != ' ' ||
        strspn(code + 1, "0123456789") != DIGITS || code[1] < '1' || code[1] > '5') {
        return 0;
    }
    return (int)strtol(code + 1, NULL, 10);
}

/* A line of status, headers, an empty line, the body. */
int
coordinator_parse(const char *said, int *status, char **answer, struct err *e)
{
    int code = coordinator_status(said);
    const char *end = strstr(said, "\r\n\r\n");

    if (code == 0 || end == NULL) {
        return err_set(e, ERR_UNHEALTHY, "the answer is not HTTP: %.60s", said);
    }
    *status = code;
    end += 4;
    *answer = mem_strndup(end, strcspn(end, "\r\n"));
    return 0;
}
