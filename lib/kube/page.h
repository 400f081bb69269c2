#ifndef KUBE_PAGE_H
#define KUBE_PAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"

/*
 * A collection that comes in pages. Pure: says what to ask for, takes what came.
 */

enum { PAGE_SIZE = 500 };

struct page_list {
    json_t *all;       /* the list so far, with the items of all pages; NULL at first */
    char *next;        /* continue token, NULL: none */
    unsigned restarts; /* how often a token had expired */
};

/* The path of the next page; `path` may have a query. */
int page_path(const struct page_list *l, const char *path, struct buf *out)
    __attribute__((warn_unused_result));

/* Takes a page. Returns whether there is another; -1 if this is no list. */
int page_add(struct page_list *l, json_t *page) __attribute__((warn_unused_result));

/* The token has expired (410): begin anew. After some of it, without pages. */
void page_restart(struct page_list *l);

void page_clear(struct page_list *l);

#define auto_page_list scope_cleanup(page_clear)

#endif
