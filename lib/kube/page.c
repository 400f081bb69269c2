#include "kube/page.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "kube/path.h"

enum { PAGE_RESTARTS = 3 };

int
page_path(const struct page_list *l, const char *path, struct buf *out)
{
    char limit[16];

    (void)snprintf(limit, sizeof limit, "%d", (int)PAGE_SIZE);
    if (buf_puts(out, path) < 0) {
        return -1;
    }
    if (l->restarts >= PAGE_RESTARTS) {
        return 0;
    }
    return path_query(out, "limit", limit) < 0 ? -1
                                               : path_query(out, "continue", l->next);
}

int
page_add(struct page_list *l, json_t *page)
{
    json_t *items = json_object_get(page, "items");
    const char *next = json_path_str(page, "metadata.continue");

    /* Go writes an empty list as null where a server forgot to make one. */
    if (json_is_null(items)) {
        (void)json_object_set_new(page, "items", json_array());
        items = json_object_get(page, "items");
    }
    if (!json_is_array(items)) {
        return -1;
    }
    free(l->next);
    l->next = *next != '\0' ? mem_strdup(next) : NULL;
    if (l->all == NULL) {
        l->all = json_incref(page);
        (void)json_object_del(json_object_get(page, "metadata"), "continue");
        (void)json_object_del(json_object_get(page, "metadata"), "remainingItemCount");
    } else {
        (void)json_array_extend(json_object_get(l->all, "items"), items);
    }
    return l->next != NULL;
}

void
page_restart(struct page_list *l)
{
    unsigned restarts = l->restarts + 1;

    page_clear(l);
    l->restarts = restarts;
}

void
page_clear(struct page_list *l)
{
    json_decref(l->all);
    free(l->next);
    *l = (struct page_list){ 0 };
}
