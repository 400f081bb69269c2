#include "kube/path.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

int
path_escape(struct buf *out, const char *s)
{
    static const char hex[] = "0123456789ABCDEF";

    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        char code[3] = { '%', hex[c >> 4], hex[c & 15] };
        bool plain = c < 0x80 && (isalnum(c) || strchr("-._~", c) != NULL);

        if (buf_add(out, plain ? s : code, plain ? 1 : sizeof code) < 0) {
            return -1;
        }
    }
    return 0;
}

int
path_query(struct buf *out, const char *key, const char *value)
{
    if (value == NULL) {
        return 0;
    }
    if (buf_puts(out, strchr(buf_text(out), '?') != NULL ? "&" : "?") < 0 ||
        buf_puts(out, key) < 0 || buf_puts(out, "=") < 0) {
        return -1;
    }
    return path_escape(out, value);
}

/* One step of a path; NULL adds nothing. */
static int
path_add(struct buf *out, const char *segment, struct err *e)
{
    if (segment == NULL) {
        return 0;
    }
    if (*segment == '\0' || str_eq(segment, ".") || str_eq(segment, "..")) {
        return err_set(e, ERR_INTERNAL, "\"%s\" is not an object name", segment);
    }
    if (buf_puts(out, "/") < 0 || path_escape(out, segment) < 0) {
        return err_set(e, ERR_INTERNAL, "the path of a request is too long");
    }
    return 0;
}

int
path_of(const struct kube_ref *ref, struct buf *out, struct err *e)
{
    bool core = ref->group == NULL || *ref->group == '\0';
    const char *name_space = ref->name_space;

    if (ref->subresource != NULL && ref->name == NULL) {
        return err_set(e, ERR_INTERNAL, "a subresource without an object");
    }
    if (path_add(out, core ? "api" : "apis", e) < 0 ||
        path_add(out, core ? NULL : ref->group, e) < 0 ||
        path_add(out, ref->version, e) < 0 ||
        path_add(out, name_space != NULL ? "namespaces" : NULL, e) < 0 ||
        path_add(out, name_space, e) < 0 || path_add(out, ref->resource, e) < 0 ||
        path_add(out, ref->name, e) < 0 || path_add(out, ref->subresource, e) < 0) {
        return -1;
    }
    return 0;
}

char *
path_title(const struct kube_ref *ref, char *out, size_t size)
{
    (void)snprintf(out, size, "%s%s%s%s%s%s%s", ref->resource,
                   ref->name != NULL ? "/" : "", ref->name != NULL ? ref->name : "",
                   ref->subresource != NULL ? "/" : "",
                   ref->subresource != NULL ? ref->subresource : "",
                   ref->name_space != NULL ? " in " : "",
                   ref->name_space != NULL ? ref->name_space : "");
    return out;
}
