#include "engine/feature.h"
#include "options.h"

#define AT(member) offsetof(struct options, member)

const struct option_row option_rows[] = {
    {
        .name = "to",
        .type = OPTION_TEXT,
        .metavar = "VERSION",
        .help =
            "the version to upgrade to, as `kubectl dbupgrade versions KIND` names it",
        .group = OPTIONS_TARGET,
        .offset = AT(to),
    },
    {
        .name = "strategy",
        .type = OPTION_TEXT,
        .metavar = "in-place|new-set",
        .help = "of groups: restart each member with the new images (`in-place`), or "
                "have the members of a new set join, take over and the old ones leave "
                "(default in-place)",
        .group = OPTIONS_RUN,
        .offset = AT(strategy),
        .is_for = engine_has_new_set,
        .choice = option_choice_strategy,
    },
    {
        .name = "dry-run",
        .type = OPTION_DRY_RUN,
        .metavar = "client|server",
        .help =
            "show the plan and its checks and change nothing; `server` also sends every "
            "change to the API server to be tried and not stored (alone: client)",
        .group = OPTIONS_ASK,
        .offset = AT(dry_run),
        .choice = option_choice_dry_run,
    },
    {
        .name = "yes",
        .letter = 'y',
        .type = OPTION_BOOL,
        .help = "do not ask for the database's name before the start",
        .group = OPTIONS_ASK,
        .offset = AT(yes),
    },
    {
        .name = "timeout",
        .type = OPTION_DURATION,
        .metavar = "DURATION",
        .help = "stop safely when the whole run takes longer; 0: no limit (default 2h)",
        .group = OPTIONS_ASK,
        .offset = AT(timeout_ms),
    },
    {
        .name = "pod-timeout",
        .type = OPTION_DURATION,
        .metavar = "DURATION",
        .help = "stop safely when one member takes longer to be back and verified "
                "(default 15m)",
        .group = OPTIONS_RUN,
        .offset = AT(pod_timeout_ms),
    },
    {
        .name = "max-lag",
        .type = OPTION_NUMBER,
        .metavar = "N",
        .help =
            "transactions (Postgres: bytes of log) that the other members may still have "
            "to apply when the primary's turn comes (default 100, 1 MiB)",
        .group = OPTIONS_RUN,
        .offset = AT(max_lag),
        .is_for = engine_has_handover,
    },
    {
        .name = "size-tolerance",
        .type = OPTION_PERCENT,
        .metavar = "PERCENT",
        .help = "by how much a member's amount of data may differ from before "
                "(default: the engine's own)",
        .group = OPTIONS_RUN,
        .offset = AT(size_tolerance),
    },
    {
        .name = "max-sst",
        .type = OPTION_SIZE,
        .metavar = "SIZE",
        .help = "how much data a node may be expected to get anew from another one (SST) "
                "without a consent, which --yes is not (default 1Gi)",
        .group = OPTIONS_RUN,
        .offset = AT(max_sst),
        .is_for = engine_has_transfer,
    },
    {
        .name = "exact-counts",
        .type = OPTION_BOOL,
        .help = "count the rows of each database's 20 largest tables, which may get no "
                "fewer (default: compare the planner's estimates)",
        .group = OPTIONS_RUN,
        .offset = AT(exact_counts),
        .is_for = engine_has_pg_upgrade,
    },
    {
        .name = "skip-check",
        .type = OPTION_COMMAS,
        .metavar = "ID[,ID]",
        .help = "go on although these checks fail (`kubectl dbupgrade checks KIND` lists "
                "them); repeatable",
        .group = OPTIONS_RUN,
        .offset = AT(skip_checks),
        .choice = option_choice_check,
        .choices_command = "checks",
    },
    {
        .name = "force",
        .type = OPTION_BOOL,
        .help = "go on although the database is not Ready",
        .group = OPTIONS_RUN,
        .offset = AT(force),
    },
    {
        .name = "no-rescue",
        .type = OPTION_BOOL,
        .help =
            "leave a member that cannot start with its new images as it is, instead of "
            "giving it its old ones back",
        .group = OPTIONS_RUN,
        .offset = AT(no_rescue),
    },
    {
        .name = "save-runtime-config",
        .type = OPTION_BOOL,
        .help = "save to disk what differs at runtime, instead of refusing",
        .group = OPTIONS_RUN,
        .offset = AT(save_runtime_config),
        .is_for = engine_has_config,
    },
    {
        .name = "drain-timeout",
        .type = OPTION_DURATION,
        .metavar = "DURATION",
        .help = "how long clients may take to leave a proxy that takes no new ones, "
                "before its restart; 0: it is not asked to (default 30s)",
        .group = OPTIONS_RUN,
        .offset = AT(drain_timeout_ms),
        .is_for = engine_has_drain,
    },
    {
        .name = "handover",
        .type = OPTION_TEXT,
        .metavar = "ID",
        .help = "how the primary gives way before its restart, or `none` (advanced; "
                "default: the best that the versions allow)",
        .group = OPTIONS_RUN,
        .offset = AT(handover),
        .is_for = engine_has_handover,
        .choice = option_choice_handover,
    },
    {
        .name = "pg-upgrade-mode",
        .type = OPTION_TEXT,
        .metavar = "copy|link|clone",
        .help = "how a new major version gets its data: `copy` leaves the old ones "
                "whole, `link` shares files with them, is fast and needs no room, but "
                "they are spoilt once the new server starts; `clone` needs a file system "
                "that can (default copy)",
        .group = OPTIONS_RUN,
        .offset = AT(pg_upgrade_mode),
        .is_for = engine_has_pg_upgrade,
        .choice = option_choice_pg_upgrade_mode,
    },
    {
        .name = "no-rehearsal",
        .type = OPTION_BOOL,
        .help = "do not try the new version in a pod of its own before anything is "
                "changed: a new major version of Postgres on an empty copy of the "
                "schema, a MySQL on the members' configuration",
        .group = OPTIONS_RUN,
        .offset = AT(no_rehearsal),
        .is_for = engine_has_rehearsal,
    },
    {
        .name = "update-extensions",
        .type = OPTION_BOOL,
        .help = "after a new major version: update the extensions that have a newer "
                "version (default: name them)",
        .group = OPTIONS_RUN,
        .offset = AT(update_extensions),
        .is_for = engine_has_pg_upgrade,
    },
    {
        .name = "reindex",
        .type = OPTION_BOOL,
        .help = "after a new major version: rebuild indexes whose collation changed "
                "(default: name them)",
        .group = OPTIONS_RUN,
        .offset = AT(reindex),
        .is_for = engine_has_pg_upgrade,
    },
    {
        .name = "delete-old-data",
        .type = OPTION_BOOL,
        .help =
            "after a new major version of Postgres, or with --strategy new-set: delete "
            "the old data at the end (default: they are kept)",
        .group = OPTIONS_RUN,
        .offset = AT(delete_old_data),
        .is_for = engine_has_old_data,
    },
    {
        .name = "journal-key",
        .type = OPTION_TEXT,
        .metavar = "SECRET[/KEY]",
        .help = "seal the journal with a key from this Secret of the database's "
                "namespace, and go on only with one that is sealed so (KEY: `key`)",
        .group = OPTIONS_RUN,
        .offset = AT(journal_key),
    },
    {
        .name = "bundle",
        .type = OPTION_TEXT,
        .metavar = "DIR|none",
        .help =
            "where to keep events, logs and objects, secrets removed, in a .tar.gz when "
            "a run does not end well; `none`: nowhere (default: the current folder)",
        .group = OPTIONS_RUN,
        .offset = AT(bundle),
    },
    {
        .name = "detailed-exitcode",
        .type = OPTION_BOOL,
        .help = "end a dry run with status 10 when there is something to do",
        .group = OPTIONS_RUN,
        .offset = AT(detailed_exitcode),
    },
    {
        .name = "quiet",
        .letter = 'q',
        .type = OPTION_BOOL,
        .help = "show only warnings, errors and the result",
        .group = OPTIONS_RUN,
        .offset = AT(quiet),
    },
    {
        .name = "all-namespaces",
        .letter = 'A',
        .type = OPTION_BOOL,
        .help = "look in all namespaces",
        .group = OPTIONS_EVERYWHERE,
        .offset = AT(all_namespaces),
    },
    {
        .name = "output",
        .letter = 'o',
        .type = OPTION_TEXT,
        .metavar = "FORMAT",
        .help = "the form of what is printed:",
        .group = OPTIONS_OUTPUT,
        .offset = AT(output),
    },
    {
        .name = "no-color",
        .type = OPTION_BOOL,
        .help = "no colours; so does NO_COLOR in the environment",
        .group = OPTIONS_COMMON,
        .offset = AT(no_color),
    },
    {
        .name = "v",
        .letter = 'v',
        .type = OPTION_LEVEL,
        .metavar = "N",
        .help =
            "tell on stderr what is done: 1 requests, 2 decisions, 3 bodies (alone: 1)",
        .group = OPTIONS_COMMON,
        .offset = AT(verbosity),
    },
    {
        .name = "help",
        .letter = 'h',
        .type = OPTION_BOOL,
        .help = "show the help of the command",
        .group = OPTIONS_COMMON,
        .offset = AT(help),
    },
    {
        .name = "version",
        .type = OPTION_BOOL,
        .help = "show the program's version",
        .group = OPTIONS_COMMON,
        .offset = AT(version),
    },
    { 0 },
};

const struct option_word option_dry_runs[] = {
    { "client", DRY_RUN_CLIENT },
    { "server", DRY_RUN_SERVER },
    { "none", DRY_RUN_NONE },
    { NULL, DRY_RUN_NONE },
};
