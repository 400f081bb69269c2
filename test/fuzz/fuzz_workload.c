/* The sets of a database, and the catalogue's object: what is to change in them.
 * parsers: lib/kubedb/workload.c lib/kubedb/images.c */
#define FUZZ_JSON
#include "base/str.h"
#include "fuzz.h"
#include "kubedb/workload.h"

#define auto_changes scope_cleanup(image_changes_free)

static const struct engine *
engine_of(const json_t *catalog)
{
    for (size_t i = 0; engine_all[i] != NULL; i++) {
        if (str_eq(engine_all[i]->api.catalog_kind, json_path_str(catalog, "kind"))) {
            return engine_all[i];
        }
    }
    return engine_all[0];
}

/* The journal has them as JSON. */
static void
check_json(const struct image_changes *c)
{
    auto_json json_t *json = image_changes_to_json(c);
    auto_changes struct image_changes again = { 0 };
    struct err e = { 0 };

    if (image_changes_from_json(json, &again, &e) < 0) {
        fuzz_check(e.code == ERR_PROTOCOL && again.n == 0);
        return;
    }
    {
        auto_json json_t *back = image_changes_to_json(&again);

        fuzz_check(json_equal(json, back));
    }
}

/* A patch is what leads to the images that are wanted, and only where they are not there.
 */
static void
check_patch(const json_t *set, const struct image_changes *c, bool wanted)
{
    auto_json json_t *patch = workload_images_patch(set, c, wanted);
    const json_t *spec = json_path(set, "spec.template.spec");
    char differs[128] = "";
    bool has = workload_has_images(spec, c, wanted, differs, sizeof differs);
    bool strategy = str_eq(json_path_str(set, "spec.updateStrategy.type"), "OnDelete");
    size_t i = 0;
    json_t *op = NULL;

    fuzz_check(has == (differs[0] == '\0'));
    fuzz_check(!wanted || (patch == NULL) == (has && strategy));
    json_array_foreach (patch, i, op) {
        fuzz_check(str_starts(json_path_str(op, "path"), "/spec/") ||
                   (i == 0 && str_eq(json_path_str(op, "path"), "/metadata/uid")));
        fuzz_check(!str_eq(json_path_str(op, "op"), "replace") ||
                   str_eq(json_path_str(json_array_get(patch, i - 1), "op"), "test"));
    }
}

static void
check_set(const struct engine *en, const json_t *set, const json_t *catalog)
{
    auto_changes struct image_changes c = { 0 };
    auto_changes struct image_changes front = { 0 };
    struct workload w = { 0 };
    struct err e = { 0 };

    if (workload_parse(set, &w, &e) == 0) {
        fuzz_check(*w.name != '\0' && *w.uid != '\0');
    }
    if (workload_images(en, set, catalog, &c, &e) == 0) {
        fuzz_check(image_changes_count(&c) + image_changes_count_variables(&c) <= c.n);
        check_json(&c);
        check_patch(set, &c, true);
        check_patch(set, &c, false);
    } else {
        fuzz_check(c.n == 0 && e.code != ERR_NONE);
    }
    if (en->front != NULL) {
        (void)workload_front_images(en, set, catalog, &front, &e);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_json json_t *list = fuzz_json(&in);
    auto_json json_t *catalog = fuzz_json(&in);
    const struct engine *en = engine_of(catalog);
    auto_free char *selector = workload_selector(en, "db");
    const char *uid = json_path_str(list, "items.0.metadata.ownerReferences.0.uid");
    const json_t *followers[2] = { NULL };
    struct err e = { 0 };
    const json_t *set = workload_find(list, "db", uid, &e);
    size_t n = workload_find_followers(list, uid, followers, 2);
    const json_t *front = en->front != NULL ? workload_find_front(list, en, uid) : NULL;

    fuzz_check(str_ends(selector, "=kubedb.com"));
    fuzz_check((set == NULL) == (e.code != ERR_NONE));
    fuzz_check(n <= json_array_size(json_path(list, "items")));
    fuzz_check((n > 0) == (followers[0] != NULL) && (n > 1) == (followers[1] != NULL));
    fuzz_check(n < 2 || strcmp(json_path_str(followers[0], "metadata.name"),
                               json_path_str(followers[1], "metadata.name")) <= 0);
    check_set(en, set != NULL ? set : front, catalog);
    return 0;
}
