#ifndef PROCEDURE_STEP_TEXT_H
#define PROCEDURE_STEP_TEXT_H

#include <stddef.h>

#include "procedure/steps.h"

/*
 * What a plan says of a step: struct flow_step, .describe.
 */
struct flow;

void text_pause(struct flow *f, const struct flow_step *s, char *out, size_t size);
void text_make(struct flow *f, const struct flow_step *s, char *out, size_t size);
void text_remove(struct flow *f, const struct flow_step *s, char *out, size_t size);
void text_images(struct flow *f, const struct flow_step *s, char *out, size_t size);
void text_front(struct flow *f, const struct flow_step *s, char *out, size_t size);
void text_version(struct flow *f, const struct flow_step *s, char *out, size_t size);

#endif
