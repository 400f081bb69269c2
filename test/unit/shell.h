#ifndef TEST_SHELL_H
#define TEST_SHELL_H

/* A folder for one test, and commands in it. */
struct shell {
    char dir[64];
};

int shell_open(struct shell *s);   /* makes the folder; 0, or -1 */
void shell_close(struct shell *s); /* removes it with all that is in it */

/* What a command prints, errors included. The caller frees it. */
char *shell_run(const struct shell *s, const char *command);

/* A path in the folder. The caller frees it. */
char *shell_path(const struct shell *s, const char *name);

#endif
