/* Replies of the API server: the pages of a list, what is asked for next and when.
 * parsers: lib/kube/page.c lib/kube/path.c lib/kube/retry.c */
#define FUZZ_JSON
#include "base/str.h"
#include "fuzz.h"
#include "kube/page.h"
#include "kube/path.h"
#include "kube/retry.h"

enum { WAIT_MAX_MS = 75000, PATH = 1 << 16 };

/* What others name is a part of the path or a value of the query, and nothing else. */
static void
check_path(const struct page_list *l, const char *name)
{
    struct buf out auto_buf = BUF_LIMIT(PATH);
    struct buf next auto_buf = BUF_LIMIT(PATH);
    struct kube_ref ref = { "apps", "v1", "statefulsets", "demo", name, "scale" };
    struct err e = { 0 };
    char title[64];
    const char *query = NULL;

    path_title(&ref, title, sizeof title);
    if (path_of(&ref, &out, &e) == 0) {
        fuzz_check(str_starts(buf_text(&out), "/apis/apps/v1/namespaces/demo/stateful"));
        fuzz_check(str_ends(buf_text(&out), "/scale"));
        fuzz_check(strpbrk(buf_text(&out), "?#& \r\n") == NULL);
        fuzz_check(strstr(buf_text(&out), "/../") == NULL);
    }
    if (page_path(l, "/api/v1/pods", &next) == 0) {
        query = strstr(buf_text(&next), "&continue=");
        fuzz_check(query == NULL || strpbrk(query + 1, "&?# \r\n") == NULL);
        fuzz_check((query != NULL) == (l->next != NULL && l->restarts < 3));
    }
}

static void
check_retry(struct fuzz_input in)
{
    static const long statuses[] = { 0, 200, 404, 409, 429, 500, 501, 503 };
    struct retry r = { .status = statuses[fuzz_byte(&in) % 8] };
    unsigned flags = fuzz_byte(&in);
    long ms = 0;

    r.safe = (flags & 1U) != 0;
    r.sent = (flags & 2U) != 0;
    r.attempt = flags >> 2;
    memcpy(&r.retry_after, in.at, in.left < 8 ? in.left : 8);
    memcpy(&r.random, in.at, in.left < 4 ? in.left : 4);
    r.patience_ms = 1000L * flags;
    r.spent_ms = r.random % 100000U;
    ms = retry_wait(&r);
    fuzz_check(ms >= -1 && ms <= WAIT_MAX_MS);
    fuzz_check(ms < 0 || r.status == 0 || r.status == 429 || r.status >= 500);
    fuzz_check(ms < 0 || r.safe || !r.sent || r.retry_after > 0);
    fuzz_check(ms < 0 || r.attempt < RETRY_MAX || r.status == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_page_list struct page_list l = { 0 };
    auto_free char *name = fuzz_text(&in);
    size_t items = 0;
    int more = 1;

    check_retry((struct fuzz_input)FUZZ_INPUT(data, size));
    while (in.left > 0 && more > 0) {
        auto_json json_t *page = fuzz_json(&in);

        if (page == NULL) {
            page_restart(&l);
            items = 0;
            continue;
        }
        items += json_array_size(json_object_get(page, "items"));
        more = page_add(&l, page);
        fuzz_check(more < 0 || json_array_size(json_object_get(l.all, "items")) == items);
        fuzz_check(more < 0 || (more == 1) == (l.next != NULL));
    }
    check_path(&l, name);
    return 0;
}
