#ifndef DOUBLE_SERVER_H
#define DOUBLE_SERVER_H

#include <stdbool.h>

/* A pod's server, and the volume that it is on. */

enum { WORLD_PODS = 64 }; /* as many as a run takes */

enum server_state { SERVER_OUT, SERVER_RECOVERING, SERVER_ONLINE };

/* A Postgres' volume, and what its container is to do. */
struct volume {
    int data;      /* major version of the data in their place; 0: none */
    bool made;     /* there have been any */
    bool old_data; /* beside the new ones */
    bool kept;     /* the old server's programs */
    bool started, analyzed, linked;
    enum { FRESH_ABSENT, FRESH_PARTIAL, FRESH_UPGRADED } fresh; /* the new cluster */
    bool shut;            /* the old data were shut down cleanly ... */
    long long checkpoint; /* ... at this place in the log */
    enum { ROLE_ABSENT, ROLE_PRESENT, ROLE_HELD } role;
    char job[16];
    enum { JOB_NONE, JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_LOST } job_state;
    long long job_ends;
};

enum { PROXY_PARTS = 8 };

/* A ProxySQL: how many rows each part of its configuration has, and its clients. */
struct proxy {
    int edited[PROXY_PARTS], runtime[PROXY_PARTS], disk[PROXY_PARTS];
    bool paused;
    int clients;
    const char *tail; /* what it adds to the rows that others copy; NULL: nothing */
};

/* The channel by which a server replicates from elsewhere. */
struct server_channel {
    const char *name; /* NULL: there is none */
    bool runs, skips; /* its server does not start it itself */
    bool follows;     /* its group starts it on whichever member leads */
    bool no_account, filtered;
};

/* A pod's life and its database server. Times are of double_now, 0: not planned. */
struct server {
    long long gone_at, create_at, start_at, ready_at, online_at, rejoin_at;
    int lost_tables, lost_rows; /* of what was there before; of each table */
    bool empty;                 /* a new one, which has nothing of what was there */
    bool keeps_position;        /* ... but for where it was */
    bool running;               /* its container */
    bool up;                    /* the server in it */
    unsigned starts;
    bool told_ready; /* its pod is */
    enum server_state state;
    char version[32];
    long long executed;  /* its data reaches to this transaction */
    long long down_at;   /* when it was last lost to the others */
    unsigned asked;      /* the run that asked this pod's server last */
    long long bytes;     /* of data; 0: what all have */
    bool crashes;        /* its next pods do not come up */
    bool stuck;          /* its next server does not get out of RECOVERING */
    bool hangs;          /* it does not answer at all */
    bool mute;           /* a replica that acknowledges nothing */
    const char *says;    /* a Galera node's state; NULL: the truth */
    int queue;           /* of a Galera node: received and not yet applied */
    bool wiped;          /* ... its state file is missing */
    bool whole;          /* ... got all data anew when it came last */
    long long had;       /* ... the last transaction that it had then; 0: it never came */
    long long view;      /* that it sees; 0: the one that all see */
    const char *garbage; /* what it answers to everything; NULL: the truth */
    long long copied_at; /* a standby without data has the primary's */
    struct server_channel channel;
    struct volume volume;
    struct proxy proxy;
};

/* What members keep for those that are away, and when those get all data anew. */
struct copy_model {
    bool plugin;         /* MySQL's clone plugin */
    long long threshold; /* of its groups; 0: none */
    long long age_s;     /* binary logs are kept for so long; 0: for ever */
    long long purged;    /* the last transaction that binary logs do not have any more */
};

/* A server elsewhere, which MySQLs may follow. */
struct remote_source {
    char version[32];
    long long executed;
    bool down, refuses; /* everybody; the account that asks it */
    bool slow;          /* nobody gets anything of it */
    long long purged; /* the last transaction that its binary logs do not have any more */
    long long age_s;  /* it keeps them for so long; 0: for ever */
};

/* The pod of a rehearsal. */
struct rehearsal_model {
    long long start_at; /* its containers; 0: not planned */
    bool running;
    bool schema, copied; /* what is on its volume */
    char job[16];
    long long job_ends;
    bool failed;
};

/* The routers of an InnoDB cluster. */
struct routers_model {
    size_t n;
    struct {
        bool ready, renewed;
        long long gone_at, ready_at; /* 0: it does not go, or come */
    } at[3];
    int leads;           /* to this member, from 1 on; 0: to the primary */
    const char *bad_tag; /* of an image that cannot be pulled */
};

#endif
