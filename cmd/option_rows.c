#include "engine/feature.h"
#include "options.h"

#define AT(member) offsetof(struct options, member)

const struct option_row option_rows[] = {
    {
        .name = "to",
        .type = OPTION_TEXT,
        .metavar = "VERSION",
        .help = "the version to upgrade to; `kubectl dbupgrade versions KIND` lists them",
        .group = OPTIONS_TARGET,
        .offset = AT(to),
    },
    {
        .name = "strategy",
        .type = OPTION_TEXT,
        .metavar = "in-place|new-set",
        .help = "`in-place`: restart each member with the new images; `new-set`: replace "
                "all members of a group by those of a replacement set (default in-place)",
        .group = OPTIONS_RUN,
        .offset = AT(strategy),
        .is_for = engine_has_new_set,
        .choice = option_choice_strategy,
    },
    {
        .name = "dry-run",
        .type = OPTION_DRY_RUN,
        .metavar = "client|server",
        .help = "show the plan and its checks, and change nothing; `server`: also send "
                "every change to the API server as a dry run (without a value: client)",
        .group = OPTIONS_ASK,
        .offset = AT(dry_run),
        .choice = option_choice_dry_run,
    },
    {
        .name = "yes",
        .letter = 'y',
        .type = OPTION_BOOL,
        .help = "skip the prompt for the database's name",
        .group = OPTIONS_ASK,
        .offset = AT(yes),
    },
    {
        .name = "timeout",
        .type = OPTION_DURATION,
        .metavar = "DURATION",
        .help = "stop safely if the whole run takes longer; 0: no limit (default 2h)",
        .group = OPTIONS_ASK,
        .offset = AT(limits.timeout_ms),
    },
    {
        .name = "pod-timeout",
        .type = OPTION_DURATION,
        .metavar = "DURATION",
        .help = "stop safely if one member takes longer to restart and be verified "
                "(default 15m)",
        .group = OPTIONS_RUN,
        .offset = AT(limits.pod_timeout_ms),
    },
    {
        .name = "max-lag",
        .type = OPTION_NUMBER,
        .metavar = "N",
        .help =
            "how many transactions (Postgres: bytes of WAL) the other members may have "
            "left to apply when the primary is to restart (default 100; Postgres: 1 MiB)",
        .group = OPTIONS_RUN,
        .offset = AT(limits.max_lag),
        .is_for = engine_has_handover,
    },
    {
        .name = "size-tolerance",
        .type = OPTION_PERCENT,
        .metavar = "PERCENT",
        .help = "by how much a member's amount of data may differ from before (default: "
                "depends on the kind)",
        .group = OPTIONS_RUN,
        .offset = AT(limits.size_tolerance),
    },
    {
        .name = "max-copy",
        .formerly = "max-sst",
        .type = OPTION_SIZE,
        .metavar = "SIZE",
        .help = "the largest copy of all data that a member may need without "
                "confirmation at the prompt; --yes does not confirm a larger one "
                "(default 1Gi)",
        .group = OPTIONS_RUN,
        .offset = AT(limits.max_copy),
        .is_for = engine_has_transfer,
    },
    {
        .name = "exact-counts",
        .type = OPTION_BOOL,
        .help = "count the rows of each database's 20 largest tables before and after; "
                "none may be missing (default: compare the planner's estimates)",
        .group = OPTIONS_RUN,
        .offset = AT(checks.exact_counts),
        .is_for = engine_has_pg_upgrade,
    },
    {
        .name = "skip-check",
        .type = OPTION_COMMAS,
        .metavar = "ID[,ID]",
        .help = "continue although these checks fail; `kubectl dbupgrade checks KIND` "
                "lists those that can be skipped; repeatable",
        .group = OPTIONS_RUN,
        .offset = AT(lists.skip_checks),
        .choice = option_choice_check,
        .choices_command = "checks",
    },
    {
        .name = "force",
        .type = OPTION_BOOL,
        .help = "continue although checks fail that can be skipped, for example because "
                "the database is not Ready",
        .group = OPTIONS_RUN,
        .offset = AT(checks.force),
    },
    {
        .name = "accept-data-loss",
        .type = OPTION_BOOL,
        .help = "restart members although their data are deleted together with their "
                "pods and no other member has them; neither --force nor --skip-check "
                "does this",
        .group = OPTIONS_RUN,
        .offset = AT(checks.accept_data_loss),
    },
    {
        .name = "no-rescue",
        .type = OPTION_BOOL,
        .help = "leave a member that does not start with its new images as it is, "
                "instead of restoring its previous images",
        .group = OPTIONS_RUN,
        .offset = AT(no_rescue),
    },
    {
        .name = "save-runtime-config",
        .type = OPTION_BOOL,
        .help = "save to disk what differs at runtime, instead of refusing the upgrade",
        .group = OPTIONS_RUN,
        .offset = AT(save_runtime_config),
        .is_for = engine_has_config,
    },
    {
        .name = "drain-timeout",
        .type = OPTION_DURATION,
        .metavar = "DURATION",
        .help = "how long clients may take to leave a proxy before it restarts; 0: "
                "restart it without draining (default 30s)",
        .group = OPTIONS_RUN,
        .offset = AT(limits.drain_timeout_ms),
        .is_for = engine_has_drain,
    },
    {
        .name = "handover",
        .type = OPTION_TEXT,
        .metavar = "ID",
        .help = "how the primary is switched before its restart; `none`: without a "
                "switchover (advanced; default: the best that the versions allow)",
        .group = OPTIONS_RUN,
        .offset = AT(lead.handover),
        .is_for = engine_has_handover,
        .choice = option_choice_handover,
    },
    {
        .name = "stop-channels",
        .type = OPTION_BOOL,
        .help = "stop the replication channels by which members follow servers outside "
                "of the database before those members restart, and start them again "
                "afterwards",
        .group = OPTIONS_RUN,
        .offset = AT(lead.stop_channels),
        .is_for = engine_has_channels,
    },
    {
        .name = "pg-upgrade-mode",
        .type = OPTION_TEXT,
        .metavar = "copy|link|clone",
        .help = "how a major upgrade gets the new data: `copy` keeps the old data "
                "complete; `clone` does too, and needs a file system that shares blocks; "
                "`link` is fast and needs no space, but the old data are unusable once "
                "the new server starts (default copy)",
        .group = OPTIONS_RUN,
        .offset = AT(major.mode),
        .is_for = engine_has_pg_upgrade,
        .choice = option_choice_pg_upgrade_mode,
    },
    {
        .name = "no-rehearsal",
        .type = OPTION_BOOL,
        .help = "do not test the new version in a separate pod first: a major version of "
                "Postgres with an empty copy of the schema, MySQL with the members' "
                "configuration",
        .group = OPTIONS_RUN,
        .offset = AT(checks.no_rehearsal),
        .is_for = engine_has_rehearsal,
    },
    {
        .name = "update-extensions",
        .type = OPTION_BOOL,
        .help = "after a major upgrade: update extensions that have a newer version "
                "(default: report them)",
        .group = OPTIONS_RUN,
        .offset = AT(major.update_extensions),
        .is_for = engine_has_pg_upgrade,
    },
    {
        .name = "reindex",
        .type = OPTION_BOOL,
        .help = "after a major upgrade: rebuild indexes whose collation changed "
                "(default: report them)",
        .group = OPTIONS_RUN,
        .offset = AT(major.reindex),
        .is_for = engine_has_pg_upgrade,
    },
    {
        .name = "after-upgrade",
        .type = OPTION_TEXT,
        .metavar = "COMMAND",
        .help = "after a major upgrade: run COMMAND with sh in the primary's container, "
                "for example \"pgbackrest --stanza=main stanza-upgrade\"",
        .group = OPTIONS_RUN,
        .offset = AT(major.after),
        .is_for = engine_has_pg_upgrade,
    },
    {
        .name = "delete-old-data",
        .type = OPTION_BOOL,
        .help = "delete the old data at the end of a major upgrade of Postgres, or of "
                "one with --strategy new-set (default: keep them)",
        .group = OPTIONS_RUN,
        .offset = AT(major.delete_old_data),
        .is_for = engine_has_old_data,
    },
    {
        .name = "journal-key",
        .type = OPTION_TEXT,
        .metavar = "SECRET[/KEY]",
        .help = "seal the journal with a key from this Secret in the database's "
                "namespace, and refuse one without that seal (default KEY: `key`)",
        .group = OPTIONS_RUN,
        .offset = AT(journal_key),
    },
    {
        .name = "bundle",
        .type = OPTION_TEXT,
        .metavar = "DIR|none",
        .help = "directory for the diagnostic bundle of a failed run: a .tar.gz of "
                "events, logs and objects, secrets removed; `none`: no bundle (default: "
                "the current directory)",
        .group = OPTIONS_RUN,
        .offset = AT(bundle),
    },
    {
        .name = "detailed-exitcode",
        .type = OPTION_BOOL,
        .help = "end a dry run with status 10 if changes are pending",
        .group = OPTIONS_RUN,
        .offset = AT(detailed_exitcode),
    },
    {
        .name = "quiet",
        .letter = 'q',
        .type = OPTION_BOOL,
        .help = "show only warnings, errors and the result",
        .group = OPTIONS_RUN,
        .offset = AT(output.quiet),
    },
    {
        .name = "all-namespaces",
        .letter = 'A',
        .type = OPTION_BOOL,
        .help = "list the upgrades of all namespaces",
        .group = OPTIONS_EVERYWHERE,
        .offset = AT(output.all_namespaces),
    },
    {
        .name = "output",
        .letter = 'o',
        .type = OPTION_TEXT,
        .metavar = "FORMAT",
        .help = "the output format:",
        .group = OPTIONS_OUTPUT,
        .offset = AT(output.format),
    },
    {
        .name = "no-color",
        .type = OPTION_BOOL,
        .help = "no colors; NO_COLOR in the environment has the same effect",
        .group = OPTIONS_COMMON,
        .offset = AT(output.no_color),
    },
    {
        .name = "v",
        .letter = 'v',
        .type = OPTION_LEVEL,
        .metavar = "N",
        .help = "log to stderr: 1 requests, 2 decisions, 3 bodies (without a value: 1)",
        .group = OPTIONS_COMMON,
        .offset = AT(output.verbosity),
    },
    {
        .name = "help",
        .letter = 'h',
        .type = OPTION_BOOL,
        .help = "show the help of the command",
        .group = OPTIONS_COMMON,
        .offset = AT(output.help),
    },
    {
        .name = "version",
        .type = OPTION_BOOL,
        .help = "show the program's version",
        .group = OPTIONS_COMMON,
        .offset = AT(output.version),
    },
    { 0 },
};

const struct option_word option_dry_runs[] = {
    { "client", DRY_RUN_CLIENT },
    { "server", DRY_RUN_SERVER },
    { "none", DRY_RUN_NONE },
    { NULL, DRY_RUN_NONE },
};
