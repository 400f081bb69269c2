#ifndef DOUBLE_WORLD_H
#define DOUBLE_WORLD_H

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "double_names.h"
#include "double_server.h"
#include "double_time.h"
#include "engine/engine.h"
#include "engine/router.h"
#include "kube/client.h"

struct kube_exec;
struct ui_event;

/*
 * A small world in memory that stands for the API server and what lives behind it. The
 * flow is linked with it instead of lib/kube. It is only as true as the flow needs:
 *
 *     double_world.h     objects, their versions, and what a test may set
 *     double_names.h     which member is called what
 *     double_server.h    a pod's server and its volume
 *     double_patch.h, double_condition.h  patches; what changes say of their objects
 *     double_observe.h   what must never happen, looked at with every change
 *     double_servers.h   what servers of all engines have in common
 *     double_mysql.h     ... a MySQL group, its elections, its data
 *     double_postgres.h  ... a Postgres with standbys
 *     double_galera.h    ... a Galera cluster
 *     double_mysql_multi.h  ... a MySQL group whose members are all primaries
 *     double_mysql_semi.h, double_mysql_remote.h  ... replicas that acknowledge, or not
 *     double_proxysql.h, double_coordinator.h  ... a ProxySQL; the coordinators
 *     double_copy.h      what members keep for others, and copies of all data
 *     double_volume.h, double_jobs.h, double_rehearsal.h  ... and of a major upgrade
 *     double_new_set.h, double_routers.h  a set that an upgrade makes; routers
 *     double_revision.h  what a set's controller names its template
 *     double_pods.h      kubelet, the set's controller and KubeDB's operator
 *     double_kube.h      kube/client.h and kube/watch.h
 *     double_exec.h, double_command.h  kube/exec.h: the servers' clients, commands
 *     double_ui.h        ui/ui.h: what the user was told
 *     double_fixture.h   a database to upgrade (double_objects.h), and runs of the flow
 *
 * Objects are never changed in place: who changes one puts a copy there, so that a
 * reference held too long shows up as memory that is free.
 */

#define WORLD_DB     "my-db"
#define WORLD_NS     "demo"
#define WORLD_SINGLE "{'mode': 'GroupReplication', 'group': {'mode': 'Single-Primary'}}"

enum { WORLD_RULES = 8 };

/* What a rule does with a call. */
enum rule_how {
    RULE_FAIL,     /* not applied; `status`, 0: the connection was cut */
    RULE_LOSE,     /* applied, but the reply is lost */
    RULE_DIE,      /* the program dies before the call ... */
    RULE_DIE_AFTER /* ... or before its reply */
};

/* What happens at a call whose label begins with `what` ("evict my-db-2"), or, where
 * that is NULL, at the call of number `after`. */
struct rule {
    const char *what;
    unsigned long after; /* so many pass first */
    unsigned times;      /* 0: for ever */
    enum rule_how how;
    int status;
    void (*act)(void); /* instead: changes the world, and the call goes on */
    unsigned long seen;
};

/* What coordinators do when they are asked for the lead to go to another member. */
enum coordinator_mood {
    COORDINATOR_WELL,
    COORDINATOR_SILENT,  /* their port is closed */
    COORDINATOR_REFUSES, /* an error */
    COORDINATOR_DEAF,    /* they say yes, and nothing follows */
};

/* Something hostile that stands in one of all the fields that servers answer with, the
 * one of this number; 0: in none. */
struct taint {
    const char *text;
    unsigned long field;
};

/* All that a double knows from one call to the next, but the time: world_new() makes it
 * anew. */
struct world {
    const struct engine *engine; /* NULL: MySQL */
    json_t *objects;             /* resource -> name -> object */
    unsigned long versions;
    unsigned long uids;
    unsigned long calls;
    unsigned run; /* number of the invocation */
    char holder[192];
    bool dead;               /* the program has died */
    unsigned long calls_max; /* more are a run that does not end */

    const char *topology; /* spec.topology with ' for "; NULL: the engine's usual one */
    size_t members;
    size_t followers; /* the last of the members are read replicas: a set of their own */
    struct routers_model routers; /* of an InnoDB cluster */
    size_t made;        /* the last of the members are of the set that an upgrade made */
    const char *volume; /* of the sets' pods' data, with ' for ": "'emptyDir': {}"; NULL:
                           they have claims */
    bool lasting;       /* what they have instead outlives the pod */
    bool renamed;       /* the servers are told their set's name */
    bool no_copies, purged, no_number; /* of members' data, and new servers */
    bool group;
    struct server servers[WORLD_PODS];
    struct remote_source source;
    int primary;      /* ordinal, -1: none */
    long long led_at; /* when that changed last */
    long long elect_at;
    int lead; /* by the coordinators, -1: nobody ever had it */
    int next; /* gets it at moves_at */
    long long moves_at;
    char failover[24]; /* the coordinators' status */
    long long room;    /* that servers have for late transactions, of 1000 bytes each */
    struct copy_model copy;
    long long held_ms; /* so much of each second are writes held back in one */
    long long view;    /* of a Galera cluster: changes with its members */

    /* what tests set */
    struct rule rules[WORLD_RULES];
    size_t n_rules;
    bool strict;                   /* mirrors are made anew at every call */
    long long mirrors_stale_until; /* they show what was ... */
    long long mirrors_stale_ms;    /* ... since so long before that */
    long long term_ms, start_ms, recover_ms, elect_ms;
    long long late_ms;    /* a reconcile begun before the pause ends so long after it */
    bool operator_rude;   /* the operator does not care for Paused */
    bool operator_asleep; /* ... or does nothing at all */
    bool no_pods;         /* ... creates none */
    bool set_asleep;      /* the set's controller does nothing */
    bool refuse_handover; /* the servers refuse it */
    enum coordinator_mood coordinator;
    bool no_failover_status; /* the coordinators know of none */
    unsigned cut_commands;   /* so many more of the script's die without a word */
    const char *job_failing; /* a job that fails ... */
    const char *job_fails;   /* ... because of this; NULL: it does not */
    long long free_bytes;    /* on the volumes; 0: much */
    bool may_delete;         /* the user wants the old data deleted */
    bool after_fails;        /* the command of --after-upgrade */
    const char *lacks;       /* rows that it tells of what is missing in the end */
    const char *cares;       /* rows that the script tells of what needs care */
    const char *directories; /* that servers have data in; NULL: the usual one */
    const char *layout;      /* ... and of links and mounts in data directories */
    bool old_stays_down;     /* the old primary's server does not come back after it */
    const char *lie;         /* new images hold this server version */
    bool client_ends;        /* the next client that answers ends instead */
    const char *clients_say; /* all that they do, and end; NULL: they answer */
    const char *log_text;    /* what every container logged; NULL: a few words */
    bool ordered;            /* a pod is made only when those before it are ready */
    const char *bad_image;   /* cannot be pulled */
    void (*admit)(json_t *pod_spec); /* a mutating webhook, on each pod that is made */
    int try_status; /* what the API server answers to the dry run of a pod; 0: it takes it
                     */
    unsigned tries; /* so often one was asked for */
    const char *try_says;
    const char *wait;    /* a wait shows this now ... */
    unsigned waited;     /* ... so often */
    const char *events;  /* items that are listed, with ' for "; NULL: no right to */
    const char *denied;  /* a right that the user lacks: "patch mysqls" */
    const char *no_kind; /* a resource that is not served */
    int file_rows;       /* in each part of a ProxySQL's configuration file */
    int stubborn;        /* so many of its clients do not leave */
    unsigned pauses;     /* so often was one told to take no new ones */
    const char *says;    /* the API server, where it refuses something */
    long long nap_ms;    /* this machine sleeps so long after the present call */
    bool old_api;        /* only kubedb.com/v1alpha2 */
    long long lag;       /* transactions that secondaries stay behind */
    struct rehearsal_model rehearsal;
    const char *rehearsal_failing, *rehearsal_fails; /* a job in its pod; why */
    const char *rehearsal_missed;                    /* "[2, \"why\"]"; NULL: nothing */
    bool rehearsal_unscheduled, rehearsal_full;      /* no node takes it */
    const char *trial_wants, *trial_says; /* what the new server is given; what it says */
    int trial_code;
    const char *plugins, *protocol; /* what the servers say of theirs; NULL: nothing */
    const char *probe_finds; /* one object is found where a question has this text */
    const char *unpinned, *unpinned_in; /* settings in hex: at home, in a database */
    struct taint taint;
    void (*see)(const struct ui_event *ev); /* sees every event before the lines do */
    void (*deed)(void);                     /* what somebody does ... */
    const char *deed_after;                 /* ... so long after this change was made */
    long long deed_wait, deed_at;

    long long jumped_at; /* time made a jump, which nobody can have foreseen */
    long long late_at, operator_at, write_at, set_at;
    struct buf log;          /* changes that were made, a line each */
    struct buf violations;   /* what must not have happened, a line each */
    struct kube_exec *execs; /* that are open */
};
extern struct world world;

const struct engine *world_engine(void);

/* JSON from a text with ' for ". */
json_t *__attribute__((format(printf, 1, 2))) world_json(const char *fmt, ...);

void __attribute__((format(printf, 1, 2))) world_log(const char *fmt, ...);

/* Something happens some time after a change: world_deed("pause", 500, halt). */
void world_deed(const char *after, long long wait_ms, void (*deed)(void));

/* -- objects -- */

json_t *world_all(const char *resource);
const json_t *world_find(const char *resource, const char *name);

/* A copy to be changed and put back; NULL if there is no such object. */
json_t *world_edit(const char *resource, const char *name);

void world_set_path(json_t *o, const char *path, json_t *value);

/* Puts an object (stolen) with a new resourceVersion; a changed spec is a new
 * generation. */
void world_put(const char *resource, json_t *object);

void world_remove(const char *resource, const char *name);

/* One member of an object: world_change("mysqls", WORLD_DB, "spec.halted", value). */
void world_change(const char *resource, const char *name, const char *path,
                  json_t *value);

const char *world_sets(void);
const json_t *world_db(void);
const json_t *world_set(void);
const json_t *world_lease(void);
const json_t *world_pod(size_t ordinal);
const json_t *world_condition(const char *type);
bool world_paused(void);

/* The journal on the lease, or NULL. New reference. */
json_t *world_journal(void);

/* The image of a container in a pod's spec, "" if it has none. */
const char *world_image(const json_t *pod_spec, const char *list, const char *container);

/* The server's image in a pod's spec. */
const char *world_server_image(const json_t *pod_spec);

/* The same of a pod as its set's template had it, whatever webhooks made of it. */
const char *world_wanted_image(const json_t *pod);

/* -- rules -- */

struct rule *world_rule(struct rule r);

#endif
