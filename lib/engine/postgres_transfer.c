/*
 * How a standby of Postgres gets what it missed: from the WAL that another member still
 * has, or from an archive; else its data are copied anew, by a base backup.
 *
 * Sources: the manual, "Log-Shipping Standby Servers", "Replication Slots" and
 * pg_replication_slots of each version. Without a slot a server promises to keep
 * wal_keep_size alone; what else it has goes with the next checkpoint. All numbers are
 * bytes of WAL. Tried on 15, 17 and 18.
 */
#include "engine/postgres_transfer.h"

#define PG_BYTES(lsn) "pg_wal_lsn_diff(" lsn ", '0/0')::bigint"
#define PG_HAS                                                              \
    PG_BYTES("CASE WHEN pg_is_in_recovery() THEN greatest(COALESCE("        \
             "pg_last_wal_receive_lsn(), '0/0'), pg_last_wal_replay_lsn())" \
             " ELSE pg_current_wal_lsn() END")
#define PG_SEGMENT "pg_size_bytes(current_setting('wal_segment_size'))"
/* Where the oldest file of WAL begins. A file's name is its timeline and its number, in
 * two parts. */
#define PG_OLDEST                                                           \
    "(SELECT min(('x' || substr(name, 9, 8))::bit(32)::bigint * 4294967296" \
    " + ('x' || substr(name, 17, 8))::bit(32)::bigint * " PG_SEGMENT ")"    \
    " FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$')"
#define PG_RECEIVER "(SELECT slot_name::text FROM pg_stat_wal_receiver)"

#define PG_TRANSFER_SQL(keep, archive, slot)                                            \
    "SELECT 'history', system_identifier::text FROM pg_control_system()"                \
    " UNION ALL SELECT 'last', (" PG_HAS ")::text"                                      \
    " UNION ALL SELECT 'kept_from', (" PG_OLDEST ")::text"                              \
    " UNION ALL SELECT 'bytes', (" PG_HAS ")::text"                                     \
    " UNION ALL SELECT 'held_ns', '0'"                                                  \
    " UNION ALL SELECT 'room', greatest(" keep ", 1)::text"                             \
    " UNION ALL SELECT 'elsewhere', " archive " UNION ALL SELECT 'ask', COALESCE(" slot \
    ", '')"

static const struct engine_sql postgres_transfer_sql[] = {
    { 100000,
      PG_TRANSFER_SQL("current_setting('wal_keep_segments')::bigint * " PG_SEGMENT, "'0'",
                      PG_RECEIVER) },
    { 120000,
      PG_TRANSFER_SQL("current_setting('wal_keep_segments')::bigint * " PG_SEGMENT,
                      "(current_setting('restore_command') <> '')::int::text",
                      "NULLIF(current_setting('primary_slot_name'), ''), " PG_RECEIVER) },
    { 130000,
      PG_TRANSFER_SQL("pg_size_bytes(current_setting('wal_keep_size'))",
                      "(current_setting('restore_command') <> '')::int::text",
                      "NULLIF(current_setting('primary_slot_name'), ''), " PG_RECEIVER) },
    { 0 },
};

/* A slot that nobody ever read from keeps nothing. */
#define PG_KEPT_SQL(lost, room)                                              \
    "SELECT v.k, v.x FROM pg_replication_slots s, LATERAL (VALUES"           \
    " ('reaches', CASE WHEN " lost " THEN '0' ELSE '1' END), ('room', " room \
    ")) v(k, x) WHERE slot_name = '%s' AND slot_type = 'physical'"           \
    " AND (restart_lsn IS NOT NULL OR " lost ")"

static const struct engine_sql postgres_kept_sql[] = {
    { 100000, PG_KEPT_SQL("false", "'all'") },
    { 130000, PG_KEPT_SQL("wal_status = 'lost'",
                          "COALESCE(greatest(safe_wal_size, 0)::text, 'all')") },
    { 0 },
};

/* Asked of whoever gives: by the address of whom it gives to. */
static const struct engine_sql postgres_copy_sql[] = {
    { 130000,
      "SELECT v.k, v.x FROM pg_stat_progress_basebackup b JOIN pg_stat_replication r"
      " USING (pid), LATERAL (VALUES ('state', 'In Progress'),"
      " ('begun', r.backend_start::text), ('done', b.backup_streamed::text),"
      " ('total', COALESCE(b.backup_total, 0)::text), ('ms', (extract(epoch FROM"
      " clock_timestamp() - r.backend_start) * 1000)::bigint::text)) v(k, x)"
      " WHERE host(r.client_addr) = '%s'" },
    { 0 },
};

const struct engine_transfer postgres_transfer = {
    .late = "streaming",
    .whole = "base backup",
    .keeps = "WAL",
    .sql = postgres_transfer_sql,
    .kept_sql = postgres_kept_sql,
    .copy_sql = postgres_copy_sql,
    .copy_of_donor = true,
    .why = {
        [TRANSFER_ALL] = "a replication slot or the archive keeps the WAL that it needs",
        [TRANSFER_GONE] = "the WAL that it needs is no longer there",
    },
    .hint = {
        [TRANSFER_ROOM] = "ALTER SYSTEM SET wal_keep_size = '16GB' and SELECT "
                          "pg_reload_conf() on all members, or set "
                          "spec.replication.walKeepSize",
    },
};
