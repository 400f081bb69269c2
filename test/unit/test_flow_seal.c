/* A journal that is sealed with a key which its forger has not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hmac.h"
#include "double_journal.h"

/* RFC 4231, test cases 1 and 4. */
static void
test_hmac(void **state)
{
    struct hmac_key key;
    char out[HMAC_HEX];

    (void)state;
    assert_true(hmac_key_decode(&key, "CwsLCwsLCwsLCwsLCwsLCwsLCws="));
    assert_int_equal(key.n, 20);
    hmac_sha256(&key, "Hi There", out);
    assert_string_equal(
        out, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assert_true(hmac_equal(out, out));
    assert_false(hmac_equal(out, ""));
    assert_false(hmac_equal("ab", "ac"));
    hmac_key_wipe(&key);
    assert_int_equal(key.n, 0);
}

static void
test_keys(void **state)
{
    static const struct {
        const char *text;
        size_t n;
    } rows[] = {
        { "", 0 },
        { "AAAAAAAAAAAAAAAAAAAA", 0 },                 /* 15 bytes */
        { "AAAAAAAAAAAAAAAAAAAAAA==", 16 },            /* 16 */
        { "AAAAAAAAAAAAAAAAAAAAAAAA", 18 },            /* 18 */
        { "AAAAAAAAAAAAAAAAAAAAAAAA\n", 0 },           /* no base64 */
        { "AAAAAAAAAAAAAAAAAAAAA===", 0 },             /* too much padding */
        { "AAAAAAAAAAAAAAAAAAAAAA==AAAA", 0 },         /* in its midst */
        { "-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 0 },     /* of another alphabet */
        { "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 0 } /* no groups of four */
    };
    struct hmac_key key;
    char most[200];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(hmac_key_decode(&key, rows[i].text), rows[i].n > 0);
        assert_int_equal(key.n, rows[i].n);
    }
    memset(most, 'A', sizeof most);
    most[172] = '\0'; /* 129 bytes */
    assert_false(hmac_key_decode(&key, most));
    memcpy(most + 171, "=", 2); /* 128 */
    assert_true(hmac_key_decode(&key, most));
    assert_int_equal(key.n, HMAC_KEY_MAX);
}

static void
secret(const char *value)
{
    world_put("secrets", world_json("{'metadata': {'name': 'seal', 'namespace': 'demo'}, "
                                    "'data': {'key': '%s'}}",
                                    value));
}

#define KEY "c2l4dGVlbiBieXRlcyBvZiBrZXkgYW5kIG1vcmU="

static struct upgrade_request
sealed_request(const char *to)
{
    struct upgrade_request rq = fix_request(to);

    rq.journal_key = "seal";
    return rq;
}

/* An upgrade whose journal is sealed, interrupted. */
static struct upgrade_request
sealed(void)
{
    struct upgrade_request rq;

    world_new(3);
    secret(KEY);
    rq = sealed_request("8.4.8");
    (void)world_rule((struct rule){ .what = "evict my-db-1", .status = 403 });
    fix_expect(flow_run(&rq), EXIT_INCOMPLETE);
    assert_string_equal(
        told.resume, "kubectl dbupgrade resume mysql my-db -n demo --journal-key seal");
    journal_ready();
    rq.to = NULL;
    return rq;
}

static void
test_sealed(void **state)
{
    struct upgrade_request rq = sealed();

    (void)state;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
    rq = sealed();
    rq.abort = true;
    rq.journal_key = "seal/key";
    fix_expect(flow_run(&rq), EXIT_WALKED_BACK);
    fix_end();
}

/* What is written later in a run is sealed, too. */
static void
test_sealed_again(void **state)
{
    struct upgrade_request rq = sealed_request("8.4.8");

    (void)state;
    world_new_set();
    secret(KEY);
    rq.strategy = "new-set";
    (void)world_rule((struct rule){ .what = "scale my-db-1 1", .status = 403 });
    fix_expect(flow_run(&rq), EXIT_INCOMPLETE);
    journal_ready();
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_end();
}

static void
test_forged(void **state)
{
    struct upgrade_request rq = sealed();
    json_t *lease = NULL;

    (void)state;
    journal_plant("by", "\"somebody else\"");
    journal_is_refused(flow_run(&rq), "does not match its content");
    rq = sealed();
    lease = world_edit("leases", FIX_LEASE);
    (void)json_object_del(json_path(lease, "metadata.annotations"),
                          "kubectl-dbupgrade/seal");
    world_put("leases", lease);
    rq.abort = true;
    journal_is_refused(flow_run(&rq), "is not sealed");
    rq = sealed();
    secret("YW5vdGhlciBrZXkgb2Ygc2l4dGVlbiBieXRlcyE=");
    rq.to = "8.4.8";
    journal_is_refused(flow_run(&rq), "does not match its content");
}

/* The seal of another database's journal, whose Lease was copied. */
static void
test_moved(void **state)
{
    struct upgrade_request rq = sealed();
    json_t *lease = NULL;

    (void)state;
    rq.name_space = "other"; /* where the Lease, the database and all is the same */
    journal_is_refused(flow_run(&rq), "does not match its content");
    rq = sealed();
    lease = world_edit("leases", FIX_LEASE);
    world_set_path(lease, "metadata.name", json_string("dbupgrade-mysqls-other"));
    world_put("leases", lease);
    {
        json_t *db = world_edit("mysqls", WORLD_DB);

        world_set_path(db, "metadata.name", json_string("other"));
        world_put("mysqls", db);
    }
    rq.name = "other";
    fix_expect(flow_run(&rq), EXIT_REFUSED);
    fix_error("name: it is for my-db, but this is other");
    buf_reset(&world.violations);
    fix_changes("");
    fix_end();
}

static void
test_no_key(void **state)
{
    struct upgrade_request rq = sealed();

    (void)state;
    rq.journal_key = NULL;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("the journal is sealed");
    fix_end();
    rq = sealed();
    rq.journal_key = "seal/other";
    journal_is_refused(flow_run(&rq), "Secret seal: it has no key \"other\"");
    rq = sealed();
    secret("dG9vIHNob3J0");
    journal_is_refused(flow_run(&rq), "16 to 128 bytes are required");
    rq = sealed();
    world_remove("secrets", "seal");
    fix_expect(flow_run(&rq), EXIT_ERROR);
    fix_error("the journal's key, Secret seal");
    fix_changes("");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hmac),   cmocka_unit_test(test_keys),
        cmocka_unit_test(test_sealed), cmocka_unit_test(test_sealed_again),
        cmocka_unit_test(test_forged), cmocka_unit_test(test_moved),
        cmocka_unit_test(test_no_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
