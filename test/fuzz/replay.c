/*
 * Runs a fuzzer's corpus without libFuzzer, so that every compiler can: each argument is
 * a file, or a folder of files.  Prints TAP; a crash ends it, and the plan tells what was
 * left.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_INPUT = 1 << 20 };

static int
replay_file(const char *path)
{
    uint8_t *data = malloc(MAX_INPUT);
    FILE *file = fopen(path, "rb");
    size_t size = 0;
    uint8_t *exact = NULL;

    if (data == NULL || file == NULL) {
        perror(path);
        exit(1);
    }
    size = fread(data, 1, MAX_INPUT, file);
    fclose(file);
    /* In a block of just this size, so that a read beyond the end is seen. */
    exact = malloc(size > 0 ? size : 1);
    if (exact == NULL) {
        exit(1);
    }
    memcpy(exact, data, size);
    free(data);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

static int
replay_is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int
main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    int count = 0;

    if (argc != 2 ||
        (count = scandir(argv[1], &entries, replay_is_input, alphasort)) < 0) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        char path[4096];

        snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
        fflush(stdout);
        replay_file(path);
        printf("ok %d - %s\n", i + 1, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return 0;
}
