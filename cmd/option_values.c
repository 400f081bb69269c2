#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "options.h"

/*
 * How the text of a flag's value becomes the value, one function a type.
 */
typedef int option_setter(struct options *o, const struct option_row *row,
                          const char *value, struct err *e);

static void *
option_place(struct options *o, const struct option_row *row)
{
    return (char *)o + row->offset;
}

/* kubectl takes what Go's strconv.ParseBool takes. */
static int
option_set_bool(struct options *o, const struct option_row *row, const char *value,
                struct err *e)
{
    static const char *const yes[] = { "true", "1", "t", "T", "TRUE", "True" };
    static const char *const no[] = { "false", "0", "f", "F", "FALSE", "False" };
    bool *place = option_place(o, row);

    if (value == NULL) {
        *place = true;
        return 0;
    }
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (str_eq(value, yes[i]) || str_eq(value, no[i])) {
            *place = str_eq(value, yes[i]);
            return 0;
        }
    }
    return err_set(e, ERR_USAGE, "--%s: \"%s\" is neither true nor false", row->name,
                   value);
}

static int
option_set_text(struct options *o, const struct option_row *row, const char *value,
                struct err *e)
{
    const char **place = option_place(o, row);

    if (*value == '\0') {
        return err_set(e, ERR_USAGE, "--%s: the value is empty", row->name);
    }
    *place = value;
    return 0;
}

static int
option_read_duration(const struct option_row *row, const char *value, long long *out,
                     struct err *e)
{
    *out = clock_parse_duration(value);
    if (*out < 0) {
        return err_set(e, ERR_USAGE,
                       "--%s: \"%s\" is not a duration (such as 90s, 10m or 1h30m)",
                       row->name, value);
    }
    return 0;
}

static int
option_set_time(struct options *o, const struct option_row *row, const char *value,
                struct err *e)
{
    long long ms = 0;

    return option_read_duration(row, value, &ms, e) < 0
               ? -1
               : option_set_text(o, row, value, e);
}

static int
option_set_duration(struct options *o, const struct option_row *row, const char *value,
                    struct err *e)
{
    return option_read_duration(row, value, option_place(o, row), e);
}

static int
option_set_list(struct options *o, const struct option_row *row, const char *value,
                struct err *e)
{
    if (*value == '\0') {
        return err_set(e, ERR_USAGE, "--%s: the value is empty", row->name);
    }
    option_list_add(option_place(o, row), value, strlen(value));
    return 0;
}

static int
option_set_commas(struct options *o, const struct option_row *row, const char *value,
                  struct err *e)
{
    for (;;) {
        size_t len = strcspn(value, ",");

        if (len == 0) {
            return err_set(e, ERR_USAGE, "--%s: a name is empty", row->name);
        }
        option_list_add(option_place(o, row), value, len);
        if (value[len] == '\0') {
            return 0;
        }
        value += len + 1;
    }
}

static int
option_set_number(struct options *o, const struct option_row *row, const char *value,
                  struct err *e)
{
    long long *place = option_place(o, row);

    if (!str_to_ll(value, place) || *place < 0) {
        return err_set(e, ERR_USAGE, "--%s: \"%s\" is not a non-negative integer",
                       row->name, value);
    }
    return 0;
}

static int
option_set_percent(struct options *o, const struct option_row *row, const char *value,
                   struct err *e)
{
    double *place = option_place(o, row);
    char *end = NULL;
    double n = strspn(value, "0123456789") > 0 ? strtod(value, &end) : -1;

    if (end != NULL && *end == '%') {
        end++;
    }
    if (end == NULL || n < 0 || n > 100 || *end != '\0') {
        return err_set(e, ERR_USAGE, "--%s: \"%s\" is not a percentage from 0 to 100",
                       row->name, value);
    }
    *place = n;
    return 0;
}

static int
option_set_size(struct options *o, const struct option_row *row, const char *value,
                struct err *e)
{
    return str_to_bytes(value, option_place(o, row))
               ? 0
               : err_set(e, ERR_USAGE,
                         "--%s: \"%s\" is not a size (such as 512Mi or 40Gi)", row->name,
                         value);
}

static int
option_set_dry_run(struct options *o, const struct option_row *row, const char *value,
                   struct err *e)
{
    enum dry_run *place = option_place(o, row);

    if (value == NULL) {
        *place = DRY_RUN_CLIENT;
        return 0;
    }
    for (const struct option_word *w = option_dry_runs; w->word != NULL; w++) {
        if (str_eq(value, w->word)) {
            *place = w->mode;
            return 0;
        }
    }
    return err_set(e, ERR_USAGE, "--%s: \"%s\" is not one of client, server, none",
                   row->name, value);
}

static int
option_set_level(struct options *o, const struct option_row *row, const char *value,
                 struct err *e)
{
    long long *place = option_place(o, row);

    if (value == NULL) {
        *place = 1;
        return 0;
    }
    return option_set_number(o, row, value, e);
}

static option_setter *const option_setters[] = {
    [OPTION_BOOL] = option_set_bool,     [OPTION_TEXT] = option_set_text,
    [OPTION_TIME] = option_set_time,     [OPTION_LIST] = option_set_list,
    [OPTION_COMMAS] = option_set_commas, [OPTION_DURATION] = option_set_duration,
    [OPTION_NUMBER] = option_set_number, [OPTION_PERCENT] = option_set_percent,
    [OPTION_SIZE] = option_set_size,     [OPTION_DRY_RUN] = option_set_dry_run,
    [OPTION_LEVEL] = option_set_level,
};

int
option_set(struct options *o, const struct option_row *row, const char *value,
           struct err *e)
{
    if (option_setters[row->type](o, row, value, e) < 0) {
        return -1;
    }
    for (size_t i = 0; option_at(i) != NULL; i++) {
        o->given[i] = o->given[i] || option_at(i) == row;
    }
    return 0;
}
