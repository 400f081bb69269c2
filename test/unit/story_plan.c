#include "story.h"

/* How a run begins: what it looked at, and what it is going to do. */

void
story_start(struct ui *u)
{
    ui_emit(u, &(struct ui_event){ .type = UI_START,
                                   .db.kind = "MySQL",
                                   .db.name_space = "demo",
                                   .db.name = "my-db",
                                   .db.from = "8.0.35",
                                   .db.to = "8.4.8",
                                   .of = 7,
                                   .db.context = "prod",
                                   .db.server = "https://10.0.0.1:6443" });
}

void
story_checks(struct ui *u, bool refused)
{
    const struct ui_event checks[] = {
        { .id = "version.allowed",
          .text = "8.0.35 allows >= 8.0.35, <= 9.1.0  (MySQLVersion/8.0.35)",
          .ms = 3 },
        { .id = "health", .text = "3/3 ONLINE, quorum 2", .ms = 410 },
        { .id = "auth.native_password",
          .severity = UI_WARN,
          .text = "2 accounts use mysql_native_password (app@%, report@10.%)",
          .hint = "ALTER USER ... IDENTIFIED WITH caching_sha2_password;\n"
                  "or --skip-check auth.native_password",
          .ms = 12 },
        { .id = "backup",
          .severity = refused ? UI_FAIL : UI_OK,
          .text =
              refused ? "BackupSession my-db-1 is running" : "no BackupSession running",
          .hint = refused ? "wait until it has ended" : "" },
    };

    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        struct ui_event ev = checks[i];

        ev.type = UI_CHECK;
        ui_emit(u, &ev);
    }
}

void
story_plan(struct ui *u, const char *dry_run)
{
    const struct ui_plan_step steps[] = {
        { "lock my-db, pause the operator on MySQL/my-db", dry_run, "resume", NULL },
        { "set the new images on PetSet/my-db (2 images, 0 pods restart)", dry_run,
          "set old images", NULL },
        { "restart my-db-2   secondary", dry_run, "set old images, delete pod",
          "the data dictionary of that member is 8.4" },
        { "restart my-db-0   secondary", dry_run, "set old images, delete pod", NULL },
        { "restart my-db-1   primary; est gap 2-6 s",
          dry_run[0] != '\0' ? "refused: no" : "", "set old images, delete pod", NULL },
        { "set spec.version of MySQL/my-db to 8.4.8", dry_run, "-", NULL },
        { "resume the operator", dry_run, "-", NULL },
    };
    const struct ui_plan plan = {
        .change = "minor-series upgrade",
        .topology =
            "GroupReplication single-primary, PetSet my-db (OnDelete), 3 members, "
            "primary my-db-1",
        .steps = steps,
        .n_steps = sizeof steps / sizeof *steps,
        .preflight_ms = 1430,
        .requests = 14,
        .hash = "sha256:5b1f",
        .apply = "kubectl dbupgrade mysql my-db --to 8.4.8 -n demo",
    };

    ui_emit(u, &(struct ui_event){ .type = UI_PLAN, .plan = &plan });
}
