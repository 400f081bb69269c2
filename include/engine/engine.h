#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "engine/measures.h"
#include "engine/topology.h"

/*
 * What differs between the databases: rows of data, and pure functions on what a
 * server printed. No input or output here. Sources: KubeDB's API (names, images,
 * containers) and the engines' manuals.
 */

/* A container's image and where the catalogue object has it, below "spec". */
struct engine_image {
    const char *container;
    const char *path; /* "db.image" */
    bool init;
    bool optional; /* the pod may lack the container */
};

/* A variable of the pods' containers that changes with the version, in whichever
 * container, init or not, has it with a literal value. */
struct engine_env {
    const char *name; /* "PG_VERSION" */
    const char *path; /* in the catalogue object, below "spec": "version" */
    bool major;       /* its first number alone */
};

struct engine_mode {
    const char *value; /* of the object's field; "" where it is absent */
    const char *more;  /* of the field mode_path; NULL: whatever it is */
    bool single;       /* only of a database with one replica */
    enum engine_topology topology;
    const char *title; /* "GroupReplication single-primary" */
    /* Members of updateConstraints' lists that must all allow a target, separated by a
     * space; NULL where the lists are flat. */
    const char *constraints;
    const char *note; /* what users should know of it; of one that is not supported, what
                         they can do instead. NULL: nothing */
    bool fronted;     /* clients come by way of engine_front */
};

/* A value of the database object that is not supported, whatever the mode. */
struct engine_refusal {
    const char *path;  /* "spec.topology.group.mode" */
    const char *value; /* "Multi-Primary"; NULL: any but an empty one */
    const char *text;  /* why */
    bool single;       /* only with one member */
};

enum member_role { MEMBER_ROLE_NONE, MEMBER_PRIMARY, MEMBER_SECONDARY, MEMBER_PEER };

/* What a server says of itself. Filled by engine_parse_member. */
struct member_report {
    char version[64]; /* as the server reports it */
    char id[64];      /* by which the group knows it */
    char state[48];   /* ONLINE, RECOVERING, OFFLINE, ERROR; without a group RUNNING, of
                         a standby STREAMING, of a replica REPLICATING, of a peer SYNCED */
    enum member_role role;
    bool writable;
    long long queue;  /* received and not yet applied, in the engine's lag_unit */
    unsigned members; /* of the group, as this one sees it; 1 where there is none, 0 where
                         it does not know */
    unsigned online;
    char view[96];  /* which composition of the group it sees: equal on all members that
                       see the same; "": not told */
    char *position; /* how far its data goes (gtid_executed, LSN); owned; may be NULL */
};

/* A statement that suits servers from a version on (major*10000+minor*100+patch);
 * the last row that fits is used. Statements end in no semicolon and print rows
 * of "key<TAB>value" unless said otherwise. */
struct engine_sql {
    int since;
    const char *text;
};

/* What a member must be, and what it was before. */
struct gate_want {
    enum engine_topology topology;
    const char *version;           /* the catalogue's version, "8.4.8" */
    unsigned members;              /* size of the group */
    const char *position;          /* that its data must contain; NULL: not asked */
    const struct measures *before; /* NULL: not asked */
    double size_tolerance;         /* percent; negative: the measure's own */
    bool may_be_empty;             /* whatever there was before */
    bool another_major;            /* than when it was measured before */
    bool no_estimates;             /* the server may have no statistics yet */
};

struct gate_seen {
    const struct member_report *member;
    bool position_reached;
    const struct measures *now; /* NULL: not asked yet */
};

enum gate_verdict { GATE_WAIT, GATE_OK, GATE_FAILED };

/* A gate that a restarted member must pass. `eval` is pure; it writes the current
 * and the wanted value into `now` and `want`. GATE_FAILED: waiting will not help. */
struct engine_gate {
    const char *id; /* "version", "member", "position", "size" */
    const char *title;
    bool needs_measures;
    bool needs_position;
    enum gate_verdict (*eval)(const struct gate_want *w, const struct gate_seen *s,
                              char *now, char *want, size_t size);
};

/* GATE_FAILED: the data of before are gone, and nothing else can be said of their size;
 * `now` and `want` say it. */
enum gate_verdict gate_empty(const struct gate_want *w, const struct measures *is,
                             char *now, char *want, size_t size);

/* How far a server goes in one step, whatever the catalogue allows: from version `since`
 * on (the last row that fits) only to versions below `below`. */
struct engine_path {
    int since;
    int below;
    const char *text; /* what to do instead */
    /* And not to versions within [hole, hole_end), but from one to itself; 0: there is no
     * such hole. */
    int hole, hole_end;
    const char *why; /* not */
};

/* A span of versions, [since, below), within which a server opens what a newer one of
 * them wrote. */
struct engine_series {
    int since;
    int below;
};

/* What a change of version takes. */
enum engine_procedure {
    PROCEDURE_ROLL,       /* member by member, each on its own data */
    PROCEDURE_PG_UPGRADE, /* the first member's data converted, the others copied anew */
    PROCEDURE_NEW_SET,    /* members of a new set join, the old ones leave */
};

/* How the primary, or each of several peers, gives way before its pod goes. The first
 * row whose conditions hold is used; none: the pod just goes. %s in `sql` is the
 * successor's id, where one of them leads. */
struct engine_handover {
    const char *id;
    const char *title;
    enum engine_topology topology;
    bool same_version_only; /* old and new servers report the same version */
    int since;
    const char *sql;     /* asked of the primary; "" for none */
    bool coordinator;    /* then its coordinator is told who leads next */
    const char *est_gap; /* what users should expect, for the plan */
};

/* How a member's clients leave it before its pod goes. */
struct engine_drain {
    const char *pause_sql;    /* it takes no new ones, and lets those go that are idle */
    const char *resume_sql;   /* it takes them again */
    const char *paused_state; /* a member's state meanwhile */
    const char *clients_sql;  /* prints how many are connected */
};

struct engine_advice;
struct engine_channels;
struct engine_probe;
struct probe_frame;
struct engine_transfer;
struct engine_trial;
struct engine_new_set;
struct engine_config;
struct engine_front;
struct engine_source;
struct engine_obstacle;

/* The names of its kinds in the API. */
struct engine_api {
    const char *kind;            /* "MySQL" */
    const char *resource;        /* "mysqls" */
    const char *status_resource; /* "mysqls/status" */
    const char *catalog_kind;    /* "MySQLVersion" */
    const char *catalog_resource;
    const char *ops_kind; /* "MySQLOpsRequest" */
    const char *ops_resource;
    const char *ops_ref; /* field of its spec that names the database: "databaseRef" */
};

/* What its versions are, and which way leads from one to another. */
struct engine_versions {
    int numbers;        /* in a version: 3 of 8.4.8, 2 of 17.9 */
    int series_size;    /* two versions whose numbers (engine_version_number), divided by
                           this, are equal are of one series: 100 for 8.4, 10000 for 17 */
    const char *sample; /* for examples: "8.4.8" */
    const struct engine_path *paths;    /* ends with a NULL text; may be NULL */
    const struct engine_series *series; /* ends with a zero row; may be NULL */
    enum engine_procedure major;        /* to another major version */
    const char *no_return; /* what a member cannot undo once it ran the new version */
};

/* Where the database object and its pods have what counts. */
struct engine_object {
    const struct engine_image *images; /* ends with a NULL container */
    const struct engine_env *env;      /* ends with a NULL name; may be NULL */
    const char *topology_path;         /* "spec.topology.mode" */
    const char *mode_path;      /* a second field that says it; NULL: there is none */
    const char *followers_path; /* the groups of servers that follow the members, each in
                                   a set of its own; NULL: there are none */
    const char *backend_path;   /* the AppBinding of the database behind it */
    const char *data_path;      /* the data directory in the server's container ... */
    const char *data_variable;  /* ... unless this variable, or an argument that begins */
    const char *data_option;    /* with this, says otherwise; may be NULL */
    const char *data_sql;       /* prints all directories that the server has data in, one
                                   a line; relative ones are in the first; may be NULL */
    const struct engine_mode *modes;       /* ends with a NULL value */
    const struct engine_refusal *refusals; /* ends with a NULL path; may be NULL */
};

/* The server's own client, reading statements from stdin. */
struct engine_session {
    const char *const *argv;
    const char *echo_sql; /* prints one line that marks an answer's end; %s: the mark */
    /* What a conversation begins with, and again in each database; NULL: nothing.
     * Settings that others may have made are set, and what is not as it has to be then is
     * printed behind "pinned<TAB>", in hex; %s: as of enter. */
    const char *pins;
    const char *limit_sql; /* how long statements may take; %s: ms; NULL: no such thing */
    /* Where a conversation is in one database at a time; NULL: it sees them all. */
    const char *databases_sql; /* those that it can go to: "bytes<TAB>oid<TAB>name", by
                                  falling size; names are in hex */
    const char *enter; /* what the client reads to go to another; %s: its oid, 0: home */
    const char *error_prefix; /* how a line that reports a failed statement begins */
    /* Of those lines, the ones that mean that the server went away; ends with NULL. */
    const char *const *lost_prefixes;
    const struct engine_obstacle *obstacles; /* engine/obstacle.h; ends with a NULL row */
};

/* What its log says. */
struct engine_server_log {
    const char *error; /* what marks an error */
    /* Set where the server is started again and again in a container that runs on: how
     * errors begin, from the mark on, that may be repeated by a server that is well or
     * gets well; ends with NULL. Any other one that is repeated keeps it from starting.
     */
    const char *const *patience;
};

/* What a member says of itself and of its group. */
struct engine_member {
    const char *version_sql;       /* prints the server's version alone on a line */
    const struct engine_sql *sql;  /* key/value rows for engine_parse_member */
    const char *const *status_sql; /* tell people how replication stands; NULL ends */
    const struct engine_sql *reached_sql; /* prints 1 or 0; %s: a position */
    /* Whether position a contains more than b. NULL: positions are sets, and those of
     * several members, separated by commas, are one that has what any of them has. */
    bool (*position_is_later)(const char *a, const char *b);
    const char *lag_unit;            /* of a member's queue: "transactions", "bytes" */
    long long max_lag;               /* usual --max-lag, in lag_unit */
    long long lag_warning;           /* a member this far behind is worth a word */
    const struct engine_gate *gates; /* ends with a NULL id */
    const struct engine_handover *handovers; /* ends with a NULL id */
    const struct engine_drain *drain;        /* NULL: clients just go */
    const struct engine_channels
        *channels; /* engine/async_channel.h; NULL: there is no such thing */
};

/* How its data is measured. */
struct engine_data {
    const struct engine_measure *measures; /* ends with a NULL id */
    const struct engine_sql *sql;          /* key/value rows */
    /* Where a conversation is in one database at a time, and each is measured, too; NULL:
     * it is not. */
    const struct engine_sql *database_sql; /* key/value rows of the one it is in */
    const char *tables_sql;                /* its tables, as databases_sql has those */
    const char *count; /* what the client reads to count a table's rows; %s: its oid */
};

struct engine {
    const char *name;      /* "mysql", also on the command line */
    const char *aliases;   /* "my" (space-separated) */
    const char *container; /* the server's */
    struct engine_api api;
    struct engine_versions versions;
    struct engine_object object;
    struct engine_session session;
    struct engine_server_log log;
    struct engine_member member;
    struct engine_data data;
    const struct engine_config *config; /* engine/config_tables.h: what its members have
                                           instead of data; NULL: they have data */
    const struct engine_front *front;   /* NULL: none of its topologies has one */
    const struct engine_probe
        *probes; /* engine/probe.h; ends with a NULL id; may be NULL */
    const struct probe_frame *probe_frame;  /* NULL where there are no probes */
    const struct engine_transfer *transfer; /* engine/transfer.h; NULL: members always get
                                               what they missed */
    const struct engine_trial *trial;       /* engine/trial.h; NULL: nobody asks the new
                                               server */
    const struct engine_source *source;     /* engine/source.h; NULL: its members follow
                                               nobody */
    const struct engine_advice *advice;     /* engine/advice.h; NULL: there is none */
    const struct engine_new_set *new_set;   /* engine/new_set.h; NULL: there is no way */
};

/* All engines, NULL-terminated. */
extern const struct engine *const engine_all[];

/* By name, alias, plural or kind, in any case; NULL if there is none. */
const struct engine *engine_find(const char *name);

/* The first that fits. `value` and `more`: of the fields topology_path and mode_path, ""
 * where they are absent; `replicas` is the database's, -1 where it does not say. */
const struct engine_mode *engine_find_mode(const struct engine *en, const char *value,
                                           const char *more, long long replicas);

/* Whether a member takes part in its database: accepts its clients and, if it is no
 * primary, receives what the primary writes. */
bool engine_member_serves(enum engine_topology topology, const struct member_report *m);

/* The state of a member with a role that takes part: "ONLINE". */
const char *engine_state_wanted(enum engine_topology topology, enum member_role role);

/* Whether a member that answers takes no part in its group, and does not try to. */
bool engine_member_is_out(const struct member_report *m);

/* Whether a member's view is that of a whole database of n members, but for `away` of
 * them. True where members do not know of each other. */
bool engine_member_sees(const struct member_report *m, unsigned n, unsigned away);

/* major*10000+minor*100+patch of "8.0.35-debian", "5.7.19", "17.9"; -1 if it is none. */
int engine_version_number(const char *version);

/* Whether a reported server version ("9.7.4-cluster", "8.0.35-27") is the
 * catalogue's ("9.7.4"): equal in all parts that the catalogue's names. */
bool engine_version_is(const char *reported, const char *wanted);

/* The statement for a server version, or NULL. */
const char *engine_sql_for(const struct engine_sql *rows, int version);

/* Key/value rows -> struct. Unknown keys are ignored; a missing one that matters, and a
 * number that is negative, are ERR_PROTOCOL. */
int engine_parse_member(const char *out, struct member_report *m, struct err *e);

void member_report_clear(struct member_report *m);

/* A statement of the table with its one "%s" replaced by a value that holds no quote and
 * no backslash (a GTID set, a uuid, a mark); others are dropped from it. Caller frees. */
char *engine_format(const char *sql, const char *value);

/* Why a server cannot go from one version to another in one step, or NULL if it can. */
const char *engine_path_refusal(const struct engine *en, const char *from_version,
                                const char *to_version);

/* Whether the data of one version is of another series for the other. */
bool engine_crosses(const struct engine *en, const char *from_version,
                    const char *to_version);

enum engine_procedure engine_procedure_for(const struct engine *en,
                                           const char *from_version,
                                           const char *to_version);

/* Whether a server of version `old` can run on data that one of version `ran` had open.
 */
bool engine_may_return(const struct engine *en, const char *ran, const char *old);

/* The order in which members are restarted: set by set; of one, secondaries by falling
 * ordinal, then the primary; peers by rising ordinal, those that are out first. `order`
 * gets indexes. */
struct roll_item {
    size_t set; /* 0: of the members; of others that only follow them */
    int ordinal;
    enum member_role role;
};
void engine_roll_order(const struct roll_item *items, size_t n, size_t *order);

/* Members that must stay for a majority of n. */
unsigned engine_quorum(unsigned n);

const struct engine_handover *engine_handover_for(const struct engine *en,
                                                  enum engine_topology topology,
                                                  const char *from_version,
                                                  const char *to_version);

/* The one of that id, whatever the versions; NULL if the topology has none. */
const struct engine_handover *engine_handover_named(const struct engine *en,
                                                    enum engine_topology topology,
                                                    const char *id);

#endif
