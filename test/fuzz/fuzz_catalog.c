/* A catalogue's versions and their constraints; the first line is a topology's field.
 * parsers: lib/kubedb/catalog.c lib/kubedb/constraint.c lib/kubedb/semver.c */
#define FUZZ_JSON
#include "base/str.h"
#include "fuzz.h"
#include "kubedb/catalog.h"

enum { ITEMS = 12 };

/* Whether a list of names, ", " between them, has this one. */
static bool
is_listed(const char *list, const char *name)
{
    auto_free char *all = mem_printf(", %s, ", list);
    auto_free char *one = mem_printf(", %s, ", name);

    return strstr(all, one) != NULL;
}

static void
check_from(const struct engine_mode *mode, const json_t *list, const json_t *from)
{
    auto_free char *targets = catalog_targets(mode, list, from, ITEMS);
    auto_free char *first = catalog_targets(mode, list, from, 1);
    size_t i = 0;
    json_t *to = NULL;
    char why[160];

    fuzz_check(strncmp(targets, first, strlen(first)) == 0);
    json_array_foreach (json_path(list, "items"), i, to) {
        enum catalog_verdict v = catalog_may_go(mode, from, to, why, sizeof why);
        const char *name = json_path_str(to, "metadata.name");

        fuzz_check(memchr(why, '\0', sizeof why) != NULL && why[0] != '\0');
        fuzz_check(v != CATALOG_ALLOWED || is_listed(targets, name));
        fuzz_check((v == CATALOG_SAME) ==
                   str_eq(name, json_path_str(from, "metadata.name")));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_free char *topology = fuzz_text(&in);
    auto_json json_t *list = fuzz_json(&in);
    const json_t *items = json_path(list, "items");
    const struct engine_mode *mode =
        engine_find_mode(engine_find("mysql"), topology, "", 3);
    size_t i = 0;
    json_t *from = NULL;

    if (json_array_size(items) > ITEMS) {
        return 0;
    }
    json_array_foreach (items, i, from) {
        const char *name = json_path_str(from, "metadata.name");

        fuzz_check(
            str_eq(json_path_str(catalog_find(list, name), "metadata.name"), name));
    }
    check_from(mode, list, json_array_get(items, 0));
    fuzz_check(catalog_nearest(list, "8.4.8") == NULL || json_array_size(items) > 0);
    return 0;
}
