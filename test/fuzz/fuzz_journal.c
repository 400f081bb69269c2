/* What is left on a Lease, by whoever may edit Leases: a journal, or a request to a run.
 * parsers: lib/kubedb/form.c lib/kubedb/journal_form.c */
#define FUZZ_JSON
#include "base/str.h"
#include "fuzz.h"
#include "kubedb/journal_form.h"
#include "kubedb/workload.h"
#include "lock/journal.h"

enum { PODS = 64, REPLICAS = 32 };

static void
check_images(const json_t *images)
{
    struct image_changes c = { 0 };
    struct err e = { 0 };

    fuzz_check(image_changes_from_json(images, &c, &e) == 0 && c.n <= PODS);
    for (size_t i = 0; i < c.n; i++) {
        fuzz_check(strpbrk(c.at[i].to, " $`'\"\\\n") == NULL);
        fuzz_check(strpbrk(c.at[i].container, " /.\n") == NULL);
    }
    image_changes_free(&c);
}

static void
check_pods(const json_t *j)
{
    static struct measures m;
    const char *pod = NULL;
    json_t *value = NULL;

    fuzz_check(json_object_size(json_object_get(j, "pods")) <= PODS);
    json_object_foreach (json_object_get(j, "pods"), pod, value) {
        fuzz_check(strpbrk(pod, "/ \n") == NULL);
        journal_recall(j, pod, &m);
        fuzz_check(m.n <= MEASURE_MAX);
        for (size_t i = 0; i < m.n; i++) {
            fuzz_check(m.at[i].value >= -1 && m.at[i].value <= MEASURE_VALUE_MAX);
            fuzz_check(memchr(m.at[i].of, '\0', sizeof m.at[i].of) != NULL);
        }
    }
}

static void
check_journal(const json_t *j)
{
    auto_free char *text = json_text(j);
    auto_json json_t *again = NULL;
    long long replicas = json_path_int(j, "new_set.replicas", 1);
    struct err e = { 0 };

    fuzz_check(journal_form_read(text, strlen(text), &again, &e) == 0);
    fuzz_check(json_equal(j, again));
    fuzz_check(json_path_int(j, "version", 0) <= JOURNAL_VERSION);
    fuzz_check(replicas >= 1 && replicas <= REPLICAS);
    fuzz_check_line(json_path_str(j, "by"), 192);
    fuzz_check(strpbrk(json_path_str(j, "set"), "/ %\n") == NULL);
    fuzz_check(*json_path_str(j, "uid") != '\0' && *json_path_str(j, "to") != '\0');
    (void)journal_direction(j);
    check_images(json_object_get(j, "images"));
    check_pods(j);
}

static void
check_refused(const json_t *j, const struct err *e)
{
    fuzz_check(j == NULL && e->code == ERR_REFUSED);
    fuzz_check_line(e->msg, sizeof e->msg);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data; /* no zero behind it */
    auto_json json_t *j = NULL;
    auto_json json_t *request = NULL;
    struct err e = { 0 };

    if (journal_form_read(text, size, &j, &e) == 0) {
        check_journal(j);
        fuzz_check(journal_form_version(text, size) == json_path_int(j, "version", 0));
    } else {
        check_refused(j, &e);
    }
    if (journal_form_read_request(text, size, &request, &e) == 0) {
        fuzz_check_line(json_path_str(request, "by"), 192);
        fuzz_check(*json_path_str(request, "verb") != '\0' && j == NULL);
    } else {
        check_refused(request, &e);
    }
    return 0;
}
