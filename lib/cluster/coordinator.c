#include "cluster/coordinator.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "run/pod_exec.h"
#include "run/run.h"

enum { COORDINATOR_LIMIT_MS = 20 * 1000, COORDINATOR_MISSING = 404 };

/* KubeDB's images of servers all have bash, but not all have a client of HTTP. Nothing
 * secret is in an argument: printf is the shell's own. $1 method, $2 path, $3 body. */
#define COORDINATOR_SCRIPT                                                           \
    "exec 3<>/dev/tcp/127.0.0.1/2379 || exit 7\n"                                    \
    "user=${MYSQL_ROOT_USERNAME:-root} pass=$MYSQL_ROOT_PASSWORD\n"                  \
    "[ -z \"$POSTGRES_PASSWORD\" ] || { user=${POSTGRES_USER:-postgres}; "           \
    "pass=$POSTGRES_PASSWORD; }\n"                                                   \
    "who=$(printf '%s:%s' \"$user\" \"$pass\" | base64 | tr -d '\\n')\n"             \
    "printf '%s %s HTTP/1.0\\r\\nHost: 127.0.0.1\\r\\nAuthorization: Basic "         \
    "%s\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n%s' " \
    "\"$1\" \"$2\" \"$who\" \"${#3}\" \"$3\" >&3\n"                                  \
    "exec timeout 15 cat <&3"

struct coordinator_call {
    const char *method, *path;
    json_t *body; /* NULL: none; stolen */
};

/* What the coordinator said, as coordinator_parse() has it. */
static int
coordinator_ask(struct run *run, const struct member *p, struct coordinator_call *call,
                int *status, char **answer, struct err *e)
{
    auto_json json_t *body = call->body;
    auto_free char *text = body != NULL ? json_text(body) : mem_strdup("");
    const char *argv[] = { "bash",        "-c",         COORDINATOR_SCRIPT,
                           "coordinator", call->method, call->path,
                           text,          NULL };
    auto_said struct pod_said said = { 0 };

    if (pod_exec(run, p->name,
                 &(struct pod_command){ .argv = argv,
                                        .what = "asking the coordinator",
                                        .limit_ms = COORDINATOR_LIMIT_MS },
                 &said, e) < 0) {
        return -1;
    }
    if (*said.out == '\0') {
        err_set(e, ERR_UNHEALTHY, "no answer on port 2379: %.*s",
                (int)strcspn(said.err, "\n"), said.err);
    } else if (coordinator_parse(said.out, status, answer, e) == 0) {
        return 0;
    }
    err_reason(e, "COORDINATOR");
    return err_wrap(e, "the coordinator of %s", p->name);
}

static int
coordinator_refused(const struct member *p, const struct coordinator_call *call,
                    int status, const char *answer, struct err *e)
{
    err_set(e, ERR_UNHEALTHY, "the coordinator of %s answers %s %s with %d: %.200s",
            p->name, call->method, call->path, status, answer);
    return err_reason(e, "COORDINATOR");
}

int
coordinator_primary(struct run *run, const struct member *p, int *ordinal, struct err *e)
{
    struct coordinator_call call = { "GET", "/current-primary", NULL };
    auto_free char *answer = NULL;
    long long id = 0;
    int status = 0;

    if (coordinator_ask(run, p, &call, &status, &answer, e) < 0) {
        return -1;
    }
    if (status != 200 || !str_to_ll(answer, &id) || id < 0 || id > MEMBERS_MAX) {
        return coordinator_refused(p, &call, status, answer, e);
    }
    *ordinal = (int)id - 1;
    return 0;
}

int
coordinator_transfer(struct run *run, const struct member *p, int ordinal, struct err *e)
{
    struct coordinator_call call = {
        "POST", "/transfer", mem_check(json_pack("{s:i}", "transferee", ordinal + 1))
    };
    auto_free char *answer = NULL;
    int status = 0;

    if (coordinator_ask(run, p, &call, &status, &answer, e) < 0) {
        return -1;
    }
    return status == 200 ? 0 : coordinator_refused(p, &call, status, answer, e);
}

int
coordinator_get(struct run *run, const struct member *p, const char *key, char **value,
                struct err *e)
{
    struct coordinator_call call = { "GET", "/get",
                                     mem_check(json_pack("{s:s}", "key", key)) };
    auto_free char *answer = NULL;
    int status = 0;

    if (coordinator_ask(run, p, &call, &status, &answer, e) < 0) {
        return -1;
    }
    if (status != 200 && status != COORDINATOR_MISSING) {
        return coordinator_refused(p, &call, status, answer, e);
    }
    *value = status == 200 ? scope_steal(&answer) : mem_strdup("");
    return 0;
}

int
coordinator_set(struct run *run, const struct member *p, const char *key,
                const char *value, struct err *e)
{
    struct coordinator_call call = {
        "POST", "/set", mem_check(json_pack("{s:s, s:s}", "key", key, "value", value))
    };
    auto_free char *answer = NULL;
    int status = 0;

    if (coordinator_ask(run, p, &call, &status, &answer, e) < 0) {
        return -1;
    }
    return status == 200 ? 0 : coordinator_refused(p, &call, status, answer, e);
}
