/* What is a secret, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/redact.h"
#include "testdata.h"

#define X REDACT_MARK

/* "hunter2" and "eyJhbGciOiJIUzI1NiJ9..." are the secrets. */
static const struct {
    const char *text;
    const char *want;
} rows[] = {
    { "ALTER USER a IDENTIFIED BY 'hunter2'; SELECT 'x'",
      "ALTER USER a IDENTIFIED BY '" X "'; SELECT 'x'" },
    { "identified with caching_sha2_password by 'hunter2' replace 'hunter2'\nnext 'x'",
      "identified with caching_sha2_password by '" X "' replace '" X "'\nnext 'x'" },
    { "IDENTIFIED WITH 'p' AS 0x68756e74657232", "IDENTIFIED WITH '" X "' AS " X },
    { "IDENTIFIED BY PASSWORD '*hunter2'", "IDENTIFIED BY PASSWORD '" X "'" },
    { "IDENTIFIED\n  BY\n  'hunter2'\nrest", "IDENTIFIED\n  BY\n  '" X "'\nrest" },
    { "IDENTIFIED BY 'hun''ter2\\'hunter2' FOR x", "IDENTIFIED BY '" X "' FOR x" },
    { "IDENTIFIED BY hunter2", "IDENTIFIED BY " X },
    { "{\"sql\":\"IDENTIFIED BY \\\"hunter2\\\"\"}",
      "{\"sql\":\"IDENTIFIED BY \\\"" X "\\\"\"}" },
    { "IDENTIFIED BY 'hunter2 without an end\nnext", "IDENTIFIED BY '" X "\nnext" },
    { "SET PASSWORD = 'hunter2'", "SET PASSWORD = '" X "'" },
    { "SET PASSWORD FOR a = PASSWORD('hunter2')",
      "SET PASSWORD FOR a = PASSWORD('" X "')" },
    { "MASTER_PASSWORD='hunter2', MASTER_PORT=3306",
      "MASTER_PASSWORD='" X "', MASTER_PORT=3306" },
    { "GENERATED ROOT PASSWORD: hunter2", "GENERATED ROOT PASSWORD: " X },
    { "A temporary password is generated for root@localhost: hunter2 x;y\nnext",
      "A temporary password is generated for root@localhost: " X "\nnext" },
    { "MYSQL_PWD=hunter2 exec mysql", "MYSQL_PWD=" X " exec mysql" },
    { "MYSQL_ROOT_PASSWORD=hunter2", "MYSQL_ROOT_PASSWORD=" X },
    { "S3_KEY=hunter2", "S3_KEY=" X },
    { "dbpass=hunter2 x", "dbpass=" X }, /* a password may have a blank */
    { "--password hunter2 --user a", "--password " X " --user a" },
    { "--password=\"hunter2 hunter2\" a", "--password=\"" X "\" a" },
    { "{\"password\":\"hunter2\",\"a\":1}", "{\"password\":\"" X "\",\"a\":1}" },
    { "{\"password\" : \"hunter2\"}", "{\"password\" : \"" X "\"}" },
    { "{\\\"token\\\":\\\"hunter2\\\"}", "{\\\"token\\\":\\\"" X "\\\"}" },
    { "client-secret: hunter2", "client-secret: " X },
    { "token: Bearer hunter2", "token: " X },
    { "Authorization: Digest a=\"hunter2\", b=\"hunter2\"\r\nHost: h",
      "Authorization: " X "\r\nHost: h" },
    { "authorization: Basic aHVudGVyMg==\nx", "authorization: " X "\nx" },
    { "curl -H 'Authorization: Bearer hunter2' h", "curl -H 'Authorization: " X },
    { "sent Bearer abcdefgh.hunter2, ok", "sent Bearer " X ", ok" },
    { "got eyJhbGciOiJIUzI1NiJ9.e30.hunter2 here", "got " X " here" },
    { "a\n-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----\nb",
      "a\n" X "-----\nb" },
    { "a -----BEGIN PRIVATE KEY-----\\nhunter2", "a " X },
    { "hunter2\nhunter2==\n-----END EC PRIVATE KEY-----\nb", X "-----\nb" },
    { "https://a:hunter2@h:1/x", "https://a:" X "@h:1/x" },
    { "https://:hun@ter2@h/x", "https://:" X "@h/x" },
    { "root:hunter2@tcp(127.0.0.1:3306)/", "root:" X "@tcp(127.0.0.1:3306)/" },
    { "root:hun:t'er2@unix(/s)/", "root:" X "@unix(/s)/" },
    { "mysqladmin -uroot -phunter2 ping", "mysqladmin -uroot -p" X " ping" },
    { "mysql -u root -p'hunter2 x' y", "mysql -u root -p'" X "' y" },
    { "You have an error near 'IDENTIFIED BY 'hunter2'' at line 1\nit's 'kept'",
      "You have an error near 'IDENTIFIED BY '" X "\nit's 'kept'" },
    { "authentication_string: $A$005$hunter2\nkept $A$ kept",
      "authentication_string: " X "\nkept $A$ kept" },
    { "shell.connect('root:hunter2@h:3306')", "shell.connect('root:" X "@h:3306')" },

    { "Access denied for user 'a'@'b' (using password: YES)", NULL },
    { "IDENTIFIED BY <secret>", "IDENTIFIED BY " X },
    { "Plugin mysql_native_password reported: ''x' is deprecated'", NULL },
    { "validate_password.policy=LOW", NULL },
    { "secretName: my-db-auth", NULL },
    { "MountVolume.SetUp failed for volume \"my-secret\" : secret \"x\" not found",
      NULL },
    { "MYSQL_PASSWORD_FILE=/run/secrets/x", NULL },
    { "https://h:6443/api?mail=a@b", NULL },
    { "https://user@h/", NULL },
    { "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----", NULL },
    { "Bearer of bad news", NULL },
    { "mysqladmin -uroot -p$MYSQL_ROOT_PASSWORD ping", NULL },
    { "unpigz -p4 x", NULL },
    { "PRIMARY KEY = id", NULL },
    { "naïve 数据库 \xff \t", NULL },
    { "", NULL },
};

static void
test_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_free char *got = redact_text(rows[i].text, NULL);
        auto_free char *again = redact_text(got, NULL);

        if (!str_eq(got, rows[i].want != NULL ? rows[i].want : rows[i].text)) {
            print_error("%s\n  -> %s\n", rows[i].text, got);
        }
        assert_string_equal(got, rows[i].want != NULL ? rows[i].want : rows[i].text);
        assert_null(strstr(got, "hunter2"));
        assert_null(strstr(again, "hunter2"));
    }
}

/* A text that is cut anywhere gives no more away, and nothing is read behind its end. */
static void
test_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t n = 0; n <= strlen(rows[i].text); n++) {
            auto_free char *text = mem_strndup(rows[i].text, n);
            auto_free char *got = redact_text(text, NULL);

            assert_true(rows[i].want != NULL || str_eq(got, text) ||
                        strstr(got, X) != NULL);
        }
    }
}

/* test/data/redact/rows.json: a text, and what becomes of it; alone: it stays as it is.
 * Each is at a bound of what is a secret, with what is kept beside it. */
static void
test_bounds(void **state)
{
    auto_json json_t *list = testdata_need("redact/rows.json");
    size_t bad = 0;
    size_t i = 0;
    json_t *row = NULL;

    (void)state;
    json_array_foreach (list, i, row) {
        const char *text = json_string_value(json_array_get(row, 0));
        const char *want =
            json_string_value(json_array_get(row, json_array_size(row) - 1));
        auto_free char *got = redact_text(text, NULL);

        if (!str_eq(got, want)) {
            print_error("%s\n  -> %s\n and not %s\n", text, got, want);
            bad++;
        }
    }
    assert_true(i > 0);
    assert_int_equal(bad, 0);
}

static const struct {
    const char *text;
    const char *want;
} objects[] = {
    { "{'metadata': {'managedFields': [1], 'name': 'a', 'annotations': "
      "{'kubectl.kubernetes.io/last-applied-configuration': 'hunter2', 'b': 'c'}}}",
      "{'metadata': {'name': 'a', 'annotations': {'b': 'c'}}}" },
    { "{'env': [{'name': 'MYSQL_ROOT_PASSWORD', 'value': 'hunter2'}, {'name': 'S3_KEY', "
      "'value': 'hunter2'}, {'name': 'A', 'value': 'b'}, {'name': 'MY_PASSWORD', "
      "'valueFrom': {'secretKeyRef': {'name': 'my-db-auth', 'key': 'password'}}}]}",
      "{'env': [{'name': 'MYSQL_ROOT_PASSWORD', 'value': '" X
      "'}, {'name': 'S3_KEY', 'value': '" X "'}, {'name': 'A', 'value': 'b'}, "
      "{'name': 'MY_PASSWORD', 'valueFrom': {'secretKeyRef': {'name': 'my-db-auth', "
      "'key': 'password'}}}]}" },
    { "{'spec': {'authSecret': {'name': 'x'}, 'adminPassword': 'hunter2'}}",
      "{'spec': {'authSecret': {'name': 'x'}, 'adminPassword': '" X "'}}" },
    { "{'args': ['mysqladmin', '-uroot', '-phunter2', '--password', 'hunter2', "
      "'--token=hunter2', '-p$X', 'ping']}",
      "{'args': ['mysqladmin', '-uroot', '" X "', '--password', '" X "', "
      "'--token=" X "', '-p$X', 'ping']}" },
    { "{'password': 1234, 'pins': [1], 'passwords': ['hunter2', 5, {'a': 'hunter2'}]}",
      "{'password': '" X "', 'pins': [1], 'passwords': ['" X "', '" X "', {'a': '" X
      "'}]}" },
    { "{'credentials': {'user': 'hunter2', 'name': 'hunter2', 'on': true, 'n': null}}",
      "{'credentials': {'user': '" X "', 'name': '" X "', 'on': true, 'n': null}}" },
    { "{'authSecret': {'name': 'x', 'kind': 'Secret', 'hash': 'hunter2'}}",
      "{'authSecret': {'name': 'x', 'kind': 'Secret', 'hash': '" X "'}}" },
    { "{'password': {'valueFrom': {'secretKeyRef': {'name': 'x', 'key': 'password'}}}}",
      "{'password': {'valueFrom': {'secretKeyRef': {'name': 'x', 'key': 'password'}}}}" },
    { "{'volumes': [{'secret': {'secretName': 'x', 'defaultMode': 420, 'items': "
      "[{'key': 'password', 'path': 'p'}]}}, {'projected': {'sources': "
      "[{'serviceAccountToken': {'path': 'token', 'expirationSeconds': 3607}}]}}]}",
      "{'volumes': [{'secret': {'secretName': 'x', 'defaultMode': 420, 'items': "
      "[{'key': 'password', 'path': 'p'}]}}, {'projected': {'sources': "
      "[{'serviceAccountToken': {'path': 'token', 'expirationSeconds': 3607}}]}}]}" },
    { "{'apiVersion': 'v1', 'kind': 'Secret', 'data': {'my.cnf': 'hunter2'}, "
      "'stringData': {'a': 'hunter2'}, 'metadata': {'name': 'kept'}}",
      "{'apiVersion': 'v1', 'kind': 'Secret', 'data': {'my.cnf': '" X "'}, "
      "'stringData': {'a': '" X "'}, 'metadata': {'name': 'kept'}}" },
    { "{'apiVersion': 'v1', 'kind': 'SecretList', 'items': [{'data': {'a': 'hunter2'}}]}",
      "{'apiVersion': 'v1', 'kind': 'SecretList', 'items': [{'data': {'a': '" X "'}}]}" },
    { "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'data': {'a': 'kept', 'S3_KEY': "
      "'hunter2'}}",
      "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'data': {'a': 'kept', 'S3_KEY': '" X
      "'}}" },
    { "{'users': [{'name': 'kept', 'user': {'client-key-data': 'hunter2', 'token': "
      "'hunter2', 'client-certificate-data': 'kept', 'tokenFile': '/kept'}}]}",
      "{'users': [{'name': 'kept', 'user': {'client-key-data': '" X "', 'token': '" X
      "', 'client-certificate-data': 'kept', 'tokenFile': '/kept'}}]}" },
    { "{'env': [{'name': 'A_TOKEN', 'value': 1234}], 'args': ['sh', '-c', 'mysql "
      "-phunter2'], 'automountServiceAccountToken': false}",
      "{'env': [{'name': 'A_TOKEN', 'value': '" X "'}], 'args': ['sh', '-c', 'mysql -p" X
      "'], 'automountServiceAccountToken': false}" },
    { "{'dsn': 'https://a:hunter2@h', 'volumes': [{'secret': {'secretName': 'x'}}], "
      "'n': 5, 'ok': true}",
      "{'dsn': 'https://a:" X "@h', 'volumes': [{'secret': {'secretName': 'x'}}], "
      "'n': 5, 'ok': true}" },
};

static json_t *
parse(const char *text)
{
    auto_free char *line = mem_strdup(text);

    for (char *c = line; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    return json_loads(line, 0, NULL);
}

static void
test_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        auto_json json_t *got = parse(objects[i].text);
        auto_json json_t *want = parse(objects[i].want);
        auto_free char *shown = NULL;

        assert_non_null(got);
        assert_non_null(want);
        redact_json(got, NULL);
        shown = json_text(got);
        if (!json_equal(got, want)) {
            print_error("%s\n", shown);
        }
        assert_true(json_equal(got, want));
        assert_null(strstr(shown, "hunter2"));
    }
}

/* test/data/redact/objects.json: an object, and what becomes of it; alone: it stays. */
static void
test_json_bounds(void **state)
{
    auto_json json_t *list = testdata_need("redact/objects.json");
    size_t i = 0;
    json_t *row = NULL;

    (void)state;
    json_array_foreach (list, i, row) {
        const json_t *want = json_array_get(row, json_array_size(row) - 1);
        auto_json json_t *got = json_deep_copy(json_array_get(row, 0));

        redact_json(got, NULL);
        if (!json_equal(got, want)) {
            auto_free char *shown = json_text(got);
            auto_free char *wanted = json_text(want);

            fail_msg("it is %s and not %s", shown, wanted);
        }
    }
    assert_true(i > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_bounds),      cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
