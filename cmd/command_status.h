#ifndef CMD_COMMAND_STATUS_H
#define CMD_COMMAND_STATUS_H

#include "cluster.h"
#include "command.h"
#include "upgrade/status.h"

/*
 * How what is in progress is printed.
 */
struct status_view {
    const struct invocation *in;
    const struct cluster *cluster;
    const struct status_list *list;
};

/* status_human.c */
void status_print_human(const struct status_view *v);

/* status_json.c */
void status_print_json(const struct status_view *v);
void status_print_names(const struct status_view *v);

#endif
