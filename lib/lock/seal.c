#include "lock/seal.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hmac.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "kube/client.h"
#include "lock/journal.h"
#include "lock/lease.h"
#include "lock/lock.h"
#include "run/emit.h"

#define SEAL_KEY "key" /* of the Secret's data, where none is named */

struct seal {
    struct hmac_key key;
};

int
seal_read_key(struct lock *lock, struct err *e)
{
    const char *wish = lock->target->request->journal_key;
    size_t len = wish != NULL ? strcspn(wish, "/") : 0;
    auto_free char *name = mem_strndup(wish != NULL ? wish : "", len);
    const char *key = wish != NULL && wish[len] == '/' ? wish + len + 1 : SEAL_KEY;
    const struct kube_ref ref = { .group = "",
                                  .version = "v1",
                                  .resource = "secrets",
                                  .name_space = lock->target->request->name_space,
                                  .name = name };
    auto_json json_t *secret = NULL;
    const char *value = NULL;

    if (wish == NULL || lock->seal != NULL) {
        return 0;
    }
    if (kube_get(lock->target->kube, &ref, &secret, e) < 0) {
        return err_wrap(e, "the journal's key, Secret %s", name);
    }
    value = json_string_value(json_object_get(json_object_get(secret, "data"), key));
    lock->seal = mem_alloc(sizeof *lock->seal);
    if (value != NULL && hmac_key_decode(&lock->seal->key, value)) {
        return 0;
    }
    err_set(e, ERR_REFUSED, "Secret %s: %s \"%s\"", name,
            value == NULL ? "it has no key" : "16 to 128 bytes are required in the key",
            key);
    return err_hint(
        e,
        "kubectl create secret generic %s -n %s --from-literal=%s=\"$(openssl "
        "rand -hex 32)\"",
        name, lock->target->request->name_space, key);
}

void
seal_free(struct lock *lock)
{
    if (lock->seal != NULL) {
        hmac_key_wipe(&lock->seal->key);
        free(lock->seal);
        lock->seal = NULL;
    }
}

/* No name has a line's end. */
static void
seal_of(const struct lock *lock, const char *text, char out[HMAC_HEX])
{
    auto_free char *bound = mem_printf("kubectl-dbupgrade journal\n%s\n%s\n%s\n%s",
                                       lock->target->request->name_space, lock->name,
                                       lock->target->uid, text);

    hmac_sha256(&lock->seal->key, bound, out);
}

int
seal_check(struct lock *lock, const json_t *lease, const char *text,
           const json_t *journal, struct err *e)
{
    const char *seal = lease_annotation(lease, LEASE_SEAL);
    char wanted[HMAC_HEX];

    if (!str_eq(json_path_str(journal, "uid"), lock->target->uid)) {
        return 0;
    }
    if (lock->seal == NULL) {
        if (*seal != '\0') {
            emit_note(lock->run, "the journal is sealed; use --journal-key to verify it");
        }
        return 0;
    }
    seal_of(lock, text, wanted);
    if (hmac_equal(seal, wanted)) {
        return 0;
    }
    err_set(e, ERR_REFUSED,
            *seal == '\0' ? "the journal of an earlier run is not sealed (Lease %s)"
                          : "the seal of an earlier run's journal does not match its "
                            "content (Lease %s)",
            lock->name);
    return journal_hint_remove(lock, e);
}

void
seal_add(const struct lock *lock, json_t *annotations, const char *text)
{
    if (lock->seal != NULL) {
        char seal[HMAC_HEX];

        seal_of(lock, text, seal);
        (void)json_object_set_new(annotations, LEASE_SEAL, json_string(seal));
    }
}
