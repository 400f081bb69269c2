#include "double_hostile.h"

enum { HOSTILE_SHOWN = 5 };

struct hostile hostile;

/* -- what may come out -- */

/* The program's own: colours, and the drawing of lines in place. */
static size_t
hostile_own_sequence(const char *s)
{
    static const char *const all[] = { "\033[0m",   "\033[1m",   "\033[2m",  "\033[31m",
                                       "\033[32m",  "\033[33m",  "\033[?7l", "\033[?7h",
                                       "\033[?25l", "\033[?25h", "\033[K",   "\033[J" };
    size_t up = 2 + strspn(s + 2, "0123456789");

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (str_starts(s, all[i])) {
            return strlen(all[i]);
        }
    }
    return s[1] == '[' && s[up] == 'A' ? up + 1 : 0;
}

/* The length of a character beyond ASCII; 0: it is one of those that are planted, or no
 * UTF-8 at all. */
static size_t
hostile_character(const char *s)
{
    static const char *const planted[] = {
        "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x80\x8b",     "\xe2\x81\xa0",
        "\xef\xbb\xbf", "\xc2\xad",     "\xf3\xa0\x81\x81", "\xef\xb8\x8f",
        "\xe2\x80\xa8", "\xe2\x80\x8f", "\xd8\x9c"
    };
    unsigned char c = (unsigned char)*s;
    size_t len = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    if (c < 0xc2 || c > 0xf4 || (c == 0xc2 && (unsigned char)s[1] < 0xa0)) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    for (size_t i = 0; i < sizeof planted / sizeof *planted; i++) {
        if (str_starts(s, planted[i])) {
            return 0;
        }
    }
    return len;
}

/* The length of what may come out here; 0: nothing of that kind may. */
static size_t
hostile_length(const char *s, bool terminal, bool tabs)
{
    unsigned char c = (unsigned char)*s;

    if (c >= 0x80) {
        return hostile_character(s);
    }
    if (c == '\033') {
        return terminal ? hostile_own_sequence(s) : 0;
    }
    if (c == '\n') {
        return str_starts(s + 1, "FORGED") ? 0 : 1;
    }
    return (c >= 0x20 && c < 0x7f) || (terminal && c == '\r') || (tabs && c == '\t');
}

static void
hostile_print(const char *line, const char *planted, const char *at)
{
    auto_buf struct buf text = { 0 };
    const char *from =
        at - buf_text(&hostile.output) > 60 ? at - 60 : buf_text(&hostile.output);

    for (const char *s = from; s < at + 12 && *s != '\0'; s++) {
        (void)!buf_printf(&text, *s >= ' ' && *s < 0x7f ? "%c" : "<%02x>",
                          (unsigned char)*s);
    }
    print_error("\"%.*s\" with %s: %s\n", (int)strcspn(line, "\033"), line, planted,
                buf_text(&text));
}

/* Only each n-th run is made where all would take too long. */
static unsigned long
hostile_stride(void)
{
    const char *text = getenv("TEST_STRIDE");
    unsigned long n = text != NULL ? strtoul(text, NULL, 10) : 1;

    return n > 0 ? n : 1;
}

void
hostile_shows(const char *line, const char *planted)
{
    bool terminal = str_starts(line, "tty ");
    bool tabs = str_starts(line, "__complete");
    size_t len = 1;

    buf_reset(&hostile.output);
    if (hostile.asked++ % hostile_stride() != 0) {
        return;
    }
    program_run(line + (terminal ? 4 : 0), terminal, &hostile.output);
    hostile.runs++;
    for (size_t at = 0; at < hostile.output.len; at += len) {
        len = hostile_length(hostile.output.data + at, terminal, tabs);
        if (len == 0) {
            if (hostile.bad++ < HOSTILE_SHOWN) {
                hostile_print(line, planted, hostile.output.data + at);
            }
            break;
        }
    }
    assert_true(hostile.output.len > 0 || strstr(line, "-o name") != NULL);
}

void
hostile_end(unsigned long least)
{
    unsigned long runs = hostile.runs;
    unsigned long bad = hostile.bad;

    print_message("%lu runs, %lu of them showed what a terminal obeys\n", runs, bad);
    hostile.asked = 0;
    hostile.runs = 0;
    hostile.bad = 0;
    assert_true(runs >= least / hostile_stride());
    assert_int_equal(bad, 0);
    buf_free(&hostile.output);
    world_free();
}

/* -- what is planted -- */

static void
plant_look(const char *place, hostile_look *look)
{
    if (hostile.doc != NULL) {
        auto_free char *text = json_dumps(hostile.doc, 0);

        (void)json_string_set(hostile.text, text);
    }
    world.versions++;
    look(place);
}

static void
plant_string(json_t *string, const char *place, hostile_look *look)
{
    auto_free char *was = mem_strdup(json_string_value(string));
    auto_free char *evil = mem_printf("%.80s" EVIL, was);
    auto_json json_t *inner = json_loads(was, 0, NULL);

    (void)json_string_set(string, evil);
    plant_look(place, look);
    if (hostile.doc == NULL && inner != NULL) {
        hostile.doc = inner;
        hostile.text = string;
        plant_in(inner, place, look);
        hostile.doc = NULL;
    }
    (void)json_string_set(string, was);
}

static void
plant_key(json_t *object, const char *key, const char *place, hostile_look *look)
{
    auto_free char *evil = mem_printf("%s" EVIL, key);
    auto_json json_t *value = json_incref(json_object_get(object, key));

    (void)json_object_set(object, evil, value);
    (void)json_object_del(object, key);
    plant_look(place, look);
    (void)json_object_set(object, key, value);
    (void)json_object_del(object, evil);
}

void
plant_in(json_t *at, const char *place, hostile_look *look)
{
    auto_json json_t *copy = json_is_object(at) ? json_copy(at) : NULL;
    const char *key = NULL;
    json_t *value = NULL;
    size_t i = 0;

    if (json_is_string(at)) {
        plant_string(at, place, look);
    }
    json_object_foreach (copy, key, value) {
        auto_free char *below =
            mem_printf("%s.%.*s", place, (int)strcspn(key, "\033"), key);

        plant_in(value, below, look);
        if (json_is_string(value)) {
            plant_key(at, key, below, look);
        }
    }
    json_array_foreach (at, i, value) {
        auto_free char *below = mem_printf("%s.%zu", place, i);

        plant_in(value, below, look);
    }
}

void
plant_everywhere(hostile_look *look)
{
    const char *resource = NULL;
    json_t *all = NULL;

    look("nothing");
    json_object_foreach (world.objects, resource, all) {
        plant_in(all, resource, look);
    }
}

/* -- the user's own -- */

int
hostile_main(const struct CMUnitTest *tests, size_t n)
{
    char home[] = "/tmp/dbupgrade-hostile-XXXXXX";
    auto_free char *config = NULL;
    int failed = 0;
    FILE *f = NULL;

    if (mkdtemp(home) == NULL) {
        return 1;
    }
    config = mem_printf("%s/config", home);
    f = fopen(config, "w");
    if (f == NULL) {
        return 1;
    }
    (void)fputs("apiVersion: v1\nkind: Config\ncurrent-context: \"te\\e[35mst\"\n"
                "contexts: [{name: \"te\\e[35mst\", context: {cluster: c, user: u}}]\n"
                "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n"
                "users: [{name: u, user: {token: t}}]\n",
                f);
    (void)fclose(f);
    (void)setenv("KUBECONFIG", config, 1);
    (void)setenv("TERM", "xterm", 1);
    (void)setenv("LC_ALL", "C.UTF-8", 1);
    failed = _cmocka_run_group_tests("hostile", tests, n, NULL, NULL);
    (void)unlink(config);
    (void)rmdir(home);
    return failed;
}
