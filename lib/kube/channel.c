#include "kube/channel.h"

#include "base/json.h"
#include "base/str.h"
#include "kube/api_status.h"

/* {"status":"Failure","reason":"NonZeroExitCode","details":{"causes":
 * [{"reason":"ExitCode","message":"3"}]}} (client-go tools/remotecommand/v4.go) */
static int
channel_exit_code(const json_t *status)
{
    const json_t *cause =
        json_array_find(json_path(status, "details.causes"), "reason", "ExitCode", NULL);
    long long code = 0;

    return str_to_ll(json_path_str(cause, "message"), &code) && code > 0 && code < 65536
               ? (int)code
               : -1;
}

static int
channel_status(struct channels *c, const char *data, size_t len)
{
    json_t *status auto_json = json_parse(data, len, "the command's status", &c->failure);

    if (status == NULL) {
        return -1;
    }
    if (!str_eq(json_path_str(status, "status"), "Success")) {
        c->exit_code = channel_exit_code(status);
        if (c->exit_code < 0) {
            (void)status_object_error(status, &c->failure);
        }
    }
    c->done = true;
    return 0;
}

int
channel_take(struct channels *c, const char *data, size_t len)
{
    struct buf *stream = NULL;

    if (len <= 1) {
        return 0; /* the first message of a channel may be empty */
    }
    switch ((unsigned char)data[0]) {
    case CHANNEL_STDOUT:
        stream = &c->out;
        break;
    case CHANNEL_STDERR:
        stream = &c->err_out;
        break;
    case CHANNEL_STATUS:
        return channel_status(c, data + 1, len - 1);
    default:
        return 0;
    }
    if (buf_add(stream, data + 1, len - 1) < 0) {
        return err_set(&c->failure, ERR_PROTOCOL, "the command prints too much");
    }
    return 0;
}

void
channel_clear(struct channels *c)
{
    buf_free(&c->out);
    buf_free(&c->err_out);
}
