/* Redaction of anything: its work is in proportion to the text. What is an object or an
 * array is also taken as JSON, where done again it changes nothing; for a text that is so
 * by how it is made, in passes until one changes nothing.
 * parsers: lib/kubedb/redact.c lib/kubedb/redact_hash.c lib/kubedb/redact_join.c
 * lib/kubedb/redact_json.c lib/kubedb/redact_named.c lib/kubedb/redact_names.c
 * lib/kubedb/redact_object.c lib/kubedb/redact_pem.c lib/kubedb/redact_quote.c
 * lib/kubedb/redact_scan.c lib/kubedb/redact_shell.c lib/kubedb/redact_sql.c
 * lib/kubedb/redact_token.c lib/kubedb/redact_url.c lib/kubedb/redact_value.c */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "kubedb/redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    MOST = 1024,  /* bytes: what is longer only takes longer */
    STEPS = 1600, /* a byte, in all passes: each bound reached each time */
};

static void
need(bool so)
{
    if (!so) {
        __builtin_trap();
    }
}

static void
check_text(const char *text)
{
    struct redact_watch watch = { 0 };

    free(redact_text(text, &watch));
    need(!watch.stopped);
    need(watch.steps <= strlen(text) * STEPS);
}

static void
check_json(const char *text, size_t size)
{
    struct err ignored = { 0 };
    auto_json json_t *value = json_parse(text, size, "input", &ignored);
    auto_json json_t *again = NULL;

    if (value != NULL) {
        redact_json(value, NULL);
        again = mem_check(json_deep_copy(value));
        redact_json(again, NULL);
        need(json_equal(value, again) == 1);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_free char *text = mem_strndup((const char *)data, size < MOST ? size : MOST);

    if (*text == '{' || *text == '[') {
        check_json(text, strlen(text));
    }
    check_text(text);
    return 0;
}
