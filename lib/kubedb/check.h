#ifndef LIB_KUBEDB_CHECK_H
#define LIB_KUBEDB_CHECK_H

#include "kubedb/check_registry.h"
#include "kubedb/checks.h"

/* The registry: the row without an id stands for the questions of engine/probe.h. */
extern const struct check_row check_rows[];
extern const size_t check_rows_count;

/*
 * The parts of the preflight: each judges one row. They start from a result that is OK
 * and has no text.
 */
void check_version_known(const struct preflight_facts *f, struct preflight_result *r);
void check_version_allowed(const struct preflight_facts *f, struct preflight_result *r);
void check_version_deprecated(const struct preflight_facts *f,
                              struct preflight_result *r);
void check_version_path(const struct preflight_facts *f, struct preflight_result *r);
void check_version_downgrade(const struct preflight_facts *f, struct preflight_result *r);
void check_version_server(const struct preflight_facts *f, struct preflight_result *r);
void check_version_same_image(const struct preflight_facts *f,
                              struct preflight_result *r);

void check_database_deleting(const struct preflight_facts *f, struct preflight_result *r);
void check_database_halted(const struct preflight_facts *f, struct preflight_result *r);
void check_database_distributed(const struct preflight_facts *f,
                                struct preflight_result *r);
void check_database_topology(const struct preflight_facts *f, struct preflight_result *r);
void check_operator_paused(const struct preflight_facts *f, struct preflight_result *r);
void check_ops_pending(const struct preflight_facts *f, struct preflight_result *r);

void check_workload_found(const struct preflight_facts *f, struct preflight_result *r);
void check_workload_images(const struct preflight_facts *f, struct preflight_result *r);
void check_workload_strategy(const struct preflight_facts *f, struct preflight_result *r);

void check_source_reached(const struct preflight_facts *f, struct preflight_result *r);
void check_source_version(const struct preflight_facts *f, struct preflight_result *r);
void check_health_phase(const struct preflight_facts *f, struct preflight_result *r);
void check_health_pods(const struct preflight_facts *f, struct preflight_result *r);
void check_health_members(const struct preflight_facts *f, struct preflight_result *r);
void check_health_acks(const struct preflight_facts *f, struct preflight_result *r);
void check_health_writers(const struct preflight_facts *f, struct preflight_result *r);
void check_health_quorum(const struct preflight_facts *f, struct preflight_result *r);
void check_pdb(const struct preflight_facts *f, struct preflight_result *r);
void check_health_lag(const struct preflight_facts *f, struct preflight_result *r);

void check_return_catalog(const struct preflight_facts *f, struct preflight_result *r);
void check_return_version(const struct preflight_facts *f, struct preflight_result *r);
void check_return_members(const struct preflight_facts *f, struct preflight_result *r);

void check_strategy_topology(const struct preflight_facts *f, struct preflight_result *r);
void check_strategy_members(const struct preflight_facts *f, struct preflight_result *r);
void check_strategy_data(const struct preflight_facts *f, struct preflight_result *r);
void check_strategy_storage(const struct preflight_facts *f, struct preflight_result *r);
void check_strategy_operator(const struct preflight_facts *f, struct preflight_result *r);
void check_strategy_in_place(const struct preflight_facts *f, struct preflight_result *r);

void check_rbac(const struct preflight_facts *f, struct preflight_result *r);

/* What must be known for a row to apply. */
bool preflight_any(const struct preflight_facts *f);
bool preflight_has_versions(const struct preflight_facts *f);
bool preflight_has_set(const struct preflight_facts *f);
bool preflight_has_images(const struct preflight_facts *f);
bool preflight_has_members(const struct preflight_facts *f);
bool
preflight_has_data(const struct preflight_facts *f); /* members that can lag behind */
bool preflight_has_group_versions(const struct preflight_facts *f);
bool preflight_has_budgets(const struct preflight_facts *f);
bool preflight_has_way_back(const struct preflight_facts *f);
bool preflight_has_new_set(const struct preflight_facts *f);
bool preflight_has_new_set_versions(const struct preflight_facts *f);
bool preflight_has_choice(const struct preflight_facts *f);

/* The pods of all sets, one after the other, there or not: from a zeroed cursor on; false
 * after the last. */
struct check_pod {
    size_t set; /* of this pod: 0 is the members' */
    bool front; /* it is no server, but in front of them */
    long long next;
    const struct workload *workload;
    const struct image_changes *images;
    char name[256];
};
bool check_next_pod(const struct preflight_facts *f, struct check_pod *c);

/* Sets the result's hint. */
void check_hint(struct preflight_result *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
