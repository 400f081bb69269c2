#include "base/word.h"
#include "options.h"

/*
 * The flags of a command line, written again for the commands in hints.
 */

static int
option_add_flag(struct buf *b, const struct option_row *row, const char *value)
{
    const char *separator = *value == '-' ? "=" : " ";

    if (row->hint == OPTION_HINT_SECRET) {
        return buf_printf(b, " --%s %s", row->name, row->metavar);
    }
    return buf_printf(b, " --%s%s", row->name, separator) < 0 ? -1 : word_add(b, value);
}

static int
option_add_list(struct buf *b, const struct option_row *row, const struct option_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        if (option_add_flag(b, row, l->at[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
option_add_given(const struct options *o, const struct option_row *row, struct buf *b)
{
    const void *place = (const char *)o + row->offset;

    switch (row->type) {
    case OPTION_BOOL:
        return buf_printf(b, " --%s%s", row->name, *(const bool *)place ? "" : "=false");
    case OPTION_LIST:
        return option_add_list(b, row, place);
    case OPTION_TEXT:
    case OPTION_TIME:
        return option_add_flag(b, row, *(const char *const *)place);
    case OPTION_COMMAS:
    case OPTION_DURATION:
    case OPTION_NUMBER:
    case OPTION_PERCENT:
    case OPTION_SIZE:
    case OPTION_DRY_RUN:
    case OPTION_LEVEL:
        break; /* no flag of kubectl's is one */
    }
    return -1;
}

int
options_add_hint(const struct options *o, struct buf *b)
{
    const struct option_row *row = NULL;

    for (size_t i = 0; (row = option_at(i)) != NULL; i++) {
        bool said = row->hint == OPTION_HINT_REPEAT || row->hint == OPTION_HINT_SECRET;

        if (said && o->given[i] && option_add_given(o, row, b) < 0) {
            return -1;
        }
    }
    return 0;
}
