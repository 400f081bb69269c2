#include "base/buf.h"
#include "base/json.h"
#include "base/scope.h"
#include "kube/client.h"
#include "kube/client_private.h"
#include "kube/path.h"

/*
 * Bodies that are sent and stored nowhere: reviews, and objects that admission looks at.
 */

enum { ASK_TITLE = 512, ASK_PATH = 64 * 1024 };

int
kube_review(struct kube *k, const struct kube_ref *ref, const json_t *body, json_t **out,
            struct err *e)
{
    struct buf path auto_buf = BUF_LIMIT(ASK_PATH);
    auto_free char *text = json_text(body);
    char title[ASK_TITLE];

    if (path_of(ref, &path, e) < 0) {
        return -1;
    }
    return client_read(
        k,
        &(struct client_request){ .verb = "review",
                                  .title = path_title(ref, title, sizeof title),
                                  .method = "POST",
                                  .path = buf_text(&path),
                                  .content_type = "application/json",
                                  .body = text,
                                  .safe = true },
        out, e);
}

int
kube_try_create(struct kube *k, const struct kube_ref *ref, const json_t *body,
                json_t **out, struct err *e)
{
    struct buf path auto_buf = BUF_LIMIT(ASK_PATH);
    auto_free char *text = json_text(body);
    struct kube_ref where = *ref;
    char title[ASK_TITLE];

    where.name = NULL;
    if (path_of(&where, &path, e) < 0 || path_query(&path, "dryRun", "All") < 0) {
        return -1;
    }
    return client_read(
        k,
        &(struct client_request){ .verb = "create (dry run)",
                                  .title = path_title(&where, title, sizeof title),
                                  .method = "POST",
                                  .path = buf_text(&path),
                                  .content_type = "application/json",
                                  .body = text },
        out, e);
}
