#ifndef TEST_UNIT_TESTDATA_H
#define TEST_UNIT_TESTDATA_H

#include <jansson.h>
#include <stdbool.h>

#include "base/scope.h"

/*
 * Files under test/data. Tests run in the project's folder. A file that cannot be read or
 * is no JSON fails the test that asks for it.
 */
#define TESTDATA "test/data"

/* A JSON file, by its path below test/data; NULL if it is not there. */
json_t *testdata_json(const char *path);

/* The same, for a file that must be there. */
json_t *testdata_need(const char *path);

/* A text file that must be there. The caller frees it. */
char *testdata_text(const char *path);

/* JSON from a text with ' for "; one that is none fails the test. */
json_t *testdata_quoted(const char *text);

/* Calls f for each folder below a folder, in the order of their names. `path` is below
 * test/data. Fails if there is none. */
void testdata_each(const char *folder, void (*f)(const char *path));

#endif
