#include "lock/lease.h"

#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/str.h"
#include "base/visible.h"
#include "engine/engine.h"
#include "kube/client.h"

#define LEASE_PREFIX "dbupgrade-"

enum { LEASE_LONGEST_S = 2 * 60 };

struct kube_ref
lease_ref(const char *name_space, const char *name)
{
    return (struct kube_ref){ .group = "coordination.k8s.io",
                              .version = "v1",
                              .resource = "leases",
                              .name_space = name_space,
                              .name = name };
}

char *
lease_name(const struct engine *en, const char *database, char *out, size_t size)
{
    (void)snprintf(out, size, LEASE_PREFIX "%s-%s", en->api.resource, database);
    return out;
}

const char *
lease_database(const char *name, const struct engine **en)
{
    *en = NULL;
    if (!str_starts(name, LEASE_PREFIX)) {
        return NULL;
    }
    name += sizeof LEASE_PREFIX - 1;
    for (size_t i = 0; engine_all[i] != NULL; i++) {
        size_t len = strlen(engine_all[i]->api.resource);

        if (str_starts(name, engine_all[i]->api.resource) && name[len] == '-') {
            *en = engine_all[i];
            return name + len + 1;
        }
    }
    return name;
}

const char *
lease_annotation(const json_t *lease, const char *key)
{
    const char *s =
        json_string_value(json_object_get(json_path(lease, "metadata.annotations"), key));

    return s != NULL ? s : "";
}

char *
lease_self(char *out, size_t size)
{
    char host[64] = "localhost";
    char self[256];
    const struct passwd *user = getpwuid(geteuid());

    (void)gethostname(host, sizeof host - 1);
    (void)snprintf(self, sizeof self, "%s@%s/%ld",
                   user != NULL ? user->pw_name : "unknown", host, (long)getpid());
    return visible_copy(out, size, self); /* it must be JSON, and others read it */
}

long long
lease_duration_ms(const json_t *lease)
{
    long long seconds = json_path_int(lease, "spec.leaseDurationSeconds", LEASE_SECONDS);

    return 1000 * (seconds > 0 && seconds <= LEASE_LONGEST_S ? seconds : LEASE_SECONDS);
}
