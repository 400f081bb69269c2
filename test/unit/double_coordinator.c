#include "double_coordinator.h"

static void
coordinator_say(struct buf *out, int status, const char *text)
{
    (void)!buf_printf(out, "HTTP/1.0 %d -\r\nContent-Type: text/plain\r\n\r\n%s", status,
                      text);
}

static void
coordinator_move(const char *body, struct buf *out)
{
    auto_json json_t *o = json_loads(body, 0, NULL);
    int to = (int)json_path_int(o, "transferee", 0) - 1;

    if (world.coordinator == COORDINATOR_REFUSES || !str_eq(world.failover, "Resume")) {
        coordinator_say(out, 500, "not a leader");
        return;
    }
    world_log("transfer %s-%d", WORLD_DB, to);
    observe_handover(to);
    if (world.coordinator == COORDINATOR_WELL && to >= 0 && to < (int)world_voters() &&
        to != world.lead) {
        world.next = to;
        world.moves_at = double_now + POSTGRES_MOVE_MS;
    }
    coordinator_say(out, 200, "leader role is transferring to the requested node");
}

/* Whether the first member serves what its version is. */
static bool
coordinator_first_serves(void)
{
    const struct server *first = &world.servers[0];

    return first->running && first->volume.data == postgres_major(first);
}

static void
coordinator_set_status(const char *body, struct buf *out)
{
    auto_json json_t *o = json_loads(body, 0, NULL);
    const char *value = json_path_str(o, "value");
    bool pause = str_eq(value, "Pause");

    observe_change("failover", false);
    world_log("failover %s", value);
    if (!pause && !coordinator_first_serves()) {
        observe_violation("failover is %s while the first member cannot serve", value);
    }
    for (size_t i = 0; str_eq(value, "Resume") && i < world.members; i++) {
        if (world.servers[i].volume.data != world.servers[0].volume.data) {
            observe_violation("failover is %s before %s is done", value, world_name(i));
        }
    }
    str_copy(world.failover, sizeof world.failover, value);
    world.elect_at = world.elect_at != 0 ? double_now + POSTGRES_LOST_MS : 0;
    coordinator_say(out, 200, "proposed key saved");
}

int
coordinator_answer(const char *const *argv, struct buf *out, struct buf *err_out)
{
    char text[16];

    if (!world.group || world.coordinator == COORDINATOR_SILENT) {
        (void)!buf_puts(err_out, "coordinator: connect: Connection refused\n");
        return 7;
    }
    if (str_eq(argv[5], "/current-primary")) {
        bool lost = world.elect_at != 0 && !str_eq(world.failover, "Pause");

        (void)snprintf(text, sizeof text, "%d", lost ? 0 : world.lead + 1);
        coordinator_say(out, 200, text);
    } else if (str_eq(argv[5], "/transfer")) {
        coordinator_move(argv[6], out);
    } else if (str_eq(argv[5], "/set")) {
        coordinator_set_status(argv[6], out);
    } else {
        coordinator_say(out, world.no_failover_status ? 404 : 200,
                        world.no_failover_status ? "key not found" : world.failover);
    }
    return 0;
}
