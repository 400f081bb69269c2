#include "engine/new_set.h"

#include "base/scope.h"
#include "base/str.h"
#include "engine/parse.h"

void
new_set_parse_donor(const char *out, struct new_set_donor *d)
{
    auto_free char *copies = parse_value(out, "copies");
    auto_free char *complete = parse_value(out, "complete");

    d->answered = true;
    d->copies = str_eq(copies, "1");
    d->complete = str_eq(complete, "1");
}

bool
new_set_may_copy(const struct engine *en, const struct new_set_donor *d, const char *to)
{
    const struct engine_new_set *row = en->new_set;
    int a = engine_version_number(d->version);
    int b = engine_version_number(to);

    if (!d->copies || a < 0 || b < 0) {
        return false;
    }
    return a == b || (a >= row->copies_since && b >= row->copies_since &&
                      a / row->copies_series == b / row->copies_series);
}
