#include "engine/role.h"

#include "base/str.h"

static const struct role_words role_rows[] = {
    [MEMBER_ROLE_NONE] = { "", "", NULL },
    [MEMBER_PRIMARY] = { "PRIMARY", "primary", "primary" },
    [MEMBER_SECONDARY] = { "SECONDARY", "secondary", "standby" },
    [MEMBER_PEER] = { "PEER", "node", NULL },
};

const struct role_words *
role_words(enum member_role role)
{
    return &role_rows[role];
}

enum member_role
role_said(const char *word)
{
    size_t role = sizeof role_rows / sizeof *role_rows - 1;

    while (role > MEMBER_ROLE_NONE && !str_eq(role_rows[role].said, word)) {
        role--;
    }
    return (enum member_role)role;
}
