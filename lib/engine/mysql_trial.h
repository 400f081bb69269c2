#ifndef LIB_ENGINE_MYSQL_TRIAL_H
#define LIB_ENGINE_MYSQL_TRIAL_H

#include "engine/trial.h"

extern const struct engine_trial mysql_trial;

/* mysql_trial.sh without its comments, with a zero at its end; made by the Makefile. */
extern const char engine_mysql_trial[];

#endif
