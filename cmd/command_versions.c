#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/visible.h"
#include "cluster.h"
#include "command.h"
#include "kubedb/catalog.h"
#include "kubedb/database.h"
#include "kubedb/semver.h"
#include "print.h"
#include "report/exit_status.h"

/* One version of the catalogue, and whether the database may go there. */
struct version_row {
    const char *name; /* borrowed from the list */
    const char *version;
    bool deprecated;
    enum catalog_verdict verdict;
    char why[256];
};

struct version_table {
    const struct invocation *in;
    const char *name_space;
    const char *current; /* name of the database's version; NULL: no database was named */
    struct version_row *rows;
    size_t n;
};

/* How a verdict is called: for scripts, and in the table. */
static const struct {
    const char *id;
    const char *may;
    const char *why; /* where the catalogue gives no reason */
} versions_verdicts[] = {
    [CATALOG_ALLOWED] = { "allowed", "yes", "" },
    [CATALOG_SAME] = { "current", "-", "the current version" },
    [CATALOG_DOWNGRADE] = { "downgrade", "no", "older than the current version" },
    [CATALOG_DEPRECATED] = { "deprecated", "no", "deprecated" },
    [CATALOG_NOT_ALLOWED] = { "not-allowed", "no",
                              "not in the list of allowed versions" },
    [CATALOG_DENIED] = { "denied", "no", "in the list of denied versions" },
    [CATALOG_OTHER_DISTRIBUTION] = { "other-distribution", "no", "another distribution" },
    [CATALOG_BROKEN] = { "broken", "no", "its version cannot be parsed" },
};

static int
versions_compare(const void *a, const void *b)
{
    const struct version_row *x = a;
    const struct version_row *y = b;
    struct semver v = { 0 };
    struct semver w = { 0 };
    struct err ignored = { 0 };
    int order = 0;

    if (semver_parse(x->version, &v, &ignored) == 0 &&
        semver_parse(y->version, &w, &ignored) == 0) {
        order = semver_compare(&v, &w);
    }
    return order != 0 ? order : strcmp(x->name, y->name);
}

static void
versions_judge(struct version_row *row, const struct engine_mode *mode,
               const json_t *from, const json_t *to)
{
    row->verdict = str_eq(json_path_str(from, "metadata.name"), row->name)
                       ? CATALOG_SAME
                       : catalog_may_go(mode, from, to, row->why, sizeof row->why);
    if (row->why[0] == '\0') {
        str_copy(row->why, sizeof row->why, versions_verdicts[row->verdict].why);
    }
}

/* Fills the rows, which have room for all; `from` NULL: nothing is judged. */
static void
versions_fill(struct version_table *t, const json_t *list, const struct engine_mode *mode,
              const json_t *from)
{
    const json_t *items = json_object_get(list, "items");
    const json_t *item = NULL;
    size_t i = 0;

    json_array_foreach (items, i, item) {
        struct version_row *row = &t->rows[t->n++];

        row->name = json_path_str(item, "metadata.name");
        row->version = catalog_version(item);
        row->deprecated = json_path_true(item, "spec.deprecated");
        if (from != NULL) {
            versions_judge(row, mode, from, item);
        }
    }
    qsort(t->rows, t->n, sizeof *t->rows, versions_compare);
}

static void
versions_print_human(const struct version_table *t)
{
    int width = 4;

    for (size_t i = 0; i < t->n; i++) {
        int len = (int)visible_columns(t->rows[i].name);

        width = len > width ? len : width;
    }
    if (t->current != NULL) {
        print_text(stdout, "%s/%s is at %s  (namespace %s)\n\n", t->in->engine->name,
                   t->in->name, t->current, t->name_space);
    }
    print_text(stdout, "%-*s  %-10s  %s\n", width, "NAME", "VERSION",
               t->current != NULL ? "MAY GO  WHY" : "DEPRECATED");
    for (size_t i = 0; i < t->n; i++) {
        const struct version_row *r = &t->rows[i];

        print_text(stdout, "%-*s  %-10s  ", width, r->name, r->version);
        if (t->current != NULL) {
            print_text(stdout, "%-6s  %s\n", versions_verdicts[r->verdict].may, r->why);
        } else {
            print_text(stdout, "%s\n", r->deprecated ? "yes" : "no");
        }
    }
}

static void
versions_print_names(const struct version_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        if (t->current == NULL ? !t->rows[i].deprecated
                               : t->rows[i].verdict == CATALOG_ALLOWED) {
            print_text(stdout, "%s\n", t->rows[i].name);
        }
    }
}

static void
versions_print_json(const struct version_table *t)
{
    auto_json json_t *doc = mem_check(json_pack("{s:i, s:s, s:[]}", "v", 1, "kind",
                                                t->in->engine->api.kind, "versions"));

    if (t->current != NULL) {
        auto_json json_t *db =
            mem_check(json_pack("{s:s, s:s, s:s}", "namespace", t->name_space, "name",
                                t->in->name, "current", t->current));

        (void)json_object_update(doc, db);
    }
    for (size_t i = 0; i < t->n; i++) {
        const struct version_row *r = &t->rows[i];
        json_t *row = mem_check(json_pack("{s:s, s:s, s:b}", "name", r->name, "version",
                                          r->version, "deprecated", (int)r->deprecated));

        if (t->current != NULL) {
            (void)json_object_set_new(row, "verdict",
                                      json_string(versions_verdicts[r->verdict].id));
            (void)json_object_set_new(row, "reason", json_visible(r->why));
        }
        (void)json_array_append_new(json_object_get(doc, "versions"), row);
    }
    print_json(stdout, doc);
}

static void
versions_print(const struct version_table *t)
{
    static const struct {
        const char *word;
        void (*print)(const struct version_table *t);
    } forms[] = {
        { "human", versions_print_human },
        { "json", versions_print_json },
        { "name", versions_print_names },
    };
    const char *word = t->in->options->output.format;

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (word == NULL || str_eq(word, forms[i].word)) {
            forms[i].print(t);
            return;
        }
    }
}

/* What the database runs now: its mode and its version in the catalogue. */
static int
versions_of_database(struct cluster *c, const struct invocation *in, json_t **object,
                     struct database *db, struct err *e)
{
    if (cluster_get_database(c, in->engine, in->name, object, e) < 0 ||
        database_parse(in->engine, *object, db, e) < 0) {
        return err_wrap(e, "%s/%s", in->engine->name, in->name);
    }
    if (db->mode == NULL || db->mode->topology == TOPOLOGY_UNSUPPORTED) {
        return err_set(e, ERR_REFUSED, "%s/%s: topology \"%s\" is not supported",
                       in->engine->name, in->name, db->topology_value);
    }
    return 0;
}

static int
versions_main(const struct invocation *in, struct err *e)
{
    auto_cluster struct cluster c = { 0 };
    auto_json json_t *list = NULL;
    auto_json json_t *object = NULL;
    auto_free struct version_row *rows = NULL;
    struct database db = { 0 };
    struct version_table t = { .in = in };
    const json_t *from = NULL;

    if (cluster_open(in->options, &c, e) < 0 ||
        cluster_list_catalog(&c, in->engine, &list, e) < 0 ||
        (in->name != NULL && versions_of_database(&c, in, &object, &db, e) < 0)) {
        return -1;
    }
    t.name_space = c.name_space;
    if (in->name != NULL) {
        t.current = db.version;
        from = catalog_find(list, db.version);
        if (from == NULL) {
            return err_set(e, ERR_REFUSED, "%s/%s is at %s, which is not in the catalog",
                           in->engine->name, in->name, db.version);
        }
    }
    rows =
        mem_alloc((json_array_size(json_object_get(list, "items")) + 1) * sizeof *rows);
    t.rows = rows;
    versions_fill(&t, list, db.mode, from);
    versions_print(&t);
    return EXIT_OK;
}

const struct command command_versions = {
    .name = "versions",
    .args = "KIND [NAME]",
    .summary = "list the catalog, or a database's allowed versions",
    .text = "Lists the versions of the catalog. With NAME it shows for each of them "
            "whether the\n"
            "database may be upgraded to it, and the rule that decides.\n",
    .examples = "kubectl dbupgrade versions mysql\n"
                "kubectl dbupgrade versions mysql my-db -n demo\n"
                "kubectl dbupgrade versions mysql/my-db -n demo -o name\n",
    .options = OPTIONS_OUTPUT | OPTIONS_CLUSTER,
    .outputs = "human json name",
    .needs = NEEDS_KIND | TAKES_NAME,
    .run = versions_main,
};
