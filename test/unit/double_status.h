#ifndef DOUBLE_STATUS_H
#define DOUBLE_STATUS_H

#include "base/clock.h"
#include "double_fixture.h"
#include "kubedb/database.h"
#include "upgrade/status.h"

/*
 * Leases in the world, and a look at what is in progress.
 */

#define JOURNAL                                                                         \
    "{\"version\": 2, \"direction\": \"forward\", \"kind\": \"MySQL\", \"name\": "      \
    "\"my-db\", \"uid\": \"uid-7\", \"from\": \"8.4.7\", \"to\": \"8.4.8\", "           \
    "\"set\": \"my-db\", \"started\": \"2026-11-18T00:00:00Z\", \"by\": \"eve@h/1/a\"," \
    " \"images\": [{\"container\": \"mysql\", \"init\": false, \"from\": "              \
    "\"r.example/mysql:8.4.7\", \"to\": \"r.example/mysql:8.4.8\"}], \"pods\": {}}"

extern struct status_list list;
extern struct err status_err;

/* A Lease whose renewal is so long ago by our clock. */
void lease_put(const char *holder, const char *journal, long long ago_ms);

void lease_annotate(const char *key, const char *value);
int look(bool kind, const char *name_space, const char *name);
void says(const char *text);
void status_end(void);

#endif
