#include "testdata.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

enum { TESTDATA_LIMIT = 1 << 20 };

json_t *
testdata_json(const char *path)
{
    auto_free char *file = file_join(TESTDATA, path);
    auto_free char *text = NULL;
    json_t *o = NULL;
    struct err e = { 0 };
    size_t len = 0;

    if (file_read(file, TESTDATA_LIMIT, &text, &len, &e) < 0) {
        if (e.code != ERR_NOT_FOUND) {
            fail_msg("%s", e.msg);
        }
        return NULL;
    }
    o = json_parse(text, len, file, &e);
    if (o == NULL) {
        fail_msg("%s", e.msg);
    }
    return o;
}

json_t *
testdata_need(const char *path)
{
    json_t *o = testdata_json(path);

    if (o == NULL) {
        fail_msg("%s/%s is missing", TESTDATA, path);
    }
    return o;
}

char *
testdata_text(const char *path)
{
    auto_free char *file = file_join(TESTDATA, path);
    char *text = NULL;
    struct err e = { 0 };

    if (file_read(file, TESTDATA_LIMIT, &text, NULL, &e) < 0) {
        fail_msg("%s", e.msg);
    }
    return text;
}

static int
testdata_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

void
testdata_each(const char *folder, void (*f)(const char *path))
{
    auto_free char *dir = file_join(TESTDATA, folder);
    struct dirent **names = NULL;
    int n = scandir(dir, &names, testdata_visible, alphasort);
    int cases = 0;

    for (int i = 0; i < n; i++) {
        auto_free char *path = file_join(folder, names[i]->d_name);
        auto_free char *full = file_join(TESTDATA, path);
        struct stat st;

        free(names[i]);
        if (stat(full, &st) == 0 && S_ISDIR(st.st_mode)) {
            print_message("# %s\n", path);
            f(path);
            cases++;
        }
    }
    free(names);
    assert_true(cases > 0);
}

json_t *
testdata_quoted(const char *text)
{
    auto_free char *copy = mem_strdup(text);
    json_t *o = NULL;

    for (char *c = copy; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    o = json_loads(copy, 0, NULL);
    assert_non_null(o);
    return o;
}
