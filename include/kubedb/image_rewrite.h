#ifndef KUBEDB_IMAGE_REWRITE_H
#define KUBEDB_IMAGE_REWRITE_H

#include <stdbool.h>

/*
 * What an admission webhook makes of images: another registry (a mirror, a cache), a
 * prefix, a digest instead of a tag or after it, a suffix of the tag. A pod tells the
 * rule: it was made from one image, and has another. Pure.
 */

/* Whether a pod that is to have image `want` has `got` by a rule by which another, which
 * was to have `was_want`, has `was_got`. A digest can be any, but not that of another
 * image. */
bool image_rewrite_is_like(const char *was_want, const char *was_got, const char *want,
                           const char *got);

/* Whether `got` can be told to be `want` rewritten, and not another version's: by its
 * tag or digest. */
bool image_rewrite_is_plain(const char *want, const char *got);

#endif
