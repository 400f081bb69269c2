/* kube_yaml_parse() on anything: a tree or an error, within its limits.
 * parsers: lib/kube/yaml.c */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "kube/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = { 0 };
    auto_json json_t *tree = kube_yaml_parse((const char *)data, size, "input", &e);

    if ((tree == NULL) != (e.code == ERR_CONFIG)) {
        __builtin_trap();
    }
    if (tree != NULL) {
        free(json_text(tree)); /* aborts on text that is not UTF-8 */
    }
    return 0;
}
