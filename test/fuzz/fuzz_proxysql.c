/* The rows of a ProxySQL's configuration, at runtime and on disk.
 * parsers: lib/engine/config_tables.c */
#include "base/str.h"
#include "engine/config_tables.h"
#include "fuzz.h"

static struct config_sum
check_rows(const char *out)
{
    struct config_sum sum = config_sum(out);
    size_t rows = (size_t)sum.rows;
    auto_free char *first = config_line(out, 0);
    auto_free char *last = rows > 0 ? config_line(out, rows - 1) : NULL;
    auto_free char *none = config_line(out, rows);
    auto_free char *marked = first != NULL ? mem_printf("row %s", first) : NULL;

    fuzz_check(sum.rows >= 0 && rows <= strlen(out));
    fuzz_check(sum.sum >= 0 && sum.sum < (1LL << 53));
    fuzz_check((first != NULL) == (rows > 0) && none == NULL);
    fuzz_check((last != NULL) == (rows > 0));
    fuzz_check(first == NULL || strchr(first, '\n') == NULL);
    fuzz_check(first == NULL || strstr(out, marked) != NULL);
    fuzz_check(config_differences(out, out) == 0);
    fuzz_check(config_differences(out, "") == rows);
    return sum;
}

/* What is run on another proxy makes one row, and nothing else. */
static void
check_statements(const char *out)
{
    const struct engine_config *c = engine_find("proxysql")->config;

    for (size_t i = 0;; i++) {
        auto_free char *line = config_line(out, i);

        if (line == NULL) {
            return;
        }
        for (const struct engine_config *of = c; of->title != NULL; of++) {
            fuzz_check(!config_is_row(of, line) ||
                       (str_starts(line, "REPLACE INTO main.") &&
                        strpbrk(line, ";\\\"\n\t") == NULL));
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_free char *a = fuzz_text(&in);
    auto_free char *b = fuzz_text(&in);
    struct config_sum of_a = check_rows(a);
    struct config_sum of_b = check_rows(b);
    size_t n = config_differences(a, b);

    check_statements(a);
    fuzz_check(n == config_differences(b, a));
    fuzz_check(n <= (size_t)(of_a.rows > of_b.rows ? of_a.rows : of_b.rows));
    fuzz_check(n > 0 || (of_a.rows == of_b.rows && of_a.sum == of_b.sum));
    return 0;
}
