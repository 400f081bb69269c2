#ifndef PROCEDURE_STEP_TEXT_H
#define PROCEDURE_STEP_TEXT_H

#include <stddef.h>

#include "procedure/steps.h"

/*
 * What a plan says of a step: struct flow_step, .describe.
 */
struct cluster;

void text_pause(struct cluster *cluster, const struct flow_step *s, char *out,
                size_t size);
void text_make(struct cluster *cluster, const struct flow_step *s, char *out,
               size_t size);
void text_remove(struct cluster *cluster, const struct flow_step *s, char *out,
                 size_t size);
void text_images(struct cluster *cluster, const struct flow_step *s, char *out,
                 size_t size);
void text_front(struct cluster *cluster, const struct flow_step *s, char *out,
                size_t size);
void text_version(struct cluster *cluster, const struct flow_step *s, char *out,
                  size_t size);

#endif
