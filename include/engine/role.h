#ifndef ENGINE_ROLE_H
#define ENGINE_ROLE_H

#include "engine/engine.h"

/* What a role is called. */
struct role_words {
    const char *said;  /* by the statements that ask a server: "PRIMARY" */
    const char *shown; /* to people and scripts: "primary" */
    const char *label; /* kubedb.com/role of its pod; NULL: none says so */
};

const struct role_words *role_words(enum member_role role);

/* The role that a statement's answer names; MEMBER_ROLE_NONE: another text, or NULL. */
enum member_role role_said(const char *word);

#endif
