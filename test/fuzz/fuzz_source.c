/* What a remote replica's pod says of the server that it follows.
 * parsers: lib/engine/replication_source.c */
#include "engine/replication_source.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_free char *out = fuzz_text(&in);
    const struct engine *en = engine_find("mysql");
    struct source s = { 0 };

    source_parse(en, out, &s);
    fuzz_check(memchr(s.address, '\0', sizeof s.address) != NULL);
    fuzz_check(memchr(s.version, '\0', sizeof s.version) != NULL);
    fuzz_check(memchr(s.trouble, '\0', sizeof s.trouble) != NULL);
    fuzz_check(memchr(s.says, '\0', sizeof s.says) != NULL);
    /* It has answered, or there is a reason. */
    fuzz_check((s.trouble[0] == '\0') == (s.position != NULL && s.version[0] != '\0'));
    fuzz_check(!s.away || s.trouble[0] != '\0');
    (void)source_refusal(en, s.version, "8.4.8");
    fuzz_check(source_count(s.position != NULL ? s.position : out) >= 0);
    source_clear(&s);
    return 0;
}
