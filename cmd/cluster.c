#include "cluster.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/word.h"

enum { CLUSTER_FLAGS_MAX = 16 * 1024 };

int
cluster_open(const struct options *o, struct cluster *out, struct err *e)
{
    *out = (struct cluster){ 0 };
    if (kube_target_load(&o->kube, &out->target, e) < 0) {
        return -1;
    }
    out->name_space = out->target.name_space;
    out->kube = kube_new(&out->target, e);
    return out->kube != NULL ? 0 : -1;
}

void
cluster_close(struct cluster *c)
{
    kube_free(c->kube);
    kube_target_free(&c->target);
    *c = (struct cluster){ 0 };
}

char *
cluster_flags(const struct options *o, const char *name_space)
{
    auto_buf struct buf b = BUF_LIMIT(CLUSTER_FLAGS_MAX);
    int full = 0;

    if (name_space != NULL) {
        full = buf_puts(&b, " -n ") | word_add(&b, name_space);
    }
    if (full < 0 || options_add_hint(o, &b) < 0) {
        buf_reset(&b); /* without some of them it goes elsewhere: it is not to be run */
        (void)!buf_puts(&b, " FLAGS...");
    }
    return buf_take(&b);
}

/* KubeDB's own API versions, the one in use first. */
static const char *const cluster_versions[] = { "v1", "v1alpha2" };

static int
cluster_read(struct cluster *c, const struct kube_ref *ref, json_t **out, struct err *e)
{
    return ref->name != NULL ? kube_get(c->kube, ref, out, e)
                             : kube_list(c->kube, ref, NULL, out, e);
}

static int
cluster_read_database(struct cluster *c, const struct engine *en, const char *name,
                      json_t **out, struct err *e)
{
    struct kube_ref ref = {
        .group = "kubedb.com",
        .resource = en->api.resource,
        .name_space = c->name_space,
        .name = name,
    };

    for (size_t i = 0; i < sizeof cluster_versions / sizeof *cluster_versions; i++) {
        ref.version = cluster_versions[i];
        if (cluster_read(c, &ref, out, e) == 0) {
            return 0;
        }
        if (e->code != ERR_NOT_FOUND) {
            return -1;
        }
    }
    return -1;
}

int
cluster_list_databases(struct cluster *c, const struct engine *en, json_t **out,
                       struct err *e)
{
    return cluster_read_database(c, en, NULL, out, e);
}

int
cluster_get_database(struct cluster *c, const struct engine *en, const char *name,
                     json_t **out, struct err *e)
{
    return cluster_read_database(c, en, name, out, e);
}

int
cluster_list_catalog(struct cluster *c, const struct engine *en, json_t **out,
                     struct err *e)
{
    const struct kube_ref ref = {
        .group = "catalog.kubedb.com",
        .version = "v1alpha1",
        .resource = en->api.catalog_resource,
    };

    return cluster_read(c, &ref, out, e);
}
