#include "kubedb/image_rewrite.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"

/* NAME[:TAG][@DIGEST], cut into its parts; "" for those that are not there. */
struct rewrite_image {
    char *name, *tag;
    const char *digest; /* borrowed */
};

static void
rewrite_clear(struct rewrite_image *i)
{
    free(i->name);
    free(i->tag);
}

static void
rewrite_parse(const char *text, struct rewrite_image *out)
{
    size_t len = strcspn(text, "@");
    auto_free char *image = mem_strndup(text, len);
    const char *slash = strrchr(image, '/');
    const char *colon = strrchr(slash != NULL ? slash : image, ':');
    size_t name = colon != NULL ? (size_t)(colon - image) : strlen(image);

    *out = (struct rewrite_image){ .name = mem_strndup(image, name),
                                   .tag = mem_strdup(colon != NULL ? colon + 1 : ""),
                                   .digest = text + len + (text[len] == '@' ? 1 : 0) };
}

/* -- names -- */

/* A name as the runtime reads it: "mysql" is docker.io/library/mysql. Caller frees. */
static char *
rewrite_full_name(const char *name)
{
    size_t first = strcspn(name, "/");
    bool registry = name[first] == '/' &&
                    (memchr(name, '.', first) != NULL ||
                     memchr(name, ':', first) != NULL || str_starts(name, "localhost/"));

    return registry
               ? mem_strdup(name)
               : mem_printf("docker.io/%s%s", name[first] == '/' ? "" : "library/", name);
}

/* How much two names have in common at their ends, whole parts of the path only. */
static size_t
rewrite_common(const char *a, const char *b)
{
    size_t la = strlen(a);
    size_t lb = strlen(b);
    size_t n = 0;

    while (n < la && n < lb && a[la - n - 1] == b[lb - n - 1]) {
        n++;
    }
    while (n > 0 &&
           ((n < la && a[la - n - 1] != '/') || (n < lb && b[lb - n - 1] != '/'))) {
        n--;
    }
    return n;
}

/* Whether `got` is `want` with its beginning replaced as `was_got` has it. */
static bool
rewrite_has_name(const char *was_want, const char *was_got, const char *want,
                 const char *got)
{
    size_t common = rewrite_common(was_want, was_got);
    size_t before = strlen(was_want) - common;
    auto_free char *begins = mem_strndup(was_got, strlen(was_got) - common);
    auto_free char *expected = NULL;

    if (strncmp(want, was_want, before) != 0 || (common == 0 && want[before] != '\0')) {
        return false;
    }
    expected = mem_printf("%s%s", begins, want + before);
    return str_eq(expected, got);
}

static bool
rewrite_is_name(const char *was_want, const char *was_got, const char *want,
                const char *got)
{
    auto_free char *full_was_want = rewrite_full_name(was_want);
    auto_free char *full_was_got = rewrite_full_name(was_got);
    auto_free char *full_want = rewrite_full_name(want);
    auto_free char *full_got = rewrite_full_name(got);

    return rewrite_has_name(was_want, was_got, want, got) ||
           rewrite_has_name(full_was_want, full_was_got, full_want, full_got);
}

/* -- tags -- */

static const char *
rewrite_tag(const struct rewrite_image *i)
{
    return i->tag[0] == '\0' && i->digest[0] == '\0' ? "latest" : i->tag;
}

static bool
rewrite_is_joint(char c)
{
    return c == '-' || c == '_';
}

/* What was added to a tag, at its end or its beginning; false: it is another one. */
static bool
rewrite_added(const char *tag, const char *got, const char **before, size_t *n_before,
              const char **after)
{
    size_t len = strlen(tag);
    size_t all = strlen(got);

    *before = "";
    *n_before = 0;
    *after = "";
    if (str_eq(tag, got)) {
        return true;
    }
    if (len > 0 && str_starts(got, tag) && rewrite_is_joint(got[len])) {
        *after = got + len;
        return true;
    }
    if (len > 0 && all > len && str_ends(got, tag) &&
        rewrite_is_joint(got[all - len - 1])) {
        *before = got;
        *n_before = all - len;
        return true;
    }
    return false;
}

/* A tag that went for a digest is away again; one that was another is none that a rule
 * makes, and then what was wanted is to be there. */
static bool
rewrite_is_tag(const struct rewrite_image *was_want, const struct rewrite_image *was_got,
               const struct rewrite_image *want, const struct rewrite_image *got)
{
    const char *before = "";
    const char *after = "";
    size_t n_before = 0;
    auto_free char *expected = NULL;

    if (was_got->tag[0] == '\0' && was_got->digest[0] != '\0' && got->tag[0] == '\0') {
        return got->digest[0] != '\0';
    }
    (void)rewrite_added(rewrite_tag(was_want), rewrite_tag(was_got), &before, &n_before,
                        &after);
    expected = mem_printf("%.*s%s%s", (int)n_before, before, rewrite_tag(want), after);
    return str_eq(expected, rewrite_tag(got));
}

/* -- digests -- */

static bool
rewrite_is_digest(const struct rewrite_image *was_got, const struct rewrite_image *want,
                  const struct rewrite_image *got, bool same)
{
    if (want->digest[0] != '\0' && got->digest[0] != '\0') {
        return str_eq(want->digest, got->digest);
    }
    if ((was_got->digest[0] != '\0') != (got->digest[0] != '\0')) {
        return false;
    }
    return got->digest[0] == '\0' || same || !str_eq(was_got->digest, got->digest);
}

bool
image_rewrite_is_like(const char *was_want, const char *was_got, const char *want,
                      const char *got)
{
    scope_cleanup(rewrite_clear) struct rewrite_image ww = { 0 };
    scope_cleanup(rewrite_clear) struct rewrite_image wg = { 0 };
    scope_cleanup(rewrite_clear) struct rewrite_image w = { 0 };
    scope_cleanup(rewrite_clear) struct rewrite_image g = { 0 };

    rewrite_parse(was_want, &ww);
    rewrite_parse(was_got, &wg);
    rewrite_parse(want, &w);
    rewrite_parse(got, &g);
    return rewrite_is_name(ww.name, wg.name, w.name, g.name) &&
           rewrite_is_tag(&ww, &wg, &w, &g) &&
           rewrite_is_digest(&wg, &w, &g, str_eq(was_want, want));
}

bool
image_rewrite_is_plain(const char *want, const char *got)
{
    scope_cleanup(rewrite_clear) struct rewrite_image w = { 0 };
    scope_cleanup(rewrite_clear) struct rewrite_image g = { 0 };
    const char *before = NULL;
    const char *after = NULL;
    size_t n = 0;

    rewrite_parse(want, &w);
    rewrite_parse(got, &g);
    if (w.digest[0] != '\0') {
        return str_eq(w.digest, g.digest) ||
               (g.digest[0] == '\0' && w.tag[0] != '\0' && str_eq(w.tag, g.tag));
    }
    return w.tag[0] != '\0' && rewrite_added(w.tag, g.tag, &before, &n, &after);
}
