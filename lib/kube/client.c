#include "kube/client.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kube/client_private.h"
#include "kube/page.h"
#include "kube/path.h"

#define CLIENT_MANAGER "kubectl-dbupgrade"

enum { CLIENT_TITLE = 512, CLIENT_PATH = 64 * 1024, CLIENT_SMALL = 16 };

void
kube_set_mode(struct kube *k, enum kube_mode mode)
{
    k->policy.mode = mode;
}

enum kube_mode
kube_get_mode(const struct kube *k)
{
    return k->policy.mode;
}

void
kube_set_guard(struct kube *k, kube_guard *guard, void *ctx)
{
    k->policy.guard = guard;
    k->policy.guard_ctx = ctx;
}

static int
client_no_json(const struct client_request *rq, const struct err *why, struct err *e)
{
    return err_set(e, ERR_PROTOCOL, "%s %s: %s", rq->verb, rq->title, why->msg);
}

int
client_read(struct kube *k, const struct client_request *rq, json_t **out, struct err *e)
{
    struct buf text auto_buf = BUF_LIMIT(KUBE_REPLY_LIMIT);
    struct err why;

    if (client_send(k, rq, &text, e) < 0) {
        return -1;
    }
    *out = json_parse(buf_text(&text), text.len, "the reply", &why);
    if (*out != NULL && !json_is_object(*out)) {
        json_decref(*out);
        *out = NULL;
        (void)err_set(&why, ERR_PROTOCOL, "the reply is not an object");
    }
    return *out != NULL ? 0 : client_no_json(rq, &why, e);
}

static int
client_get(struct kube *k, const struct kube_ref *ref, const char *accept, json_t **out,
           struct err *e)
{
    struct buf path auto_buf = BUF_LIMIT(CLIENT_PATH);
    char title[CLIENT_TITLE];

    if (path_of(ref, &path, e) < 0) {
        return -1;
    }
    return client_read(
        k,
        &(struct client_request){ .verb = "get",
                                  .title = path_title(ref, title, sizeof title),
                                  .method = "GET",
                                  .path = buf_text(&path),
                                  .accept = accept,
                                  .safe = true },
        out, e);
}

int
kube_get(struct kube *k, const struct kube_ref *ref, json_t **out, struct err *e)
{
    return client_get(k, ref, NULL, out, e);
}

int
kube_get_meta(struct kube *k, const struct kube_ref *ref, json_t **out, struct err *e)
{
    return client_get(
        k, ref, "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", out, e);
}

int
kube_get_raw(struct kube *k, const char *path, struct buf *out, struct err *e)
{
    size_t limit = out->limit > 0 ? out->limit : CLIENT_PATH;

    if (*path != '/' || strpbrk(path, " \t\r\n") != NULL) {
        return err_set(e, ERR_INTERNAL, "\"%s\" is not a path", path);
    }
    return client_send(k,
                       &(struct client_request){ .verb = "get",
                                                 .title = path,
                                                 .method = "GET",
                                                 .path = path,
                                                 .reply_limit = limit,
                                                 .safe = true },
                       out, e);
}

int
client_list(struct kube *k, const char *title, const char *path, json_t **out,
            struct err *e)
{
    struct page_list list auto_page_list = { 0 };
    int more = 1;

    while (more > 0) {
        struct buf page_of auto_buf = BUF_LIMIT(CLIENT_PATH);
        json_t *page auto_json = NULL;
        struct client_request rq = {
            .verb = "list", .title = title, .method = "GET", .safe = true
        };

        if (page_path(&list, path, &page_of) < 0) {
            return err_set(e, ERR_INTERNAL, "the path of a request is too long");
        }
        rq.path = buf_text(&page_of);
        if (client_read(k, &rq, &page, e) < 0) {
            if (e->status != 410 || list.next == NULL) {
                return -1;
            }
            page_restart(&list);
            continue;
        }
        more = page_add(&list, page);
    }
    if (more < 0) {
        return err_set(e, ERR_PROTOCOL, "list %s: the reply is not a list", title);
    }
    *out = scope_steal(&list.all);
    return 0;
}

int
kube_list(struct kube *k, const struct kube_ref *ref, const char *labels, json_t **out,
          struct err *e)
{
    struct buf path auto_buf = BUF_LIMIT(CLIENT_PATH);
    char title[CLIENT_TITLE];

    if (path_of(ref, &path, e) < 0 || path_query(&path, "labelSelector", labels) < 0) {
        return -1;
    }
    return client_list(k, path_title(ref, title, sizeof title), buf_text(&path), out, e);
}

/* --- changes ------------------------------------------------------------------------ */

struct client_change {
    const char *verb;
    const char *method;
    const char *content_type; /* NULL: application/json */
    const struct kube_ref *ref;
    const json_t *body;
    bool managed; /* takes fieldManager */
    bool json_patch;
    bool eviction;
};

/* A DELETE that has a body ignores its query: dryRun must be in the DeleteOptions
 * (k8s.io/apiserver endpoints/handlers/delete.go). An eviction holds some, too. */
static json_t *
client_dry_body(const struct client_change *c)
{
    json_t *body = mem_check(json_deep_copy(c->body));
    json_t *options = c->eviction ? json_object_get(body, "deleteOptions") : body;

    if (c->eviction || str_eq(c->method, "DELETE")) {
        (void)json_object_set_new(options, "dryRun", json_pack("[s]", "All"));
    }
    return body;
}

static int
client_change_path(const struct kube *k, const struct client_change *c, struct buf *out,
                   struct err *e)
{
    const char *dry = k->policy.mode == KUBE_DRY_SERVER ? "All" : NULL;
    const char *manager = c->managed ? CLIENT_MANAGER : NULL;

    if (path_of(c->ref, out, e) < 0) {
        return -1;
    }
    if (path_query(out, "fieldManager", manager) < 0 ||
        path_query(out, "dryRun", dry) < 0) {
        return err_set(e, ERR_INTERNAL, "the path of a request is too long");
    }
    return 0;
}

static int
client_take_object(const struct client_request *rq, const struct buf *text, json_t **out,
                   struct err *e)
{
    struct err why;
    json_t *object auto_json = json_parse(buf_text(text), text->len, "the reply", &why);

    if (!json_is_object(object)) {
        return client_unknown_outcome(rq, ERR_NETWORK, "the reply cannot be read", e);
    }
    if (out != NULL) {
        *out = scope_steal(&object);
    }
    return 0;
}

/* Every change goes through here. */
static int
client_change(struct kube *k, const struct client_change *c, json_t **out, struct err *e)
{
    struct buf path auto_buf = BUF_LIMIT(CLIENT_PATH);
    struct buf text auto_buf = BUF_LIMIT(KUBE_REPLY_LIMIT);
    json_t *dry auto_json = NULL;
    auto_free char *body = NULL;
    char title[CLIENT_TITLE];
    struct client_request rq = {
        .verb = c->verb,
        .title = path_title(c->ref, title, sizeof title),
        .method = c->method,
        .content_type = c->content_type != NULL ? c->content_type : "application/json",
        .json_patch = c->json_patch,
        .eviction = c->eviction,
        .changes = c->ref,
    };

    if (policy_may_change(&k->policy, c->verb, title, e) < 0 ||
        client_change_path(k, c, &path, e) < 0) {
        return -1;
    }
    dry = k->policy.mode == KUBE_DRY_SERVER ? client_dry_body(c) : NULL;
    body = json_text(dry != NULL ? dry : c->body);
    rq.body = body;
    rq.path = buf_text(&path);
    if (client_send(k, &rq, &text, e) < 0) {
        return -1;
    }
    return client_take_object(&rq, &text, out, e);
}

int
kube_patch(struct kube *k, const struct kube_ref *ref, enum kube_patch_type type,
           const json_t *patch, json_t **out, struct err *e)
{
    bool json_patch = type == KUBE_JSON_PATCH;

    if (ref->name == NULL) {
        return err_set(e, ERR_INTERNAL, "a patch without an object");
    }
    return client_change(k,
                         &(struct client_change){
                             .verb = "patch",
                             .method = "PATCH",
                             .content_type = json_patch ? "application/json-patch+json"
                                                        : "application/merge-patch+json",
                             .ref = ref,
                             .body = patch,
                             .managed = true,
                             .json_patch = json_patch },
                         out, e);
}

/* An object is created in its collection; only a subresource has the name in its path. */
int
kube_create(struct kube *k, const struct kube_ref *ref, const json_t *body, json_t **out,
            struct err *e)
{
    struct kube_ref where = *ref;

    if (where.subresource == NULL) {
        where.name = NULL;
    }
    return client_change(k,
                         &(struct client_change){ .verb = "create",
                                                  .method = "POST",
                                                  .ref = &where,
                                                  .body = body,
                                                  .managed = true },
                         out, e);
}

int
kube_replace(struct kube *k, const struct kube_ref *ref, const json_t *body, json_t **out,
             struct err *e)
{
    if (ref->name == NULL) {
        return err_set(e, ERR_INTERNAL, "a replacement without an object");
    }
    return client_change(k,
                         &(struct client_change){ .verb = "replace",
                                                  .method = "PUT",
                                                  .ref = ref,
                                                  .body = body,
                                                  .managed = true },
                         out, e);
}

/* DeleteOptions; empty preconditions are left out. */
static json_t *
client_delete_options(const char *uid, const char *resource_version)
{
    json_t *conditions =
        json_pack("{s:s*, s:s*}", "uid", uid, "resourceVersion", resource_version);

    if (json_object_size(conditions) == 0) {
        json_decref(conditions);
        conditions = NULL;
    }
    return mem_check(json_pack("{s:s, s:s, s:o*}", "kind", "DeleteOptions", "apiVersion",
                               "v1", "preconditions", conditions));
}

int
kube_delete(struct kube *k, const struct kube_ref *ref, const char *uid,
            const char *resource_version, struct err *e)
{
    json_t *body auto_json = NULL;

    if (ref->name == NULL) {
        return err_set(e, ERR_INTERNAL, "a deletion of a whole collection");
    }
    body = client_delete_options(uid, resource_version);
    return client_change(
        k,
        &(struct client_change){
            .verb = "delete", .method = "DELETE", .ref = ref, .body = body },
        NULL, e);
}

int
kube_evict(struct kube *k, const char *name_space, const char *pod, const char *uid,
           const char *resource_version, struct err *e)
{
    struct kube_ref ref = { "", "v1", "pods", name_space, pod, "eviction" };
    json_t *options = client_delete_options(uid, resource_version);
    json_t *body auto_json = NULL;

    body = mem_check(json_pack("{s:s, s:s, s:{s:s, s:s}, s:o}", "apiVersion", "policy/v1",
                               "kind", "Eviction", "metadata", "name", pod, "namespace",
                               name_space, "deleteOptions", options));
    return client_change(k,
                         &(struct client_change){ .verb = "evict",
                                                  .method = "POST",
                                                  .ref = &ref,
                                                  .body = body,
                                                  .eviction = true },
                         NULL, e);
}
