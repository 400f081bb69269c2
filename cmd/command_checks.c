#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "command.h"
#include "kubedb/check_registry.h"
#include "print.h"
#include "report/exit_status.h"

/* What --skip-check does about a check. */
static const char *
checks_skip(const struct check_row *row)
{
    return row->severity == CHECK_OK ? "-" : check_is_skippable(row) ? "yes" : "no";
}

/* "mysql,postgres"; "all". */
static void
checks_kinds(const struct check_row *row, char *out, size_t size)
{
    size_t n = 0;
    size_t all = 0;

    out[0] = '\0';
    for (; engine_all[all] != NULL; all++) {
        if (check_is_for(row, engine_all[all])) {
            str_append(out, size, "%s%s", n++ > 0 ? "," : "", engine_all[all]->name);
        }
    }
    if (n == all) {
        str_copy(out, size, "all");
    }
}

static void
checks_print_human(const struct engine *en)
{
    struct check_row row;
    int id_width = 2;
    int kinds_width = 5;
    char kinds[128];

    for (size_t i = 0; check_at(en, i, &row); i++) {
        int id = (int)strlen(row.id);
        int of = 0;

        checks_kinds(&row, kinds, sizeof kinds);
        of = (int)strlen(kinds);
        id_width = id > id_width ? id : id_width;
        kinds_width = of > kinds_width ? of : kinds_width;
    }
    print_text(stdout, "%-*s  SEVERITY  SKIP  %-*s  TITLE\n", id_width, "ID", kinds_width,
               "KINDS");
    for (size_t i = 0; check_at(en, i, &row); i++) {
        checks_kinds(&row, kinds, sizeof kinds);
        print_text(stdout, "%-*s  %-8s  %-4s  %-*s  %s\n", id_width, row.id,
                   check_severity_word(row.severity), checks_skip(&row), kinds_width,
                   kinds, row.title);
    }
}

static void
checks_print_names(const struct engine *en)
{
    struct check_row row;

    for (size_t i = 0; check_at(en, i, &row); i++) {
        print_text(stdout, "%s\n", row.id);
    }
}

static void
checks_print_json(const struct engine *en)
{
    auto_json json_t *doc = mem_check(json_pack("{s:i, s:[]}", "v", 1, "checks"));
    struct check_row row;

    for (size_t i = 0; check_at(en, i, &row); i++) {
        json_t *is = mem_check(json_pack(
            "{s:s, s:s, s:b, s:s, s:s, s:[]}", "id", row.id, "severity",
            check_severity_word(row.severity), "skippable", (int)check_is_skippable(&row),
            "title", row.title, "advice", row.advice, "kinds"));

        for (size_t k = 0; engine_all[k] != NULL; k++) {
            if (check_is_for(&row, engine_all[k])) {
                (void)json_array_append_new(json_object_get(is, "kinds"),
                                            json_string(engine_all[k]->name));
            }
        }
        (void)json_array_append_new(json_object_get(doc, "checks"), is);
    }
    print_json(stdout, doc);
}

static int
checks_main(const struct invocation *in, struct err *e)
{
    static const struct {
        const char *word;
        void (*print)(const struct engine *en);
    } forms[] = {
        { "human", checks_print_human },
        { "json", checks_print_json },
        { "name", checks_print_names },
    };
    const char *word = in->options->output.format;

    (void)e;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (word == NULL || str_eq(word, forms[i].word)) {
            forms[i].print(in->engine);
            break;
        }
    }
    return EXIT_OK;
}

const struct command command_checks = {
    .name = "checks",
    .args = "[KIND]",
    .summary = "list the checks that run before an upgrade",
    .text =
        "Lists the checks in the order in which a run reports them: the id, which\n"
        "--skip-check takes, the worst that the check reports, whether --skip-check\n"
        "lets the run continue nevertheless, and the kinds that have it. An error stops\n"
        "the run before anything is changed. -o json also has what to do about each.\n",
    .examples = "kubectl dbupgrade checks {kind}\n"
                "kubectl dbupgrade checks -o json\n",
    .options = OPTIONS_OUTPUT,
    .outputs = "human json name",
    .needs = TAKES_KIND,
    .run = checks_main,
};
