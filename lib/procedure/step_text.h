#ifndef PROCEDURE_STEP_TEXT_H
#define PROCEDURE_STEP_TEXT_H

#include <stddef.h>

#include "procedure/steps.h"

/*
 * What a plan says of a step: struct step, .describe.
 */
struct cluster;
struct target;

void step_text_pause(struct cluster *cluster, const struct step *s, char *out,
                     size_t size);
void step_text_make(struct cluster *cluster, const struct step *s, char *out,
                    size_t size);
void step_text_remove(struct cluster *cluster, const struct step *s, char *out,
                      size_t size);
void step_text_images(struct cluster *cluster, const struct step *s, char *out,
                      size_t size);
void step_text_front(struct cluster *cluster, const struct step *s, char *out,
                     size_t size);
void step_text_version(struct cluster *cluster, const struct step *s, char *out,
                       size_t size);

/* The kind of its workloads: "PetSet". */
const char *step_text_workload(const struct target *target);

#endif
