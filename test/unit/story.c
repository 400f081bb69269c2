#include "story.h"

#include <stdio.h>
#include <string.h>

void (*story_moment)(struct ui *u);

static long long story_now;

static long long
story_clock(void)
{
    return story_now;
}

/* 2026-11-21T10:40:59.120Z when the story begins. */
static long long
story_wall(void)
{
    return 1795257659120LL + story_now - 1000;
}

void
story_wait(struct ui *u, long long ms)
{
    for (; ms > 0; ms -= 200) {
        story_now += ms < 200 ? ms : 200;
        ui_tick(u);
    }
}

void
story_begin(struct ui *u, const struct story *s)
{
    story_now = 1000;
    u->now = story_clock;
    u->wall = story_wall;
    u->options.dry_run = s->dry_run;
}

static void
story_moment_now(struct ui *u)
{
    if (story_moment != NULL) {
        story_moment(u);
    }
}

static void
story_step(struct ui *u, unsigned n, const char *text, const char *pod,
           enum ui_step_state state)
{
    ui_emit(u, &(struct ui_event){ .type = UI_STEP,
                                   .n = n,
                                   .of = 7,
                                   .id = pod[0] != '\0' ? "roll" : "other",
                                   .text = text,
                                   .pod.name = pod,
                                   .state = state,
                                   .reversible = n < 3,
                                   .ms = 1300 });
}

static void
story_pod(struct ui *u, const char *pod, const char *role, enum ui_pod_state state,
          const char *text)
{
    ui_emit(u, &(struct ui_event){ .type = UI_POD,
                                   .pod.name = pod,
                                   .pod.role = role,
                                   .pod.version =
                                       state == UI_POD_WAITING ? "8.0.35" : "8.4.8",
                                   .pod.state = state,
                                   .text = text });
}

static void
story_gate(struct ui *u, const char *pod, const char *id, enum ui_verdict verdict,
           const char *now, const char *want)
{
    ui_emit(u, &(struct ui_event){ .type = UI_GATE,
                                   .pod.name = pod,
                                   .id = id,
                                   .verdict = verdict,
                                   .now = now,
                                   .want = want,
                                   .ms = 17043 });
}

static void
story_waiting(struct ui *u, const char *id, const char *pod, const char *text,
              const char *now, const char *want)
{
    ui_emit(u, &(struct ui_event){ .type = UI_WAIT,
                                   .id = id,
                                   .pod.name = pod,
                                   .text = text,
                                   .now = now,
                                   .want = want,
                                   .ms = 0,
                                   .limit_ms = 600000 });
}

static void
story_prepare(struct ui *u)
{
    story_start(u);
    story_wait(u, 1000);
    story_checks(u, false);
    story_plan(u, "");
    for (unsigned i = 0; i < 3; i++) {
        char pod[16];

        (void)snprintf(pod, sizeof pod, "my-db-%u", i);
        story_pod(u, pod, i == 1 ? "primary" : "secondary", UI_POD_WAITING, "waiting");
    }
    story_step(u, 1, "pause the operator", "", UI_STEP_STARTED);
    story_waiting(u, "pause", "", "the operator to be paused",
                  "condition Paused is not set", "Paused stays");
    story_wait(u, 1300);
    story_moment_now(u);
    story_step(u, 1, "pause the operator", "", UI_STEP_DONE);
    story_step(u, 2, "set the new images", "", UI_STEP_ALREADY);
}

static void
story_role(struct ui *u, const char *pod, const char *role)
{
    ui_emit(u, &(struct ui_event){ .type = UI_ROLE, .pod.name = pod, .pod.role = role });
}

static void
story_restart(struct ui *u, unsigned n, const char *pod, const char *role)
{
    story_step(u, n, "restart", pod, UI_STEP_STARTED);
    story_pod(u, pod, role, UI_POD_DELETING, "evicted (uid 9f1c55aa, was 8.0.35)");
    story_wait(u, 3200);
    story_pod(u, pod, role, UI_POD_STARTING, "waiting for the new pod");
    story_waiting(u, "start", pod, "the new pod to be ready", "pulling image mysql:8.4.8",
                  "a new pod, ready");
    story_wait(u, 34000);
    story_pod(u, pod, role, UI_POD_VERIFYING, "ready; querying its server");
    story_gate(u, pod, "version", UI_GATE_PASSED, "8.4.8", "8.4.8");
    story_gate(u, pod, "member", UI_GATE_WAITING, "RECOVERING, queue 1204", "ONLINE");
    story_waiting(u, "gates", pod, "the gates", "RECOVERING, queue 1204", "ONLINE");
    story_wait(u, 9000);
    story_moment_now(u);
    story_gate(u, pod, "member", UI_GATE_PASSED, "ONLINE", "ONLINE");
    story_gate(u, pod, "size", UI_GATE_PASSED, "12.41 GiB (before 12.40 GiB)",
               "within 5 %");
    story_pod(u, pod, role, UI_POD_DONE, "verified");
    story_step(u, n, "restart", pod, UI_STEP_DONE);
}

static void
story_good(struct ui *u)
{
    static const char *const summary[] = {
        "mysql/my-db is 8.4.8, verified: 3 members in 2m23s, 341 API requests", NULL
    };
    const struct ui_result result = { .ok = true, .changed = true, .summary = summary };

    story_prepare(u);
    story_restart(u, 3, "my-db-2", "secondary");
    story_restart(u, 4, "my-db-0", "secondary");
    ui_emit(u,
            &(struct ui_event){ .type = UI_NOTE, .text = "the group elected my-db-2" });
    story_role(u, "my-db-2", "primary");
    story_role(u, "my-db-2", "primary"); /* told once */
    story_role(u, "my-db-9", "primary"); /* it has no line */
    story_role(u, "my-db-1", "secondary");
    story_restart(u, 5, "my-db-1", "secondary");
    story_step(u, 6, "set spec.version", "", UI_STEP_DONE);
    story_step(u, 7, "wait for the operator to reconcile", "", UI_STEP_STARTED);
    story_waiting(u, "settle", "", "the phase", "Provisioning", "Ready");
    story_wait(u, 5000);
    story_moment_now(u);
    story_step(u, 7, "wait for the operator to reconcile", "", UI_STEP_DONE);
    ui_emit(u, &(struct ui_event){ .type = UI_RESULT, .result = &result });
}

static void
story_crash(struct ui *u)
{
    struct err e = { 0 };
    const struct ui_result result = {
        .exit_status = 4,
        .err = &e,
        .state = "stopped safely at step 4/7. Operator is PAUSED.",
        .changed = true,
        .paused = true,
        .resume = "kubectl dbupgrade resume mysql my-db -n demo",
        .bundle = "./my-db-20261121T104302Z.tar.gz",
    };

    (void)err_set(
        &e, ERR_UNHEALTHY,
        "my-db-0 did not become healthy: container mysql CrashLoopBackOff (exit 1)");
    (void)err_reason(&e, "POD_CRASHLOOP");
    (void)err_detail(&e, "last log: [ERROR] unknown variable 'x=y'");
    (void)err_detail(&e, "members: my-db-1 ONLINE, my-db-2 ONLINE; quorum 2/3 holds");
    (void)err_hint(&e, "fix the config secret my-db-config");
    story_prepare(u);
    story_restart(u, 3, "my-db-2", "secondary");
    story_step(u, 4, "restart", "my-db-0", UI_STEP_STARTED);
    story_pod(u, "my-db-0", "secondary", UI_POD_STARTING, "waiting for the new pod");
    story_wait(u, 2000);
    ui_emit(u, &(struct ui_event){ .type = UI_WARNING,
                                   .text = "my-db-0 restarted 3 times",
                                   .hint = "look at its log" });
    story_pod(u, "my-db-0", "secondary", UI_POD_FAILED, "my-db-0: CrashLoopBackOff");
    story_gate(u, "my-db-0", "size", UI_GATE_FAILED, "10 GiB", "12.4 GiB, within 5 %");
    story_step(u, 4, "restart", "my-db-0", UI_STEP_FAILED);
    ui_emit(u, &(struct ui_event){ .type = UI_RESULT, .result = &result });
}

static void
story_refused(struct ui *u)
{
    struct err e = { 0 };
    const struct ui_result result = { .exit_status = 3, .err = &e };

    (void)err_set(&e, ERR_REFUSED, "1 check refuses the upgrade: backup");
    (void)err_hint(&e, "to go on although: --skip-check backup");
    story_start(u);
    story_checks(u, true);
    ui_emit(u, &(struct ui_event){ .type = UI_RESULT, .result = &result });
}

static void
story_dry_run(struct ui *u)
{
    const struct ui_result result = { .ok = true };

    story_start(u);
    story_wait(u, 400);
    story_checks(u, false);
    story_plan(u, "accepted");
    ui_emit(u, &(struct ui_event){ .type = UI_RESULT, .result = &result });
}

/* More members than there are lines. */
static void
story_many(struct ui *u)
{
    static const char *const summary[] = { "done", NULL };
    const struct ui_result result = { .ok = true, .summary = summary };

    story_start(u);
    for (unsigned i = 0; i < 12; i++) {
        char pod[16];

        (void)snprintf(pod, sizeof pod, "my-db-%u", i);
        story_pod(u, pod, "secondary", UI_POD_WAITING, "waiting");
    }
    story_pod(u, "my-db-3", "secondary", UI_POD_VERIFYING, "");
    story_wait(u, 400);
    story_pod(u, "my-db-3", "secondary", UI_POD_DONE, "verified");
    story_restart(u, 3, "my-db-11", "secondary");
    story_restart(u, 4, "my-db-10", "secondary");
    story_restart(u, 5, "my-db-4", "secondary");
    story_restart(u, 6, "my-db-0", "secondary");
    ui_emit(u, &(struct ui_event){ .type = UI_RESULT, .result = &result });
}

/* Held before the last member, from elsewhere and by a key. */
static void
story_held(struct ui *u)
{
    static const char *const summary[] = { "done", NULL };
    const struct ui_result result = { .ok = true, .changed = true, .summary = summary };

    story_prepare(u);
    story_restart(u, 3, "my-db-2", "secondary");
    for (unsigned i = 0; i < 2; i++) { /* told again and again, shown once */
        ui_emit(u, &(struct ui_event){
                       .type = UI_HELD, .held = true, .text = "ci@runner-7/4711" });
    }
    story_wait(u, 400);
    ui_emit(u, &(struct ui_event){ .type = UI_WAIT,
                                   .id = "held",
                                   .text = "permission to continue",
                                   .now = "paused by ci@runner-7/4711",
                                   .want = "kubectl dbupgrade ctl mysql my-db continue",
                                   .rest_ms = 65000 });
    story_wait(u, 2000);
    story_moment_now(u);
    ui_emit(u, &(struct ui_event){ .type = UI_HELD, .text = "me@host/12" });
    story_wait(u, 400);
    story_moment_now(u);
    story_restart(u, 4, "my-db-0", "secondary");
    u->keys.on = true; /* as on a terminal that has keys */
    keys_feed(&u->keys, "p", 1, u->now());
    story_wait(u, 400);
    story_moment_now(u);
    ui_emit(u, &(struct ui_event){ .type = UI_HELD, .held = true });
    story_wait(u, 400);
    story_moment_now(u);
    keys_feed(&u->keys, "?", 1, u->now());
    story_wait(u, 200);
    story_moment_now(u);
    keys_feed(&u->keys, "?", 1, u->now());
    keys_feed(&u->keys, "a", 1, u->now());
    story_wait(u, 200);
    story_moment_now(u);
    u->keys.on = false;
    ui_emit(u, &(struct ui_event){ .type = UI_RESULT, .result = &result });
}

/* What servers say may be anything. */
static void
story_hostile(struct ui *u)
{
    struct err e = { 0 };
    const struct ui_result result = { .exit_status = 1, .err = &e };

    (void)err_set(&e, ERR_API,
                  "said \033[2J\033]0;title\007 and\r\nmore, \xff\xfe, \xe2\x80\xae");
    (void)err_detail(&e, "naïve 数据库 \xf0\x9f\x92\xbe");
    story_start(u);
    story_step(u, 1, "pause\033[H the operator", "", UI_STEP_STARTED);
    story_pod(u, "my-db-0", "secondary", UI_POD_STARTING,
              "数据库服务器正在启动并且正在恢复数据请稍候片刻马上就好谢谢您的耐心等待");
    story_wait(u, 400);
    story_moment_now(u);
    ui_emit(u, &(struct ui_event){ .type = UI_NOTE, .text = "a\033[31mb\nc\td" });
    ui_emit(u, &(struct ui_event){ .type = UI_RESULT, .result = &result });
}

const struct story stories[] = {
    { "good", false, story_good },       { "crash", false, story_crash },
    { "refused", false, story_refused }, { "dry-run", true, story_dry_run },
    { "many", false, story_many },       { "held", false, story_held },
    { "hostile", false, story_hostile }, { NULL, false, NULL },
};
